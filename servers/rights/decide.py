"""May this occupant see or switch this? One place answers, and every page, export and command asks it.

    rights = rights_of(actor)              # two queries, whatever is asked of it then
    rights.sees_euros(dwelling)            # consumption as money
    rights.controls(device)                # see and switch a device
    rights.sees_meter(point)               # see a meter
    rights.devices(), rights.points()      # of common areas, for lists
    rights.days_of(area)                   # the only days of a common area's meter that the person may see

A right holds for all occupants of the programme unless the stay (occupancy) of one has an exception; of several
ticks the nearest wins: the one thing, its zone, "all". "All" means the common areas of the building one lives in; a
zone or a thing that is ticked by name is granted to people of other buildings too (a shared car park). Devices and
meters are of today: who has moved out, or not in yet, has no right to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.http import Http404

from accounts.access import Actor, Permission, parse_public_id
from servers.days import own_occupancies, present
from servers.doors import PublicId
from servers.models import CommonArea, Device, Dwelling, MeteringPoint, Occupancy, OccupantRight

Right = OccupantRight.Right
EUROS_KEY = Right.EUROS.value
DEFAULTS = {EUROS_KEY: True}  # what holds before anybody has opened the page; all else is closed
Spans = list[tuple[date, date | None]]


def key_of(right: str, *, area: int | None = None, thing: int | None = None) -> str:
    """`device`, `device:zone:7`, `device:12`; euros is `euros` alone."""
    if thing is not None:
        return f"{right}:{thing}"
    return f"{right}:zone:{area}" if area is not None else str(right)


@dataclass
class Rights:
    """What one person may. `ticks` of everybody and `exceptions` by occupancy, each by key."""

    actor: Actor
    stays: list[Occupancy]
    ticks: dict[str, bool]
    exceptions: dict[int, dict[str, bool]] = field(default_factory=dict)

    @cached_property
    def _here(self) -> list[Occupancy]:
        return present(self.actor, self.stays)

    def sees_euros(self, dwelling: Dwelling) -> bool:
        """Staff who see consumption see money. Of an occupant's several stays in one dwelling the last one decides:
        an exception made now must not be undone by a stay of years ago that has none."""
        if self._is_staff_of(dwelling.building_id):
            return True
        stays = [stay for stay in self.stays if stay.dwelling_id == dwelling.pk]
        return bool(stays) and self._decide(stays[-1], [EUROS_KEY])

    def controls(self, device: Device) -> bool:
        """See and switch. Operators: what stands in common areas. Occupants: their own dwelling's, and with the right."""
        if device.retired_at is not None:
            return False
        if device.dwelling_id is not None:
            return any(stay.dwelling_id == device.dwelling_id for stay in self._here)
        area = device.common_area
        if area is None or area.retired_at is not None:
            return False
        return self._is_staff_of(area.building_id) or self._granted(Right.DEVICE, area, device.pk)

    def sees_meter(self, point: MeteringPoint) -> bool:
        """A meter of a common area; one of a dwelling while one lives there (their days: `occupied_days`)."""
        if point.dwelling_id is not None:
            return any(stay.dwelling_id == point.dwelling_id for stay in self._here)
        area = point.common_area
        if area is None or area.retired_at is not None or point.retired_at is not None:
            return False
        return self._is_staff_of(area.building_id) or self._granted(Right.METER, area, point.pk)

    def devices(self) -> list[Device]:
        """Of common areas, those the person may see and switch, by zone and name."""
        rows = Device.objects.filter(retired_at=None, common_area__retired_at=None, common_area__isnull=False)
        rows = rows.select_related("server", "common_area__building")
        rows = rows.order_by("common_area__name", "name", "pk")
        return [device for device in rows if self.controls(device)]

    def points(self) -> list[MeteringPoint]:
        """Of common areas, the metering points the person may see, by zone and name."""
        rows = MeteringPoint.objects.filter(
            retired_at=None, common_area__retired_at=None, common_area__isnull=False
        ).select_related("common_area__building")
        return [point for point in rows.order_by("common_area__name", "name", "pk") if self.sees_meter(point)]

    def days_of(self, area: CommonArea) -> Spans:
        """Days on which the person lived in the area's building; of a building they never lived in, in any other."""
        here = [stay for stay in self.stays if stay.dwelling.building_id == area.building_id]
        return [(stay.move_in, stay.move_out) for stay in here or self.stays]

    def _is_staff_of(self, building_id: int) -> bool:
        return self.actor.may(Permission.SEE_CONSUMPTION) and self.actor.covers(building_id)

    def _granted(self, right: str, area: CommonArea, thing: int) -> bool:
        by_name = [key_of(right, thing=thing), key_of(right, area=area.pk)]
        return any(
            self._decide(stay, [*by_name, *([key_of(right)] if lives_there else [])])
            for stay in self._here
            for lives_there in [stay.dwelling.building_id == area.building_id]
        )

    def _decide(self, stay: Occupancy, keys: list[str]) -> bool:
        """`keys` from near to far: the person's nearest exception, else what any tick for everybody grants."""
        own = self.exceptions.get(stay.pk, {})
        for key in keys:
            if key in own:
                return own[key]
        return any(self.ticks.get(key, DEFAULTS.get(key, False)) for key in keys)


def rights_of(actor: Actor) -> Rights:
    """Load what the person may; ask it as often as the page needs."""
    stays = own_occupancies(actor)
    return Rights(actor, stays, *_ticks(stays))


def _ticks(stays: Iterable[Occupancy]) -> tuple[dict[str, bool], dict[int, dict[str, bool]]]:
    general: dict[str, bool] = {}
    own: dict[int, dict[str, bool]] = {}
    rows = OccupantRight.objects.filter(occupancy=None) | OccupantRight.objects.filter(
        occupancy__in=[stay.pk for stay in stays]
    )
    for key, occupancy, allowed in rows.values_list("key", "occupancy", "allowed"):
        (general if occupancy is None else own.setdefault(occupancy, {}))[key] = allowed
    return general, own


def may_see_euros(actor: Actor, dwelling: Dwelling) -> bool:
    return rights_of(actor).sees_euros(dwelling)


def may_control(actor: Actor, device: Device) -> bool:
    """See and switch."""
    return rights_of(actor).controls(device)


def may_see_meter(actor: Actor, point: MeteringPoint) -> bool:
    return rights_of(actor).sees_meter(point)


def access_controlled_device(actor: Actor, public_id: PublicId) -> Device:
    """The device, if the person may switch it; else the 404 of a device that does not exist."""
    wanted = parse_public_id(public_id)
    rows = Device.objects.select_related("server", "dwelling__building", "common_area__building")
    device: Device | None = rows.filter(public_id=wanted).first() if wanted else None
    if device is None or not may_control(actor, device):
        raise Http404
    return device
