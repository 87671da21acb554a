"""What the pages of applications show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Contract
from readings.applications.settings_file import ConsolePoint
from readings.archives.selectors import meter_of
from readings.contract_cards import Chip
from readings.models import NumberApplication
from servers.models import MeteringPoint

State = NumberApplication.State
KINDS: dict[str, str] = {State.WAITING: "warn", State.ASSIGNED: "ok", State.REFUSED: "bad"}


APPLICATION_ORDER = {
    "name": ("name",), "address": ("address",), "contract": ("contract__number",), "firm": ("organisation",),
    "sent": ("created_at",), "state": ("state", "created_at"), "number": ("point__number",),
}  # fmt: skip


def applications_table(rows: QuerySet[NumberApplication]) -> tuple[list[str], list[list[Any]]]:
    """Applications to take away, as many as there are."""
    header = [
        _("Consumer"), _("Address"), _("Contract number"), _("Servicing organisation"), _("Sent"), _("State"),
        _("Number"),
    ]  # fmt: skip
    return header, [
        [
            one.name, one.address, one.contract.number, one.organisation, one.created_at,
            str(one.get_state_display()), (one.point.number or "") if one.point else "",
        ]
        for one in rows.select_related("contract", "point")
    ]  # fmt: skip


def application_chip(one: NumberApplication) -> Chip:
    return Chip(KINDS.get(one.state, "neutral"), one.get_state_display())


def state_chosen(wanted: str, *, default: str) -> str:
    """A state, or nothing for all of them."""
    if wanted == "all":
        return ""
    return wanted if wanted in State.values else default


def queue_seg(rows: QuerySet[NumberApplication], chosen: str) -> list[dict[str, Any]]:
    """The states with how many there are."""
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    items: list[dict[str, Any]] = [
        {"label": f"{str(state.label).capitalize()} {counts.get(state.value, 0)}", "url": f"?state={state.value}",
         "current": chosen == state.value}
        for state in State
        if counts.get(state.value) or state in (State.WAITING, State.ASSIGNED, State.REFUSED)
    ]  # fmt: skip
    return [*items, {"label": _("All"), "url": "?state=all", "current": not chosen}]


def console_points(contract: Contract) -> list[ConsolePoint]:
    rows = MeteringPoint.objects.filter(contract=contract, retired_at=None).exclude(number=None)
    found = []
    for point in rows.order_by("number", "pk"):
        meter = meter_of(point)
        card = ConsolePoint(point.number or "", point.name, point.address, point.medium)
        found.append(replace(card, model=meter.model, serial=meter.serial) if meter else card)
    return found
