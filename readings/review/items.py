"""Texts of what was flagged: exact numbers, and the rules in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from readings.review.rules import Rule
from readings.totals.selectors import in_unit


def steps_text(value: int, exponent: int) -> str:
    """Steps of 10^exponent as a plain decimal text, every digit kept."""
    number: Decimal = in_unit(value, exponent)
    return f"{number:f}"


def rule_labels() -> dict[str, str]:
    return {
        Rule.RANGE: _("Out of range"),
        Rule.NEGATIVE_STEP: _("Index fell"),
        Rule.SPIKE: _("Rose too fast"),
        Rule.FROZEN: _("Stands still"),
        Rule.FUTURE: _("In the future"),
        Rule.UNKNOWN_REGISTER: _("Unknown register"),
        Rule.UNIT_MISMATCH: _("Looks like another unit"),
        Rule.SOURCES_DIFFER: _("Day and hours differ"),
    }


def rule_text(rule: str, detail: Mapping[str, Any], *, number: Any, time: Any, many: bool = False) -> str:
    """What the rule saw, in a sentence; `number` and `time` write values and instants for the reader. `many`: in a run."""
    given = {
        "before": number(detail["before"]) if "before" in detail else "",
        "at": time(detail["before_at"]) if "before_at" in detail else "",
        "limit": number(detail["limit"]) if "limit" in detail else "",
        "hours": detail.get("hours", ""),
    }
    sentences = {
        Rule.RANGE: _("Beyond the limit of %(limit)s."),
        Rule.NEGATIVE_STEP: _(
            "The reading before, of %(at)s, was %(before)s. Nothing is counted between the two."
        ),
        Rule.SPIKE: _("The reading before, of %(at)s, was %(before)s: more than %(limit)s an hour."),
        Rule.FROZEN: _("The same value for %(hours)s hours."),
        Rule.FUTURE: _("Its time had not come yet when it arrived."),
        Rule.UNKNOWN_REGISTER: _("The gateway sends it, but its publication does not name it."),
        Rule.UNIT_MISMATCH: _("The reading before, of %(at)s, was %(before)s: probably another unit."),
        Rule.SOURCES_DIFFER: _("The hours of the first day add up to %(before)s.")
        if many
        else _("The hours of this day add up to %(before)s."),
    }
    return sentences[Rule(rule)] % given
