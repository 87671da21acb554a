"""Power cuts, a torn WAL, and pages that went bad."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.soak.ledger import Tally, compare
from gateway_sim.agent import salvage, spool
from gateway_sim.agent.spool import Measurement, Result, Spool, SpoolError
from tests.gateway_sim.agent import powercut

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGE = 4096
FRAME = 24 + PAGE


def pending(store: Spool) -> list[str]:
    batch = store.batch(100_000)
    return [] if batch is None else [row.value for row in batch.rows]


def _accept(store: Spool, rows: int) -> list[str]:
    batch = store.batch(rows)
    assert batch is not None
    store.settle(batch.uuid, {row.seq: Result(row.seq, "accepted") for row in batch.rows})
    return [row.value for row in batch.rows]


def cut_run(count: int, home: Path, synchronous: str = "FULL") -> Tally:
    """`count` power cuts at random moments; every second leaves random 512-byte sectors of what was not yet
    synced. duplicated: a row that was settled and is back. altered: a value nobody read, or a file that had
    to be set aside."""
    total = Tally()
    rows = 0
    for seed in range(count):
        place = home / str(seed)
        tally, kept = _cut(place, seed, synchronous, torn=bool(seed % 2))
        total += tally
        rows += kept
        shutil.rmtree(place)
    total.note = f"{rows} readings kept"
    return total


def cut_control(count: int, home: Path) -> Tally:
    return cut_run(count, home, "NORMAL")


def _cut(place: Path, seed: int, synchronous: str, *, torn: bool) -> tuple[Tally, int]:
    rand = random.Random(seed)
    live = place / "live"
    live.mkdir(parents=True)
    store = Spool(live / "spool.sqlite3", connect=lambda path: powercut.connect(path, synchronous))
    kept: set[str] = set()
    gone: set[str] = set()
    begun: set[str] = set()
    for n in range(rand.randrange(5, 80)):
        if rand.random() < 0.25 and kept:
            values = _accept(store, rand.randrange(1, 6))
            kept -= set(values)
            gone |= set(values)
        else:
            begun.add(f"{n}.5")
            store.add([Measurement("m", "r", f"{n}.5")], taken_at=NOON + timedelta(seconds=n))
            kept.add(f"{n}.5")
        if rand.random() < 0.05:
            store._connection().execute("PRAGMA wal_checkpoint(RESTART)")
    powercut.after_cut(live, place / "disk", rand, torn=torn)
    store.close()
    notes: list[str] = []
    after = Spool(place / "disk" / "spool.sqlite3", note=notes.append)
    found = pending(after)
    (verdict,) = after._connection().execute("PRAGMA integrity_check").fetchone()
    after.close()
    tally = compare(kept, begun, found)
    tally.duplicated += len(gone & set(found))
    tally.altered += bool(notes) + (verdict != "ok")
    tally.injected = 1
    return tally, len(kept)


def torn_run(count: int, home: Path, *, without: bool = False) -> Tally:
    """A WAL of `count` commits cut off at each frame's end, a byte before and a byte after: what was committed
    before the cut must be there, in order, and nothing else. The control starts without the WAL."""
    place = home / "live"
    place.mkdir(parents=True)
    store = Spool(place / "spool.sqlite3")
    db = store._connection()
    db.execute("PRAGMA wal_autocheckpoint = 0")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for n in range(count):
        store.add([Measurement("m", "r", f"{n}.5")], taken_at=NOON + timedelta(seconds=n))
    wal = (place / "spool.sqlite3-wal").read_bytes()
    main, epoch = store.path.read_bytes(), (place / "spool.epoch").read_bytes()
    store.close()
    ends = [0]  # by number of frames: commits whole up to there
    for start in range(32, len(wal) - FRAME + 1, FRAME):
        ends.append(ends[-1] + (int.from_bytes(wal[start + 4 : start + 8], "big") > 0))
    if ends[-1] != count:
        raise RuntimeError("the WAL does not hold one commit a reading")
    total = Tally()
    for frames in range(len(ends)):
        for off in (-1, 0, 1):
            at = max(0, min(len(wal), 32 + FRAME * frames + off))
            copy = home / "copy"
            copy.mkdir()
            (copy / "spool.sqlite3").write_bytes(main)
            (copy / "spool.epoch").write_bytes(epoch)
            if not without:
                (copy / "spool.sqlite3-wal").write_bytes(wal[:at])
            expected = [f"{n}.5" for n in range(ends[max(0, (at - 32) // FRAME)])]
            after = Spool(copy / "spool.sqlite3")
            found = pending(after)
            after.close()
            shutil.rmtree(copy)
            total += compare(expected, expected, found)
            total.altered += found != sorted(found, key=float)
            total.injected += 1
    total.note = f"{count} commits, {len(ends) - 1} frames"
    return total


def torn_control(count: int, home: Path) -> Tally:
    return torn_run(count, home, without=True)


def damage_run(count: int, home: Path) -> Tally:
    """`count` times random bytes of one to three pages change: no value may be made up, every row of the other
    pages must be there, and the spool must go on."""
    place = home / "live"
    place.mkdir(parents=True)
    store = Spool(place / "spool.sqlite3")
    truth = {f"{n}.5" for n in range(600)}
    for n in range(600):
        m = Measurement(f"m{n % 5}", "energy", f"{n}.5")
        store.add([m], taken_at=NOON + timedelta(seconds=n))
    store.close()
    clean, epoch = store.path.read_bytes(), (place / "spool.epoch").read_bytes()
    pages = len(clean) // PAGE
    rows_of = {
        page: {columns[3] for _, columns in salvage._leaf_rows(clean[page * PAGE : (page + 1) * PAGE])}
        for page in range(pages)
    }
    used = [page for page in range(pages) if rows_of[page] or page < 16]
    total = Tally()
    aside = 0
    for seed in range(count):
        rand = random.Random(seed)
        copy = home / "copy"
        copy.mkdir()
        data = bytearray(clean)
        hit = {rand.choice(used) for _ in range(rand.randrange(1, 4))}
        for page in hit:
            for _ in range(rand.randrange(1, 60)):
                data[page * PAGE + rand.randrange(PAGE)] = rand.randrange(256)
        (copy / "spool.sqlite3").write_bytes(data)
        (copy / "spool.epoch").write_bytes(epoch)
        after = Spool(copy / "spool.sqlite3")
        try:
            found = pending(after)
        except SpoolError:  # found only while reading: the next call mends it
            found = pending(after)
        safe = truth - set().union(*(rows_of[page] for page in hit))
        total += compare(safe, truth, found)
        while after.batch() is not None:
            _accept(after, 100_000)
        after.add([Measurement("m", "r", "1.0")], taken_at=NOON)
        total.lost += pending(after) != ["1.0"]
        after.close()
        aside += bool(list(copy.glob("*.saved-*")))
        total.injected += 1
        shutil.rmtree(copy)
    total.note = f"{aside} files set aside and salvaged"
    return total


class _Anything(int):
    """A checksum that agrees with every other."""

    __hash__ = int.__hash__

    def __eq__(self, other: object) -> bool:
        return True


def damage_control(count: int, home: Path) -> Tally:
    """The same without the checksum of rows."""
    real = spool.checksum
    spool.checksum = salvage.checksum = lambda *columns: _Anything(real(*columns))
    try:
        return damage_run(count, home)
    finally:
        spool.checksum = salvage.checksum = real
