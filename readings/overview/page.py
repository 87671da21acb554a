"""What the operator's overview of a programme or a building shows, as prepared texts and shapes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Actor, Permission
from accounts.templatetags import releve
from accounts.texts import holds, natural_key
from readings.charts.lines import Spark, sparkline
from readings.charts.shapes import Chart
from readings.consumption.breakdown import USAGES
from readings.consumption.comparison import trend_of
from readings.consumption.course import bar_of, chart_of
from readings.consumption.periods import Period, parse_period, period_of
from readings.consumption.selectors import Consumption
from readings.consumption.words import compared_label, period_label, short_month, usage_labels
from readings.overview.costs import costs_of
from readings.overview.figures import Figures, Sums, figures_of, sums_of
from readings.overview.temperatures import ROOM, temperatures_of
from readings.overview.uses import Estate, Use, estate_of
from servers.doors import visible_dwellings
from servers.first_steps import optional_url
from servers.models import Building, Dwelling
from servers.selectors.estate import people_of
from tariffs.texts import EnergyUnit, energy_unit

ROWS_A_PAGE = 25
CHARTED = 3_000  # registers: above it the chart of a year would cost more than the page
SHOWN = ("", "outliers", "incomplete")
SORTS: dict[str, Callable[[Figures], Any]] = {
    "name": lambda row: (natural_key(row.dwelling.building.name), natural_key(row.dwelling.name)),
    "energy": lambda row: row.energy,
    "per_m2": lambda row: row.per_m2,
    "change": lambda row: row.change,
    "known": lambda row: row.known,
}


@dataclass
class Asked:
    """What the address asks for; whatever it says is brought to something that exists."""

    at: str = ""
    sort: str = "-per_m2"
    q: str = ""
    show: str = ""
    page: str = "1"

    @classmethod
    def of(cls, data: Mapping[str, str]) -> Asked:
        sort = data.get("sort", "-per_m2")
        show = data.get("show", "")
        return cls(
            data.get("at", ""),
            sort if sort.removeprefix("-") in SORTS else "-per_m2",
            data.get("q", "").strip()[:120],
            show if show in SHOWN else "",
            data.get("page", "1"),
        )

    def kept(self) -> list[dict[str, str]]:
        """What a search sends along, for components/filters.html."""
        pairs = {"at": self.at, "sort": self.sort, "show": self.show}
        return [{"name": name, "value": value} for name, value in pairs.items() if value]

    def query(self, **other: str) -> str:
        mine = {"at": self.at, "sort": self.sort, "q": self.q, "show": self.show} | other
        return urlencode({name: value for name, value in mine.items() if value})


class Overview:
    """The dwellings of a programme, or of `building`, over a month as far as its days are over."""

    def __init__(self, actor: Actor, asked: Asked, today: date, building: Building | None = None) -> None:
        self.actor, self.asked, self.today, self.building = actor, asked, today, building
        yesterday = today - timedelta(days=1)
        self.period = parse_period("month", asked.at, yesterday)
        if self.period.first_day > yesterday:
            self.period = period_of("month", yesterday)
        asked.at = self.period.key if asked.at else ""
        self.days = (min(self.period.end_day, today) - self.period.first_day).days
        rows = visible_dwellings(actor).filter(retired_at=None)
        self.dwellings: list[Dwelling] = list(rows.filter(building=building) if building else rows)

    @cached_property
    def estate(self) -> Estate:
        return estate_of(self.dwellings)

    @cached_property
    def rows(self) -> list[Figures]:
        return figures_of(self.dwellings, self._uses[1], self._uses[0], self.days)

    @cached_property
    def _uses(self) -> list[dict[int, Use]]:
        """The same days last year and this month as far as its days are over; then, where there is a chart, the other
        months of the year, the last one first. One statement."""
        year_ago = self.period.year_before
        # a running month is compared with as many days, a past one with the whole other month
        other = year_ago.elapsed(self.days if self.is_running else year_ago.length)
        months = [self.period.elapsed(self.days)]
        if self._is_charted:
            months += [month.elapsed(month.length) for month in self._year[-2::-1]]
        return self.estate.uses([other, *months])

    @property
    def heat_unit(self) -> str:
        """The same in the whole programme."""
        return self.estate.parameters.heat_unit(self.today)

    def unit(self, usages: Iterable[str]) -> EnergyUnit:
        return energy_unit(usages, self.heat_unit)

    @property
    def is_running(self) -> bool:
        return self.period.end_day > self.today

    @cached_property
    def people(self) -> dict[int, list[str]]:
        return people_of(self.actor, [dwelling.pk for dwelling in self.dwellings])

    @cached_property
    def chosen(self) -> list[Figures]:
        """Filtered and sorted; rows that do not know what they are sorted by stand last, whichever way."""
        rows = [row for row in self.rows if self._is_shown(row) and self._matches(row)]
        key, down = SORTS[self.asked.sort.removeprefix("-")], self.asked.sort.startswith("-")
        rows.sort(key=SORTS["name"])
        known = [row for row in rows if key(row) is not None]
        return sorted(known, key=key, reverse=down) + [row for row in rows if key(row) is None]

    def _is_shown(self, row: Figures) -> bool:
        if self.asked.show == "outliers":
            return bool(row.place)
        return not row.is_complete if self.asked.show == "incomplete" else True

    def _matches(self, row: Figures) -> bool:
        names = [row.dwelling.building.name, row.dwelling.name, *self.people.get(row.dwelling.pk, ())]
        return not self.asked.q or holds(" ".join(names), self.asked.q)

    def context(self) -> dict[str, Any]:
        page = Paginator(self.chosen, ROWS_A_PAGE).get_page(self.asked.page)
        shown = list(page.object_list)
        costs = self.costs(shown)
        quantity, temperatures = temperatures_of([row.dwelling.pk for row in shown])
        months = self._months(shown)
        total = sums_of(self.rows)
        return {
            "building": self.building,
            "period_label": period_label(self.period),
            "days_label": compared_label(self.period, self.days),
            "compared_label": self._compared_label(),
            "seg_periods": self._neighbours(),
            "seg_shown": self._filters(),
            "stats": self._stats(total),
            "usage_rows": self._usages(total),
            "buildings": self._buildings(),
            "chart": self._chart(months) if self._is_charted else None,
            "unit": self.unit({key for uses in months for use in uses.values() for key in use.usages}).name,
            "rows": [self._row(row, months, temperatures, costs) for row in shown],
            "temperature_label": _("Temperature") if quantity == ROOM else _("Supply temperature"),
            "has_temperatures": bool(temperatures),
            "many_buildings": self.building is None and self._building_count > 1,
            "page": page,
            "asked": self.asked,
            "query": self.asked.query(),
            "links": self._links(),
            "sort_query": self.asked.query(sort=""),
            "keep": self.asked.kept(),
        }  # fmt: skip

    def _compared_label(self) -> str:
        other = self.period.year_before
        return compared_label(other, self.days if self.is_running else other.length, with_year=True)

    @property
    def _building_count(self) -> int:
        return len({dwelling.building_id for dwelling in self.dwellings})

    def costs(self, rows: Sequence[Figures]) -> dict[int, Consumption]:
        """Of the rows shown or taken away: a day is priced with its own day's price, so each is read day by day."""
        first, end = self.period.elapsed(self.days)
        dwellings = [row.dwelling for row in rows]
        return costs_of(dwellings, self.estate.sources, first, end, self.actor.programme.zone)

    def _row(
        self,
        row: Figures,
        months: Sequence[dict[int, Use]],
        temperatures: Mapping[int, Decimal],
        costs: Mapping[int, Consumption],
    ) -> dict[str, Any]:
        pk = row.dwelling.pk
        change = row.change
        return {
            "dwelling": row.dwelling,
            "url": reverse("dwelling_consumption", args=[self.actor.programme.slug, row.dwelling.public_id])
            + f"?period=month&at={self.period.key}",
            "people": ", ".join(self.people.get(pk, ())) or releve.NOTHING,
            "energy": self.unit(row.now.usages if row.now else ()).text(row.energy),
            "cost": cost_text(costs[pk], self.actor.programme.currency),
            "per_m2": releve.number(row.per_m2, 1),
            "change": releve.signed_percent(change),
            "trend": trend_of(change),
            "spark": self._spark(pk, months),
            "temperature": releve.degrees(temperatures.get(pk)),
            "state": self.state(row),
        }

    def _spark(self, pk: int, months: Sequence[dict[int, Use]]) -> Spark | None:
        values = [float(uses[pk].energy) if pk in uses and uses[pk].usages else None for uses in months]
        return sparkline(values) if any(value is not None for value in values) else None

    def state(self, row: Figures) -> dict[str, str]:
        if row.now is None:
            return {"kind": "bad", "label": _("no data")}
        if row.place:
            return {"kind": "bad", "label": _("far above") if row.place == "above" else _("far below")}
        if not row.is_complete:
            days = max(1, row.missing_days(self.days))
            text = ngettext("%(count)d day missing", "%(count)d days missing", days)
            return {"kind": "warn", "label": text % {"count": days}}
        if row.now.estimated:
            return {"kind": "neutral", "label": _("partly estimated")}
        return {"kind": "ok", "label": _("complete")}

    def _stats(self, total: Sums) -> list[dict[str, str]]:
        outliers = sum(bool(row.place) for row in self.rows)
        gaps = sum(not row.is_complete for row in self.rows)
        note = ""
        if total.change is not None:
            change = releve.signed_percent(total.change)
            note = _("%(change)s against the same days last year") % {"change": change}
        dwellings = ngettext("%(count)d dwelling", "%(count)d dwellings", len(self.rows))
        with_gaps = ngettext("%(count)d dwelling with gaps", "%(count)d dwellings with gaps", gaps)
        return [
            {"label": _("Energy"), "value": self.unit(total.usages).text(total.energy), "note": note},
            {
                "label": _("Per square metre"),
                "value": releve.with_unit(total.per_m2, _("kWh/m²"), 1),
                "note": dwellings % {"count": len(self.rows)},
            },
            {
                "label": _("Data known"),
                "value": releve.percent(total.known * 100, 1) if self.rows else releve.NOTHING,
                "note": with_gaps % {"count": gaps},
                "url": f"?{self.asked.query(show='incomplete')}" if gaps else "",
            },
            {
                "label": _("Far from the others"),
                "value": str(outliers),
                "note": _("by kWh per m², within a building"),
                "url": f"?{self.asked.query(show='outliers')}" if outliers else "",
            },
        ]

    def _usages(self, total: Sums) -> list[dict[str, Any]]:
        labels, top = usage_labels(), max(total.usages.values(), default=Fraction(0))
        rows = []
        for key in sorted(total.usages, key=lambda key: -total.usages[key]):
            amount = total.usages[key]
            rows.append({
                "key": key, "label": labels[key], "quantity": self.unit([key]).text(amount),
                "amount": releve.percent(amount / total.energy * 100) if total.energy else releve.NOTHING,
                "share": round(float(amount / top * 100), 1) if top else 0,
            })  # fmt: skip
        return rows

    def _buildings(self) -> list[dict[str, Any]]:
        if self.building is not None:
            return []
        groups: dict[int, list[Figures]] = defaultdict(list)
        for row in self.rows:
            groups[row.dwelling.building_id].append(row)
        found = []
        for group in groups.values():
            building, sums = group[0].dwelling.building, sums_of(group)
            url = reverse("building_overview", args=[self.actor.programme.slug, building.public_id])
            change = sums.change
            found.append({
                "name": building.name, "url": f"{url}?at={self.period.key}", "dwellings": releve.number(len(group)),
                "energy": self.unit(sums.usages).text(sums.energy), "per_m2": releve.number(sums.per_m2, 1),
                "change": releve.signed_percent(change), "trend": trend_of(change),
                "known": releve.percent(sums.known * 100, 1), "outliers": sum(bool(row.place) for row in group),
            })  # fmt: skip
        return sorted(found, key=lambda row: natural_key(str(row["name"])))

    @cached_property
    def _year(self) -> list[Period]:
        months = [self.period]
        while len(months) < 12:
            months.insert(0, months[0].before)
        return months

    @property
    def _is_charted(self) -> bool:
        return len(self.estate.sources) <= CHARTED

    def _months(self, shown: Sequence[Figures]) -> list[dict[int, Use]]:
        """The twelve months up to this one, the oldest first: of the rows shown, and of all where there is a chart."""
        if self._is_charted:
            return self._uses[:0:-1]
        windows = [month.elapsed(month.length) for month in self._year[:-1]]
        return [*self.estate.uses(windows, only=[row.dwelling.pk for row in shown]), self._uses[1]]

    def _chart(self, months: Sequence[dict[int, Use]]) -> Chart | None:
        bars = []
        unit = self.unit({key for uses in months for use in uses.values() for key in use.usages})
        for month, uses in zip(self._year, months, strict=True):
            sums: dict[str, Fraction] = defaultdict(Fraction)
            for use in uses.values():
                for key, amount in use.usages.items():
                    sums[key] += amount
            state: Any = "measured" if sums else "missing"
            ordered = {key: sums[key] for key in USAGES if key in sums}
            href = f"?{self.asked.query(at=month.key)}" if sums else ""
            label, title = short_month(month.first_day), period_label(month)
            bars.append(bar_of(label, title, ordered, state=state, href=href, unit=unit))
        return chart_of(bars, unit=unit) if any(bar.values for bar in bars) else None

    def _links(self) -> list[dict[str, str]]:
        """Where the gaps are told day by day, and whose prices and formulas these are."""
        slug, place = self.actor.programme.slug, self.building
        rows = [(_("Completeness of the readings"), optional_url("completeness", slug))]
        if place is not None and self.actor.may(Permission.MANAGE_PLACE_PARAMETERS):
            url = optional_url("building_tariff_parameters", slug, place.public_id)
            rows.append((_("Tariffs of this building"), url))
        elif place is None and self.actor.may(Permission.MANAGE_PARAMETERS):
            rows.append((_("Parameters"), optional_url("tariff_parameters", slug)))
        return [{"label": label, "url": url} for label, url in rows if url]

    def _neighbours(self) -> list[dict[str, Any]]:
        before, after = self.period.before, self.period.after
        later = after.first_day < self.today
        return [
            {"label": "‹", "name": _("Before"), "url": f"?{self.asked.query(at=before.key)}"},
            {"label": period_label(self.period), "url": f"?{self.asked.query(at=self.period.key)}", "current": True},
            {"label": "›", "name": _("After"), "url": f"?{self.asked.query(at=after.key)}" if later else ""},
        ]  # fmt: skip

    def _filters(self) -> list[dict[str, Any]]:
        labels = {"": _("All"), "outliers": _("Far from the others"), "incomplete": _("With gaps")}
        return [
            {"label": label, "url": f"?{self.asked.query(show=key)}", "current": key == self.asked.show}
            for key, label in labels.items()
        ]


def cost_text(found: Consumption, currency: str) -> str:
    """A dash where nothing has a price; marked where a part has none."""
    if not found.lines or not found.is_priced:
        return releve.NOTHING
    text = releve.money(found.total_minor, currency)
    complete = all(line.cost.complete for line in found.lines)
    return text if complete else _("%(amount)s + not priced") % {"amount": text}
