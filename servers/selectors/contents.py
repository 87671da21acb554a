"""The meters and devices of dwellings and common areas, with what they count and, where known, the last value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.access import Actor
from servers.columns import LastValue, last_values
from servers.models import Device, MeteringPoint, MeterInstallation, Register

STALE_AFTER = timedelta(days=2)


@dataclass(frozen=True)
class RegisterRow:
    register: Register
    last: LastValue | None = None

    @property
    def stale(self) -> bool:
        """Nothing has been read for two days."""
        return self.last is not None and timezone.now() - self.last.at > STALE_AFTER


@dataclass(frozen=True)
class MeterRow:
    """A meter at its metering point. `ended_at`: when it was taken away, or its point given up."""

    point: MeteringPoint
    installation: MeterInstallation
    registers: list[RegisterRow]
    ended_at: datetime | None = None


@dataclass
class Contents:
    """What stands in one place now, and what stood there before."""

    meters: list[MeterRow] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    past_meters: list[MeterRow] = field(default_factory=list)
    past_devices: list[Device] = field(default_factory=list)

    @property
    def has_values(self) -> bool:
        return any(row.last for meter in self.meters for row in meter.registers)


def contents_of(actor: Actor, place: str, ids: Sequence[int], *, past: bool) -> dict[int, Contents]:
    """By id of the places, `place` being "dwelling" or "common_area". Four queries, whatever the number."""
    found: dict[int, Contents] = {pk: Contents() for pk in ids}
    installations = MeterInstallation.objects.filter(**{f"point__{place}__in": ids})
    devices = Device.objects.filter(**{f"{place}__in": ids})
    if not past:
        installations, devices = installations.filter(removed_at=None), devices.filter(retired_at=None)
    rows = list(
        installations.select_related("meter", "point").order_by(
            "point__medium", "point__usage", "point__name", "pk"
        )
    )
    registers = _registers([row.pk for row in rows])
    standing = [r.pk for row in rows if row.removed_at is None for r in registers[row.pk] if not r.retired_at]
    values = last_values(actor, standing)
    for row in rows:
        _place_meter(found[getattr(row.point, f"{place}_id")], row, registers[row.pk], values)
    for device in devices.order_by("name", "pk"):
        contents = found[getattr(device, f"{place}_id")]
        (contents.past_devices if device.retired_at else contents.devices).append(device)
    return found


def _place_meter(
    contents: Contents, row: MeterInstallation, registers: list[Register], values: dict[int, LastValue]
) -> None:
    ended_at = row.removed_at or row.point.retired_at
    shown = [
        RegisterRow(register, values.get(register.pk))
        for register in registers
        if ended_at or not register.retired_at  # a meter that is gone is shown with all it once counted
    ]
    meter = MeterRow(row.point, row, shown, ended_at)
    (contents.past_meters if ended_at else contents.meters).append(meter)


def _registers(installations: list[int]) -> dict[int, list[Register]]:
    found: dict[int, list[Register]] = defaultdict(list)
    rows = Register.objects.filter(installation__in=installations)
    for register in rows.order_by("quantity", "tariff_index", "ref", "pk"):
        found[register.installation_id].append(register)
    return found


def contents_of_one(actor: Actor, place: Any, *, past: bool = True) -> Contents:
    """Of one dwelling or common area."""
    return contents_of(
        actor, place._meta.model_name.replace("commonarea", "common_area"), [place.pk], past=past
    )[place.pk]
