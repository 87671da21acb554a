"""The lines of the pages of rights: all zones, each zone, each device or meter in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.access import Actor
from accounts.texts import natural_key
from servers.doors import visible_common_areas
from servers.models import CommonArea, Device, MeteringPoint, MeterInstallation, Occupancy, OccupantRight
from servers.rights.decide import key_of

Right = OccupantRight.Right


@dataclass(frozen=True)
class Line:
    """One tick. `name` is the form field's (public ids only), `key` and `target` are what is stored."""

    right: str
    key: str
    name: str
    zone: str = ""
    thing: str = ""
    target: dict[str, Any] = field(default_factory=dict)
    above: tuple[str, ...] = ()  # keys of the lines that hold for this one as well: its zone, and all

    @property
    def label(self) -> str:
        """For screen readers and the history: who is meant by "all"."""
        return f"{self.zone}, {self.thing}" if self.zone else str(Right(self.right).label)


def euros_line() -> Line:
    return Line(Right.EUROS, key_of(Right.EUROS), "euros")


def lines_of(actor: Actor, right: str, areas: Iterable[CommonArea]) -> list[Line]:
    """Of devices or of meters: "all, all", then zone by zone its own "all" and its things. Empty without any thing."""
    standing = list(areas)
    things = _things(right, [area.pk for area in standing])
    if not things:
        return []
    several = len({area.building_id for area in standing}) > 1
    lines = [Line(right, key_of(right), right, _("All"), _("All"))]
    for area in standing:
        if area.pk not in things:
            continue
        zone = f"{area.building.name} · {area.name}" if several else area.name
        lines.append(
            Line(
                right, key_of(right, area=area.pk), f"{right}-zone-{area.public_id}", zone, _("All"),
                {"common_area": area}, (key_of(right),),
            )
        )  # fmt: skip
        above = (key_of(right, area=area.pk), key_of(right))
        lines += [_line_of(right, zone, above, one) for one in things[area.pk]]
    return lines


def _line_of(right: str, zone: str, above: tuple[str, ...], one: Device | MeteringPoint) -> Line:
    if isinstance(one, Device):
        thing = one.name
    else:
        thing = f"{one.get_medium_display().capitalize()} · {getattr(one, 'serial', '') or one.name}"
    target = {"device" if isinstance(one, Device) else "point": one}
    return Line(right, key_of(right, thing=one.pk), f"{right}-{one.public_id}", zone, thing, target, above)


def rights_table(lines: Iterable[Line], ticks: Mapping[str, bool]) -> tuple[list[str], list[list[Any]]]:
    """What holds for all occupants, to take away: what is ticked itself, and what a tick above it grants."""
    header = [_("Right"), _("Zone"), pgettext("right", "Device or meter"), _("Authorised")]
    return header, [
        [
            str(Right(line.right).label), line.zone, line.thing,
            _("yes") if any(ticks.get(key, False) for key in (line.key, *line.above)) else _("no"),
        ]
        for line in lines
    ]  # fmt: skip


def _things(right: str, areas: list[int]) -> dict[int, list[Any]]:
    model: type[Device | MeteringPoint] = Device if right == Right.DEVICE else MeteringPoint
    found: dict[int, list[Any]] = defaultdict(list)
    rows = model.objects.filter(retired_at=None, common_area__in=areas)
    if model is MeteringPoint:  # people know a meter by the number on it
        standing = MeterInstallation.objects.filter(point=OuterRef("pk"), removed_at=None).order_by("-pk")
        rows = rows.annotate(serial=Subquery(standing.values("meter__serial")[:1]))
    for one in sorted(rows, key=lambda one: (natural_key(one.name), one.pk)):
        found[one.common_area_id].append(one)
    return found


def standing_areas(actor: Actor) -> list[CommonArea]:
    """The common areas of the actor's buildings, as people count."""
    rows = visible_common_areas(actor).filter(retired_at=None, building__retired_at=None)
    return sorted(rows, key=lambda area: (natural_key(area.building.name), natural_key(area.name), area.pk))


def areas_of(actor: Actor, occupancy: Occupancy) -> list[CommonArea]:
    """Those that an occupant's exception can be about: of their building, and what is granted by name elsewhere."""
    rows = OccupantRight.objects.exclude(common_area=None, device=None, point=None)
    named = rows.filter(occupancy=None) | rows.filter(occupancy=occupancy)
    elsewhere = {
        one
        for ids in named.values_list("common_area", "device__common_area", "point__common_area")
        for one in ids
        if one is not None
    }
    building = occupancy.dwelling.building_id
    return [area for area in standing_areas(actor) if area.building_id == building or area.pk in elsewhere]
