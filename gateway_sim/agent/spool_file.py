"""The file under the spool: its schema, its bounds, its epoch, and what happens when it is damaged."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway_sim.files import sync_directory, write_atomic

SCHEMA = 1
KEPT_DAMAGED = 3  # of the files set aside and saved; a disk must not fill with them
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reading (
    seq INTEGER PRIMARY KEY, meter TEXT NOT NULL, register TEXT NOT NULL, taken_at TEXT, value TEXT NOT NULL,
    boot TEXT NOT NULL, mono REAL NOT NULL, momentary INTEGER NOT NULL, crc INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS batch (one INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1), uuid TEXT, seqs TEXT);
CREATE TABLE IF NOT EXISTS dead (
    id INTEGER PRIMARY KEY, epoch TEXT, seq INTEGER, meter TEXT, register TEXT, taken_at TEXT, value TEXT,
    code TEXT
);
CREATE TABLE IF NOT EXISTS gap (
    id INTEGER PRIMARY KEY, meter TEXT, start TEXT, stop TEXT, cause TEXT, open INTEGER
);
CREATE TABLE IF NOT EXISTS telegram (
    meter TEXT NOT NULL, taken_at TEXT NOT NULL, frames TEXT NOT NULL, PRIMARY KEY (meter, taken_at)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS gap_of_meter ON gap (meter, cause, open);
"""


@dataclass(frozen=True)
class Facts:
    """What the heartbeat and `status` show."""

    epoch: str
    pending: int
    oldest: str | None
    undated: int
    dead: int
    delivered: int
    dropped: int
    salvaged: int


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose COMMIT returns only when the rows are on the disk."""
    old = os.umask(0o077)
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    finally:
        os.umask(old)
    durable(db)
    return db


def durable(db: sqlite3.Connection) -> None:
    # A damaged text must reach the checksum instead of ending the query for its whole batch.
    db.text_factory = lambda data: data.decode("utf-8", "replace")
    db.execute("PRAGMA busy_timeout = 10000")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")


def is_full(error: sqlite3.OperationalError) -> bool:
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """Make the tables and give a new file its epoch."""
    db.executescript(_TABLES)
    db.execute("BEGIN IMMEDIATE")
    if db.execute("SELECT 1 FROM meta WHERE key = 'epoch'").fetchone() is None:
        db.execute("INSERT INTO meta (key, value) VALUES ('epoch', ?)", (_next_epoch(path),))
        db.execute("INSERT INTO meta (key, value) VALUES ('seq', 0)")
        db.execute("INSERT INTO meta (key, value) VALUES ('schema', ?)", (SCHEMA,))
    db.execute("COMMIT")
    sync_directory(path.parent)


def used_pages(db: sqlite3.Connection) -> int:
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    (free,) = db.execute("PRAGMA freelist_count").fetchone()
    return int(pages) - int(free)


def _next_epoch(path: Path) -> str:
    """More than any epoch before: by the note beside the file while it lives, by the clock if it is lost."""
    epoch = f"{max(_noted_epoch(path) + 1, int(time.time())):010d}"
    write_atomic(path.with_suffix(".epoch"), epoch + "\n")
    return epoch


def _noted_epoch(path: Path) -> int:
    try:
        return int(path.with_suffix(".epoch").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def facts(db: sqlite3.Connection) -> Facts:
    meta = {str(key): value for key, value in db.execute("SELECT key, value FROM meta")}
    pending, undated = db.execute("SELECT count(*), count(*) - count(taken_at) FROM reading").fetchone()
    oldest = db.execute(
        "SELECT taken_at FROM reading WHERE taken_at IS NOT NULL ORDER BY seq LIMIT 1"
    ).fetchone()
    (dead,) = db.execute("SELECT count(*) FROM dead").fetchone()
    return Facts(
        epoch=str(meta.get("epoch", "")),
        pending=pending,
        oldest=None if oldest is None else oldest[0],
        undated=undated,
        dead=dead,
        delivered=int(meta.get("delivered", 0)),
        dropped=int(meta.get("dropped", 0)),
        salvaged=int(meta.get("salvaged", 0)),
    )


def _is_damaged(path: Path, opener: Callable[[Path], sqlite3.Connection]) -> bool:
    try:
        with contextlib.closing(opener(path)) as db:
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                return True
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "reading" in tables:
                facts(db)
                meta = dict(db.execute("SELECT key, value FROM meta"))
                (last,) = db.execute("SELECT max(seq) FROM reading").fetchone()
                if not meta and last is None:
                    return False  # cut off while it was made
                if int(meta["seq"]) < (last or 0) or _noted_epoch(path) not in (0, int(meta["epoch"])):
                    return True
            return False
    except sqlite3.OperationalError as error:
        # Locked, no permission, no space: not the file's fault. A malformed schema is reported this way too.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
            return True
        raise
    except (sqlite3.DatabaseError, KeyError, TypeError, ValueError):
        return True


def set_aside_if_damaged(path: Path, opener: Callable[[Path], sqlite3.Connection]) -> Path | None:
    """Check the file; move a damaged one, with its WAL, out of the way and return where it went.

    The WAL goes first: alone it is still found by `unsaved`, whereas left behind it would be played into the
    new file.
    """
    if not path.exists() or not _is_damaged(path, opener):
        return None
    numbers = _numbered(path, "damaged") | _numbered(path, "saved")
    waiting = [n for n in _numbered(path, "damaged") if not _named(path, "damaged", n).exists()]
    aside = _named(path, "damaged", max(waiting, default=1 + max(numbers, default=0)))
    _rename(path, aside)
    for old in sorted(numbers)[:-KEPT_DAMAGED]:
        for suffix in _PARTS:
            saved = _named(path, "saved", old)
            saved.with_name(saved.name + suffix).unlink(missing_ok=True)
    sync_directory(path.parent)
    return aside


def unsaved(path: Path) -> list[Path]:
    """Damaged files whose rows were not taken over yet, oldest first: usually the one just set aside, and
    one from before if the agent was killed in between."""
    return [_named(path, "damaged", number) for number in sorted(_numbered(path, "damaged"))]


def mark_saved(aside: Path) -> Path:
    """The rows of `aside` stand in the spool: from now on it is kept for people only."""
    saved = aside.with_name(aside.name.replace(".damaged-", ".saved-"))
    _rename(aside, saved)
    sync_directory(aside.parent)
    return saved


_PARTS = ("-wal", "-shm", "")


def _rename(path: Path, target: Path) -> None:
    for suffix in _PARTS:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(target.with_name(target.name + suffix))


def _named(path: Path, word: str, number: int) -> Path:
    return path.with_name(f"{path.name}.{word}-{number}")


def _numbered(path: Path, word: str) -> set[int]:
    names = (file.name.removesuffix("-wal") for file in path.parent.glob(f"{path.name}.{word}-*"))
    tails = (name.rpartition("-")[2] for name in names)
    return {int(tail) for tail in tails if tail.isdecimal()}
