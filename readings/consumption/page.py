"""What the consumption page shows, as prepared texts and shapes: the template only lays it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Programme
from accounts.templatetags import releve
from readings.charts.shapes import Chart
from readings.consumption import comparison
from readings.consumption.breakdown import USAGES
from readings.consumption.corrections import corrected_days
from readings.consumption.course import DayCourse, chart_of, day_course, period_bars
from readings.consumption.periods import KINDS, Period, parse_period, period_of
from readings.consumption.selectors import DwellingMeters, Spans, Sum, clipped
from readings.consumption.words import compared_label, period_label, service_label, usage_labels, water_labels
from readings.overview.comparable import LEAST, Average, average_of
from readings.overview.parameters import ENERGY_KEYS
from readings.overview.uses import Estate
from servers.first_steps import optional_url
from servers.models import Dwelling
from tariffs.pricing import Cost, to_minor_units
from tariffs.texts import EnergyUnit, energy_form, energy_unit


@dataclass
class ConsumptionPage:
    """One dwelling over one period, for a reader who may see `visible`. `euros` shows money beside quantities;
    `hours` the course of a day, which is the occupant's own unless they share it."""

    programme: Programme
    dwelling: Dwelling
    visible: Spans
    today: date
    period: Period
    euros: bool = True
    hours: bool = True

    def __post_init__(self) -> None:
        self.dwelling.programme = self.programme  # known already: nobody asks for it again
        self.meters = DwellingMeters(self.dwelling, self.visible, neighbour_keys=ENERGY_KEYS)
        self.elapsed = max(
            0, (min(self.period.end_day, self.today + timedelta(days=1)) - self.period.first_day).days
        )
        self.running = self.period.end_day > self.today
        compared = (self.period.before, self.period.year_before)
        spans = [other.elapsed(self._comparable_days(other)) for other in compared]
        self.meters.read([(self.period.first_day, self.period.end_day), *spans])
        self.now = self.meters.consumption(self.period.first_day, self.period.end_day)

    def _comparable_days(self, other: Period) -> int:
        """A running period is compared with the same number of days, a past one with the whole other one."""
        return self.elapsed if self.running else other.length

    @cached_property
    def others(self) -> list[comparison.Other]:
        """The time before, a year ago (of a year that is the same) and the average comparable dwelling."""
        before, year_before = self.period.before, self.period.year_before
        found = [self._other(before, with_year=self.period.kind == "year")]
        if year_before != before:
            found.append(self._other(year_before, with_year=True))
        if self.average is not None:
            found.append(comparison.average_dwelling(self.average))
        return found

    def _other(self, period: Period, *, with_year: bool) -> comparison.Other:
        days = self._comparable_days(period)
        label = compared_label(period, days, with_year=with_year)
        other = comparison.other_time(label, self.now, self.meters.consumption(*period.elapsed(days)))
        # a day that has just begun is not less than a whole one
        return replace(other, fair=False) if self.running and self.period.kind == "day" else other

    @cached_property
    def average(self) -> Average | None:
        """Over the days of the period that the reader may see, today included, as their own figures are. Of today
        nothing needs to be known yet; today alone is not compared."""
        tomorrow = self.today + timedelta(days=1)
        spans = clipped(self.visible, self.period.first_day, min(self.period.end_day, tomorrow))
        if not spans or not self.now.usages:
            return None
        areas = {one.dwelling_id: one.area for one in self.meters.shares.members if one.until is None}
        if len(areas) <= LEAST:
            return None
        others = {pk: one for pk, one in self.meters.found.items() if one.dwelling_id in areas}
        buildings = dict.fromkeys(areas, self.dwelling.building_id)
        sums = Estate(buildings, sources=others, held=self.meters.held).uses(spans)
        averages = [
            average_of(self.dwelling.pk, uses, areas, (min(stop, self.today) - start).days)
            for (start, stop), uses in zip(spans, sums, strict=True)
        ]
        # who lived here twice within one period has two times, of which either may lack neighbours
        return averages[0] if len(averages) == 1 else None

    def context(self) -> dict[str, Any]:
        has_data = self.now.has_data
        return {
            "dwelling": self.dwelling,
            "consumption": self.now,
            "period": self.period,
            "period_label": period_label(self.period),
            "seg_kinds": self._kinds(),
            "seg_periods": self.neighbours(),
            "hero": self._hero(),
            "usage_rows": self._usages(),
            "others": self.others if has_data else [],
            "compare_rows": comparison.rows(self.now, self.others, self.money, self.heat_unit)
            if has_data
            else [],
            "average": self.average,
            "water_rows": self._waters(),
            "chart": self.chart if has_data else None,
            "unit": self.unit.name,
            "is_even_day": bool(self.day and self.day.is_even),
            "share_rows": self._shares(),
            "missing_days": self._missing(),
            "estimated": self._is_estimated(),
            "corrected": len(self.corrected),
            "euros": self.euros,
            "why_url": self.why_url("", "") if self.euros else "",
        }

    def money(self, cost: Cost) -> str:
        """Empty where nothing of it has a price; marked where a part has none."""
        if cost.exact == 0 and not cost.complete:
            return ""
        text = releve.money(to_minor_units(cost.exact), self.programme.currency)
        return text if cost.complete else _("%(amount)s + not priced") % {"amount": text}

    def _address(self, period: Period) -> str:
        return f"?period={period.kind}&at={period.key}{self._home}"

    @property
    def query(self) -> str:
        """This page's address without its question mark, for what is taken away from it."""
        return self._address(self.period).removeprefix("?")

    @property
    def _home(self) -> str:
        """Who has lived in several dwellings stays in the one they are looking at."""
        return f"&dwelling={self.dwelling.public_id}" if self.hours else ""

    def _kinds(self) -> list[dict[str, Any]]:
        names = {"day": _("Day"), "week": _("Week"), "month": _("Month"), "year": _("Year")}
        anchor = min(self.period.end_day - timedelta(days=1), self.today)
        return [
            {
                "label": names[kind],
                "url": self._address(period_of(kind, anchor)),
                "current": kind == self.period.kind,
            }
            for kind in KINDS
        ]

    def neighbours(self) -> list[dict[str, Any]]:
        earliest = min((start for start, _end in self.visible), default=self.today)
        before, after = self.period.before, self.period.after
        return [
            {
                "label": "‹",
                "name": _("Before"),
                "url": self._address(before) if before.end_day > earliest else "",
            },
            {"label": period_label(self.period), "url": self._address(self.period), "current": True},
            {
                "label": "›",
                "name": _("After"),
                "url": self._address(after) if after.first_day <= self.today else "",
            },
        ]

    def _hero(self) -> dict[str, Any]:
        label = period_label(self.period)
        if not self.now.has_data:
            return {"label": label, "none": _("No data yet"), "comparisons": []}
        compared = comparison.headline(self.now.energy, self.others)
        if not self.euros or not self.now.is_priced:
            return {"label": label, "value": self.unit.text(self.now.energy), "comparisons": compared}
        amount = releve.money(self.now.total_minor, self.programme.currency)
        value, _space, unit = amount.rpartition("\u00a0")
        energy = {"label": _("Energy"), "value": self.unit.text(self.now.energy)}
        return {"label": label, "value": value or amount, "unit": unit if value else "",
                "comparisons": [energy, *compared]}  # fmt: skip

    def _usages(self) -> list[dict[str, Any]]:
        top = max((one.amount for one in self.now.usages.values()), default=Fraction(0))
        labels = usage_labels()
        known = {key for other in self.others for key in other.usages} if self.now.has_data else set()
        rows = []
        for key in sorted(USAGES, key=lambda key: -self.now.usages.get(key, Sum()).amount):
            one = self.now.usages.get(key)
            if one is None and key not in known:
                continue
            one = one or Sum()
            rows.append(
                {
                    "key": key,
                    "label": labels[key],
                    "quantity": self.energy_text(key, one.amount),
                    "amount": self.money(one.cost),
                    "share": round(float(one.amount / top * 100), 1) if top else 0,
                    "url": self.why_url("energy", key) if key in self.now.usages else "",
                }
            )
        return rows

    def _waters(self) -> list[dict[str, Any]]:
        labels = water_labels()
        return [
            {
                "label": labels[key], "volume": releve.m3(one.amount), "amount": self.money(one.cost),
                "url": self.why_url("water", key),
            }
            for key, one in sorted(self.now.waters.items())
        ]  # fmt: skip

    def energy_text(self, usage: str, kwh: Fraction) -> str:
        return energy_form(usage, self.heat_unit)(kwh)

    @property
    def heat_unit(self) -> str:
        return self.meters.value("heat_unit", self.today)

    @cached_property
    def unit(self) -> EnergyUnit:
        """Of the sum of all usages, and of the chart that stacks them."""
        return energy_unit(self.now.usages, self.heat_unit)

    @property
    def origin_url(self) -> str:
        """Where every figure is followed down to its readings."""
        return optional_url("origin_dwelling", self.programme.slug, self.dwelling.public_id)

    def why_url(self, kind: str, key: str) -> str:
        """Where a line's euros are taken apart; without the right to money, where its quantities come from."""
        if not self.euros:
            return self.origin_url
        slug, dwelling = self.programme.slug, self.dwelling.public_id
        url = optional_url("home_cost", slug) if self.hours else optional_url("dwelling_cost", slug, dwelling)
        return f"{url}?{self.query}#{kind}-{key}" if kind else f"{url}?{self.query}"

    def _shares(self) -> list[dict[str, str]]:
        """What is paid beside the own meters: shares of common areas, standing charges."""
        usages, waters, now = usage_labels(), water_labels(), self.now
        rows = []
        for kind, labels, sums in (
            ("common_energy", usages, now.common), ("common_water", waters, now.common_waters)
        ):  # fmt: skip
            for key, one in sums.items():
                label = _("Share of the common areas: %(usage)s") % {"usage": labels.get(key, key)}
                shown = releve.m3(one.amount) if labels is waters else self.energy_text(key, one.amount)
                rows.append(self._share_row(kind, key, label, shown, one))
        for key, one in now.standing.items():
            days = ngettext("%(count)d day", "%(count)d days", int(one.amount)) % {"count": int(one.amount)}
            label = _("Standing charge: %(service)s") % {"service": service_label(key)}
            rows.append(self._share_row("standing", key, label, days, one))
        return rows

    def _share_row(self, kind: str, key: str, label: str, quantity: str, one: Sum) -> dict[str, str]:
        url = self.why_url(kind, key) if self.euros else ""
        return {"label": label, "quantity": quantity, "amount": self.money(one.cost), "url": url}

    @cached_property
    def day(self) -> DayCourse | None:
        """The hours of a day, for who may see them."""
        if self.period.kind != "day" or not self.hours or not self.now.is_visible(self.period.first_day):
            return None
        zone = ZoneInfo(self.dwelling.building.time_zone or self.programme.time_zone)
        return day_course(
            self.meters.sources, self.meters.value, self.period.first_day, zone, timezone.now(), self.unit
        )

    @cached_property
    def chart(self) -> Chart | None:
        if self.period.kind == "day":
            has_hours = self.day and any(bar.values for bar in self.day.bars)
            return chart_of(self.day.bars, unit=self.unit) if self.day and has_hours else None
        bars = period_bars(self.now, self.period, self.today, self._home, self.unit, self.corrected)
        return chart_of(bars, unit=self.unit) if self.now.days else None

    @cached_property
    def corrected(self) -> set[date]:
        """Of the days that are shown, those on which an operator put a reading right."""
        days = corrected_days(
            self.meters.sources, self.period.first_day, self.period.end_day, self.meters.zone
        )
        return {day for day in days if day in self.now.days}

    def _is_estimated(self) -> bool:
        return any(one.status for one in self.now.lines)

    def _missing(self) -> int:
        """Past days that the reader may see and that nothing has arrived for."""
        return sum(
            1
            for day in self.period.days()
            if day < self.today and self.now.is_visible(day) and day not in self.now.days
        ) if self.now.has_data else 0  # fmt: skip


def page_for(
    *,
    programme: Programme,
    dwelling: Dwelling,
    visible: Spans,
    today: date,
    kind: str,
    key: str,
    euros: bool,
    hours: bool = True,
) -> ConsumptionPage:
    """Without a key it opens on today, or on the last day of somebody who has moved out."""
    last_day = max((end - timedelta(days=1) if end else today for _start, end in visible), default=today)
    period = parse_period(kind, key, min(last_day, today))
    return ConsumptionPage(programme, dwelling, visible, today, period, euros, hours)
