"""A meter's raw answer goes with its readings, once, and never stands in their way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway_sim.agent import telegrams
from gateway_sim.agent.spool import Measurement, Result, Spool
from gateway_sim.mbus.decode import decode_frame
from gateway_sim.site import load_site

pytestmark = pytest.mark.pure
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def add(spool: Spool, meter: str, minute: int, frames: str = "68aa16", registers: int = 2) -> None:
    found = [Measurement(meter, f"r{n}", f"{minute}.{n}") for n in range(registers)]
    spool.add(found, taken_at=NOON + timedelta(minutes=minute), frames=frames)


def told(spool: Spool, rows: int) -> list[tuple[str, str]]:
    batch = spool.batch(rows)
    assert batch is not None
    assert batch.body() == batch.body()
    document: dict[str, Any] = json.loads(batch.body())
    spool.settle(batch.uuid, {row.seq: Result(row.seq, "accepted") for row in batch.rows})
    return [(one["meter"], one["frames"]) for one in document.get("telegrams", ())]


def kept(spool: Spool) -> int:
    with spool._read() as db:
        return int(db.execute("SELECT count(*) FROM telegram").fetchone()[0])


def test_an_answer_goes_with_its_readings_and_again_with_those_of_the_next_batch(spool: Spool) -> None:
    add(spool, "a", 0)
    add(spool, "b", 0, "68bb16,68cc16")
    add(spool, "c", 0, "")
    assert told(spool, 3) == [("a", "68aa16"), ("b", "68bb16,68cc16")]  # b's second register is still to go
    assert kept(spool) == 1
    assert told(spool, 2) == [("b", "68bb16,68cc16")]
    assert told(spool, 9) == []
    assert (kept(spool), spool.facts().pending) == (0, 0)


def test_the_same_batch_again_has_the_same_bytes(spool: Spool) -> None:
    add(spool, "a", 0)
    first = spool.batch()
    add(spool, "a", 1)
    assert first is not None
    assert spool.batch() == first


def test_answers_go_first_when_room_is_needed(tmp_path: Any) -> None:
    spool = Spool(tmp_path / "spool.sqlite3", limit=700_000)
    for minute in range(1500):
        add(spool, "a", minute, "68" * 200, registers=1)
    facts = spool.facts()
    assert (facts.pending, facts.dropped) == (1500, 0)
    assert 0 < kept(spool) < 1500
    spool.close()


def test_a_meter_that_keeps_something_to_itself_tells_no_telegram() -> None:
    site = load_site("gateway_sim/examples/site.toml")
    meter = next(m for m in site.meters if all(r.shared for r in m.registers))
    raw = bytes.fromhex("680F0F6808017A0000000000000C0678563412AA16")
    body = raw[4:-2]
    telegram = decode_frame(raw[:-2] + bytes([sum(body) % 256, 0x16]))
    assert telegrams.frames_of(meter, [telegram, telegram]).count(",") == 1
    assert telegrams.frames_of(meter, [telegram] * 100) == ""
    private = replace(meter, registers=(replace(meter.registers[0], shared=False), *meter.registers[1:]))
    assert telegrams.frames_of(private, [telegram]) == ""
