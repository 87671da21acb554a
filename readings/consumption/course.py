"""The chart of the consumption page: hours of a day, days of a week or month, months of a year, by usage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.templatetags import releve
from readings.charts.shapes import Bar, Chart, State, Usage, stacked_bars
from readings.consumption.breakdown import USAGES, Lookup, Source, parts_of
from readings.consumption.hours import hour_quantities, hours_of, readings_around
from readings.consumption.periods import Period, period_of
from readings.consumption.selectors import Consumption
from readings.consumption.words import period_label, short_month, usage_labels
from readings.models import TotalStatus
from tariffs.texts import EnergyUnit, energy_unit


def chart_of(bars: Sequence[Bar], *, width: int = 720, unit: EnergyUnit | None = None) -> Chart:
    labels = usage_labels()
    used = {key for bar in bars for key in bar.values or ()}
    shown = [Usage(key, labels[key]) for key in USAGES if key in used]
    name = unit.name if unit else pgettext("unit", "kWh")
    return stacked_bars(bars, shown, number=releve.plain, unit=name, width=width)


def bar_of(
    label: str,
    title: str,
    sums: dict[str, Fraction],
    *,
    state: State,
    href: str = "",
    hatched: frozenset[str] = frozenset(),
    unit: EnergyUnit | None = None,
    note: str = "",
) -> Bar:
    """A bar of kWh by usage, drawn and told in `unit` (kWh); no sums at all is a bar without data."""
    unit = unit or energy_unit((), "kwh")
    texts = {key: unit.fine(amount) for key, amount in sums.items()}
    total = unit.fine(sum(sums.values(), Fraction(0))) if sums else ""
    values = {key: float(unit.amount(amount)) for key, amount in sums.items()} or None
    return Bar(
        label, title, values, texts=texts, total=total, state=state, note=note, href=href, hatched=hatched
    )


def period_bars(
    now: Consumption,
    period: Period,
    today: date,
    query: str,
    unit: EnergyUnit | None = None,
    corrected: AbstractSet[date] = frozenset(),
) -> list[Bar]:
    """A bar a day (a month of a year); each leads one step nearer. `query`: other parts of the address."""
    bars = []
    for label, title, days, inner in _buckets(period):
        heard = [now.days[day] for day in days if day in now.days]
        sums = {
            key: sum((one[key].amount for one in heard if key in one), Fraction(0))
            for key in USAGES
            if any(key in one for one in heard)
        }
        hatched = frozenset(
            key for day in heard for key, one in day.items() if one.status >= TotalStatus.ESTIMATED
        )
        state = _state(now, days, today, heard=bool(heard), estimated=bool(hatched))
        href = f"?period={inner.kind}&at={inner.key}{query}" if heard else ""
        note = _("corrected by the operator") if heard and not corrected.isdisjoint(days) else ""
        bars.append(bar_of(label, title, sums, state=state, href=href, hatched=hatched, unit=unit, note=note))
    return bars


def _buckets(period: Period) -> list[tuple[str, str, list[date], Period]]:
    """(axis label, title, days, the period that the bar stands for)."""
    if period.kind != "year":
        return [(str(day.day), releve.local_day(day), [day], period_of("day", day)) for day in period.days()]
    months = [period_of("month", date(period.first_day.year, month, 1)) for month in range(1, 13)]
    return [(short_month(month.first_day), period_label(month), month.days(), month) for month in months]


def _state(now: Consumption, days: list[date], today: date, *, heard: bool, estimated: bool) -> State:
    if heard:
        return "estimated" if estimated else "measured"
    hidden = not any(now.is_visible(day) for day in days)
    return "future" if days[0] >= today or hidden else "missing"


@dataclass(frozen=True)
class DayCourse:
    """The hours of a day. `is_even`: all of it lies between two readings far apart, so there is no course."""

    bars: list[Bar]
    is_even: bool


def day_course(
    sources: dict[int, Source],
    value: Lookup,
    day: date,
    zone: ZoneInfo,
    now: datetime,
    unit: EnergyUnit | None = None,
) -> DayCourse:
    hours = hours_of(day, zone)
    found = readings_around(sources, hours[0][0], hours[-1][1])
    sums: list[dict[str, Fraction]] = [defaultdict(Fraction) for _hour in hours]
    estimated: list[set[str]] = [set() for _hour in hours]
    for pk, course in found.items():
        for at, quantity in enumerate(hour_quantities(course, hours)):
            if quantity.steps is None:
                continue
            parts = [
                part
                for part in parts_of(sources[pk], day, quantity.steps, int(quantity.estimated), value)
                if part.kind == "energy"
            ]
            for part in parts:
                sums[at][part.key] += part.amount
                if quantity.estimated:
                    estimated[at].add(part.key)
    bars = []
    for (start, end), amounts, hatched in zip(hours, sums, estimated, strict=True):
        begin, stop = (datetime.fromtimestamp(mark, zone) for mark in (start, end))
        state: State = "estimated" if hatched else "measured"
        if not amounts:
            state = "future" if stop > now else "missing"
        title = f"{begin:%H:%M} – {stop:%H:%M}"
        bars.append(
            bar_of(f"{begin:%-H}", title, dict(amounts), state=state, hatched=frozenset(hatched), unit=unit)
        )
    known = [hatched == amounts.keys() for amounts, hatched in zip(sums, estimated, strict=True) if amounts]
    return DayCourse(bars, bool(known) and all(known))
