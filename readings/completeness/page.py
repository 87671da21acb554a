"""What the completeness page shows, as prepared texts and shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission, parse_public_id
from accounts.lists import ListAsked
from accounts.templatetags.releve import local_day, local_month, local_time, number_text, percent, sync_when
from accounts.texts import natural_key
from readings.completeness.grid import DayState, MeterMonth, Month, installations_shown
from readings.totals.selectors import next_month
from servers.doors import POINT_PATHS, visible_buildings, visible_points, visible_servers
from servers.models import Building, LostSpan, Medium, MeteringPoint, MeterInstallation, MeterRef

PER_PAGE = 40
LOST_SHOWN = 25
SIGNS = {
    DayState.FULL: "●", DayState.PART: "◐", DayState.ESTIMATED: "≈", DayState.DISPUTED: "!",
    DayState.LOST: "×", DayState.NONE: "○", DayState.OUTSIDE: "",
}  # fmt: skip


def state_words() -> dict[str, str]:
    return {
        DayState.FULL: _("complete"), DayState.PART: _("in part"), DayState.ESTIMATED: _("estimated"),
        DayState.DISPUTED: _("disputed"), DayState.LOST: _("lost"), DayState.NONE: _("nothing"),
        DayState.OUTSIDE: "",
    }  # fmt: skip


@dataclass
class CompletenessPage:
    """One month of the meters that `actor` may see, filtered by the address."""

    actor: Actor
    query: Mapping[str, str]

    def __post_init__(self) -> None:
        programme = self.actor.programme
        self.today = timezone.now().astimezone(programme.zone).date()
        self.first = month_of(self.query.get("month", ""), self.today)
        self.buildings = list(visible_buildings(self.actor).order_by("name", "pk"))
        wanted = parse_public_id(self.query.get("building", ""))
        self.building = next((one for one in self.buildings if one.public_id == wanted), None)
        medium = self.query.get("medium", "")
        self.medium = medium if medium in Medium.values else ""
        keep = {
            "month": f"{self.first:%Y-%m}",
            "medium": self.medium,
            "building": wanted if self.building else "",
        }
        self.asked = ListAsked.of(self.query, ("name", "complete"), keep=keep)
        self.month = Month(self.points(), self.first, next_month(self.first), self.today, programme.zone)

    def points(self) -> QuerySet[MeteringPoint]:
        points = visible_points(self.actor)
        if self.building is not None:
            points = _in_building(points, self.building)
        return points.filter(medium=self.medium) if self.medium else points

    def context(self) -> dict[str, Any]:
        meters = self.month.meters()
        ordered, known = self._ordered(meters)
        listed = self.asked.context(ordered, PER_PAGE)
        shown = list(listed["page"].object_list)
        self.month.fill(shown)
        known = known or installations_shown([meter.installation_id for meter in shown])
        return {
            **listed,
            "rows": [self._row(meter, known[meter.installation_id]) for meter in shown],
            "days": [date.fromordinal(n) for n in range(self.first.toordinal(), self.month.end.toordinal())],
            "whole": percent(sum(m.percent for m in meters) / len(meters), 1) if meters else "",
            "behind": sum(1 for meter in meters if meter.percent < 100),
            "count": len(meters),
            "month_label": local_month(self.first),
            "months": self._months(),
            "buildings": self.buildings,
            "building": self.building,
            "media": Medium.choices,
            "medium": self.medium,
            "month_key": f"{self.first:%Y-%m}",
            "export": self._query(),
            "legend": [(SIGNS[state], word, state.value) for state, word in _legend()],
            "servers": self._servers(),
            **self._lost(),
        }

    def _ordered(self, meters: list[MeterMonth]) -> tuple[list[MeterMonth], dict[int, MeterInstallation]]:
        """By the heading that was asked for; only the order by name must look up where all of them hang."""
        known = {}
        if self.asked.key == "name":
            known = installations_shown([meter.installation_id for meter in meters])
        order: dict[str, Callable[[MeterMonth], Any]] = {
            "name": lambda meter: natural_key(place_name(known[meter.installation_id].point)),
            "complete": lambda meter: meter.percent,
        }
        return self.asked.sorted(meters, order), known

    def _query(self, **change: str) -> str:
        values = {
            "month": f"{self.first:%Y-%m}", "medium": self.medium,
            "building": str(self.building.public_id) if self.building else "", **change,
        }  # fmt: skip
        return urlencode({name: value for name, value in values.items() if value})

    def _months(self) -> list[dict[str, Any]]:
        before = (self.first - timedelta(days=1)).replace(day=1)
        after = next_month(self.first)
        return [
            {"label": "‹", "name": _("Before"), "url": f"?{self._query(month=f'{before:%Y-%m}')}"},
            {"label": local_month(self.first), "url": f"?{self._query()}", "current": True},
            {"label": "›", "name": _("After"),
             "url": f"?{self._query(month=f'{after:%Y-%m}')}" if after <= self.today else ""},
        ]  # fmt: skip

    def _row(self, meter: MeterMonth, installation: MeterInstallation) -> dict[str, Any]:
        words = state_words()
        return {
            "name": place_name(installation.point),
            "url": self._origin(installation.point) if self.actor.may(Permission.SEE_CONSUMPTION) else "",
            "building": _building_name(installation.point),
            "medium": installation.point.get_medium_display(),
            "serial": installation.meter.serial,
            "percent": meter.percent,
            "kind": "ok" if meter.percent == 100 else "warn" if meter.percent >= 90 else "bad",
            "cells": [
                {"sign": SIGNS[cell.state], "state": cell.state.value, "title": _title(cell.day, words[cell.state],
                                                                                       cell.state, cell.percent)}
                for cell in meter.cells
            ],
        }  # fmt: skip

    def _origin(self, point: MeteringPoint) -> str:
        """Where the meter's days are taken apart."""
        url = reverse("origin_point", args=[self.actor.programme.slug, point.public_id])
        return f"{url}?month={self.first:%Y-%m}"

    def _servers(self) -> list[dict[str, Any]]:
        rows = []
        for server in visible_servers(self.actor).order_by("description", "pk"):
            waiting = server.spool_pending or 0
            rows.append(
                {
                    "server": server,
                    "waiting": "—" if server.spool_pending is None else number_text(waiting),
                    "oldest": local_time(server.spool_oldest, self.actor.programme.zone) if waiting else "",
                    "heard": sync_when(server.last_sync_at, self.actor.programme.zone),
                }
            )
        return rows

    def _lost(self) -> dict[str, Any]:
        spans = self.month.lost(LostSpan.objects.filter(server__in=visible_servers(self.actor).values("pk")))
        page = Paginator(spans.select_related("server").order_by("-since", "-pk"), LOST_SHOWN).get_page(
            self.query.get("lost")
        )
        shown = list(page.object_list)
        names = lost_names(shown)
        zone = self.actor.programme.zone
        return {
            "lost_page": page,
            "lost_rows": [
                {
                    "name": names.get((span.server_id, span.meter_ref), span.meter_ref),
                    "server": span.server.description,
                    "since": local_time(span.since, zone) if span.since.year > 1970 else "…",
                    "until": local_time(span.until, zone) if span.until else "…",
                }
                for span in shown
            ],
        }

    def table(self) -> tuple[list[str], Iterator[list[Any]]]:
        """The whole month to take away: a row a meter, a column a day with its percentage."""
        meters = self.month.meters()
        days = [date.fromordinal(n) for n in range(self.first.toordinal(), self.month.end.toordinal())]
        head = [_("Building"), _("Place"), _("Medium"), _("Serial number"), _("Completeness, %")]
        return [*head, *(day.isoformat() for day in days)], self._table_rows(meters)

    def _table_rows(self, meters: Sequence[MeterMonth]) -> Iterator[list[Any]]:
        for start in range(0, len(meters), 500):
            some = meters[start : start + 500]
            self.month.fill(some)
            known = installations_shown([meter.installation_id for meter in some])
            for meter in some:
                point = known[meter.installation_id].point
                yield [
                    _building_name(point), place_name(point), point.get_medium_display(),
                    known[meter.installation_id].meter.serial, meter.percent,
                    *(None if cell.state == DayState.OUTSIDE else cell.percent for cell in meter.cells),
                ]  # fmt: skip


