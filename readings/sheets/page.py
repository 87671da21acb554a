"""A stored sheet as prepared texts in the reader's language: the page, the mail and the PDF lay the same out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Programme
from accounts.templatetags import releve
from readings.charts.shapes import Chart, State
from readings.consumption.breakdown import USAGES
from readings.consumption.comparison import change
from readings.consumption.course import bar_of, chart_of
from readings.consumption.periods import Period, period_of
from readings.consumption.words import period_label, service_label, usage_labels, water_labels
from readings.models import MonthlySheet
from readings.sheets.figures import meters_zone
from servers.models import Medium, Usage
from tariffs.catalogue import PARAMETERS
from tariffs.texts import EnergyUnit, energy_form, energy_unit, full_label, vat_text

COMPARED = ("before", "year_ago", "average")
LEGEND = 28  # pixels below the drawing


class SheetPage:
    """`sheet` comes with its dwelling, building and programme. `figures`: those it was sent with, unless others are
    given."""

    def __init__(
        self, sheet: MonthlySheet, programme: Programme, figures: dict[str, Any] | None = None
    ) -> None:
        self.sheet, self.programme = sheet, programme
        self.figures: dict[str, Any] = figures if figures is not None else sheet.figures
        self.period = period_of("month", sheet.month)
        self.euros: bool = self.figures["euros"]

    @property
    def title(self) -> str:
        return _("Monthly sheet, %(month)s") % {"month": period_label(self.period)}

    @property
    def subtitle(self) -> str:
        dwelling = self.sheet.dwelling
        return f"{dwelling.name} · {dwelling.building.name} · {self.programme.name}"

    def context(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "dwelling": self.sheet.dwelling,
            "title": self.title,
            "subtitle": self.subtitle,
            "period_label": period_label(self.period),
            "hero": self.hero(),
            "columns": self.columns(),
            "rows": self.rows(),
            "chart": self.chart(),
            "chart_title": self.chart_title(),
            "chart_desc": self.chart_desc(),
            "mode": self.mode(),
            "average_note": self.average_note(),
            "shares": self.shares(),
            "prices": self.prices(),
            "indexes": self.indexes(),
            "mix": self.figures["mix"],
            "mix_note": self.figures["mix_note"],
            "contacts": self.figures["contacts"],
            "euros": self.euros,
            "unit": self.unit.name,
        }

    def _sum(self, time: str) -> Decimal | None:
        known = [Decimal(row[time]) for row in self.figures["usages"] if time in row]
        return sum(known, Decimal(0)) if known else None

    @property
    def unit(self) -> EnergyUnit:
        """Of the sum of all usages, and of the chart that stacks them."""
        return energy_unit(
            (row["key"] for row in self.figures["usages"]), self.figures.get("heat_unit", "kwh")
        )

    def _money(self, minor: int | None) -> str:
        return releve.money(minor, self.programme.currency) if minor is not None else ""

    def hero(self) -> dict[str, Any]:
        now = self._sum("now")
        compared = []
        for time, label in self._others():
            said = change(_fraction(now), _fraction(self._sum(time)), fair=self._is_fair(time))
            compared.append({"label": label, "value": said["text"], "trend": said["trend"]})
        total = self.figures["total"].get("now")
        if total is None:
            return {"label": period_label(self.period), "value": self.unit.text(now), "comparisons": compared}
        energy = {"label": _("Energy"), "value": self.unit.text(now)}
        return {
            "label": period_label(self.period), "value": self._money(total), "comparisons": [energy, *compared]
        }  # fmt: skip

    def facts(self) -> list[tuple[str, str]]:
        """The headline as names and values, for paper: what it is compared with is said in words."""
        hero = self.hero()
        compared = {label for _time, label in self._others()}
        told = [
            (
                _("Difference, %(time)s") % {"time": one["label"]}
                if one["label"] in compared
                else one["label"],
                one["value"],
            )
            for one in hero["comparisons"]
        ]
        return [(_("Total, %(month)s") % {"month": hero["label"]}, hero["value"]), *told]

    def _is_fair(self, time: str) -> bool:
        """As on the page: a time of which less than half as many days are known is not compared with."""
        known = self.figures.get("known", {})
        return time not in known or 2 * known[time] >= known["now"]

    def _others(self) -> list[tuple[str, str]]:
        labels = {
            "before": period_label(self.period.before), "year_ago": period_label(self.period.year_before),
            "average": _("Comparable dwellings"),
        }  # fmt: skip
        return [
            (time, label) for time, label in labels.items() if time != "average" or self.figures["average"]
        ]

    def columns(self) -> list[str]:
        """Headings of the figures' columns, after the usage."""
        year = _("%(year)s so far") % {"year": self.sheet.month.year}
        return [period_label(self.period), *(label for _time, label in self._others()), year]

    def rows(self) -> list[dict[str, Any]]:
        """A row a usage and water: `cells` in the order of `columns`, each with its change; the sum first."""
        usages, waters = usage_labels(), water_labels()
        sums = {time: self._sum(time) for time in ("now", *COMPARED, "year")}
        total: dict[str, Any] = {key: str(value) for key, value in sums.items() if value is not None}
        paid = [row["minor"] for row in self.figures["usages"] if "minor" in row]
        if (
            paid
        ):  # of the energy; water and charges have lines of their own, the sum of all stands in the headline
            total["minor"] = sum(paid)
        unit = self.figures.get("heat_unit", "kwh")
        rows = [self._row(_("Energy"), "", self.unit.text, total)]
        rows += [
            self._row(usages[row["key"]], row["key"], energy_form(row["key"], unit), row)
            for row in self.figures["usages"]
        ]
        rows += [self._row(waters[row["key"]], "water", releve.m3, row) for row in self.figures["waters"]]
        return rows if self.figures["usages"] else rows[1:]

    def _row(self, label: str, key: str, form: Any, row: dict[str, Any]) -> dict[str, Any]:
        now = row.get("now")
        cells = []
        for time, heading in self._others():
            said = change(_fraction(now), _fraction(row.get(time)), fair=self._is_fair(time))
            cells.append(
                {
                    "label": heading,
                    "value": form(row.get(time)),
                    "change": said["text"],
                    "trend": said["trend"],
                }
            )
        money = self._money(row.get("minor"))
        if money and row.get("complete") is False:
            money = _("%(amount)s + not priced") % {"amount": money}
        return {
            "label": label, "key": key, "now": form(now), "money": money, "cells": cells,
            "year": form(row.get("year")), "total": not key,
        }  # fmt: skip

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """The figures to take away: by usage and water as they were counted, then what is paid beside; the amounts sum to
        the sheet's total."""
        times = ["now", *(time for time, _label in self._others()), "year"]
        header = [_("Usage"), _("Unit"), *self.columns()]
        header += [_("Amount (%(currency)s)") % {"currency": self.programme.currency}] if self.euros else []
        digits = releve.CURRENCIES.get(self.programme.currency, ("", 2))[1]
        found = []
        for kind, labels, unit in (("usages", usage_labels(), "kWh"), ("waters", water_labels(), "m3")):
            for row in self.figures[kind]:
                cells = [Decimal(row[time]) if time in row else None for time in times]
                if self.euros:
                    cells.append(Decimal(row["minor"]).scaleb(-digits) if "minor" in row else None)
                found.append([labels[row["key"]], releve.unit_name(unit), *cells])
        units = {
            "common": releve.unit_name("kWh"),
            "common_waters": releve.unit_name("m3"),
            "standing": _("day"),
        }
        for row, shown in zip(self.figures["shares"], self.shares(), strict=True):
            line = [shown["label"], units[row["kind"]], Decimal(row["amount"]), *[None] * (len(times) - 1)]
            if self.euros:
                line.append(Decimal(row["minor"]).scaleb(-digits) if "minor" in row else None)
            found.append(line)
        return header, found

    def chart(self) -> Chart:
        """Four bars: the month, the month before, the same month last year and the average, by usage."""
        bars = []
        for time, label in (("now", period_label(self.period)), *self._others()):
            sums = {row["key"]: Fraction(row[time]) for row in self.figures["usages"] if time in row}
            ordered = {key: sums[key] for key in USAGES if key in sums}
            state: State = "measured" if sums else "missing"
            bars.append(bar_of(label, label, ordered, state=state, unit=self.unit))
        return chart_of(bars, unit=self.unit)

    def chart_title(self) -> str:
        return _("Energy by usage beside other times, %(month)s") % {"month": period_label(self.period)}

    def chart_desc(self) -> str:
        return _(
            "Stacked bars in %(unit)s: this month, the month before, the same month last year, comparable dwellings."
        ) % {"unit": self.unit.name}

    def drawing(self) -> str:
        """The chart as one SVG with its legend inside, for the PDF and the mail."""
        chart = self.chart()
        view = chart.views[0]
        svg: str = render_to_string(
            "components/chart_bars_svg.html",
            {"view": view, "chart": chart, "key": "sheet", "title": self.chart_title(),
             "desc": self.chart_desc(), "unit": self.unit.name},
        )  # fmt: skip
        step = (view.width - 34) // max(1, len(chart.keys))
        legend = format_html_join(
            "",
            '<rect class="seg-bar u-{}" x="{}" y="{}" width="12" height="12"/><text x="{}" y="{}">{}</text>',
            (
                (usage.key, 34 + n * step, view.height + 8, 52 + n * step, view.height + 18, usage.label)
                for n, usage in enumerate(chart.keys)
            ),
        )
        taller = f'viewBox="0 0 {view.width} {view.height + LEGEND}"'
        svg = svg.replace(f'viewBox="0 0 {view.width} {view.height}"', taller, 1)
        return svg.replace("</svg>", f"{legend}</svg>")

    def mode(self) -> str:
        """How the figures were read, in words."""
        figures = self.figures
        missing = figures["days"] - figures["known_days"]
        text = _("The meters were read remotely.")
        if figures["estimated"]:
            text += " " + _(
                "Part of the month is estimated: the difference of two readings was spread over the days between."
            )
        else:
            text += " " + _("Every figure is measured; nothing is estimated.")
        if missing > 0:
            said = ngettext(
                "Nothing has arrived for %(count)d day; it is not counted.",
                "Nothing has arrived for %(count)d days; they are not counted.", missing,
            )  # fmt: skip
            text += " " + said % {"count": missing}
        return text

    def average_note(self) -> str:
        average = self.figures["average"]
        if not average:
            return _(
                "No average is shown: fewer than five other dwellings of the building are known well enough."
            )
        text = ngettext(
            "Comparable dwellings: the average of the %(count)d other dwelling of %(building)s of which at least nine "
            "tenths of the month are known.",
            "Comparable dwellings: the average of the %(count)d other dwellings of %(building)s of which at least nine "
            "tenths of the month are known.",
            average["dwellings"],
        ) % {"count": average["dwellings"], "building": self.sheet.dwelling.building.name}  # fmt: skip
        if average["by_area"]:
            text += " " + _("Taken per square metre and brought to the living area of this dwelling.")
        return text

    def shares(self) -> list[dict[str, str]]:
        """What is paid beside the own meters: shares of common areas, standing charges."""
        usages, waters = usage_labels(), water_labels()
        found = []
        for row in self.figures["shares"]:
            if row["kind"] == "standing":
                label = _("Standing charge: %(service)s") % {"service": service_label(row["key"])}
                days = int(Decimal(row["amount"]))
                amount = ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
            elif row["kind"] == "common":
                label = _("Share of the common areas: %(usage)s") % {
                    "usage": usages.get(row["key"], row["key"])
                }
                amount = energy_form(row["key"], self.figures.get("heat_unit", "kwh"))(row["amount"])
            else:
                label = _("Share of the common areas: %(usage)s") % {
                    "usage": waters.get(row["key"], row["key"])
                }
                amount = releve.m3(row["amount"])
            found.append({"label": label, "amount": amount, "money": self._money(row.get("minor"))})
        return found

    def prices(self) -> list[tuple[str, str]]:
        currency = releve.CURRENCIES.get(self.programme.currency, (self.programme.currency, 2))[0]
        found = []
        for row in self.figures["prices"]:
            parameter = PARAMETERS.get(row["key"])
            if parameter is not None:
                unit = releve.unit_name(str(parameter.unit))
                tax = vat_text(int(row.get("vat", "0")))
                value = f"{releve.price(row['price'])} {currency}/{unit} {tax}".rstrip()
                found.append((str(full_label(parameter)), value))
        return found

    def indexes(self) -> list[dict[str, str]]:
        zone = meters_zone(self.sheet.dwelling)
        found = []
        for row in self.figures["indexes"]:
            unit = releve.unit_name(row["unit"])
            usage = dict(Usage.choices).get(row["usage"]) if row["usage"] != "water" else None
            label = str(usage or dict(Medium.choices).get(row["medium"], row["medium"])).capitalize()
            if row["tariff"]:
                label += " " + _("(tariff %(number)s)") % {"number": row["tariff"]}
            found.append({
                "label": label, "serial": row["serial"],
                "opening": f"{releve.plain(Decimal(row['opening']))} {unit}",
                "closing": f"{releve.plain(Decimal(row['closing']))} {unit}",
                "opened": _moment(row["opened_at"], zone), "closed": _moment(row["closed_at"], zone),
            })  # fmt: skip
        return found


def _moment(at: int, zone: ZoneInfo) -> str:
    """Without the year, which the title names: "1 octobre 00:00"."""
    moment = datetime.fromtimestamp(at, zone)
    return f"{releve.day_and_month(moment.date())} {moment:%H:%M}"


def _fraction(text: Any) -> Fraction | None:
    return None if text is None else Fraction(str(text))


def month_of(text: str, today: date) -> Period:
    """The month of an address; the last full one where it makes no sense."""
    last = period_of("month", today).before
    try:
        asked = date(int(text[:4]), int(text[5:7]), 1)
    except ValueError:
        return last
    return period_of("month", asked) if date(2000, 1, 1) <= asked <= last.first_day else last
