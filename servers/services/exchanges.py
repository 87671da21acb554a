"""A meter gives way to another one at its metering point: what stands where, and behind which ref.

The point goes on. The old installation ends at the instant, the new one begins there with registers of its own, and
the refs under which a gateway publishes the meter lead to the new one from then on. Indexes are the readings app's.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.services.audit import audit_record
from servers.models import Meter, MeteringPoint, MeterInstallation, MeterRef, Register

_COPIED = (
    "ref",
    "quantity",
    "unit",
    "exponent",
    "tariff_index",
    "kind",
    "span",
    "max_per_hour",
    "gap_seconds",
)


def standing_installation(point: MeteringPoint) -> MeterInstallation | None:
    """The meter that hangs there now."""
    rows = MeterInstallation.objects.filter(point=point, removed_at=None).select_related("meter")
    standing: MeterInstallation | None = rows.order_by("-installed_at", "-pk").first()
    return standing


@transaction.atomic
def meter_exchange(
    *, actor: Actor, point: MeteringPoint, at: datetime, manufacturer: str, serial: str
) -> tuple[MeterInstallation, MeterInstallation]:
    """(the installation that ended, the one that began).

    Raises `DomainError`: no_meter, in_future, before_installation, same_serial, stands_elsewhere.
    """
    MeteringPoint.objects.select_for_update(of=("self",), no_key=True).get(pk=point.pk)
    old = standing_installation(point)
    if old is None:
        raise DomainError("no_meter", _("No meter hangs at this metering point."))
    if at > timezone.now():
        raise DomainError("in_future", _("This time has not come yet."))
    if at <= old.installed_at:
        _began_earlier(old, at)
    meter, _made = Meter.objects.get_or_create(
        manufacturer=manufacturer,
        serial=serial,
        defaults={"medium": old.meter.medium, "model": old.meter.model},
    )
    if meter.pk == old.meter_id:
        raise DomainError("same_serial", _("This is the number of the meter that hangs there now."))
    if MeterInstallation.objects.filter(meter=meter, removed_at=None).exists():
        raise DomainError("stands_elsewhere", _("A meter with this number stands somewhere else."))
    new = _change_over(old, meter, at)
    audit_record(
        actor=actor, action="meter.exchanged", target_kind="point", target=str(point.public_id),
        detail={"old": old.meter.serial, "new": serial, "at": at.isoformat()},
    )  # fmt: skip
    return old, new


def _began_earlier(old: MeterInstallation, at: datetime) -> None:
    """The first meter of a point hung there before anybody published it; a later one did not."""
    if MeterInstallation.objects.filter(point_id=old.point_id).exclude(pk=old.pk).exists():
        raise DomainError("before_installation", _("The meter was installed after this time."))
    old.installed_at = at - timedelta(seconds=1)
    old.save(update_fields=["installed_at"])


def _change_over(old: MeterInstallation, meter: Meter, at: datetime) -> MeterInstallation:
    old.removed_at = at
    old.save(update_fields=["removed_at"])
    new: MeterInstallation = MeterInstallation.objects.create(
        meter=meter, point_id=old.point_id, installed_at=at
    )
    Register.objects.bulk_create(
        Register(installation=new, created_at=at, **{name: getattr(register, name) for name in _COPIED})
        for register in Register.objects.filter(installation=old, retired_at=None).order_by("pk")
    )
    refs = list(MeterRef.objects.filter(meter_id=old.meter_id, valid_to=None))
    MeterRef.objects.filter(pk__in=[ref.pk for ref in refs]).update(valid_to=at)
    MeterRef.objects.bulk_create(
        MeterRef(server_id=ref.server_id, ref=ref.ref, meter=meter, valid_from=at) for ref in refs
    )
    return new


def exchange_to_undo(point: MeteringPoint) -> tuple[MeterInstallation, MeterInstallation] | None:
    """The last exchange at a point as (old, new), if nothing has changed there since."""
    new = standing_installation(point)
    if new is None:
        return None
    old = (
        MeterInstallation.objects.filter(point=point, removed_at=new.installed_at)
        .exclude(pk=new.pk)
        .select_related("meter")
        .first()
    )
    if old is None or MeterInstallation.objects.filter(meter_id=old.meter_id, removed_at=None).exists():
        return None
    return old, new


@transaction.atomic
def meter_exchange_undo(*, actor: Actor, old: MeterInstallation, new: MeterInstallation) -> None:
    """The old meter never left. The caller has emptied the new registers; a meter that stood nowhere else goes."""
    at = new.installed_at
    Register.objects.filter(installation=new).delete()
    new.delete()
    MeterRef.objects.filter(meter_id=new.meter_id, valid_from=at, valid_to=None).delete()
    MeterRef.objects.filter(meter_id=old.meter_id, valid_to=at).update(valid_to=None)
    old.removed_at = None
    old.save(update_fields=["removed_at"])
    meter = new.meter
    if not MeterInstallation.objects.filter(meter=meter).exists() and not meter.refs.exists():
        meter.delete()
    audit_record(
        actor=actor, action="meter.exchange_undone", target_kind="point", target=str(old.point.public_id),
        detail={"old": old.meter.serial, "new": meter.serial, "at": at.isoformat()},
    )  # fmt: skip
