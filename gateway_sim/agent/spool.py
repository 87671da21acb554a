"""The spool: every reading on disk before anything else is done with it, and there until the portal has it.

SQLite in WAL mode with synchronous=FULL: when `add` returns, the rows are on the disk. A row leaves only
through `settle`, which wants a result for every row of the batch. A batch keeps its uuid and its rows, over
restarts too, until it is answered, so a lost answer is answered again from the portal's store.

`seq` never falls within one file; each file has an *epoch*, ten digits that never fall either, so
(epoch, seq) orders all values this gateway ever sent.

The file is bounded by max_page_count, and by the disk (spool_room.py). When it is full, rows go by this rule,
and every one is counted and shown in the gap list: after raw answers (telegrams.py) the oldest dead letters,
then momentary values, then index values (a later index still tells what was used, only not when); rows of the
batch on its way stay.

A row carries a checksum: a file that was damaged yields its sound rows to the next one (salvage.py) and never
a value that nobody read.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gateway_sim.agent import gaps, salvage, spool_file, spool_room, telegrams
from gateway_sim.agent.clock import rfc3339
from gateway_sim.agent.spool_rows import (
    Batch,
    Measurement,
    Result,
    Row,
    SpoolDamaged,
    SpoolError,
    SpoolFull,
    checksum,
)

__all__ = ["Batch", "Measurement", "Result", "Row", "Spool", "SpoolDamaged", "SpoolError", "SpoolFull"]

BATCH_ROWS = 500
DEFAULT_LIMIT = 128 * 1024 * 1024
SETTLED = frozenset({"accepted", "duplicate", "corrected"})


class Spool:
    """One spool file. Calls may come from several threads."""

    def __init__(
        self,
        path: Path,
        *,
        limit: int = DEFAULT_LIMIT,
        connect: Callable[[Path], sqlite3.Connection] = spool_file.connect,
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.path = path
        self.limit = limit
        self.note = note
        self._connect = connect
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        self._room = spool_room.Room(path, limit)
        with self._lock, self._faults():
            self._open()

    # opening and faults

    def _open(self) -> None:
        """Open the file. A damaged one is set aside, a new one begins, and its sound rows are taken over."""
        try:
            self._open_file()
        except sqlite3.OperationalError:
            self._drop_connection()
            if not self._room.release():  # on a full disk not even the WAL's index finds room
                raise
            self._open_file()
        for aside in spool_file.unsaved(self.path):
            rows = self._take_over(aside)
            saved = spool_file.mark_saved(aside)
            self.note(f"the spool was damaged: {rows} rows saved, the old file is kept as {saved.name}")

    def _open_file(self) -> None:
        spool_file.set_aside_if_damaged(self.path, self._connect)
        self._db = self._connect(self.path)
        self._room.prepare(self._db)

    def _take_over(self, aside: Path) -> int:
        rows = salvage.sound_rows(aside, self._connect)
        with self._write() as db:
            for row in rows:
                self._insert(db, *row)
            self._count(db, "salvaged", len(rows))
        return len(rows)

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn what SQLite and the disk say into `SpoolError`."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if spool_file.is_full(error):
                if self._db is not None and self._room.squeeze(self._db):
                    self.note("the disk is full: the spool makes do with the room it has")
                raise SpoolFull("the spool is full") from error
            # After a failed write or fsync the state of the connection's pages is unknown: begin afresh.
            self._drop_connection()
            raise SpoolError(f"the spool cannot be written: {error}") from error
        except (sqlite3.DatabaseError, TypeError, ValueError) as error:
            # Damage: the next call opens anew, finds it, sets the file aside and salvages.
            self._drop_connection()
            raise SpoolDamaged(f"the spool is damaged: {error}") from error
        except OSError as error:
            self._drop_connection()
            raise SpoolError(f"the spool cannot be used: {error}") from error

    def _drop_connection(self) -> None:
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            self._open()
        assert self._db is not None
        return self._db

    @contextlib.contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._faults():
            yield self._connection()

    @contextlib.contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, on the disk when it ends."""
        with self._lock, self._faults():
            db = self._connection()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    with contextlib.suppress(sqlite3.Error):
                        db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        with self._lock:
            self._drop_connection()

    # in

    def add(
        self,
        measurements: Iterable[Measurement],
        *,
        taken_at: datetime | None,
        boot: str = "",
        mono: float = 0.0,
        frames: str = "",
    ) -> int:
        """Store readings of one moment, all or none; how many. On the disk when it returns. Without
        `taken_at` they wait for `stamp`. `frames`: their meter's raw answer, or nothing. Raises `SpoolError`, or
        `SpoolFull` if even dropping helps not."""
        rows = list(measurements)
        stamp = None if taken_at is None else rfc3339(taken_at)
        mended = squeezed = False
        while True:
            try:
                with self._write() as db:
                    if self._room.is_used_up(db):
                        raise SpoolFull("the spool is full")
                    for m in rows:
                        self._insert(
                            db, m.meter, m.register, stamp, m.value, boot, float(mono), int(m.momentary)
                        )
                    if frames and stamp and rows:
                        telegrams.keep(db, rows[0].meter, stamp, frames)
                if self._room.tight and self._room.relax(self._connection()):
                    self.note("the disk has room again")
                return len(rows)
            except SpoolFull:
                if self._room.tight and not squeezed:  # room was found, or the WAL begins anew
                    squeezed = True
                    self._room.relax(self._connection())
                elif not self._make_room():
                    raise
            except SpoolDamaged:
                if mended:
                    raise
                mended = True

    def _insert(
        self,
        db: sqlite3.Connection,
        meter: str,
        register: str,
        taken_at: str | None,
        value: str,
        boot: str,
        mono: float,
        momentary: int,
    ) -> None:
        (last,) = db.execute("SELECT value FROM meta WHERE key = 'seq'").fetchone()
        seq = int(last) + 1
        db.execute("UPDATE meta SET value = ? WHERE key = 'seq'", (seq,))
        crc = checksum(seq, meter, register, taken_at, value, boot, mono)
        db.execute(
            "INSERT INTO reading (seq, meter, register, taken_at, value, boot, mono, momentary, crc)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (seq, meter, register, taken_at, value, boot, mono, momentary, crc),
        )

    def _make_room(self) -> bool:
        """Drop by the rule of the module's head; False if there is nothing to drop."""
        with self._write() as db:
            return spool_room.drop_oldest(db, set(self._batch_seqs(db)), self._count)

    def stamp(self, boot: str, at: Callable[[float], datetime | None]) -> int:
        """Give the rows of this boot that wait for the time their instant; how many. Rows of an earlier
        boot can never be dated: they become dead letters with code `undated`."""
        with self._write() as db:
            waiting = db.execute(
                "SELECT seq, meter, register, value, boot, mono FROM reading WHERE taken_at IS NULL"
            ).fetchall()
            done = 0
            for seq, meter, register, value, row_boot, mono in waiting:
                when = at(mono) if row_boot == boot else None
                if when is not None:
                    text = rfc3339(when)
                    crc = checksum(seq, meter, register, text, value, row_boot, mono)
                    db.execute("UPDATE reading SET taken_at = ?, crc = ? WHERE seq = ?", (text, crc, seq))
                    done += 1
                elif row_boot != boot:
                    self._bury(db, seq, "undated")
        return done

    # out

    def batch(self, rows: int = BATCH_ROWS) -> Batch | None:
        """The batch on its way, or a new one of the oldest rows, or None if nothing waits. It is on the disk
        before it is handed out."""
        with self._write() as db:
            while True:
                name, seqs = self._current(db)
                if not seqs:
                    seqs = [
                        seq
                        for (seq,) in db.execute(
                            "SELECT seq FROM reading WHERE taken_at IS NOT NULL ORDER BY seq LIMIT ?", (rows,)
                        )
                    ]
                    if not seqs:
                        return None
                    name = str(uuid.uuid4())
                    db.execute(
                        "INSERT OR REPLACE INTO batch (one, uuid, seqs) VALUES (1, ?, ?)",
                        (name, json.dumps(seqs)),
                    )
                sound = self._rows(db, seqs)
                if sound:
                    if len(sound) < len(seqs):  # a row was damaged: the batch is another one now
                        name = str(uuid.uuid4())
                        db.execute("UPDATE batch SET uuid = ?, seqs = ?", (name, _seqs(sound)))
                    return Batch(name, self._meta(db, "epoch"), tuple(sound), telegrams.of_rows(db, sound))
                db.execute("DELETE FROM batch")

    def _rows(self, db: sqlite3.Connection, seqs: Sequence[int]) -> list[Row]:
        rows = []
        for seq in seqs:
            found = db.execute(
                "SELECT meter, register, taken_at, value, boot, mono, crc FROM reading WHERE seq = ?", (seq,)
            ).fetchone()
            if found is None:
                continue
            meter, register, taken_at, value, boot, mono, crc = found
            try:
                sound = taken_at is not None and crc == checksum(
                    seq, meter, register, taken_at, value, boot, mono
                )
            except TypeError:
                sound = False
            if sound:
                rows.append(Row(seq, meter, register, taken_at, value))
            else:
                self._bury(db, seq, "damaged")
        return rows

    def settle(self, batch: str, results: Mapping[int, Result]) -> tuple[int, int]:
        """Take the portal's answer for the batch on its way: (rows done with, rows it rejected).
        Rejected rows become dead letters with the portal's code. Raises `SpoolError` without touching
        anything if the answer does not name exactly the rows of this batch with words we know."""
        with self._write() as db:
            seqs = self._batch_seqs(db, batch)
            if set(seqs) != set(results) or not seqs:
                raise SpoolError("the answer does not name the rows of the batch")
            telegrams.forget(db, seqs)
            done = rejected = 0
            for seq in seqs:
                result = results[seq]
                if result.status in SETTLED:
                    db.execute("DELETE FROM reading WHERE seq = ?", (seq,))
                    done += 1
                elif result.status == "rejected":
                    self._bury(db, seq, result.code or "rejected")
                    rejected += 1
                else:
                    raise SpoolError(f"the answer holds an unknown status {result.status!r:.40}")
            db.execute("DELETE FROM batch")
            self._count(db, "delivered", done)
            return done, rejected

    def renew(self, batch: str) -> None:
        """The portal knows the uuid with another body (422): the same rows go under a new one."""
        with self._write() as db:
            db.execute("UPDATE batch SET uuid = ? WHERE uuid = ?", (str(uuid.uuid4()), batch))

    def halve(self, batch: str, code: str) -> int:
        """The portal cannot take the batch (413, 400): its first half goes alone under a new uuid, the rest
        waits. A batch of one row becomes a dead letter with `code`. How many rows the batch now has."""
        with self._write() as db:
            seqs = self._batch_seqs(db, batch)
            if len(seqs) <= 1:
                for seq in seqs:
                    self._bury(db, seq, code)
                db.execute("DELETE FROM batch")
                return 0
            half = seqs[: len(seqs) // 2]
            db.execute("UPDATE batch SET uuid = ?, seqs = ?", (str(uuid.uuid4()), json.dumps(half)))
            return len(half)

    def _current(self, db: sqlite3.Connection) -> tuple[str, list[int]]:
        """The batch on its way; no rows if there is none or its note is damaged (then a new one is made:
        sending a row twice is harmless)."""
        found = db.execute("SELECT uuid, seqs FROM batch").fetchone()
        try:
            return (
                (str(uuid.UUID(found[0])), [int(seq) for seq in json.loads(found[1])]) if found else ("", [])
            )
        except (TypeError, ValueError, AttributeError):
            return "", []

    def _batch_seqs(self, db: sqlite3.Connection, batch: str | None = None) -> list[int]:
        name, seqs = self._current(db)
        return seqs if batch is None or batch == name else []

    def _bury(self, db: sqlite3.Connection, seq: int, code: str) -> None:
        epoch = self._meta(db, "epoch")
        db.execute(
            "INSERT INTO dead (epoch, seq, meter, register, taken_at, value, code)"
            " SELECT ?, seq, meter, register, taken_at, value, ? FROM reading WHERE seq = ?",
            (epoch, code[:80], seq),
        )
        db.execute("DELETE FROM reading WHERE seq = ?", (seq,))
        self._count(db, "dead", 1)

    # facts

    def _meta(self, db: sqlite3.Connection, key: str) -> str:
        found = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return "" if found is None else str(found[0])

    def _count(self, db: sqlite3.Connection, key: str, more: int) -> None:
        db.execute(
            "INSERT INTO meta (key, value) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + ?",
            (key, more, more),
        )

    def facts(self) -> spool_file.Facts:
        with self._read() as db:
            return spool_file.facts(db)

    def missing(self, now: datetime | None) -> list[dict[str, str | None]]:
        """The gap list of the heartbeat."""
        with self._read() as db:
            return gaps.listing(db, now)

    def silent(self, meter: str, when: datetime) -> None:
        """The meter did not answer at `when`."""
        with self._write() as db:
            gaps.silent(db, meter, rfc3339(when))

    def heard(self, meter: str, when: datetime) -> None:
        """The meter answered again at `when`: an open gap ends. Costs no write if there is none."""
        with self._read() as db:
            if not gaps.is_open(db, meter):
                return
        with self._write() as db:
            gaps.heard(db, meter, rfc3339(when))


def _seqs(rows: Sequence[Row]) -> str:
    return json.dumps([row.seq for row in rows])
