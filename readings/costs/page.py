"""The page that takes a period's euros apart, as prepared texts and links: a section a line, a row a step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Actor, Permission
from accounts.templatetags import releve
from readings.completeness.page import place_name
from readings.consumption.breakdown import Source
from readings.consumption.page import ConsumptionPage
from readings.consumption.words import period_label, span_label
from readings.costs.lines import STANDING, Line, Step, lines_of
from readings.costs.words import (
    amount_text,
    counted_text,
    exact_money,
    exactly,
    formula_text,
    line_label,
    price_name,
    price_text,
    share_text,
)
from readings.models import TotalStatus
from readings.provenance.page import register_name
from servers.models import Register
from servers.rights.decide import Rights, rights_of
from tariffs.places import dwelling_place, home_place
from tariffs.texts import source_text, vat_text


@dataclass
class CostPage:
    """`shown` is the consumption page whose euros are explained; `own`: its reader lives there."""

    actor: Actor
    shown: ConsumptionPage
    own: bool

    def __post_init__(self) -> None:
        period = self.shown.period
        self.currency = self.actor.programme.currency
        # where the page has no figures there is nothing to work out
        has_data = self.shown.now.has_data
        self.lines = lines_of(self.shown.meters, period.first_day, period.end_day) if has_data else []

    @cached_property
    def registers(self) -> dict[int, Register]:
        keys = {pk for line in self.lines for pk in line.sources}
        point = "installation__point"
        rows = Register.objects.select_related(
            "installation__meter", f"{point}__dwelling__building", f"{point}__common_area__building"
        )
        return {row.pk: row for row in rows.filter(pk__in=keys)}

    @cached_property
    def _rights(self) -> Rights:
        """Of an occupant: which common meters' readings stand open to them."""
        return rights_of(self.actor)

    def context(self) -> dict[str, Any]:
        shown = self.shown
        return {
            "dwelling": shown.dwelling,
            "period": shown.period,
            "period_label": period_label(shown.period),
            "lines": [self._line(line) for line in self.lines],
            "total": releve.money(shown.now.total_minor, self.currency) if self.lines else "",
            "incomplete": any(not line.cost.complete for line in self.lines),
            "page_url": self.page_url,
            "tariffs_url": self._tariffs_url(),
            "query": shown.query,
            "seg_periods": shown.neighbours(),
        }

    @property
    def page_url(self) -> str:
        """Back to the figures."""
        slug, dwelling = self.actor.programme.slug, self.shown.dwelling.public_id
        url = reverse("occupant_home", args=[slug]) if self.own else reverse(
            "dwelling_consumption", args=[slug, dwelling]
        )  # fmt: skip
        return f"{url}?{self.shown.query}"

    def _tariffs_url(self) -> str:
        slug, dwelling = self.actor.programme.slug, self.shown.dwelling.public_id
        if self.own and self.actor.may(Permission.MANAGE_OWN_TARIFFS):
            return reverse("home_tariffs", args=[slug])
        if not self.own and self.actor.may(Permission.MANAGE_PLACE_PARAMETERS):
            return reverse("dwelling_tariff_parameters", args=[slug, dwelling])
        return ""

    def _line(self, line: Line) -> dict[str, Any]:
        cost = line.cost
        shown, exact = self.shown.money(cost), exact_money(cost.exact, self.currency)
        steps = [self._step(line, step) for step in line.steps]
        return {
            "anchor": f"{line.kind}-{line.key}",
            "label": line_label(line),
            "swatch": "" if line.kind == STANDING else "water" if line.kind.endswith("water") else line.key,
            "quantity": self._quantity(line),
            "amount": shown,
            "steps": steps,
            "exact": exact if shown != exact else "",
            "net": exact_money(cost.exact - cost.vat, self.currency) if cost.vat else "",
            "vat": exact_money(cost.vat, self.currency) if cost.vat else "",
            "meters": self._meters(line) if line.kind == STANDING else [],
            "is_standing": line.kind == STANDING,
            "is_closed": line.is_common and not all(step["meter"]["url"] for step in steps),
        }

    def _quantity(self, line: Line) -> str:
        if line.kind == STANDING:
            days = int(line.amount)
            return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
        return (
            releve.m3(line.amount)
            if line.kind.endswith("water")
            else self.shown.energy_text(line.key, line.amount)
        )

    def _step(self, line: Line, step: Step) -> dict[str, Any]:
        how, source = step.how, line.sources.get(step.how.register_id)
        return {
            "meter": self._meter(how.register_id, how.month, _only_day(step)) if source else None,
            "days": span_label(step.first, step.last),
            "counted": counted_text(step, source) if source else "",
            "whole": self._whole(step, source) if source else "",
            "share": share_text(how),
            "formula": formula_text(line, step, source) if source else "",
            "amount": amount_text(step, line),
            "price_name": price_name(how),
            "price": price_text(how, self.currency),
            "price_source": self._price_source(line, step) if how.price else "",
            "vat": vat_text(how.vat),
            "money": exact_money(step.cost.exact, self.currency) if how.price else "",
            "estimated": step.status >= TotalStatus.ESTIMATED,
        }

    def _whole(self, step: Step, source: Source) -> str:
        if step.how.share is None:
            return ""
        return f"{exactly(step.whole)}\u00a0{releve.unit_name(source.unit)}"

    def _meter(self, register_id: int, month: date, day: date | None = None) -> dict[str, str]:
        """The register, and where the days of the month, or the readings of the one day, are shown."""
        register = self.registers[register_id]
        point = register.installation.point
        url = reverse("origin_register", args=[self.actor.programme.slug, register.public_id])
        query = f"day={day.isoformat()}" if day else f"month={month:%Y-%m}"
        is_open = point.common_area is None or not self.own or self._rights.sees_meter(point)
        return {
            "label": f"{str(point.get_medium_display()).capitalize()}, {register_name(register).lower()}",
            "place": place_name(point) if point.common_area_id else "",
            "serial": register.installation.meter.serial,
            "url": f"{url}?{query}" if is_open else "",
        }

    def _meters(self, line: Line) -> list[dict[str, str]]:
        """The meters that a standing charge is for, each once."""
        month = line.steps[-1].how.month
        found = [self._meter(pk, month) for pk in sorted(line.sources)]
        return list({one["serial"]: one for one in reversed(found)}.values())[::-1]

    def _price_source(self, line: Line, step: Step) -> str:
        """Whose price it is, as the tariffs page says it."""
        dwelling = self.shown.dwelling
        values = self.shown.meters.shares.values if line.is_common else self.shown.meters.values
        found = values.find(step.how.price_key, step.first)
        return source_text(found.level, home_place(dwelling) if self.own else dwelling_place(dwelling))

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """The same to take away: exact numbers, a row a step."""
        header = [
            _("Line"), _("Serial number"), _("From"), _("To"), _("Quantity"), _("Unit"),
            _("Price (%(currency)s)") % {"currency": self.currency}, _("VAT (%)"),
            _("Cost (%(currency)s)") % {"currency": self.currency},
        ]  # fmt: skip
        return header, [self._cells(line, step) for line in self.lines for step in line.steps]

    def _cells(self, line: Line, step: Step) -> list[Any]:
        how, register = step.how, self.registers.get(step.how.register_id)
        return [
            line_label(line), register.installation.meter.serial if register else "", step.first, step.last,
            _decimal(step.priced_amount), _unit(line, step),
            Decimal(how.price) / 10_000 if how.price else None, Decimal(how.vat) / 10_000 if how.vat else None,
            _decimal(step.cost.exact) if how.price else None,
        ]  # fmt: skip


def _only_day(step: Step) -> date | None:
    return step.first if step.first == step.last else None


def _unit(line: Line, step: Step) -> str:
    if step.how.stored:
        return _("month") if step.how.stored[:1] == "m" else _("day")
    unit = "m3" if line.kind.endswith("water") else "Gcal" if step.how.price_key.endswith("_gcal") else "kWh"
    return releve.unit_name(unit)


def _decimal(amount: Fraction) -> Decimal:
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(Decimal("0.000001"))
