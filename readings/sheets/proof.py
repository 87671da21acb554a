"""The operator's list of a month's sheets: who should have one, who was sent it, when, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.lists import ListAsked
from accounts.models import OutboxMessage
from accounts.texts import natural_key
from readings.consumption.periods import Period
from readings.consumption.words import period_label
from readings.doors import visible_sheets
from readings.models import MonthlySheet
from readings.sheets.figures import settings_of_programme
from readings.sheets.sending import stays_in
from servers.models import Dwelling

SENT, QUEUED = OutboxMessage.State.SENT, OutboxMessage.State.QUEUED


@dataclass(frozen=True)
class Line:
    """One person's month in one dwelling; `sheet` is None while there is none."""

    dwelling: Dwelling
    person: str
    email: str
    sheet: MonthlySheet | None

    @property
    def state(self) -> dict[str, str]:
        if self.sheet is None:
            return {"kind": "warn", "label": _("no sheet: nothing known")}
        message = self.sheet.resent or self.sheet.message
        if message is None:
            return {"kind": "neutral", "label": _("made, not sent")}
        if message.state == SENT:
            return {"kind": "ok", "label": self._sent}
        if message.state == QUEUED:
            return {"kind": "neutral", "label": _("on its way")}
        return {"kind": "bad", "label": _("failed")}

    @property
    def _sent(self) -> str:
        if self.sheet is None or not self.sheet.resent_id:
            return _("sent")
        return _("sent twice") if self.sheet.corrected is None else _("sent corrected")

    @property
    def sent_at(self) -> Any:
        return self.sheet.message.sent_at if self.sheet and self.sheet.message else None

    @property
    def may_resend(self) -> bool:
        return self.sheet is not None and self.sheet.resent_id is None


LINE_ORDER: dict[str, Callable[[Line], Any]] = {
    "dwelling": lambda line: (natural_key(line.dwelling.name), line.person),
    "person": lambda line: natural_key(line.person),
    "sent": lambda line: line.sent_at,
    "state": lambda line: str(line.state["label"]),
}


class MonthProof:
    """`query` holds the search in dwellings and people, the order and the page."""

    def __init__(self, actor: Actor, period: Period, today: date, query: Mapping[str, str]) -> None:
        self.actor, self.period, self.today = actor, period, today
        self.asked = ListAsked.of(query, LINE_ORDER, keep={"at": period.key})

    def lines(self) -> list[Line]:
        rows = visible_sheets(self.actor).filter(month=self.period.first_day)
        sheets = {(one.dwelling_id, one.user_id): one for one in rows.select_related("message", "resent")}
        found = [
            Line(
                stay.dwelling,
                stay.person_name,
                stay.user.email,
                sheets.pop((stay.dwelling_id, stay.user_id), None),
            )
            for stay in stays_in(self.period.first_day)
            if self.actor.covers(stay.dwelling.building_id)
        ]
        # a sheet stays provable after the stay was changed
        found += [Line(one.dwelling, str(one.user), one.user.email, one) for one in sheets.values()]
        found.sort(key=lambda line: (natural_key(line.dwelling.name), line.person))
        return self.asked.rows(found, lambda line: f"{line.dwelling.name} {line.person}", LINE_ORDER)

    def context(self) -> dict[str, Any]:
        lines = self.lines()
        sent = sum(1 for line in lines if line.sent_at)
        return {
            "period_label": period_label(self.period),
            "seg_periods": self._neighbours(),
            **self.asked.context(lines),
            "lines": len(lines), "sent": sent,
            "enabled": settings_of_programme().enabled,
            "may_set": self.actor.may(Permission.MANAGE_PARAMETERS),
            "at": self.period.key,
        }  # fmt: skip

    def _neighbours(self) -> Sequence[dict[str, Any]]:
        before, after = self.period.before, self.period.after
        later = after.end_day <= self.today
        return [
            {"label": "‹", "name": _("Before"), "url": f"?at={before.key}"},
            {"label": period_label(self.period), "url": f"?at={self.period.key}", "current": True},
            {"label": "›", "name": _("After"), "url": f"?at={after.key}" if later else ""},
        ]

    def table(self) -> tuple[list[str], list[list[Any]]]:
        header = [_("Dwelling"), _("Occupant"), _("E-mail"), _("Month"), _("Sent"), _("Message"), _("State")]
        rows = []
        for line in self.lines():
            message = line.sheet.message if line.sheet else None
            proof = message.message_id if message else ""
            rows.append([
                line.dwelling.name, line.person, line.email, self.period.key, line.sent_at, proof, line.state["label"],
            ])  # fmt: skip
        return header, rows
