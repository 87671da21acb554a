"""How PostgreSQL is to read day totals: the only place that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import connection

BY_BITMAP = {"enable_indexscan": "off", "enable_seqscan": "off", "work_mem": "32MB"}
AS_BEFORE = {"enable_indexscan": "on", "enable_seqscan": "on", "work_mem": None}


@contextmanager
def page_by_page() -> Iterator[None]:
    """Within this block many registers' totals over a long time are read by a bitmap of pages.

    Totals arrive day by day, so the days of one register lie on as many pages. In the order of the index each row is
    another page: 393,000 visits for the year of a thousand registers, where their days lie on 4,000 pages. And asked for
    two months of five thousand registers, the planner counts ten thousand looks into the index and rather reads the
    whole table, which grows with every day. It cannot know that neighbours lie together. A bitmap visits the pages of
    the days that are asked for, each once, whatever the history (measured: docs/performance.md); the memory is for
    that bitmap and the sums. Holds in the scope's transaction only, which an error ends anyway.
    """
    if connection.vendor != "postgresql":
        yield
        return
    _set(BY_BITMAP)
    yield
    _set(AS_BEFORE)


def _set(values: Mapping[str, str | None]) -> None:
    """None: what the session began with."""
    asked = ", ".join("set_config(%s, %s, true)" for _one in values)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}", [text for pair in values.items() for text in pair])
