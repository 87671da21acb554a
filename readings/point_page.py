"""What stands on the page of a metering point."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Permission, ProgrammeRequest
from accounts.lists import ListAsked
from accounts.templatetags.releve import gcal, local_month, percent
from readings.archives import selectors as archives
from readings.archives.page import archive_page, chart_words, time_text, value_text
from readings.archives.totals import EXPONENT
from readings.contract_cards import chips, previous_reading
from readings.crumbs import crumbs
from readings.doors import visible_contracts
from readings.imports.page import state_chip
from readings.ingest.wallclock import WallClock, point_zone
from readings.models import DayTotal, ImportJob
from servers.models import MeteringPoint

LISTED = 10
VALUES_A_PAGE = 100


def point_context(
    request: ProgrammeRequest, point: MeteringPoint, jobs: QuerySet[ImportJob]
) -> dict[str, Any]:
    meter = archives.meter_of(point)
    found = archives.extents(point)
    clock = WallClock(point_zone(point))
    at, values = archives.latest(point, found)
    page = archive_page(point, found, request.GET)
    chosen = {"kind": page.kind, "parameter": page.parameter, "first": page.first, "last": page.last}
    asked = ListAsked.of(request.GET, ("time",), keep=chosen)
    return {
        **asked.context(page.rows[::-1] if asked.down else page.rows, VALUES_A_PAGE),
        "values_open": bool(asked.sort) or "page" in request.GET,
        "point": point,
        "meter": meter,
        "chips": chips(point, meter),
        "desk": request.actor.may(Permission.MANAGE_CONTRACTS),
        "may_upload": request.actor.may(Permission.UPLOAD_ARCHIVES) and not point.retired_at,
        "may_enter": request.actor.may(Permission.ENTER_READINGS)
        and not point.retired_at
        and point.totals_source == MeteringPoint.TotalsSource.INDEX,
        "jobs": [{"job": job, "chip": state_chip(job)} for job in jobs[:LISTED]],
        "period": _period(point, clock),
        "latest_at": time_text(clock, "hour", at) if at is not None else "",
        "latest": [value | {"text": value_text(value["value"])} for value in values],
        "archive": page,
        "chart_words": chart_words(page),
        "zone": clock.zone.key,
        "crumbs": _crumbs(request, point),
    }


def _crumbs(request: ProgrammeRequest, point: MeteringPoint) -> list[dict[str, str]]:
    contract, place = point.contract, (point.number or point.name, "")
    if contract is None or not visible_contracts(request.actor).filter(pk=contract.pk).exists():
        return crumbs(request, place)
    url = reverse("contract_detail", args=[request.programme.slug, contract.public_id])
    return crumbs(request, (f"{contract.number} · {contract.holder}", url), place)


def _period(point: MeteringPoint, clock: WallClock) -> dict[str, Any]:
    """This month so far: how complete it is, and the heat that was counted."""
    now = int(timezone.now().timestamp())
    today = clock.day_of(now)
    start, _end = archives.month_bounds(clock, today)
    complete = archives.completeness(point, start, now - now % 3600)
    heat = DayTotal.objects.filter(
        register__installation__point=point, register__ref="Q_delta",
        day__gte=today.replace(day=1).toordinal(), day__lte=today.toordinal(),
    ).aggregate(sum=Sum("quantity"))["sum"]  # fmt: skip
    facts = [{"label": _("Completeness"), "value": percent(complete.percent, 1)}]
    if heat is not None:
        facts.append({"label": _("Heat consumption"), "value": gcal(heat * 10.0**EXPONENT)})
    facts.append({"label": _("Previous readings"), "value": previous_reading(point)})
    return {"month": local_month(today), "facts": facts, "percent": complete.percent}


def export_bounds(point: MeteringPoint, query: Mapping[str, str]) -> tuple[str, int | None, int | None]:
    """(kind, start, end) of a download, half-open; what is not understood is not limited."""
    kind = query.get("kind", "")
    clock = WallClock(point_zone(point))
    first, last = _day(query.get("first")), _day(query.get("last"))
    return (
        kind if kind in ("hour", "day", "month", "totals") else "hour",
        clock.day_start(first) if first else None,
        clock.day_start(last + timedelta(days=1)) if last else None,
    )


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None
