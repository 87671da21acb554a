"""What the page of a metering point shows of its archive: the chosen period as a chart and a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from accounts.templatetags.releve import number_text
from readings.archives import selectors as archives
from readings.archives.parameters import label_of, remarks, unit_label
from readings.charts.lines import line_chart
from readings.charts.shapes import Chart, Point, Series
from readings.forms import PeriodForm
from readings.ingest.columns import BIT, COLUMNS
from readings.ingest.wallclock import WallClock, point_zone
from readings.models import ArchiveRecord
from servers.models import MeteringPoint

# The longest period of each kind on one page, in days; more of it is the export's.
LONGEST = {"hour": 31, "day": 366, "month": 366 * 10, "totals": 366}
SHOWN_FIRST = {"hour": 3, "day": 31, "month": 366, "totals": 31}
GAP = {"hour": 3600, "day": 27 * 3600, "month": 32 * 86_400}
COLUMNS_SHOWN = 9


@dataclass
class ArchivePage:
    """The chosen part of an archive. `rows` are (time, texts, remarks)."""

    form: PeriodForm
    kind: str = ""
    parameter: str = ""
    first: date | None = None
    last: date | None = None
    cut: bool = False
    unit: str = ""
    label: str = ""
    chart: Chart | None = None
    names: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def heads(self) -> list[dict[str, str]]:
        return [{"label": label_of(name), "unit": unit_label(name)} for name in self.names]

    @property
    def query(self) -> str:
        return f"kind={self.kind}&first={self.first}&last={self.last}"


def time_text(clock: WallClock, kind: str, at: int) -> str:
    moment = datetime.fromtimestamp(at, clock.zone)
    if kind == "month":
        return formats.date_format(moment, "YEAR_MONTH_FORMAT")
    day = formats.date_format(moment, "SHORT_DATE_FORMAT")
    return day if kind == "day" else f"{day} {moment:%H:%M}"


def value_text(value: float | None) -> str:
    """Up to six decimals, without the zeros at the end."""
    if value is None:
        return ""
    short = Decimal(repr(value)).quantize(Decimal("0.000001")).normalize()
    exponent = short.as_tuple().exponent
    return number_text(short, max(0, -exponent) if isinstance(exponent, int) else 0)


def archive_page(
    point: MeteringPoint, found: Mapping[str, archives.Extent], query: Mapping[str, Any]
) -> ArchivePage:
    kinds = list(found)
    kind = str(query.get("kind") or "")
    if kind not in found:
        kind = kinds[0] if kinds else ""
    names = archives.parameters(point, kind) if kind else []
    form = PeriodForm(query or None, kinds=kinds, parameters=names)
    page = ArchivePage(form, kind=kind)
    if not kind:
        return page
    clock = WallClock(point_zone(point))
    _choose_period(page, clock, found[kind])
    wanted = str(query.get("parameter") or "")
    page.parameter = wanted if wanted in names else next((n for n in archives.FIRST if n in names), "")
    if not page.parameter:
        page.parameter = names[0] if names else ""
    form.initial = {"kind": kind, "parameter": page.parameter, "first": page.first, "last": page.last}
    if form.is_bound:
        form.data = form.initial  # what is shown is what was understood
    assert page.first is not None
    assert page.last is not None
    start, end = clock.day_start(page.first), clock.day_start(page.last + timedelta(days=1))
    rows = archives.records(point, kind, start, end)
    _fill(page, clock, rows, names)
    return page


def _choose_period(page: ArchivePage, clock: WallClock, extent: archives.Extent) -> None:
    chosen = page.form.cleaned_data if page.form.is_bound and page.form.is_valid() else {}
    last = chosen.get("last")
    first = chosen.get("first")
    if last is None:
        last = clock.day_of(extent.last) if first is None else first + timedelta(SHOWN_FIRST[page.kind] - 1)
    if first is None or first > last:
        first = last - timedelta(days=SHOWN_FIRST[page.kind] - 1)
    if (last - first).days >= LONGEST[page.kind]:
        first, page.cut = last - timedelta(days=LONGEST[page.kind] - 1), True
    page.first, page.last = first, last


def _fill(page: ArchivePage, clock: WallClock, records: list[ArchiveRecord], names: list[str]) -> None:
    ordered = [name for name in archives.FIRST if name in names]
    ordered += [name for name in names if name not in ordered]
    shown = [page.parameter, *(name for name in ordered if name != page.parameter)] if page.parameter else []
    page.names = shown[:COLUMNS_SHOWN]
    page.rows = [
        {
            "time": time_text(clock, page.kind, record.start),
            "cells": [value_text(getattr(record, COLUMNS[name])) for name in page.names],
            "remarks": remarks(record.flags, archives.masks_of(record)),
        }
        for record in records
    ]
    if not page.parameter:
        return
    page.label, page.unit = label_of(page.parameter), unit_label(page.parameter)
    page.chart = line_chart(
        [Series("brand", page.label, [_dot(page, clock, record) for record in records])],
        labels=_labels(page, clock, [record.start for record in records]),
        gap=GAP.get(page.kind),
        number=lambda value: number_text(value, max(0, -int(value.as_tuple().exponent))),
    )


def _dot(page: ArchivePage, clock: WallClock, record: ArchiveRecord) -> Point:
    value = getattr(record, COLUMNS[page.parameter])
    return Point(
        record.start,
        value,
        title=time_text(clock, page.kind, record.start),
        text=f"{value_text(value)}\xa0{page.unit}" if value is not None else "",
        flagged=bool(record.bad & BIT[page.parameter]),
    )


def _labels(page: ArchivePage, clock: WallClock, starts: list[int]) -> list[tuple[int, str]]:
    """Each record, or of many hours the midnights and, within some days, the noons: a day is told by its date."""
    if page.kind == "hour" and len(starts) > 30:
        told = (0, 12) if len(starts) <= 4 * 24 else (0,)
        starts = [at for at in starts if datetime.fromtimestamp(at, clock.zone).hour in told]
    return [(at, _axis(clock, page.kind, at)) for at in starts]


def _axis(clock: WallClock, kind: str, at: int) -> str:
    moment = datetime.fromtimestamp(at, clock.zone)
    if kind == "hour":
        return f"{moment:%H:%M}" if moment.hour else formats.date_format(moment, "d.m")
    return formats.date_format(moment, "m.Y" if kind == "month" else "d.m")


def chart_words(page: ArchivePage) -> str:
    """The chart in a sentence, for those who hear it."""
    if page.chart is None or page.chart.is_empty:
        return _("No values in this period.")
    values = [row["cells"][0] for row in page.rows if row["cells"][0]]
    return _("%(count)s values from %(first)s to %(last)s.") % {
        "count": len(values), "first": page.rows[0]["time"], "last": page.rows[-1]["time"],
    }  # fmt: skip
