"""How PostgreSQL is to read day totals: the only place that says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def page_by_page() -> Iterator[None]:
    """Within this block many registers' totals over a long time are read by a bitmap of pages.

    Totals arrive day by day, so the days of one register lie on as many pages. In the order of the index each row is
    another page: 393,000 visits for the year of a thousand registers, where their days lie on 4,000 pages. The planner
    cannot know that neighbours lie together, and takes the worse way as soon as the history is long (measured:
    docs/performance.md). Holds in the scope's transaction only, which an error ends anyway.
    """
    if connection.vendor != "postgresql":
        yield
        return
    _index_scans("off")
    yield
    _index_scans("on")


def _index_scans(state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_indexscan', %s, true)", [state])
