"""A gateway's batch, from its bytes to the stored answer, in one transaction.

A batch that arrives twice, also at the same moment, is stored once and answered twice in the same words. Whatever
fails later takes everything back with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.measures import BATCHES, COUNTING, READINGS
from readings.batches.body import BadBatch, Batch, Item, index_fault, parse_batch, steps
from readings.batches.parked import ParkedItem, readings_park
from readings.batches.rows import answer_correct, batch_open, batch_write
from readings.batches.telegrams import telegrams_keep
from readings.models import IngestBatch, Reading
from readings.placing import BatchPlaces, Place, unplaced
from readings.review.refused import CODES as LISTED
from readings.review.refused import refusals_note
from readings.services.storing import CHUNK, NewReading, Outcome, readings_store

_ACCEPTED = Outcome("accepted")


def batch_ingest(*, programme_id: int, server_id: int, activation_epoch: int, body: bytes) -> dict[str, Any]:
    """The answer to `POST /api/v1/readings`: {"results": [{"seq", "status", "code"?}, …]} in the items' order.

    Raises `DomainError`: malformed, too_large, batch_reused for a uuid that was used with another body, and what
    `server_let_in` raises. Without "spool" in the body the activation's number is the spool's epoch.
    """
    now = timezone.now()
    try:
        batch = parse_batch(body, now=int(now.timestamp()))
    except BadBatch as bad:
        raise _refused(bad) from None
    spool = activation_epoch if batch.spool is None else batch.spool
    with batch_open(programme_id=programme_id, server_id=server_id, batch=batch, now=now) as opened:
        if opened.held is not None:
            BATCHES.labels("repeated").inc()
            return _given_before(opened.held, batch)
        outcomes = _batch_store(server_id, batch, spool, opened.places, now)
    if COUNTING:
        _count(outcomes)
    return _told(batch.items, {i: o for i, o in enumerate(outcomes) if o is not _ACCEPTED})


def _count(outcomes: Sequence[Outcome]) -> None:
    BATCHES.labels("stored").inc()
    for status, number in Counter(outcome.status for outcome in outcomes).items():
        READINGS.labels(status).inc(number)


def _refused(bad: BadBatch) -> DomainError:
    if bad.code == "too_large":
        return DomainError("too_large", _("The request is too large: send smaller pieces, or zip them."))
    if not bad.part:
        return DomainError("malformed", _("The body is not valid JSON."))
    return DomainError(
        "malformed", _("%(path)s %(reason)s.") % {"path": bad.part, "reason": _("is not valid")}
    )


# -- the answer ------------------------------------------------------------------------------------------------
def _kept(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What is stored of the answer: the body comes with every repetition, so only what was not plainly accepted."""
    return {"others": {str(i): list(o) for i, o in enumerate(outcomes) if o != _ACCEPTED}}


def _told(items: Sequence[Item], others: dict[int, Outcome]) -> dict[str, Any]:
    results: list[dict[str, Any]] = [{"seq": item.seq, "status": "accepted"} for item in items]
    for i, (status, code) in others.items():
        results[i] = {"seq": items[i].seq, "status": status, **({"code": code} if code else {})}
    return {"results": results}


def _given_before(held_id: int, batch: Batch) -> dict[str, Any]:
    held = IngestBatch.objects.get(pk=held_id)
    if held.body_sha256 != batch.sha256:
        raise DomainError(
            "batch_reused", _("This batch uuid was used with another body: use a new one."), status=422
        )
    kept: dict[str, Any] = held.answer
    if "results" in kept:  # as it was kept before the body was relied on
        return kept
    return _told(batch.items, {int(i): Outcome(*outcome) for i, outcome in kept["others"].items()})


# -- what becomes of each item ---------------------------------------------------------------------------------
def _batch_store(
    server_id: int, batch: Batch, spool: int, places: BatchPlaces, now: datetime
) -> list[Outcome]:
    items = batch.items
    outcomes: list[Outcome | None] = [Outcome("rejected", item.code) if item.code else None for item in items]
    _repeats(items, outcomes)
    rows, placed, homeless = _place(items, outcomes, places, spool)
    _park(server_id, items, outcomes, homeless, spool, now)
    # the common case is told first, and whatever turns out otherwise is told again
    together = len(rows) <= CHUNK and len({row[:2] for row in rows}) == len(rows)
    for i in placed:
        outcomes[i] = _ACCEPTED
    expected = [outcome for outcome in outcomes if outcome is not None]
    met = batch_write(
        server_id=server_id, batch=batch, rows=rows if together else [], spool=spool, answer=_kept(expected), now=now
    )  # fmt: skip
    again = met if together else range(len(rows))
    if again:
        stored = readings_store(
            rows=[rows[n] for n in again], source=Reading.Source.GATEWAY, now=now, locked=True
        )
        for n, outcome in zip(again, stored, strict=True):
            expected[placed[n]] = outcome
        answer_correct(server_id=server_id, batch=batch, answer=_kept(expected))
    if any(outcome.code in LISTED for outcome in expected):
        refusals_note(server_id=server_id, items=items, outcomes=expected)
    if batch.telegrams:
        telegrams_keep(server_id=server_id, batch=batch, outcomes=expected, now=now)
    return expected


def _repeats(items: Sequence[Item], outcomes: list[Outcome | None]) -> None:
    """A number stands for one reading: the same again is a duplicate, another under it is refused."""
    first: dict[int, Item] = {}
    for i, item in enumerate(items):
        if outcomes[i] is None and (was := first.setdefault(item.seq, item)) is not item:
            outcomes[i] = Outcome("duplicate") if was == item else Outcome("rejected", "seq_reused")


def _place(
    items: Sequence[Item], outcomes: list[Outcome | None], places: BatchPlaces, spool: int
) -> tuple[list[NewReading], list[int], list[int]]:
    """Rows for the table with the places of their items, and the places of the items that have no register yet."""
    rows: list[NewReading] = []
    placed: list[int] = []
    homeless: list[int] = []
    for i, item in enumerate(items):
        if outcomes[i] is not None:
            continue
        place = places.find(item.meter, item.register, item.at)
        if place is None:
            homeless.append(i)
            continue
        row = reading_of(item, place, spool)
        if isinstance(row, str):
            outcomes[i] = Outcome("rejected", row)
        else:
            rows.append(row)
            placed.append(i)
    return rows, placed, homeless


def _park(
    server_id: int, items: Sequence[Item], outcomes: list[Outcome | None], homeless: list[int], spool: int,
    now: datetime,
) -> None:  # fmt: skip
    if not homeless:
        return
    verdicts = unplaced(server_id=server_id, meters={items[i].meter for i in homeless})
    parked = []
    for i in homeless:
        verdict = verdicts.verdict(items[i].meter, items[i].register)
        if verdict == "park":
            parked.append(i)
        else:
            outcomes[i] = Outcome("rejected", verdict)
    answers = readings_park(server_id=server_id, items=[ParkedItem(items[i], spool) for i in parked], now=now)
    for i, outcome in zip(parked, answers, strict=True):
        outcomes[i] = outcome


def reading_of(item: Item, place: Place, spool: int) -> NewReading | str:
    """The row of a well-formed item, or the code of why this register cannot have this index."""
    value = steps(item.value, place.exponent)
    if value is None:
        return "bad_value"
    fault = index_fault(value, cumulative=place.cumulative, span=place.span)
    return fault or NewReading(place.register_id, item.at, value, spool, item.seq, place.cumulative)
