"""How much room the spool has, and what goes first when there is no more.

Two bounds: the limit in pages, and the disk, which other programs may fill as well. For the disk the spool
keeps a reserve beside it, a file of `HELD` bytes. When a write finds no room the reserve is given up, which
lets the WAL be written back and begin anew; from then on (`tight`) the file does not grow: new readings take
the place of old ones by the rule of `drop_oldest`, and delivering and deleting go on. As soon as there is room
again the reserve is laid by anew.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from gateway_sim.agent import gaps, spool_file, telegrams

KEPT_BACK = 64  # pages that readings may not fill, so that a full spool can still note a batch and its answer
HELD = 1024 * 1024
LEAST = 160  # pages of the file from the start, so that one that may not grow has room to work in
WAL_PAGES = 96  # written back after so many, far less than the reserve
DROP_ROWS = 256


class Room:
    def __init__(self, path: Path, limit: int) -> None:
        self.path = path
        self.limit = limit
        self.tight = False
        self._reserve = path.with_suffix(".reserve")
        self._pages = 0

    def prepare(self, db: sqlite3.Connection) -> None:
        """Make the tables and bound the file."""
        db.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        self._bound(db)
        spool_file.prepare(db, self.path)
        self._lay_by()
        self.tight = not self._reserve.exists()  # then `relax` lays it by as soon as it can
        self._stretch(db)

    def is_used_up(self, db: sqlite3.Connection) -> bool:
        return spool_file.used_pages(db) >= self._pages

    def _bound(self, db: sqlite3.Connection) -> None:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        (page_size,) = db.execute("PRAGMA page_size").fetchone()
        # Half of what is free stays free: the token, the journal and the log need the disk as well.
        room = pages * page_size + self._free() // 2
        most = max(16, int(min(self.limit, room) // page_size))
        db.execute(f"PRAGMA max_page_count = {most}")
        self._pages = most - min(KEPT_BACK, most // 4)

    def _stretch(self, db: sqlite3.Connection) -> None:
        """Give a new file its first free pages."""
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        (page_size,) = db.execute("PRAGMA page_size").fetchone()
        missing = min(LEAST, self._pages // 2) - pages
        if missing <= 0:
            return
        try:
            db.execute("BEGIN IMMEDIATE")
            db.execute("CREATE TABLE stretch (filler)")
            db.execute("INSERT INTO stretch VALUES (zeroblob(?))", (missing * page_size,))
            db.execute("DROP TABLE stretch")
            db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            if not spool_file.is_full(error):
                raise

    def _free(self) -> int:
        return shutil.disk_usage(self.path.parent).free

    def _lay_by(self) -> None:
        """The reserve, unless it is there or would take more than a quarter of what is free."""
        if self._reserve.exists() or self._free() < 4 * HELD:
            return
        try:
            handle = os.open(self._reserve, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                # Not zeros: a file system that packs them would hold nothing back.
                stream.write(os.urandom(HELD))
                stream.flush()
                os.fsync(stream.fileno())
        except OSError:
            self.release()

    def release(self) -> bool:
        """Give the reserve up; True if there was one."""
        with contextlib.suppress(OSError):
            self._reserve.unlink()
            return True
        return False

    def squeeze(self, db: sqlite3.Connection) -> bool:
        """A write found no room. If it was the disk's, make do with what there is. True when that begins."""
        try:
            if db.in_transaction:
                db.execute("ROLLBACK")
            if not self.tight and self.is_used_up(db) and self._free() > HELD:
                return False  # the limit, not the disk
            begins, self.tight = not self.tight, True
            self.release()
            db.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
            (pages,) = db.execute("PRAGMA page_count").fetchone()
            db.execute(f"PRAGMA max_page_count = {pages}")
            self._pages = max(1, pages - min(KEPT_BACK, pages // 4))
        except sqlite3.Error:
            return False
        return begins

    def relax(self, db: sqlite3.Connection) -> bool:
        """True when the disk has room again."""
        if self._free() < 8 * HELD:
            return False
        self.tight = False
        self._lay_by()
        self._bound(db)
        return True


def drop_oldest(
    db: sqlite3.Connection, held: set[int], count: Callable[[sqlite3.Connection, str, int], None]
) -> bool:
    """Raw answers first, dead letters, then momentary values, then index values, oldest first, never a row in `held`;
    each row counted, and named in the gap list. False if there is nothing to drop."""
    if telegrams.drop_oldest(db):
        return True
    dropped = db.execute(
        "DELETE FROM dead WHERE id IN (SELECT id FROM dead ORDER BY id LIMIT ?)", (DROP_ROWS,)
    ).rowcount
    if dropped:
        count(db, "dropped_dead", dropped)
        return True
    for momentary in (1, 0):
        oldest = db.execute(
            "SELECT seq, meter, taken_at FROM reading WHERE momentary = ? ORDER BY seq LIMIT ?",
            (momentary, DROP_ROWS + len(held)),
        ).fetchall()
        victims = [row for row in oldest if row[0] not in held][:DROP_ROWS]
        if victims:
            db.executemany("DELETE FROM reading WHERE seq = ?", [(row[0],) for row in victims])
            count(db, "dropped", len(victims))
            for _seq, meter, taken_at in victims:
                if taken_at is not None:
                    gaps.dropped(db, meter, taken_at)
            return True
    return False
