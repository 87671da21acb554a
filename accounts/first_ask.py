"""The first statement of a call, on a connection that may have been kept from the call before.

Django asks a kept connection whether it still lives before it is used. A statement that only reads finds that out by
itself: one way to the database less, a thousand times a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import InterfaceError, OperationalError, connection


def row_asked_first(
    sql: str, parameters: Sequence[Any], *, using: Any = connection
) -> tuple[Any, ...] | None:
    """The first row of a SELECT; asked again by a new connection where the kept one had died meanwhile."""
    kept = using.connection is not None and not using.in_atomic_block
    if kept:
        using.health_check_done = True  # this is the check
    try:
        return _row(sql, parameters, using)
    except (OperationalError, InterfaceError):
        if not kept or using.is_usable():
            raise
    using.close()
    return _row(sql, parameters, using)


def _row(sql: str, parameters: Sequence[Any], using: Any) -> tuple[Any, ...] | None:
    with using.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row
