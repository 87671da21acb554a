"""Days of people: which local day it is where a dwelling stands, and who lives there on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.access import Actor
from servers.models import Building, Occupancy


def today_in(actor: Actor, building: Building | None) -> date:
    """The local day of a building: its own zone, else the programme's."""
    zone = (building.time_zone if building else "") or actor.programme.time_zone
    return timezone.now().astimezone(ZoneInfo(zone)).date()


def holds_on(occupancy: Occupancy, day: date) -> bool:
    """Half-open: the day of the move-out is no longer theirs."""
    return occupancy.move_in <= day and (occupancy.move_out is None or day < occupancy.move_out)


def own_occupancies(actor: Actor) -> list[Occupancy]:
    """All stays of a person in the programme, oldest first, with their dwellings and buildings."""
    rows = Occupancy.objects.filter(user=actor.user).select_related("dwelling", "dwelling__building")
    return list(rows.order_by("move_in", "pk"))


def present(actor: Actor, occupancies: Iterable[Occupancy]) -> list[Occupancy]:
    """Those of today, by the day that it is in each building."""
    return [one for one in occupancies if holds_on(one, today_in(actor, one.dwelling.building))]
