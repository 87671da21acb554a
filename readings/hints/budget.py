"""How far a month's budget is used up."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from accounts.templatetags import releve
from readings.consumption.selectors import Consumption
from readings.consumption.words import usage_labels
from readings.models import Hint
from tariffs.pricing import to_minor_units

THRESHOLDS = (100, 80)


@dataclass(frozen=True)
class Progress:
    """`used` and `limit` in kWh, or in minor units of money. `percent` is rounded down: 100 is not said too early."""

    hint: Hint
    used: Fraction
    limit: int
    currency: str

    @property
    def percent(self) -> int:
        return int(self.used * 100 / self.limit)

    @property
    def reached(self) -> int:
        """The highest threshold that is reached, or 0."""
        return next((one for one in THRESHOLDS if self.percent >= one), 0)

    def texts(self) -> dict[str, Any]:
        form = self._money if self.hint.kind == Hint.Kind.MONEY else releve.kwh
        return {
            "label": budget_label(self.hint),
            "used": form(self.used),
            "limit": form(self.limit),
            "percent": self.percent,
            "width": min(self.percent, 100),
        }

    def _money(self, minor: Any) -> str:
        return releve.money(to_minor_units(Fraction(minor), digits=0), self.currency)


def budget_label(hint: Hint) -> str:
    return usage_labels()[hint.usage] if hint.usage else _("All of it")


def progress_of(hint: Hint, month: Consumption, currency: str) -> Progress | None:
    """None for a hint without a limit. Money counts what is priced; each line is rounded as it is shown."""
    if not hint.limit:
        return None
    if hint.kind == Hint.Kind.ENERGY:
        one = month.usages.get(hint.usage)
        used = (one.amount if one else Fraction(0)) if hint.usage else month.energy
    else:
        one = month.usages.get(hint.usage)
        minor = (to_minor_units(one.cost.exact) if one else 0) if hint.usage else month.total_minor
        used = Fraction(minor)
    return Progress(hint, used, hint.limit, currency)
