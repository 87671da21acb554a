"""What stands in the building, as the pages show it: a handful of queries, whatever the size of the page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Actor, Permission
from accounts.lists import ListAsked
from accounts.texts import holds, natural_key
from servers.columns import Cell, Column, DwellingColumns, dwelling_columns
from servers.doors import in_buildings, visible_buildings, visible_common_areas, visible_occupancies
from servers.models import Building, CommonArea, Device, Dwelling, MeterInstallation, Occupancy, Server
from servers.selectors.boxes import ServerState, state_of


def local_today(actor: Actor) -> date:
    return timezone.now().astimezone(actor.programme.zone).date()


@dataclass(frozen=True)
class Freshness:
    """Are the servers of a zone heard, and when was the last one."""

    label: str
    kind: str
    last_sync_at: datetime | None


def freshness(servers: Sequence[Server]) -> Freshness | None:
    """None where no server has been activated yet: there is nothing to be fresh."""
    known = [server for server in servers if server.activated_at]
    if not known:
        return None
    online = sum(state_of(server).code == "online" for server in known)
    last = max((server.last_sync_at for server in known if server.last_sync_at), default=None)
    if online == len(known):
        text = ngettext("%(count)d server online", "%(count)d servers online", online) % {"count": online}
        return Freshness(text, "ok", last)
    text = _("%(online)d of %(total)d servers online") % {"online": online, "total": len(known)}
    return Freshness(text, "warn" if online else "bad", last)


def servers_of(building: Building) -> list[Server]:
    here = Q(dwellings__building=building) | Q(common_areas__building=building)
    return list(Server.objects.filter(here, removed_at=None).distinct())


def current_on(today: date) -> Q:
    return Q(move_in__lte=today) & (Q(move_out=None) | Q(move_out__gt=today))


@dataclass(frozen=True)
class Outline:
    """The buildings of the programme with the ids and names of their standing dwellings, as people count."""

    buildings: list[dict[str, Any]]
    dwellings: list[tuple[int, str, str]]  # id, name, building's name


def outline(actor: Actor, building: Building | None = None) -> Outline:
    """One query. Buildings come as dicts name, public_id, dwellings (how many)."""
    rows = visible_buildings(actor)
    if building is not None:
        rows = rows.filter(pk=building.pk)
    buildings: dict[int, dict[str, Any]] = {}
    dwellings = []
    columns = ("pk", "public_id", "name", "dwellings__pk", "dwellings__name", "dwellings__retired_at")
    for pk, public_id, name, dwelling, dwelling_name, retired_at in rows.values_list(*columns):
        row = buildings.setdefault(pk, {"public_id": public_id, "name": name, "dwellings": 0})
        if dwelling is not None and retired_at is None:
            row["dwellings"] += 1
            dwellings.append((dwelling, dwelling_name, name))
    return Outline(
        sorted(buildings.values(), key=lambda row: (natural_key(row["name"]), row["public_id"])),
        sorted(dwellings, key=lambda row: (natural_key(row[2]), natural_key(row[1]), row[0])),
    )


def people_of(actor: Actor, dwellings: Sequence[int] | None = None) -> dict[int, list[str]]:
    """Who lives there today, by dwelling; nobody for who may not see occupants."""
    if not actor.may(Permission.SEE_OCCUPANTS):
        return {}
    rows = visible_occupancies(actor).filter(current_on(local_today(actor)))
    return _people(rows if dwellings is None else rows.filter(dwelling__in=dwellings))


def search(found: Outline, q: str, people: dict[int, list[str]]) -> list[int]:
    """Ids of the dwellings whose name, building or people hold each word of `q`; all of them for an empty one."""
    return [
        pk
        for pk, name, building in found.dwellings
        if not q or holds(" ".join([building, name, *people.get(pk, ())]), q)
    ]


# the columns that a list of dwellings is sorted by; the first two stand in the outline already
DWELLING_SORTS = ("name", "building", "people", "floor", "area", "meters", "devices", "heard")


def in_order(
    found: Outline, ids: list[int], asked: ListAsked, counts: ZoneCounts, people: dict[int, list[str]]
) -> list[int]:
    """The ids as the columns were asked to be sorted: one query for what the outline does not know."""
    named = {pk: (natural_key(name), natural_key(building)) for pk, name, building in found.dwellings}
    columns: dict[int, Any] = {}
    if asked.key in ("floor", "area", "heard"):
        path = {"floor": "floor", "area": "area_cm2", "heard": "server__last_sync_at"}[asked.key]
        columns = dict(Dwelling.objects.filter(pk__in=ids).values_list("pk", path))
    order: dict[str, Callable[[int], Any]] = {
        "name": lambda pk: named[pk],
        "building": lambda pk: named[pk][::-1],
        "people": lambda pk: natural_key(", ".join(people[pk])) if people.get(pk) else None,
        "meters": lambda pk: counts.meters[("dwelling", pk)],
        "devices": lambda pk: counts.devices[("dwelling", pk)],
        **dict.fromkeys(("floor", "area", "heard"), columns.get),
    }
    return asked.sorted(ids, order)


def _people(occupancies: QuerySet[Occupancy]) -> dict[int, list[str]]:
    people: dict[int, list[str]] = defaultdict(list)
    for occupancy in occupancies.select_related("user").order_by("move_in", "pk"):
        people[occupancy.dwelling_id].append(occupancy.person_name)
    return people


PlaceKey = tuple[str, int]  # "dwelling" or "common_area", and its id


@dataclass(frozen=True)
class ZoneCounts:
    """Meters and devices that stand now, by place."""

    meters: Counter[PlaceKey]
    devices: Counter[PlaceKey]


@dataclass(frozen=True)
class DwellingRow:
    dwelling: Dwelling
    state: ServerState
    meters: int
    devices: int
    people: list[str] = field(default_factory=list)
    cells: Sequence[Cell] = ()


@dataclass(frozen=True)
class DwellingTable:
    """`rows` in the order of the ids, `columns` the headings that other apps add."""

    rows: list[DwellingRow]
    columns: Sequence[Column]


def dwelling_table(
    actor: Actor, ids: Sequence[int], counts: ZoneCounts, people: dict[int, list[str]], *, extra: bool = True
) -> DwellingTable:
    """The dwellings of one page with counts, people and, if `extra`, the columns of other apps."""
    found = Dwelling.objects.filter(pk__in=ids).select_related("building", "server")
    dwellings = {dwelling.pk: dwelling for dwelling in found}
    more = dwelling_columns(actor, ids) if extra else DwellingColumns()
    rows = [
        DwellingRow(
            dwelling=dwellings[pk],
            state=_state(dwellings[pk].server, counts.meters["dwelling", pk]),
            meters=counts.meters["dwelling", pk],
            devices=counts.devices["dwelling", pk],
            people=people.get(pk, []),
            cells=more.cells.get(pk, ()),
        )
        for pk in ids
        if pk in dwellings
    ]
    return DwellingTable(rows, more.columns)


def _state(server: Server | None, meters: int) -> ServerState:
    if server is None or server.removed_at is not None:
        return ServerState("no_server", _("no server"), "warn")
    if not meters:
        return ServerState("no_meter", _("no meter"), "neutral")
    return state_of(server)


def zone_counts(actor: Actor, building: Building | None = None) -> ZoneCounts:
    """What stands now in the programme or in one building: one query for all places and the sums."""
    meters = MeterInstallation.objects.filter(removed_at=None)
    meters = in_buildings(actor, meters, "point__dwelling__building", "point__common_area__building")
    devices = Device.objects.filter(retired_at=None)
    devices = in_buildings(actor, devices, "dwelling__building", "common_area__building")
    if building is not None:
        here = Q(point__dwelling__building=building) | Q(point__common_area__building=building)
        meters = meters.filter(here)
        devices = devices.filter(Q(dwelling__building=building) | Q(common_area__building=building))
    both = (
        meters.values_list(Value("meter"), "point__dwelling", "point__common_area")
        .annotate(number=Count("meter", distinct=True))
        .union(
            devices.values_list(Value("device"), "dwelling", "common_area").annotate(number=Count("pk")),
            all=True,
        )
    )
    counts = ZoneCounts(Counter(), Counter())
    for kind, dwelling, area, number in both:
        of_kind = counts.meters if kind == "meter" else counts.devices
        if dwelling is not None:
            of_kind["dwelling", dwelling] = number
        elif area is not None:
            of_kind["common_area", area] = number
    return counts


def area_rows(actor: Actor, counts: ZoneCounts, building: Building | None = None) -> list[dict[str, Any]]:
    """Common areas with their counts, as people count."""
    areas = visible_common_areas(actor).filter(retired_at=None).select_related("building", "server")
    if building is not None:
        areas = areas.filter(building=building)
    found = sorted(areas, key=lambda a: (natural_key(a.building.name), natural_key(a.name), a.pk))
    return [
        _area_row(area, counts.meters["common_area", area.pk], counts.devices["common_area", area.pk])
        for area in found
    ]


def _area_row(area: CommonArea, meters: int, devices: int) -> dict[str, Any]:
    return {
        "area": area,
        "meters": meters,
        "devices": devices,
        "state": _state(area.server, meters + devices),
    }


def retired_places(building: Building) -> list[dict[str, Any]]:
    """What a publication once named and no longer does, the latest first."""
    places: list[dict[str, Any]] = []
    for model in (Dwelling, CommonArea):
        gone = model.objects.filter(building=building).exclude(retired_at=None)
        places += [{"place": place, "is_dwelling": model is Dwelling} for place in gone]
    return sorted(places, key=lambda row: (row["place"].retired_at, row["place"].name), reverse=True)
