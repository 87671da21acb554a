"""Mutated telegrams: only our own errors, always an end, and raw bytes that add up."""

from __future__ import annotations

import json
import random
import re
from decimal import Decimal

import pytest

from gateway_sim.mbus.decode import decode_frame
from gateway_sim.mbus.errors import MBusError
from gateway_sim.mbus.frames import long_frame
from gateway_sim.mbus.jsonform import telegrams_form, value_text
from tests.gateway_sim import mbus_frames as given

pytestmark = pytest.mark.pure

ROUNDS = 6000
NUMBER = re.compile(r"(?!-0(\.0*)?$)-?[0-9]+(\.[0-9]+)?")  # plain, and no minus before zero


def mutated(source: random.Random) -> bytes:
    raw = bytearray(source.choice(given.ALL))
    for _ in range(source.randint(1, 6)):
        at = source.randrange(len(raw)) if raw else 0
        kind = source.randrange(6)
        if kind == 0 and raw:
            raw[at] ^= 1 << source.randrange(8)
        elif kind == 1:
            del raw[at : at + 1]
        elif kind == 2:
            raw.insert(at, source.randrange(256))
        elif kind == 3:
            del raw[source.randint(at, len(raw)) :]
        elif kind == 4:
            other = source.choice(given.ALL)
            cut = source.randrange(len(other))
            raw[at:at] = other[cut : cut + source.randint(1, 40)]
        else:
            raw[19:] = source.randbytes(source.randint(0, 200)) + b"\x00\x16"
    if source.random() < 0.3 or len(raw) < 10:
        return bytes(raw)
    # Most get their envelope mended, so that the fuzz reaches the records.
    ci = source.choice((0x72, 0x72, 0x72, 0x72, 0x73, 0x76, 0x78, 0x7A, 0x70, raw[6]))
    return long_frame(8, raw[5], ci, bytes(raw[7:-2])[:252])


def test_mutated_frames() -> None:
    source = random.Random(20261122)
    decoded = refused = 0
    for _ in range(ROUNDS):
        raw = mutated(source)
        try:
            telegram = decode_frame(raw)
        except MBusError as error:
            assert error.code
            refused += 1
            continue
        decoded += 1
        form = telegrams_form([telegram])
        json.dumps(form)
        numbers = [value_text(r.value) for r in telegram.records if isinstance(r.value, Decimal)]
        assert all(NUMBER.fullmatch(number or "") for number in numbers)
        assert all(r.value is not None or r.flags for r in telegram.records)
        assert len(b"".join(r.raw for r in telegram.records)) <= len(raw)
    # The fuzz must reach both sides, or it shows nothing.
    assert decoded > ROUNDS // 3
    assert refused > ROUNDS // 20


def test_deep_chains_end() -> None:
    for body in (
        b"\x84" + b"\xff" * 238 + b"\x01",
        b"\x04" + b"\xfd" * 238 + b"\x01",
        b"\x04\x93" + b"\xfd" * 230 + b"\x7d" + bytes(4),
    ):
        telegram = decode_frame(given.answer(body.hex()[:480]))
        assert telegram.records
        assert telegram.records[0].faulty
