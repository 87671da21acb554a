"""Where parameters are set, and who sets which level there: each person edits only the own level (spec 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Programme, Role
from servers.days import own_occupancies, present
from servers.models import Building, Dwelling, Occupancy
from tariffs.models import Level

LEVEL_ROLES: dict[Level, str] = {
    Level.ADMINISTRATOR_PROGRAMME: Role.ADMINISTRATOR,
    Level.OPERATOR_PROGRAMME: Role.OPERATOR,
    Level.OPERATOR_BUILDING: Role.OPERATOR,
    Level.OPERATOR_DWELLING: Role.OPERATOR,
    Level.OCCUPANT_DWELLING: Role.OCCUPANT,
}


@dataclass(frozen=True)
class ParameterPlace:
    """The level that a page edits. A dwelling's rows name the dwelling only, a building's the building only."""

    level: Level
    building: Building | None = None
    dwelling: Dwelling | None = None

    @property
    def rows(self) -> dict[str, Any]:
        """The fields that every row of this level and place has."""
        return {"level": self.level, "building": self.building, "dwelling": self.dwelling}

    @property
    def kind(self) -> str:
        return "dwelling" if self.dwelling else "building" if self.building else "programme"

    def target(self, programme: Programme) -> str:
        """The public id under which the place's history is kept."""
        return str((self.dwelling or self.building or programme).public_id)

    def today(self, programme: Programme) -> date:
        building = self.dwelling.building if self.dwelling else self.building
        zone = (building.time_zone if building else "") or programme.time_zone
        return timezone.now().astimezone(ZoneInfo(zone)).date()


def programme_place(actor: Actor) -> ParameterPlace:
    """Who is both administrator and operator edits the nearer of the two, which is the one that holds."""
    if actor.has_role(Role.OPERATOR):
        return ParameterPlace(Level.OPERATOR_PROGRAMME)
    return ParameterPlace(Level.ADMINISTRATOR_PROGRAMME)


def building_place(building: Building) -> ParameterPlace:
    return ParameterPlace(Level.OPERATOR_BUILDING, building=building)


def dwelling_place(dwelling: Dwelling) -> ParameterPlace:
    return ParameterPlace(Level.OPERATOR_DWELLING, dwelling=dwelling)


def home_place(dwelling: Dwelling) -> ParameterPlace:
    return ParameterPlace(Level.OCCUPANT_DWELLING, dwelling=dwelling)


def present_homes(actor: Actor) -> list[Dwelling]:
    """Where the person lives today, the newest home first. Who has moved out sets no price any more."""
    return [stay.dwelling for stay in reversed(present(actor, own_occupancies(actor)))]


def moved_in(actor: Actor, dwelling: Dwelling, today: date) -> date | None:
    """Since when the person has lived in the dwelling; None for anybody who does not live there today."""
    rows = Occupancy.objects.filter(_living(today), user=actor.user, dwelling=dwelling)
    return rows.order_by("move_in").values_list("move_in", flat=True).first()


def _living(today: date) -> Q:
    return Q(move_in__lte=today) & (Q(move_out=None) | Q(move_out__gt=today))
