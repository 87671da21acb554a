"""An operator records that a meter was exchanged, with the closing and the opening index of each register.

Both indexes enter through the same waist as every reading, as the operator's. Readings that a gateway has sent since,
before anybody told us of the exchange, belong to the new meter and move to its registers; undoing moves them back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from readings.archives.totals import recompute
from readings.batches.body import index_fault, steps
from readings.models import (
    ArchiveRecord,
    ArchiveSeries,
    DayTotal,
    Reading,
    ReviewItem,
    SupersededReading,
    TouchedSpan,
)
from readings.review.items import steps_text
from readings.services.decisions import reading_correct, received_put_back
from readings.services.storing import registers_lock
from readings.totals.drain import totals_drain
from readings.totals.touches import touch
from servers.models import MeteringPoint, MeterInstallation, Register
from servers.services.exchanges import (
    exchange_to_undo,
    meter_exchange,
    meter_exchange_undo,
    standing_installation,
)


@dataclass(frozen=True, slots=True)
class Indexes:
    """Decimal texts in the register's unit."""

    closing: str
    opening: str


def registers_to_close(point: MeteringPoint) -> list[Register]:
    """The counting registers whose indexes an exchange has to tell; none where the archive is what counts."""
    standing = standing_installation(point)
    if standing is None or point.totals_source == MeteringPoint.TotalsSource.ARCHIVE:
        return []
    rows = Register.objects.filter(installation=standing, retired_at=None, kind=Register.Kind.CUMULATIVE)
    return list(rows.order_by("quantity", "tariff_index", "ref"))


@transaction.atomic
def exchange_record(
    *,
    actor: Actor,
    point: MeteringPoint,
    at: datetime,
    manufacturer: str,
    serial: str,
    indexes: Mapping[int, Indexes],
) -> MeterInstallation:
    """`indexes` by the key of each register of `registers_to_close`. Returns the new installation.

    Raises `DomainError`: those of `meter_exchange`; bad_value, closing_low with `register` (its key) and `field`.
    """
    instant = int(at.timestamp())
    closing = registers_to_close(point)
    for register in closing:
        _check(register, indexes[register.pk], instant)
    old, new = meter_exchange(actor=actor, point=point, at=at, manufacturer=manufacturer, serial=serial)
    opened = {
        register.ref: register for register in Register.objects.filter(installation=new, retired_at=None)
    }
    before = list(Register.objects.filter(installation=old))
    pairs = [(one, opened[one.ref]) for one in before if one.ref in opened and one.retired_at is None]
    registers_lock({register.pk for pair in pairs for register in pair})
    for register, successor in pairs:
        readings_move(source=register, target=successor, after=instant)
    for register in closing:
        told = indexes[register.pk]
        _put(register, instant, told.closing, actor, _("meter exchange, closing index"))
        _put(opened[register.ref], instant, told.opening, actor, _("meter exchange, opening index"))
    _follow(
        point, [register.pk for pair in pairs for register in pair], {old.meter_id, new.meter_id}, instant
    )
    return new


def _check(register: Register, told: Indexes, instant: int) -> None:
    numbers = []
    for field, text in (("closing", told.closing), ("opening", told.opening)):
        number = steps(text, register.exponent)
        if number is None or index_fault(number, cumulative=True, span=register.span):
            raise DomainError(
                "bad_value", _("This register cannot have this value."), register=register.pk, field=field
            )
        numbers.append(number)
    last = Reading.objects.filter(register=register, used=True, at__lt=instant).order_by("-at").first()
    if last is not None and numbers[0] < last.value and register.span is None:
        raise DomainError(
            "closing_low",
            _("The last reading before was %(value)s: the closing index cannot be lower.")
            % {"value": steps_text(last.value, register.exponent)},
            register=register.pk,
            field="closing",
        )


def _put(register: Register, instant: int, text: str, actor: Actor, reason: str) -> None:
    reading_correct(register=register, at=instant, value=text, actor=actor, reason=reason)


def readings_move(*, source: Register, target: Register, after: int) -> int:
    """What was read of `source` later than `after` was read of `target`. The caller holds both registers."""
    rows = Reading.objects.filter(register=source, at__gt=after)
    instants = list(rows.values_list("at", flat=True))
    ReviewItem.objects.filter(register=source, at__gt=after, state=ReviewItem.State.OPEN).delete()
    ReviewItem.objects.filter(register=source, at__gt=after).update(register=target)
    SupersededReading.objects.filter(register=source, at__gt=after).update(register=target)
    rows.update(register=target)
    if instants:
        touch({source.pk: instants, target.pk: instants})
    return len(instants)


def _follow(point: MeteringPoint, registers: Sequence[int], meters: set[int], instant: int) -> None:
    if point.totals_source == MeteringPoint.TotalsSource.ARCHIVE:
        for meter in sorted(meters):
            recompute(point=point, meter_id=meter, first=instant, last=instant)
    totals_drain(programme_id=point.programme_id, registers=registers)


def undo_refusal(point: MeteringPoint) -> str:
    """Why the last exchange cannot be taken back; empty if it can."""
    pair = exchange_to_undo(point)
    if pair is None:
        return _("No exchange at this metering point can be taken back.")
    _old, new = pair
    series = ArchiveSeries.objects.filter(point=point, meter_id=new.meter_id)
    if ArchiveRecord.objects.filter(series__in=series.values("pk")).exists():
        return _("Archives of the new meter have been imported: take those imports back first.")
    refs = set(Register.objects.filter(installation=_old).values_list("ref", flat=True))
    if set(Register.objects.filter(installation=new).values_list("ref", flat=True)) - refs:
        return _("The gateway has published other registers for the new meter since.")
    return ""


@transaction.atomic
def exchange_undo(*, actor: Actor, point: MeteringPoint) -> None:
    """Take the last exchange back: the old meter never left. Raises `DomainError` not_undoable."""
    MeteringPoint.objects.select_for_update(of=("self",), no_key=True).get(pk=point.pk)
    pair = exchange_to_undo(point)
    refusal = undo_refusal(point)
    if pair is None or refusal:
        raise DomainError("not_undoable", refusal)
    old, new = pair
    instant = int(new.installed_at.timestamp())
    kept = {register.ref: register for register in Register.objects.filter(installation=old, retired_at=None)}
    registers = list(Register.objects.filter(installation=new))
    registers_lock({register.pk for register in [*registers, *kept.values()]})
    for register in registers:
        if register.ref in kept:
            readings_move(source=register, target=kept[register.ref], after=instant)
    _told_go(old, new, instant)
    gone = [register.pk for register in registers]
    ReviewItem.objects.filter(register_id__in=gone).delete()
    for model in (Reading, SupersededReading, DayTotal, TouchedSpan):
        model.objects.filter(register_id__in=gone).delete()
    ArchiveSeries.objects.filter(point=point, meter_id=new.meter_id).delete()
    meter_exchange_undo(actor=actor, old=old, new=new)
    _follow(point, [register.pk for register in kept.values()], {old.meter_id}, instant)


def _told_go(old: MeterInstallation, new: MeterInstallation, instant: int) -> None:
    """The closing index goes, and what had been received for that very instant stands again."""
    for register in Register.objects.filter(installation=old):
        rows = Reading.objects.filter(register=register, at=instant, source=Reading.Source.OPERATOR)
        if rows.exists():
            received_put_back(register.pk, instant)
            touch({register.pk: [instant]})
