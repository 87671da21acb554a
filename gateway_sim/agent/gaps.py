"""The gap list: for which meter and when there are no values, because it was silent or a row had to go."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from gateway_sim.agent.clock import rfc3339

LISTED = 100
KEPT_DAYS = 35


def silent(db: sqlite3.Connection, meter: str, when: str) -> None:
    changed = db.execute(
        "UPDATE gap SET stop = max(stop, ?) WHERE meter = ? AND cause = 'silent' AND open = 1", (when, meter)
    ).rowcount
    if not changed:
        db.execute(
            "INSERT INTO gap (meter, start, stop, cause, open) VALUES (?, ?, ?, 'silent', 1)",
            (meter, when, when),
        )


def is_open(db: sqlite3.Connection, meter: str) -> bool:
    found = db.execute("SELECT 1 FROM gap WHERE meter = ? AND cause = 'silent' AND open = 1", (meter,))
    return found.fetchone() is not None


def heard(db: sqlite3.Connection, meter: str, when: str) -> None:
    db.execute(
        "UPDATE gap SET stop = max(stop, ?), open = 0 WHERE meter = ? AND cause = 'silent' AND open = 1",
        (when, meter),
    )


def dropped(db: sqlite3.Connection, meter: str, taken_at: str) -> None:
    """Rows that went for want of room: one gap a meter and day, so the list stays bounded."""
    day = taken_at[:10]
    changed = db.execute(
        "UPDATE gap SET start = min(start, ?), stop = max(stop, ?)"
        " WHERE meter = ? AND cause = 'dropped' AND open = 0 AND substr(start, 1, 10) = ?",
        (taken_at, taken_at, meter, day),
    ).rowcount
    if not changed:
        db.execute(
            "INSERT INTO gap (meter, start, stop, cause, open) VALUES (?, ?, ?, 'dropped', 0)",
            (meter, taken_at, taken_at),
        )


def listing(db: sqlite3.Connection, now: datetime | None) -> list[dict[str, str | None]]:
    """The newest gaps, at most `LISTED`, none that ended more than `KEPT_DAYS` ago. RFC 3339 texts."""
    since = "" if now is None else rfc3339(now - timedelta(days=KEPT_DAYS))
    rows = db.execute(
        "SELECT meter, start, stop FROM gap WHERE stop >= ? ORDER BY stop DESC, id DESC LIMIT ?",
        (since, LISTED),
    )
    return [{"meter": meter, "from": start, "to": stop} for meter, start, stop in rows]
