"""Two periods of one archive beside each other: the same parameter, by hour, day or month, and their difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.templatetags.releve import local_day, number_text
from readings.archives import selectors as archives
from readings.archives.page import LONGEST, time_text, value_text
from readings.archives.parameters import KINDS, label_of, unit_label
from readings.archives.selectors import Extent
from readings.charts.lines import line_chart
from readings.charts.shapes import Chart, Point, Series
from readings.desk.forms import day_field
from readings.ingest.columns import COLUMNS
from readings.ingest.wallclock import WallClock, point_zone
from servers.models import MeteringPoint

COMPARED = ("hour", "day", "month")
DAYS_FIRST = {"hour": 3, "day": 31, "month": 366}
SUMMED = ("Q", "M", "V")  # amounts; of temperatures and pressures the mean is told


class CompareForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Archive"))
    parameter = forms.ChoiceField(label=gettext_lazy("Parameter"))
    first = day_field(gettext_lazy("First period from"), required=True)
    last = day_field(gettext_lazy("First period to"), required=True)
    second = day_field(gettext_lazy("Second period from"), required=True)

    def __init__(self, *args: Any, kinds: list[str], names: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields
        choices["kind"].choices = [(kind, KINDS[kind]) for kind in kinds]
        choices["parameter"].choices = [(name, label_of(name)) for name in names]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The end lies before the beginning."))
        elif first and last and (last - first).days >= LONGEST.get(data.get("kind", "day"), 366):
            self.add_error("last", _("This period is too long for one page; choose a shorter one."))
        return data


@dataclass(frozen=True)
class Pair:
    """The same place in both periods; a value is None where nothing is stored."""

    first_time: str
    second_time: str
    first: Decimal | None
    second: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        return None if self.first is None or self.second is None else self.second - self.first

    @property
    def percent(self) -> Decimal | None:
        if self.difference is None or not self.first:
            return None
        return (self.difference * 100 / abs(self.first)).quantize(Decimal("0.1"))


@dataclass
class Comparison:
    """`total` holds sums of amounts, or means of the rest, over the pairs in which both are known."""

    form: CompareForm
    pairs: list[Pair] = field(default_factory=list)
    total: Pair | None = None
    summed: bool = False
    label: str = ""
    unit: str = ""
    periods: tuple[str, str] = ("", "")
    chart: Chart | None = None


def compare(point: MeteringPoint, found: Mapping[str, Extent], query: Mapping[str, Any]) -> Comparison:
    """Of what the query asks for; without one, the last days against those before them."""
    kinds = [kind for kind in COMPARED if kind in found]
    kind = str(query.get("kind") or "")
    kind = kind if kind in kinds else ("day" if "day" in kinds else next(iter(kinds), ""))
    names = archives.parameters(point, kind) if kind else []
    clock = WallClock(point_zone(point))
    initial = _initial(kind, names, found, clock) if kind else {}
    given = {name: query.get(name) or initial.get(name) for name in CompareForm.base_fields}
    form = CompareForm(given if kind else None, kinds=kinds, names=names)
    result = Comparison(form)
    if not kind or not form.is_valid():
        return result
    _fill(result, point, clock, form.cleaned_data)
    return result


def _initial(kind: str, names: list[str], found: Mapping[str, Extent], clock: WallClock) -> dict[str, Any]:
    last = clock.day_of(found[kind].last)
    days = DAYS_FIRST[kind]
    first = last - timedelta(days=days - 1)
    parameter = next((name for name in archives.FIRST if name in names), names[0] if names else "")
    return {
        "kind": kind, "parameter": parameter, "first": (first - timedelta(days=days)).isoformat(),
        "last": (first - timedelta(days=1)).isoformat(), "second": first.isoformat(),
    }  # fmt: skip


def _fill(result: Comparison, point: MeteringPoint, clock: WallClock, chosen: dict[str, Any]) -> None:
    kind, parameter = chosen["kind"], chosen["parameter"]
    days = (chosen["last"] - chosen["first"]).days + 1
    second_last = chosen["second"] + timedelta(days=days - 1)
    column = COLUMNS[parameter]
    one = _values(point, clock, kind, column, chosen["first"], chosen["last"])
    two = _values(point, clock, kind, column, chosen["second"], second_last)
    shift = _shift(kind, chosen["first"], chosen["second"])
    places = sorted(one.keys() | {place - shift for place in two})
    result.pairs = [
        Pair(
            _time(clock, kind, place), _time(clock, kind, place + shift),
            one.get(place), two.get(place + shift),
        )
        for place in places
    ]  # fmt: skip
    result.label, result.unit = label_of(parameter), unit_label(parameter)
    result.summed = parameter.partition("_")[0] in SUMMED or parameter.endswith("Duration")
    result.periods = (
        f"{local_day(chosen['first'])} – {local_day(chosen['last'])}",
        f"{local_day(chosen['second'])} – {local_day(second_last)}",
    )
    result.total = _total(result)
    result.chart = _chart(result, places, clock, kind)


def _shift(kind: str, first: date, second: date) -> int:
    """How far the second period lies behind the first, on the wall clock; of months, in months."""
    if kind == "month":
        return (second.year - first.year) * 12 + second.month - first.month
    return (second - first).days * 86_400


def _values(
    point: MeteringPoint, clock: WallClock, kind: str, column: str, first: date, last: date
) -> dict[int, Decimal]:
    """Wall clock (of months, their count) -> value. The wall clock makes hours of both periods meet over a change
    of clocks; of an hour that comes twice the first pass stands."""
    start, end = clock.day_start(first), clock.day_start(last + timedelta(days=1))
    found: dict[int, Decimal] = {}
    for record in archives.records(point, kind, start, end):
        value = getattr(record, column)
        if value is not None:
            found.setdefault(_place(clock, kind, record.start), Decimal(repr(value)))
    return found


def _place(clock: WallClock, kind: str, at: int) -> int:
    if kind == "month":
        day = clock.day_of(at)
        return day.year * 12 + day.month - 1
    return clock.wall(at)


def _time(clock: WallClock, kind: str, place: int) -> str:
    if kind == "month":
        return time_text(clock, kind, clock.day_start(date(place // 12, place % 12 + 1, 1)))
    return time_text(clock, kind, clock.period_start(place))


def _total(result: Comparison) -> Pair | None:
    both = [pair for pair in result.pairs if pair.difference is not None]
    if not both:
        return None
    first = sum((pair.first for pair in both if pair.first is not None), Decimal(0))
    second = sum((pair.second for pair in both if pair.second is not None), Decimal(0))
    if not result.summed:
        places = Decimal("0.001")
        first, second = (first / len(both)).quantize(places), (second / len(both)).quantize(places)
    return Pair("", "", first, second)


def _chart(result: Comparison, places: list[int], clock: WallClock, kind: str) -> Chart:
    def dots(which: str) -> list[Point]:
        return [
            Point(
                number, getattr(pair, which), title=getattr(pair, f"{which}_time"),
                text=f"{decimal_text(getattr(pair, which))}\xa0{result.unit}",
            )
            for number, pair in enumerate(result.pairs)
        ]  # fmt: skip

    return line_chart(
        [
            Series("brand", result.periods[0], dots("first")),
            Series("water", result.periods[1], dots("second")),
        ],
        labels=[(number, pair.first_time) for number, pair in enumerate(result.pairs)],
        gap=1,
        number=lambda value: number_text(value, max(0, -int(value.as_tuple().exponent))),
    )


def decimal_text(value: Decimal | None) -> str:
    return value_text(float(value)) if value is not None else ""


def signed_text(value: Decimal | None) -> str:
    text = decimal_text(value)
    return f"+{text}" if value is not None and value > 0 else text


def compared_rows(result: Comparison) -> list[list[Any]]:
    """For a table to take away: both times, both values, difference, percent."""
    return [
        [pair.first_time, pair.first, pair.second_time, pair.second, pair.difference, pair.percent]
        for pair in result.pairs
    ]
