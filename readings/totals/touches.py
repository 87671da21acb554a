"""Where readings changed, so that totals have to follow: append-only rows, and one waiting job a programme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import pairwise

from django.utils import timezone

from accounts.jobs import job_enqueue
from readings.models import TouchedSpan

DEBOUNCE = timedelta(seconds=5)  # batches of a programme come in bursts: one recomputation for all of them
APART = 2 * 86400


def clusters(instants: Iterable[int], *, apart: int = APART) -> list[tuple[int, int]]:
    """Instants as ranges; a hole longer than `apart` seconds starts another, so that it is not recomputed."""
    ordered = sorted(set(instants))
    if not ordered:
        return []
    breaks = [(a, b) for a, b in pairwise(ordered) if b - a > apart]
    return list(
        zip([ordered[0], *(b for _, b in breaks)], [*(a for a, _ in breaks), ordered[-1]], strict=True)
    )


def touch(changed: Mapping[int, Iterable[int]]) -> None:
    """Note the changed instants of each register, in the transaction of the change. Removed together: one range."""
    TouchedSpan.objects.bulk_create(
        TouchedSpan(register_id=register, t0=t0, t1=t1)
        for register, instants in sorted(changed.items())
        for t0, t1 in clusters(instants)
    )


def totals_ring(*, programme_id: int, after: timedelta = DEBOUNCE) -> None:
    job_enqueue(
        kind="totals",
        ref=str(programme_id),
        programme_id=programme_id,
        key=f"totals:{programme_id}",
        due_at=timezone.now() + after,
    )
