"""The overview's dwellings as a table to take away: every row that the filters leave, exact numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from readings.consumption.breakdown import USAGES
from readings.consumption.selectors import Consumption
from readings.consumption.table import exact, in_table
from readings.consumption.words import usage_labels
from readings.overview.figures import Figures
from readings.overview.page import Overview


def overview_table(page: Overview) -> tuple[list[str], list[list[Any]]]:
    """Header and rows."""
    labels = usage_labels()
    used = [key for key in USAGES if any(row.now and key in row.now.usages for row in page.rows)]
    header = [
        _("Building"), _("Dwelling"), _("Occupant"), _("Living area (m²)"),
        _("Cost (%(currency)s)") % {"currency": page.actor.programme.currency}, _("Energy (kWh)"),
        *(f"{labels[key]} ({page.unit([key]).name})" for key in used), _("kWh per m²"),
        _("Same days last year (kWh)"), _("Difference (%)"), _("Data known (%)"), _("State"),
    ]  # fmt: skip
    costs = page.costs(page.chosen)
    return header, [_row(page, row, used, costs[row.dwelling.pk]) for row in page.chosen]


def _row(page: Overview, row: Figures, used: Sequence[str], cost: Consumption) -> list[Any]:
    dwelling, found = row.dwelling, row.now.usages if row.now else {}
    return [
        dwelling.building.name, dwelling.name, ", ".join(page.people.get(dwelling.pk, ())),
        Decimal(dwelling.area_cm2) / 10_000 if dwelling.area_cm2 else None,
        cost.total_minor / Decimal(100) if cost.lines and cost.is_priced else None, _exact(row.energy),
        *(in_table(found[key], page.unit([key])) if key in found else None for key in used),
        _exact(row.per_m2), _exact(row.year_ago.energy if row.year_ago else None), _exact(row.change),
        _exact(row.known * 100), page.state(row)["label"],
    ]  # fmt: skip


def _exact(amount: Fraction | None) -> Decimal | None:
    return None if amount is None else exact(amount)
