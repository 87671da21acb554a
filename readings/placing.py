"""From a published ref and an instant to the register that counted then: one query for a whole batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef

from servers.models import MeterInstallation, MeterRef, Publication, Register

_DAY = 86_400
_ALWAYS = float("inf")


class Place(NamedTuple):
    """What a reading needs to know of its register."""

    register_id: int
    exponent: int
    cumulative: bool
    span: int | None


@dataclass(slots=True)
class _Candidate:
    place: Place
    known: tuple[float, float]  # the ref named this meter
    installed: tuple[float, float]
    retired: float
    hung: bool  # the day on which it was hung is known: it took another meter's place


class Places:
    """Where the readings of one server go. A ref is resolved by `taken_at`: the meter behind it may have changed."""

    def __init__(self, *, server_id: int, meters: Iterable[str]) -> None:
        self._by_ref: dict[tuple[str, str], list[_Candidate]] = defaultdict(list)
        registers = Register.objects.filter(
            installation__meter__refs__server_id=server_id,
            installation__meter__refs__ref__in=sorted(set(meters)),
        )
        rows = (
            registers.values_list(
                "installation_id", "created_at",
                "pk", "ref", "exponent", "kind", "span", "retired_at",
                "installation__installed_at", "installation__removed_at",
                F("installation__meter__refs__ref"),
                F("installation__meter__refs__valid_from"),
                F("installation__meter__refs__valid_to"),
                Exists(
                    MeterInstallation.objects.filter(
                        point=OuterRef("installation__point_id"),
                        removed_at__lte=OuterRef("installation__installed_at"),
                    )
                ),
            )
        )  # fmt: skip
        # looked at in the order of their installation
        for (
            _i, _c, pk, ref, exponent, kind, span, retired, installed, removed, meter, since, until, hung,
        ) in sorted(rows, key=itemgetter(8, 0, 1, 2)):  # fmt: skip
            self._by_ref[meter, ref].append(
                _Candidate(
                    Place(pk, exponent, kind == Register.Kind.CUMULATIVE, span),
                    (_epoch(since, -_ALWAYS), _epoch(until)),
                    (_epoch(installed), _epoch(removed)),
                    _epoch(retired),
                    hung,
                )
            )

    def find(self, meter: str, register: str, at: int) -> Place | None:
        """The register behind the ref at that instant.

        The first installation, and the first register in it, also take what was read before they were published:
        a gateway reads for days before somebody presses "publish". A meter that took another one's place hung
        there since a known day, and what a wrong clock stamps earlier than the day before is not its point's.
        """
        open_ = [
            c
            for c in self._by_ref.get((meter, register), ())
            if c.known[0] <= at < c.known[1] and at < c.installed[1]
        ]
        if not open_:
            return None
        installed = open_[0].installed
        if at < installed[0] and any(
            c.installed[1] <= at and c.known[0] <= at < c.known[1] for c in self._by_ref[meter, register]
        ):  # between two installations nothing was counted there
            return None
        if open_[0].hung and at < installed[0] - _DAY:
            return None
        return next((c.place for c in open_ if c.installed == installed and at < c.retired), None)


def _epoch(moment: datetime | None, absent: float = _ALWAYS) -> float:
    return absent if moment is None else moment.timestamp()


class BatchPlaces:
    """`Places` for one batch, from the rows of `PLACES`.

    A ref that meant one register all the time of the batch needs no look at dates; the others are asked one by one.
    """

    def __init__(self, *, server_id: int, rows: Iterable[Sequence[Any]]) -> None:
        self._plain: dict[tuple[str, str], Place] = {}
        unclear = set()
        for meter, register, pk, exponent, cumulative, span, plain in rows:
            key = (meter, register)
            if not plain or key in self._plain:
                unclear.add(key)
            self._plain[key] = Place(pk, exponent, bool(cumulative), span)
        self._unclear = unclear
        self._dated = (
            Places(server_id=server_id, meters={meter for meter, _register in unclear}) if unclear else None
        )

    def find(self, meter: str, register: str, at: int) -> Place | None:
        key = (meter, register)
        if self._dated is not None and key in self._unclear:
            return self._dated.find(meter, register, at)
        return self._plain.get(key)


# A statement for the rows of `BatchPlaces`; the readings lie in [first, last], as the database writes moments.
PLACES = (
    "SELECT m.ref, g.ref AS register, g.id, g.exponent, "  # noqa: S608 - constants
    f"g.kind = '{Register.Kind.CUMULATIVE.value}' AS cumulative, g.span, "
    "coalesce(m.valid_from <= {first}, true) AND coalesce(m.valid_to > {last}, true) AND i.installed_at <= {first} "
    "AND coalesce(i.removed_at > {last}, true) AND coalesce(g.retired_at > {last}, true) AS plain "
    "FROM servers_meterref m "
    "JOIN servers_meterinstallation i ON i.programme_id = {programme} AND i.meter_id = m.meter_id "
    "JOIN servers_register g ON g.programme_id = {programme} AND g.installation_id = i.id "
    "WHERE m.programme_id = {programme} AND m.server_id = {server} AND m.ref {named}"
)


@dataclass(frozen=True, slots=True)
class Unplaced:
    """What is known about refs that found no register."""

    meters: frozenset[str]  # that some publication has named
    unshared: frozenset[tuple[str, str]]  # named, but not to be stored
    waiting: bool  # a publication has not been applied yet

    def verdict(self, meter: str, register: str) -> str:
        "Either park, or the code of a refusal."
        if (meter, register) in self.unshared:
            return "not_shared"
        if self.waiting or meter not in self.meters:
            return "park"
        return "unknown_register"


def unplaced(*, server_id: int, meters: Iterable[str]) -> Unplaced:
    """Asked only when a batch holds refs that found no place."""
    states = Publication.State
    known = MeterRef.objects.filter(server_id=server_id, ref__in=sorted(set(meters)), valid_to=None)
    last = (
        Publication.objects.filter(server_id=server_id, state=states.DONE)
        .order_by("-pk")  # revisions begin anew with each activation
        .values_list("document", flat=True)
        .first()
    )
    waiting = Publication.objects.filter(server_id=server_id, state__in=[states.QUEUED, states.RUNNING])
    named, unshared = _unshared(last or {})
    return Unplaced(
        frozenset(known.values_list("ref", flat=True)) | named, frozenset(unshared), waiting.exists()
    )


def _unshared(document: dict[str, Any]) -> tuple[set[str], set[tuple[str, str]]]:
    meters: set[str] = set()
    refs: set[tuple[str, str]] = set()
    for meter in document.get("meters", ()):
        meters.add(meter["ref"])
        refs.update((meter["ref"], r["ref"]) for r in meter.get("registers", ()) if not r.get("shared"))
    return meters, refs
