"""The spool's promises one by one; kills, power cuts, damage and a full disk are in test_soak."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from gateway_sim.agent import spool_file, spool_room
from gateway_sim.agent.spool import Measurement, Result, Spool, SpoolError

pytestmark = pytest.mark.pure
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def accept(spool: Spool, rows: int = 500) -> list[str]:
    batch = spool.batch(rows)
    spool.settle(batch.uuid, {row.seq: Result(row.seq, "accepted") for row in batch.rows})
    return [row.value for row in batch.rows]


def pending(spool: Spool) -> list[str]:
    batch = spool.batch(100_000)
    return [] if batch is None else [row.value for row in batch.rows]


def test_files_are_closed_to_others(spool, fill):
    fill(spool, 1)
    for file in spool.path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_the_connection_syncs_each_commit(spool):
    with spool._read() as db:
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_seq_never_falls_even_when_the_spool_was_empty(tmp_path, fill):
    spool = Spool(tmp_path / "spool.sqlite3")
    fill(spool, 3)
    accept(spool)
    spool.close()
    spool = Spool(tmp_path / "spool.sqlite3")
    fill(spool, 1)
    assert [row.seq for row in spool.batch().rows] == [4]


def test_a_new_file_has_a_higher_epoch(tmp_path):
    first = Spool(tmp_path / "spool.sqlite3")
    epoch = first.facts().epoch
    first.close()
    for file in tmp_path.glob("spool.sqlite3*"):
        file.unlink()
    assert Spool(tmp_path / "spool.sqlite3").facts().epoch > epoch


def test_results_that_do_not_name_the_batch_change_nothing(spool, fill):
    fill(spool, 3)
    batch = spool.batch()
    good = {row.seq: Result(row.seq, "accepted") for row in batch.rows}
    for wrong in (
        ("other", good),
        (batch.uuid, {}),
        (batch.uuid, {1: good[1]}),
        (batch.uuid, good | {9: Result(9, "accepted")}),
        (batch.uuid, good | {2: Result(2, "perhaps")}),
    ):
        with pytest.raises(SpoolError):
            spool.settle(*wrong)
        assert spool.facts().pending == 3
    assert spool.batch() == batch
    assert spool.settle(batch.uuid, good) == (3, 0)


def test_a_file_that_is_no_database_is_set_aside(tmp_path):
    (tmp_path / "spool.sqlite3").write_bytes(b"this is no database" * 1000)
    notes: list[str] = []
    spool = Spool(tmp_path / "spool.sqlite3", note=notes.append)
    spool.add([Measurement("m", "r", "1.0")], taken_at=NOON)
    assert pending(spool) == ["1.0"]
    assert "kept as spool.sqlite3.saved-1" in notes[0]


def test_damage_that_sqlite_quotes_in_its_message_does_not_stop_the_start(tmp_path, fill):
    spool = Spool(tmp_path / "spool.sqlite3")
    truth = list(fill(spool, 30).values())
    spool.close()

    def connect(path):
        if path.name != "spool.sqlite3" or not path.with_suffix(".mended").exists():
            path.with_suffix(".mended").touch()
            raise UnicodeDecodeError("utf-8", b"\x80", 0, 1, "invalid start byte")  # as seen from a real file
        return spool_file.connect(path)

    after = Spool(tmp_path / "spool.sqlite3", connect=connect)
    assert sorted(pending(after), key=float) == truth
    assert after.facts().salvaged == 30
    after.close()


def test_killed_while_the_damaged_file_was_set_aside_its_rows_are_saved_at_the_next_start(tmp_path, fill):
    spool = Spool(tmp_path / "spool.sqlite3")
    truth = list(fill(spool, 30).values())
    live = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    spool.close()
    assert "spool.sqlite3-wal" in live
    # (what was moved before the kill, what had not been)
    for case, moved in enumerate((["-wal"], ["-wal", "-shm"], ["-wal", "-shm", ""])):
        home = tmp_path / f"kill-{case}"
        home.mkdir()
        for name, data in live.items():
            part = name.removeprefix("spool.sqlite3")
            target = f"spool.sqlite3.damaged-1{part}" if part in moved else name
            (home / target).write_bytes(data)
        after = Spool(home / "spool.sqlite3")
        assert sorted(set(pending(after)), key=float) == truth, case
        after.close()
        assert not list(home.glob("*.damaged-*"))


def test_a_full_spool_drops_by_rule_and_counts_what_went(tmp_path, fill):
    spool = Spool(tmp_path / "spool.sqlite3", limit=64 * 4096)
    fill(spool, 300, momentary=True)
    truth = set(fill(spool, 4000, first=1000).values())
    facts = spool.facts()
    values = pending(spool)
    assert facts.dropped > 0
    assert facts.dropped + facts.pending == 4300
    assert not {f"{n}.000" for n in range(300)} & set(values)  # momentary values went first
    assert values[-1] == "4999.000"  # the newest index values stay
    assert set(values) <= truth
    assert spool.path.stat().st_size <= 64 * 4096
    gaps = spool.missing(None)
    assert {gap["meter"] for gap in gaps} == {f"m{n}" for n in range(5)}
    dropped_to = max(gap["to"] for gap in gaps)
    assert dropped_to < "2026-11-26"
    while spool.facts().pending:
        accept(spool)
    assert spool.facts().delivered == facts.pending


def test_a_full_spool_still_takes_the_batch_on_its_way_as_it_was(tmp_path, fill):
    spool = Spool(tmp_path / "spool.sqlite3", limit=64 * 4096)
    fill(spool, 20)
    batch = spool.batch(20)
    fill(spool, 4000, first=100)
    assert spool.facts().dropped > 0
    assert spool.batch() == batch
    assert accept(spool) == [row.value for row in batch.rows]


def test_a_spool_without_its_reserve_lays_it_by_again_and_gives_it_up_for_a_start_on_a_full_disk(
    tmp_path, fill
):
    spool = Spool(tmp_path / "spool.sqlite3")
    reserve = tmp_path / "spool.reserve"
    assert reserve.stat().st_size == spool_room.HELD
    assert reserve.stat().st_mode & 0o077 == 0
    truth = list(fill(spool, 3).values())
    spool.close()
    opened: list[bool] = []

    def connect(path):
        opened.append(reserve.exists())
        if reserve.exists():
            raise sqlite3.OperationalError(
                "disk I/O error"
            )  # as SQLite says when the WAL's index finds no room
        return spool_file.connect(path)

    again = Spool(tmp_path / "spool.sqlite3", connect=connect)
    assert opened[:2] == [True, False]
    assert pending(again) == truth
    assert reserve.exists()


def test_after_a_failed_write_the_connection_is_opened_anew(tmp_path, fill):
    opened: list[int] = []

    def connect(path):
        opened.append(1)
        return spool_file.connect(path)

    spool = Spool(tmp_path / "spool.sqlite3", connect=connect)
    fill(spool, 1)
    before = len(opened)
    with pytest.raises(SpoolError), spool._write():
        raise sqlite3.OperationalError("disk I/O error")
    assert pending(spool) == ["0.000"]
    assert len(opened) > before


def test_readings_wait_for_the_time_and_those_of_another_boot_are_kept_apart(spool):
    spool.add([Measurement("m", "r", "1")], taken_at=None, boot="old", mono=5.0)
    spool.add([Measurement("m", "r", "2")], taken_at=None, boot="new", mono=50.0)
    assert spool.batch() is None
    assert spool.facts().undated == 2
    assert spool.stamp("new", lambda mono: NOON + timedelta(seconds=mono)) == 1
    assert [(row.value, row.taken_at) for row in spool.batch().rows] == [("2", "2026-11-22T12:00:50Z")]
    assert (spool.facts().undated, spool.facts().dead) == (0, 1)


def test_a_silent_meter_stands_in_the_gap_list_until_long_after_it_answers(spool):
    spool.silent("m1", NOON)
    spool.silent("m1", NOON + timedelta(hours=2))
    expected = {"meter": "m1", "from": "2026-11-22T12:00:00Z", "to": "2026-11-22T14:00:00Z"}
    assert spool.missing(NOON) == [expected]
    spool.heard("m1", NOON + timedelta(hours=3))
    assert spool.missing(NOON) == [expected | {"to": "2026-11-22T15:00:00Z"}]
    spool.silent("m1", NOON + timedelta(hours=9))
    assert len(spool.missing(NOON)) == 2
    assert spool.missing(NOON + timedelta(days=36)) == []
