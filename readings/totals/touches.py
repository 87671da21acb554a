"""Where readings changed, so that totals have to follow: append-only rows, and one waiting job a programme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import pairwise

from django.db import connection
from django.utils import timezone

from accounts.jobs import job_wait
from accounts.tenancy import current_programme_id
from readings.models import TouchedSpan

DEBOUNCE = timedelta(seconds=5)  # batches of a programme come in bursts: one recomputation for all of them
APART = 2 * 86400
CHUNK = 2000  # rows in one statement
JOB_KIND, JOB_KEY = "totals", "totals:"  # the key goes on with the programme's


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
    programme = current_programme_id()
    tuples = [
        f"({programme:d},{register:d},{t0:d},{t1:d})"
        for register, instants in sorted(changed.items())
        for t0, t1 in clusters(instants)
    ]  # whole numbers stand in the text itself: a hundred models took longer than the rest of a batch
    table = TouchedSpan._meta.db_table
    with connection.cursor() as cursor:
        for at in range(0, len(tuples), CHUNK):
            values = ",".join(tuples[at : at + CHUNK])
            cursor.execute(f"INSERT INTO {table} (programme_id, register_id, t0, t1) VALUES {values}")  # noqa: S608


def totals_ring(*, programme_id: int, after: timedelta = DEBOUNCE) -> None:
    job_wait(
        kind=JOB_KIND,
        ref=str(programme_id),
        programme_id=programme_id,
        key=f"{JOB_KEY}{programme_id}",
        due_at=timezone.now() + after,
    )
