"""Registers whose value has not moved for longer than it should: looked for once a day, in one statement a threshold."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.db.models import Count, Max, Min
from django.utils import timezone

from readings.models import Reading, ReviewItem
from readings.review.items import steps_text
from readings.review.judging import ProgrammeLimits, subject_of
from readings.review.rules import Rule
from servers.models import Register

CHUNK = 2000
LEAST = 3  # readings: fewer say nothing


@transaction.atomic
def frozen_review() -> int:
    """Of the programme in scope. An open item whose register moves again goes. Returns how many stand still."""
    now = int(timezone.now().timestamp())
    limits = ProgrammeLimits()
    by_hours: dict[int, list[int]] = defaultdict(list)
    registers = Register.objects.filter(
        retired_at=None, installation__removed_at=None, installation__point__retired_at=None
    ).values_list("pk", "installation__point__medium", "quantity")
    for pk, medium, quantity in registers:
        hours = limits.of(medium, quantity).frozen_hours
        if hours:
            by_hours[hours].append(pk)
    still: dict[int, tuple[int, int, int, int]] = {}
    for hours, keys in by_hours.items():
        for start in range(0, len(keys), CHUNK):
            still |= _standing(keys[start : start + CHUNK], hours, now)
    _write(still)
    return len(still)


def _standing(keys: list[int], hours: int, now: int) -> dict[int, tuple[int, int, int, int]]:
    """Register → (first, last, readings, hours) of those with one and the same value in the last `hours`."""
    rows = (
        Reading.objects.filter(register_id__in=keys, used=True, at__gt=now - hours * 3600, at__lte=now)
        .values("register_id")
        .annotate(low=Min("value"), high=Max("value"), first=Min("at"), last=Max("at"), n=Count("at"))
        .order_by("register_id")
    )
    return {
        row["register_id"]: (row["first"], row["last"], row["n"], hours)
        for row in rows
        if row["low"] == row["high"]
        and row["n"] >= LEAST
        and row["last"] - row["first"] >= hours * 3240  # nine tenths of it
    }


def _write(still: dict[int, tuple[int, int, int, int]]) -> None:
    standing = {
        item.register_id: item
        for item in ReviewItem.objects.filter(rule=Rule.FROZEN.value, register__isnull=False).order_by("at")
    }
    gone = [
        item.pk
        for register, item in standing.items()
        if register not in still and item.state == ReviewItem.State.OPEN
    ]
    ReviewItem.objects.filter(pk__in=gone).delete()
    new = {pk: spot for pk, spot in still.items() if not _told(standing.get(pk), spot)}
    known = Register.objects.filter(pk__in=list(new)).values_list(
        "pk", "unit", "exponent", "installation__point_id"
    )
    items = []
    for pk, unit, exponent, point in known:
        first, last, count, hours = new[pk]
        value = Reading.objects.filter(register_id=pk, at=last).values_list("value", flat=True).get()
        items.append(
            ReviewItem(
                subject=subject_of(pk),
                rule=Rule.FROZEN.value,
                at=first,
                until=last,
                count=count,
                point_id=point,
                register_id=pk,
                value=steps_text(value, exponent),
                unit=unit,
                detail={"hours": hours},
            )
        )
    ReviewItem.objects.bulk_create(items, ignore_conflicts=True, batch_size=500)


def _told(item: ReviewItem | None, spot: tuple[int, int, int, int]) -> bool:
    """Still the same standstill: what was said of it a day ago, or decided, holds on."""
    if item is None or item.until < spot[0]:
        return False
    ReviewItem.objects.filter(pk=item.pk).update(until=spot[1], count=max(item.count, spot[2]))
    return True
