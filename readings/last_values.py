"""The last value of a register, for the pages of the estate (servers.columns)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery

from accounts.access import Actor, Permission
from accounts.templatetags.releve import unit_name, with_unit
from readings.models import Reading
from servers.columns import LastValue
from servers.doors import occupied_days
from servers.models import Dwelling, Register

DIGITS = {"m3": 3, "m3/h": 3}


def last_values_of(actor: Actor, register_ids: Sequence[int]) -> dict[int, LastValue]:
    """One query of two index seeks a register. An occupant sees no value from before their move-in or after."""
    newest = Reading.objects.filter(register=OuterRef("pk"), used=True).order_by("-at")
    rows = Register.objects.filter(pk__in=register_ids).annotate(
        last_at=Subquery(newest.values("at")[:1]), last_value=Subquery(newest.values("value")[:1])
    )
    columns = ("pk", "unit", "exponent", "last_at", "last_value", "installation__point__dwelling")
    found = {}
    allowed = _Allowed(actor)
    for pk, unit, exponent, at, value, dwelling in rows.values_list(*columns):
        if at is not None and allowed.sees(dwelling, at):
            amount = Decimal(value).scaleb(exponent)
            text = with_unit(amount, unit_name(unit), DIGITS.get(unit, 1))
            found[pk] = LastValue(text, datetime.fromtimestamp(at, UTC))
    return found


class _Allowed:
    """Staff see all; an occupant the instants of their own local days."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.staff = actor.may(Permission.SEE_PROGRAMME)
        self.spans: dict[int, list[tuple[float, float]]] = {}

    def sees(self, dwelling: int | None, at: int) -> bool:
        if self.staff:
            return True
        if dwelling is None:
            return False
        if dwelling not in self.spans:
            self.spans[dwelling] = self._spans(Dwelling.objects.select_related("building").get(pk=dwelling))
        return any(start <= at < end for start, end in self.spans[dwelling])

    def _spans(self, dwelling: Dwelling) -> list[tuple[float, float]]:
        zone = ZoneInfo(dwelling.building.time_zone or self.actor.programme.time_zone)
        return [
            (
                datetime.combine(move_in, time(), zone).timestamp(),
                datetime.combine(move_out, time(), zone).timestamp() if move_out else float("inf"),
            )
            for move_in, move_out in occupied_days(self.actor, dwelling)
        ]
