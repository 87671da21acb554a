"""The page of a period: who has sent, who was late, who is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.lists import ListAsked
from accounts.models import ContractClaim, Programme
from accounts.templatetags.releve import local_day, local_month, local_time
from accounts.texts import natural_key
from readings.contract_cards import Chip
from readings.desk.arrivals import Arrival, PointArrival, arrivals, points_expected
from readings.desk.contacts import desk_settings
from readings.desk.periods import Period, month_before, period_now, period_of
from readings.ingest.wallclock import point_zone
from readings.models import NumberApplication, ReviewItem, UploadReminder

KINDS: dict[str, str] = {Arrival.RECEIVED: "ok", Arrival.LATE: "warn", Arrival.MISSING: "bad"}
MONTHS_OFFERED = 6


def arrival_words() -> dict[str, str]:
    return {
        Arrival.RECEIVED: pgettext("readings", "received"), Arrival.LATE: pgettext("readings", "late"),
        Arrival.MISSING: pgettext("readings", "missing"), Arrival.WAITED_FOR: pgettext("readings", "waited for"),
    }  # fmt: skip


@dataclass(frozen=True)
class Row:
    """`holders`: how many people hold the contract; nobody can be reminded where there is none. Of thousands of rows a
    page shows some: times become words where they are shown."""

    arrival: PointArrival
    chip: Chip
    holders: int
    zone: ZoneInfo

    @property
    def at(self) -> str:
        return local_time(self.arrival.at, self.zone)

    @property
    def reaches(self) -> str:
        return local_day(self.arrival.reaches, point_zone(self.arrival.point))


DUE_ORDER: dict[str, Callable[[Row], Any]] = {
    "point": lambda row: natural_key(f"{row.arrival.point.number or ''} {row.arrival.point.name}"),
    "state": lambda row: list(KINDS).index(row.arrival.state) if row.arrival.state in KINDS else len(KINDS),
    "contract": lambda row: (
        natural_key(row.arrival.point.contract.number) if row.arrival.point.contract else None
    ),
    "received": lambda row: row.arrival.at,
    "reaches": lambda row: row.arrival.reaches,
    "holders": lambda row: row.holders,
}


class DuePage:
    """`query`: month (2026-11), state, q. What is not understood is the period that is running."""

    def __init__(self, programme: Programme, query: Mapping[str, Any]) -> None:
        self.programme = programme
        self.kept = desk_settings()
        self.today = timezone.now().astimezone(programme.zone).date()
        self.now = period_now(self.today, self.kept, programme.zone)
        self.period = self._chosen(str(query.get("month") or ""))
        state = str(query.get("state") or "")
        self.state = state if state in list(Arrival) else ""
        self.asked = ListAsked.of(query, DUE_ORDER, keep={"month": self.key, "state": self.state})

    def _chosen(self, month: str) -> Period:
        try:
            first = date.fromisoformat(f"{month}-01")
        except ValueError:
            return self.now
        if not 2000 <= first.year <= self.today.year + 1:
            return self.now
        return period_of(first, self.kept, self.programme.zone)

    @property
    def key(self) -> str:
        return f"{self.period.first:%Y-%m}"

    @cached_property
    def found(self) -> list[PointArrival]:
        return arrivals(points_expected(self.period), self.period)

    @cached_property
    def rows(self) -> list[Row]:
        words = arrival_words()
        holders = Counter(ContractClaim.objects.filter(removed_at=None).values_list("contract_id", flat=True))
        chips = {state: Chip(KINDS.get(state, "neutral"), word) for state, word in words.items()}
        rows = [
            Row(one, chips[one.state], holders[one.point.contract_id], self.programme.zone)
            for one in self.found
            if not self.state or one.state == self.state
        ]
        return self.asked.rows(rows, _text, DUE_ORDER)

    def context(self) -> dict[str, Any]:
        counts = Counter(one.state for one in self.found)
        words = arrival_words()
        seg = [{"label": _("All"), "url": f"?{self.asked.query(state='')}", "current": not self.state}]
        seg += [
            {"label": f"{words[state].capitalize()} {counts[state]}",
             "url": f"?{self.asked.query(state=state.value)}", "current": self.state == state}
            for state in Arrival
        ]  # fmt: skip
        return {
            **self.asked.context(self.rows), "rows": self.rows, "seg": seg, "months": self._months(), "key": self.key,
            "month": local_month(self.period.first), "due": local_day(self.period.due),
            "counts": {state.value: counts[state] for state in Arrival}, "all": len(self.found),
            "lacking": counts[Arrival.WAITED_FOR] + counts[Arrival.MISSING],
            "reminded": UploadReminder.objects.filter(period=self.period.first).count(),
            "reminds": self.kept.remind, "before": self.kept.remind_before,
            "waiting": NumberApplication.objects.filter(state=NumberApplication.State.WAITING).count(),
            "flagged": ReviewItem.objects.filter(state=ReviewItem.State.OPEN).count(),
        }  # fmt: skip

    def _months(self) -> list[dict[str, Any]]:
        first, items = self.now.first, []
        for _number in range(MONTHS_OFFERED):
            items.append(
                {
                    "label": local_month(first),
                    "url": f"?month={first:%Y-%m}",
                    "current": first == self.period.first,
                }
            )
            first = month_before(first)
        return items

    def table(self) -> tuple[list[str], list[list[Any]]]:
        header = [
            _("Contract number"), _("Holder"), _("Number"), _("Name"), _("Address"), _("State"), _("Received"),
            _("Readings up to"), _("Holders in the portal"),
        ]  # fmt: skip
        rows = [
            [
                row.arrival.point.contract.number if row.arrival.point.contract else "",
                row.arrival.point.contract.holder if row.arrival.point.contract else "",
                row.arrival.point.number, row.arrival.point.name, row.arrival.point.address, row.chip.label,
                row.arrival.at, row.arrival.reaches, row.holders,
            ]
            for row in self.rows
        ]  # fmt: skip
        return header, rows


def _text(row: Row) -> str:
    """What the search looks at."""
    point, contract = row.arrival.point, row.arrival.point.contract
    words = [point.number or "", point.name, point.address]
    return " ".join([*words, contract.number, contract.holder] if contract else words)
