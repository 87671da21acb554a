"""Metering points that people make and edit, where no server publishes them: a utility's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import Contract
from accounts.services.audit import audit_record
from servers.models import Medium, Meter, MeteringPoint, MeterInstallation, Usage

USAGES: dict[str, str] = {
    Medium.HEAT: Usage.HEATING, Medium.COOLING: Usage.COOLING, Medium.HOT_WATER: Usage.HOT_WATER,
    Medium.COLD_WATER: Usage.WATER,
}  # fmt: skip
EDITABLE = ("name", "address", "medium", "admitted_until", "contract", "totals_source")


@transaction.atomic
def point_create(
    *, actor: Actor, contract: Contract | None, number: str, name: str, address: str, medium: str,
    totals_source: str, serial: str = "", manufacturer: str = "", model: str = "",
    installed_at: datetime | None = None, admitted_until: date | None = None,
    verified_on: date | None = None, verified_until: date | None = None,
) -> MeteringPoint:  # fmt: skip
    """A point with its number, which nobody else has, and the meter that hangs there, if its serial is known.

    A meter with this serial that is known already is taken: two points can be circuits of one meter. What is given
    about its verification is then noted too. Raises `number_taken`.
    """
    try:
        with transaction.atomic():
            point: MeteringPoint = MeteringPoint.objects.create(
                number=number, name=name, address=address, medium=medium, contract=contract,
                usage=USAGES.get(medium, Usage.OTHER), totals_source=totals_source, admitted_until=admitted_until,
            )  # fmt: skip
    except IntegrityError:
        raise DomainError(
            "number_taken", _("Another metering point has this number."), field="number"
        ) from None
    if serial:
        meter = meter_known(serial=serial, manufacturer=manufacturer, model=model, medium=medium)
        given = {"verified_on": verified_on, "verified_until": verified_until}
        noted = {field: day for field, day in given.items() if day}
        if noted:
            Meter.objects.filter(pk=meter.pk).update(**noted)
        # readings may come from before today: the meter hung there before anybody told us
        begin = installed_at or timezone.now().replace(year=timezone.now().year - 5, month=1, day=1)
        MeterInstallation.objects.create(meter=meter, point=point, installed_at=begin)
    audit_record(
        actor=actor, action="point.created", target_kind="point", target=str(point.public_id),
        detail={"name": number, "serial": serial},
    )  # fmt: skip
    return point


def meter_known(*, serial: str, manufacturer: str, model: str, medium: str) -> Meter:
    """The meter of that serial; where several makers use it, the one of `manufacturer`; made when unknown."""
    found = list(Meter.objects.filter(serial=serial).order_by("pk"))
    fitting = [meter for meter in found if meter.manufacturer == manufacturer]
    if fitting or (len(found) == 1 and not manufacturer):
        known: Meter = (fitting or found)[0]
        return known
    made: Meter = Meter.objects.create(serial=serial, manufacturer=manufacturer, model=model, medium=medium)
    return made


@transaction.atomic
def point_edit(*, actor: Actor, point: MeteringPoint, **fields: Any) -> None:
    """Change what people keep about a point (`EDITABLE`); its number never changes once it is assigned."""
    changed = {name: value for name, value in fields.items() if getattr(point, name) != value}
    assert set(changed) <= set(EDITABLE)
    if not changed:
        return
    before = {name: str(getattr(point, name) or "") for name in changed}
    for name, value in changed.items():
        setattr(point, name, value)
    if "medium" in changed:
        point.usage = USAGES.get(point.medium, Usage.OTHER)
    point.save(update_fields=[*changed, "usage"])
    after = {name: str(value or "") for name, value in changed.items()}
    audit_record(
        actor=actor, action="point.edited", target_kind="point", target=str(point.public_id),
        detail={"name": point.number or point.name, "old": before, "new": after},
    )  # fmt: skip


@transaction.atomic
def point_stands(*, actor: Actor, point: MeteringPoint, retired_at: datetime | None) -> bool:
    """Put a point out of service, or back into it with None. False when it is as it should be already."""
    rows = MeteringPoint.objects.filter(pk=point.pk, retired_at__isnull=retired_at is not None)
    if not rows.update(retired_at=retired_at):
        return False
    audit_record(
        actor=actor, action="point.retired" if retired_at else "point.restored", target_kind="point",
        target=str(point.public_id), detail={"name": point.number or point.name},
    )  # fmt: skip
    return True
