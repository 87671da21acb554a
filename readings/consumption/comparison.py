"""What a period is compared with: the one before, the same a year ago, and an average comparable dwelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from accounts.templatetags import releve
from readings.consumption.breakdown import USAGES, WATERS
from readings.consumption.selectors import Consumption
from readings.consumption.words import usage_labels, water_labels
from readings.overview.comparable import Average
from tariffs.texts import energy_form, energy_unit


@dataclass(frozen=True)
class Other:
    """`usages` and `waters` of the other time or dwelling; `fair` False where too little is known of it."""

    label: str
    usages: Mapping[str, Fraction] = field(default_factory=dict)
    waters: Mapping[str, Fraction] = field(default_factory=dict)
    fair: bool = True

    @property
    def energy(self) -> Fraction:
        return sum(self.usages.values(), Fraction(0))


def other_time(label: str, now: Consumption, other: Consumption) -> Other:
    """Not fair with a time of which less than half as many days are known: the first year would seem to explode."""
    return Other(
        label,
        {key: one.amount for key, one in other.usages.items()},
        {key: one.amount for key, one in other.waters.items()},
        2 * len(other.days) >= len(now.days),
    )


def average_dwelling(average: Average) -> Other:
    return Other(_("Comparable dwellings"), average.usages, average.waters)


def change(now: Fraction | None, other: Fraction | None, *, fair: bool = True) -> dict[str, str]:
    """`text` +18 % with its `trend`; an em dash where one of them is not known or not comparable."""
    if now is None or not other or not fair:
        return {"text": releve.NOTHING, "trend": ""}
    percent = (now - other) / other * 100
    return {"text": releve.signed_percent(percent), "trend": trend_of(percent)}


def trend_of(percent: Fraction | None) -> str:
    """up | down, and nothing for what is shown as 0 %."""
    if percent is None or abs(percent) < Fraction(1, 2):
        return ""
    return "up" if percent > 0 else "down"


def headline(now: Fraction, others: Sequence[Other]) -> list[dict[str, str]]:
    """For components/hero.html."""
    found = []
    for other in others:
        said = change(now, other.energy, fair=other.fair)
        found.append({"label": other.label, "value": said["text"], "trend": said["trend"]})
    return found


def rows(
    now: Consumption, others: Sequence[Other], money: Callable[[Any], str], heat_unit: str = "kwh"
) -> list[dict[str, Any]]:
    """A row a usage and a water that any side knows, and the sum of energy first."""
    usages, waters = usage_labels(), water_labels()
    found: list[dict[str, Any] | None] = [_total(now, others, heat_unit)] if now.usages else []
    for key in USAGES:
        amounts = [other.usages.get(key) for other in others]
        found.append(
            _row(usages[key], key, energy_form(key, heat_unit), now.usages.get(key), amounts, others, money)
        )
    for key in WATERS:
        amounts = [other.waters.get(key) for other in others]
        found.append(_row(waters[key], "water", releve.m3, now.waters.get(key), amounts, others, money))
    return [row for row in found if row is not None]


def _total(now: Consumption, others: Sequence[Other], heat_unit: str) -> dict[str, Any]:
    unit = energy_unit({*now.usages, *(key for other in others for key in other.usages)}, heat_unit)
    cells = [
        _cell(now.energy, other.energy or None, unit.text, fair=other.fair, label=other.label)
        for other in others
    ]
    return {
        "label": _("Energy"),
        "key": "brand",
        "now": unit.text(now.energy),
        "others": cells,
        "total": True,
    }


def _row(
    label: str,
    key: str,
    form: Callable[[Any], str],
    now: Any,
    amounts: Sequence[Fraction | None],
    others: Sequence[Other],
    money: Callable[[Any], str],
) -> dict[str, Any] | None:
    if now is None and all(amount is None for amount in amounts):
        return None
    own = now.amount if now else None  # where nothing is known there is a dash, never a zero
    cells = [
        _cell(own, amount, form, fair=other.fair, label=other.label)
        for amount, other in zip(amounts, others, strict=True)
    ]
    return {
        "label": label, "key": key, "now": form(own), "now_money": money(now.cost) if now else "", "others": cells
    }  # fmt: skip


def _cell(
    now: Fraction | None, other: Fraction | None, form: Callable[[Any], str], *, fair: bool, label: str
) -> dict[str, str]:
    said = change(now, other, fair=fair)
    return {"label": label, "value": form(other), "change": said["text"], "trend": said["trend"]}