def _legend() -> list[tuple[DayState, str]]:
    words = state_words()
    return [(state, words[state]) for state in DayState if state != DayState.OUTSIDE]


def _title(day: date, word: str, state: DayState, share: int) -> str:
    if state == DayState.OUTSIDE:
        return ""
    told = f"{local_day(day)}: {word}"
    return f"{told}, {percent(share)}" if state not in (DayState.FULL, DayState.NONE, DayState.LOST) else told


def month_of(text: str, today: date) -> date:
    """The first day of "2026-11"; the running month for anything else, on its first day the one before."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        found = (today - timedelta(days=1)).replace(day=1)
    return found if date(2000, 1, 1) <= found <= today else today.replace(day=1)


def _in_building(points: QuerySet[MeteringPoint], building: Building) -> QuerySet[MeteringPoint]:
    paths = iter(POINT_PATHS)
    rows = points.filter(**{next(paths): building})
    for path in paths:
        rows |= points.filter(**{path: building})
    return rows


def place_name(point: MeteringPoint) -> str:
    if point.number:
        return f"{point.number} · {point.name}"
    place = point.dwelling or point.common_area
    return place.name if place else point.name


def _building_name(point: MeteringPoint) -> str:
    place = point.dwelling or point.common_area
    building = place.building if place else point.building
    return building.name if building else (point.contract.number if point.contract else "")


def lost_names(spans: Sequence[LostSpan]) -> dict[tuple[int, str], str]:
    """(server, ref) → the place and serial of its meter, in one statement."""
    if not spans:
        return {}
    refs = MeterRef.objects.filter(
        server_id__in={span.server_id for span in spans}, ref__in={span.meter_ref for span in spans}
    ).order_by("pk")
    rows = refs.values_list(
        "server_id", "ref", "meter__serial", "meter__installations__point__dwelling__name",
        "meter__installations__point__common_area__name",
    )  # fmt: skip
    return {
        (server, ref): " · ".join(filter(None, (dwelling or area, serial)))
        for server, ref, serial, dwelling, area in rows
    }
