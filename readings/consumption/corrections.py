"""The days on which an operator put a reading right: a figure that somebody touched says so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from zoneinfo import ZoneInfo

from readings.models import HandEntry, ReviewItem
from readings.totals.cuts import local_day, local_epoch


def corrected_days(register_ids: Collection[int], first: date, end: date, zone: ZoneInfo) -> set[date]:
    """Of the local days in [first, end), those that begin, end or go on at a corrected reading. One statement."""
    span = {
        "register_id__in": list(register_ids),
        "at__gte": local_epoch(first, 0, zone),
        "at__lte": local_epoch(end, 0, zone),
    }
    judged = ReviewItem.objects.filter(**span, state=ReviewItem.State.CORRECTED).values_list("at", flat=True)
    typed = HandEntry.objects.filter(**span, corrects__isnull=False).values_list("at", flat=True)
    touched = {local_day(instant, zone) for at in judged.union(typed) for instant in (at - 1, at)}
    return {day for day in touched if first <= day < end}
