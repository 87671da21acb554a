"""What the consumption page shows, as prepared texts and shapes: the template only lays it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Programme
from accounts.templatetags import releve
from readings.charts import Bar, State, Usage, stacked_bars
from readings.consumption.breakdown import USAGES
from readings.consumption.periods import KINDS, Period, parse_period, period_of
from readings.consumption.selectors import DwellingMeters, Spans, Sum
from readings.models import TotalStatus
from servers.models import Dwelling
from tariffs.pricing import Cost, to_minor_units


def usage_labels() -> dict[str, str]:
    return {
        "heating": _("Heating"),
        "hot_water": _("Hot water"),
        "cooling": _("Cooling"),
        "sockets": _("Sockets"),
        "other": _("Other"),
    }


@dataclass
class ConsumptionPage:
    """One dwelling over one period, for a reader who may see `visible`. `euros` shows money beside quantities."""

    programme: Programme
    dwelling: Dwelling
    visible: Spans
    today: date
    period: Period
    euros: bool = True

    def __post_init__(self) -> None:
        meters = DwellingMeters(self.dwelling, self.visible)
        self.now = meters.consumption(self.period.first_day, self.period.end_day)
        self.elapsed = max(
            0, (min(self.period.end_day, self.today + timedelta(days=1)) - self.period.first_day).days
        )
        self.running = self.period.end_day > self.today
        self.previous = meters.consumption(
            *self.period.before.elapsed(self._comparable_days(self.period.before))
        )

    def _comparable_days(self, other: Period) -> int:
        """A running period is compared with the same number of days, a past one with the whole other one."""
        return self.elapsed if self.running else (other.end_day - other.first_day).days

    def context(self) -> dict[str, Any]:
        return {
            "dwelling": self.dwelling,
            "consumption": self.now,
            "period_label": self._label(self.period),
            "before_label": self._before_label(),
            "seg_kinds": self._kinds(),
            "seg_periods": self._neighbours(),
            "hero": self._hero(),
            "usage_rows": self._usages(),
            "compare_rows": self._comparison(),
            "water_rows": self._waters(),
            "chart": self._chart() if self.now.days else None,
            "missing_days": self._missing(),
            "euros": self.euros,
        }

    def _money(self, cost: Cost) -> str:
        """Empty where nothing of it has a price; marked where a part has none."""
        if cost.exact == 0 and not cost.complete:
            return ""
        text = releve.money(to_minor_units(cost.exact), self.programme.currency)
        return text if cost.complete else _("%(amount)s + not priced") % {"amount": text}

    def _label(self, period: Period) -> str:
        if period.kind == "year":
            return str(period.first_day.year)
        if period.kind == "month":
            return releve.local_month(period.first_day)
        return self._span(period.first_day, period.end_day - timedelta(days=1))

    def _before_label(self) -> str:
        label = self._label(self.period.before)
        if not self.running:
            return label
        first, end = self.period.before.elapsed(self.elapsed)
        span = self._span(first, end - timedelta(days=1))
        return f"{span} {first.year}" if self.period.kind == "year" else span

    @staticmethod
    def _span(first: date, last: date) -> str:
        """1 – 22 octobre; 28 septembre – 4 octobre."""
        same_month = (first.year, first.month) == (last.year, last.month)
        return f"{first.day if same_month else releve.day_and_month(first)} – {releve.day_and_month(last)}"

    def _address(self, period: Period) -> str:
        return f"?period={period.kind}&at={period.key}"

    def _kinds(self) -> list[dict[str, Any]]:
        names = {"week": _("Week"), "month": _("Month"), "year": _("Year")}
        anchor = min(self.period.end_day - timedelta(days=1), self.today)
        return [
            {
                "label": names[kind],
                "url": self._address(period_of(kind, anchor)),
                "current": kind == self.period.kind,
            }
            for kind in KINDS
        ]

    def _neighbours(self) -> list[dict[str, Any]]:
        earliest = min((start for start, _end in self.visible), default=self.today)
        before, after = self.period.before, self.period.after
        return [
            {
                "label": "‹",
                "name": _("Before"),
                "url": self._address(before) if before.end_day > earliest else "",
            },
            {"label": self._label(self.period), "url": self._address(self.period), "current": True},
            {
                "label": "›",
                "name": _("After"),
                "url": self._address(after) if after.first_day <= self.today else "",
            },
        ]

    def _hero(self) -> dict[str, Any]:
        energy = {"label": _("Energy"), "value": releve.kwh(self.now.energy)}
        compared = {
            "label": self._before_label(),
            "value": self._change(self.now.energy, self.previous.energy),
            "trend": self._trend(self.now.energy, self.previous.energy),
        }
        if not self.now.has_data:
            return {"label": self._label(self.period), "none": _("No data yet"), "comparisons": []}
        if not self.euros or not self.now.is_priced:
            return {
                "label": self._label(self.period),
                "value": releve.kwh(self.now.energy),
                "comparisons": [compared],
            }
        amount = releve.money(self.now.total_minor, self.programme.currency)
        value, _space, unit = amount.rpartition("\u00a0")
        return {"label": self._label(self.period), "value": value or amount, "unit": unit if value else "",
                "comparisons": [energy, compared]}  # fmt: skip

    @property
    def _is_comparable(self) -> bool:
        """Not with a time of which less than half as many days are known: the first year would seem to explode."""
        return 2 * len(self.previous.days) >= len(self.now.days)

    def _change(self, now: Fraction, before: Fraction) -> str:
        if not before or not self._is_comparable:
            return "—"
        return releve.signed_percent((now - before) / before * 100)

    def _trend(self, now: Fraction, before: Fraction) -> str:
        if not before or not self._is_comparable or now == before:
            return ""
        return "up" if now > before else "down"

    def _usages(self) -> list[dict[str, Any]]:
        top = max((one.amount for one in self.now.usages.values()), default=Fraction(0))
        labels = usage_labels()
        rows = []
        for key in sorted(USAGES, key=lambda key: -self.now.usages.get(key, Sum()).amount):
            one = self.now.usages.get(key)
            if one is None and key not in self.previous.usages:
                continue
            one = one or Sum()
            rows.append(
                {
                    "key": key,
                    "label": labels[key],
                    "quantity": releve.kwh(one.amount),
                    "amount": self._money(one.cost),
                    "share": round(float(one.amount / top * 100), 1) if top else 0,
                }
            )
        return rows

    def _comparison(self) -> list[dict[str, Any]]:
        labels = usage_labels()
        rows = [
            self._compared(labels[key], releve.kwh, self.now.usages.get(key), self.previous.usages.get(key))
            for key in USAGES
        ]
        waters = {"cold_water": _("Cold water"), "hot_water": _("Hot water (volume)")}
        rows += [
            self._compared(waters[key], releve.m3, self.now.waters.get(key), self.previous.waters.get(key))
            for key in waters
        ]
        return [row for row in rows if row is not None]

    def _compared(self, label: str, form: Any, now: Sum | None, before: Sum | None) -> Any:
        if now is None and before is None:
            return None
        # where nothing is known there is a dash, never a zero
        return {
            "label": label,
            "now": form(now.amount if now else None),
            "before": form(before.amount if before else None),
            "now_money": self._money(now.cost) if now else "",
            "before_money": self._money(before.cost) if before else "",
            "change": self._change(now.amount, before.amount) if now and before else "—",
        }

    def _waters(self) -> list[dict[str, Any]]:
        labels = {"cold_water": _("Cold water"), "hot_water": _("Hot water")}
        return [
            {"label": labels[key], "volume": releve.m3(one.amount), "amount": self._money(one.cost)}
            for key, one in sorted(self.now.waters.items())
        ]

    def _buckets(self) -> list[tuple[str, str, list[date]]]:
        """(axis label, title, days) of each bar: the days of a week or month, the months of a year."""
        if self.period.kind != "year":
            return [(str(day.day), releve.local_day(day), [day]) for day in self.period.days()]
        months = [period_of("month", date(self.period.first_day.year, month, 1)) for month in range(1, 13)]
        return [(date_format(month.first_day, "M"), self._label(month), month.days()) for month in months]

    def _chart(self) -> Any:
        labels = usage_labels()
        bars = []
        for label, title, days in self._buckets():
            heard = [self.now.days[day] for day in days if day in self.now.days]
            values = {
                key: float(sum((one[key].amount for one in heard if key in one), Fraction(0)))
                for key in USAGES
                if any(key in one for one in heard)
            }
            estimated = any(one.status >= TotalStatus.ESTIMATED for day in heard for one in day.values())
            total = sum((one.amount for day in heard for one in day.values()), Fraction(0))
            bars.append(
                Bar(
                    label, title, values or None,
                    texts={key: releve.kwh(value, 1) for key, value in values.items()},
                    total=releve.kwh(total, 1) if heard else "",
                    state=self._state(days, bool(heard), estimated),
                )
            )  # fmt: skip
        shown = [Usage(key, labels[key]) for key in USAGES if key in self.now.usages]
        return stacked_bars(bars, shown, number=releve.plain, unit=pgettext("unit", "kWh"))

    def _state(self, days: list[date], heard: bool, estimated: bool) -> State:
        if heard:
            return "estimated" if estimated else "measured"
        hidden = not any(self.now.is_visible(day) for day in days)
        return "future" if days[0] >= self.today or hidden else "missing"

    def _missing(self) -> int:
        """Past days that the reader may see and that nothing has arrived for."""
        return sum(
            1
            for day in self.period.days()
            if day < self.today and self.now.is_visible(day) and day not in self.now.days
        ) if self.now.has_data else 0  # fmt: skip


def page_for(
    *, programme: Programme, dwelling: Dwelling, visible: Spans, today: date, kind: str, key: str, euros: bool
) -> ConsumptionPage:
    """Without a key it opens on today, or on the last day of somebody who has moved out."""
    last_day = max((end - timedelta(days=1) if end else today for _start, end in visible), default=today)
    period = parse_period(kind, key, min(last_day, today))
    return ConsumptionPage(programme, dwelling, visible, today, period, euros)
