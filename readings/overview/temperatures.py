"""The last temperature heard in each dwelling: of the room, else of the heating's supply. One query."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import OuterRef, Subquery

from readings.models import Reading
from servers.models import Quantity, Register

ROOM, SUPPLY = Quantity.TEMPERATURE.value, Quantity.FLOW_TEMPERATURE.value


def temperatures_of(dwellings: Sequence[int]) -> tuple[str, dict[int, Decimal]]:
    """(quantity, °C by dwelling): room temperatures where any is known, else supply temperatures."""
    newest = Reading.objects.filter(register=OuterRef("pk"), used=True).order_by("-at")
    rows = (
        Register.objects.filter(
            installation__point__dwelling__in=dwellings,
            installation__removed_at=None,
            quantity__in=(ROOM, SUPPLY),
            unit="C",
            retired_at=None,
        )
        .annotate(last=Subquery(newest.values("value")[:1]))
        .order_by("pk")
        .values_list("quantity", "installation__point__dwelling", "last", "exponent")
    )
    found: dict[str, dict[int, Decimal]] = {ROOM: {}, SUPPLY: {}}
    for quantity, dwelling, last, exponent in rows:
        if last is not None:
            found[quantity].setdefault(dwelling, Decimal(last).scaleb(exponent))
    return (ROOM, found[ROOM]) if found[ROOM] else (SUPPLY, found[SUPPLY])
