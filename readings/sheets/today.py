"""A sheet's month as it stands today: a reading or a price may have been corrected since the sheet was sent."""

from __future__ import annotations

from typing import Any

from accounts.access import actor_of
from readings.models import MonthlySheet
from readings.sheets.figures import sheet_figures
from servers.models import Occupancy
from servers.rights.decide import may_see_euros

# what the meters and the prices say; the programme's own words (mix, contacts) may change as they like
TOLD = ("days", "known_days", "estimated", "usages", "waters", "shares", "total", "prices", "indexes")


def stays_of(sheet: MonthlySheet) -> list[tuple[Any, Any]]:
    """The days of the sheet's person in its dwelling."""
    stays = Occupancy.objects.filter(dwelling=sheet.dwelling, user=sheet.user).order_by("move_in")
    return list(stays.values_list("move_in", "move_out"))


def figures_today(sheet: MonthlySheet) -> dict[str, Any]:
    """As the sheet would be made now; the sent figures where nothing is known of the month any more."""
    actor = actor_of(sheet.user, sheet.programme)
    euros = may_see_euros(actor, sheet.dwelling) if actor else bool(sheet.figures["euros"])
    found = sheet_figures(sheet.dwelling, stays_of(sheet), sheet.month, euros=euros, fresh=True)
    return found or sheet.told


def has_changed(sent: dict[str, Any], today: dict[str, Any]) -> bool:
    """Whether another amount of anything would be told; a right to money that came or went is no correction."""
    if sent["euros"] != today["euros"]:
        sent, today = without_money(sent), without_money(today)
    return any(sent.get(key) != today.get(key) for key in TOLD)


def without_money(figures: dict[str, Any]) -> dict[str, Any]:
    """A copy that tells quantities only."""
    paid = ("minor", "complete")
    rows = {
        key: [{name: one for name, one in row.items() if name not in paid} for row in figures[key]]
        for key in ("usages", "waters", "shares")
    }
    return {**figures, **rows, "euros": False, "total": {}, "prices": []}
