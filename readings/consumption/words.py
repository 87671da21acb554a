"""The words of the consumption pages: usages, waters, and how a period is called."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.templatetags import releve
from readings.consumption.periods import Period


def usage_labels() -> dict[str, str]:
    return {
        "heating": _("Heating"),
        "hot_water": _("Hot water"),
        "cooling": _("Cooling"),
        "sockets": _("Sockets"),
        "other": _("Other"),
    }


def water_labels() -> dict[str, str]:
    return {"cold_water": _("Cold water"), "hot_water": _("Hot water (volume)")}


def service_label(key: str) -> str:
    labels = {
        "electricity": _("Electricity"), "gas": _("Gas"), "heating": _("Heating"),
        "hot_water": _("Domestic hot water"), "cooling": _("Cooling"), "water": _("Water"),
        "cold_water": _("Cold water"),
    }  # fmt: skip
    return labels.get(key, key)


def span_label(first: date, last: date) -> str:
    """22 octobre; 1 – 22 octobre; 28 septembre – 4 octobre."""
    if first == last:
        return releve.day_and_month(first)
    same_month = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same_month else releve.day_and_month(first)} – {releve.day_and_month(last)}"


def period_label(period: Period) -> str:
    if period.kind == "year":
        return str(period.first_day.year)
    if period.kind == "month":
        return month_label(period.first_day)
    if period.kind == "day":
        return releve.local_day(period.first_day)
    return span_label(period.first_day, period.end_day - timedelta(days=1))


def month_label(day: date) -> str:
    """octobre 2026, октябрь 2026 г., October 2026: a capital where the language always writes one."""
    text = releve.local_month(day)
    return text if (get_language() or "").startswith("en") else text[:1].lower() + text[1:]


def compared_label(period: Period, days: int, *, with_year: bool = False) -> str:
    """The first `days` days of a period that something is compared with: "octobre 2026", "1 – 22 octobre 2025"."""
    first, end = period.elapsed(days)
    if days >= period.length and period.kind in ("month", "year"):
        return period_label(period)
    label = span_label(first, end - timedelta(days=1))
    return f"{label} {first.year}" if with_year or period.kind == "year" else label


def short_month(day: date) -> str:
    return date_format(day, "M")
