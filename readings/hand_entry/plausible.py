"""Whether a typed index is likely beside its neighbours. It never refuses: the person is asked to look again."""

from __future__ import annotations

from dataclasses import dataclass

from readings.models import Reading

SPIKE = 5  # times the usual rise
HISTORY = 12  # readings that tell what is usual
HOUR = 3600


@dataclass(frozen=True)
class Neighbour:
    at: int
    value: int


def neighbours(register_id: int | None, at: int) -> tuple[list[Neighbour], Neighbour | None]:
    """(used readings before `at`, newest first; the next one after it)."""
    if register_id is None:
        return [], None
    rows = Reading.objects.filter(register_id=register_id, used=True)
    before = rows.filter(at__lt=at).order_by("-at").values_list("at", "value")[:HISTORY]
    after = rows.filter(at__gt=at).order_by("at").values_list("at", "value").first()
    return [Neighbour(*pair) for pair in before], Neighbour(*after) if after else None


def unlikely(
    value: int, at: int, *, before: list[Neighbour], after: Neighbour | None, max_per_hour: int | None
) -> list[str]:
    """Codes: falls (below the previous), above_next, too_fast (beyond the register's highest rate), spike."""
    found = []
    if after is not None and value > after.value:
        found.append("above_next")
    if not before:
        return found
    last = before[0]
    rise, seconds = value - last.value, max(at - last.at, 1)
    if rise < 0:
        return [*found, "falls"]
    if max_per_hour is not None and rise * HOUR > max_per_hour * seconds:
        return [*found, "too_fast"]
    oldest = before[-1]
    usual, over = last.value - oldest.value, last.at - oldest.at
    if len(before) >= 3 and usual > 0 and over > 0 and rise * over > SPIKE * usual * seconds:
        found.append("spike")
    return found
