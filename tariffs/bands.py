"""Where the days are divided anew, the totals have to follow: readings does it, by a job of this name."""

from __future__ import annotations

from accounts.jobs import job_enqueue

FOLLOW = "bands"


def bands_ring(*, programme_id: int) -> None:
    """In the transaction of the change. One waiting job a programme is enough."""
    job_enqueue(kind=FOLLOW, ref=str(programme_id), programme_id=programme_id, key=f"bands:{programme_id}")
