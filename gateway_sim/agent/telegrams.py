"""The meters' raw answers beside the readings in the spool: brought along where `run --telegrams` asks for it.

They explain a reading and are none: a lost one is not counted, and when room is needed they go before anything
else. Of a meter with a register that is not shared none is kept, for a telegram tells everything.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from gateway_sim.agent.spool_rows import Row
from gateway_sim.agent.spool_rows import Telegram as Kept
from gateway_sim.mbus.records import Telegram
from gateway_sim.site import Meter

LONGEST = 2 * 1024  # characters that the portal takes of one answer
DROPPED = 256


def frames_of(meter: Meter, telegrams: Iterable[Telegram]) -> str:
    """The answer in hexadecimal, its telegrams separated by commas; empty if it may not or cannot be told."""
    if not all(register.shared for register in meter.registers):
        return ""
    text = ",".join(telegram.raw.hex() for telegram in telegrams if telegram.raw)
    return text if len(text) <= LONGEST else ""


def keep(db: sqlite3.Connection, meter: str, taken_at: str, frames: str) -> None:
    db.execute(
        "INSERT OR IGNORE INTO telegram (meter, taken_at, frames) VALUES (?, ?, ?)", (meter, taken_at, frames)
    )


def of_rows(db: sqlite3.Connection, rows: Sequence[Row]) -> tuple[Kept, ...]:
    """Those of the answers that brought these readings, each once."""
    if db.execute("SELECT 1 FROM telegram LIMIT 1").fetchone() is None:
        return ()
    found = []
    for meter, taken_at in dict.fromkeys((row.meter, row.taken_at) for row in rows):
        kept = db.execute(
            "SELECT frames FROM telegram WHERE meter = ? AND taken_at = ?", (meter, taken_at)
        ).fetchone()
        if kept is not None:
            found.append(Kept(meter, taken_at, str(kept[0])))
    return tuple(found)


def forget(db: sqlite3.Connection, seqs: Sequence[int]) -> None:
    """The batch of these rows is about to be settled: their answers have been told.

    Readings of one answer stand side by side, so only the last one's may have readings left in the next batch.
    """
    told = set()
    for seq in seqs:
        row = db.execute("SELECT meter, taken_at FROM reading WHERE seq = ?", (seq,)).fetchone()
        told |= {row} if row is not None else set()
    after = db.execute(
        "SELECT meter, taken_at FROM reading WHERE seq > ? ORDER BY seq LIMIT 1", (max(seqs),)
    ).fetchone()
    if after is None:
        db.execute("DELETE FROM telegram")  # whatever is left explains a reading that is gone
    else:
        db.executemany(
            "DELETE FROM telegram WHERE meter = ? AND taken_at = ?", sorted(told - {after}, key=str)
        )


def drop_oldest(db: sqlite3.Connection) -> bool:
    """Make room; False if there is none to drop."""
    gone = db.execute(
        "DELETE FROM telegram WHERE (meter, taken_at) IN"
        " (SELECT meter, taken_at FROM telegram ORDER BY taken_at LIMIT ?)",
        (DROPPED,),
    )
    return gone.rowcount > 0
