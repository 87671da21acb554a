"""FT 1.2: what is a frame and what is not, alone and in a stream."""

from __future__ import annotations

import random

import pytest

from gateway_sim.mbus.errors import FrameError
from gateway_sim.mbus.frames import ACK, FrameReader, long_frame, parse_frame, short_frame
from tests.gateway_sim import mbus_frames as given

pytestmark = pytest.mark.pure

GOOD = given.HEAT
REQUEST = short_frame(0x7B, 1)


def changed(raw: bytes, at: int, value: int) -> bytes:
    out = bytearray(raw)
    out[at] = value
    return bytes(out)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (changed(GOOD, 0, 0x67), "start"), (changed(GOOD, 1, GOOD[1] + 1), "length"),
        (changed(GOOD, 2, GOOD[2] + 1), "length"), (changed(GOOD, 3, 0x67), "start"),
        (changed(GOOD, -1, 0x15), "stop"), (changed(GOOD, -2, GOOD[-2] ^ 1), "checksum"),
        (changed(GOOD, 20, GOOD[20] ^ 1), "checksum"), (GOOD[:-1], "length"), (GOOD + b"\x00", "length"),
        (b"\x00" + GOOD, "start"), (ACK + b"\x00", "start"), (b"", "empty"), (b"\x68", "length"),
        (b"\x68\x02\x02\x68\x08\x01\x09\x16", "length"), (changed(REQUEST, 3, 0), "checksum"),
        (changed(REQUEST, 4, 0), "stop"), (REQUEST[:-1], "length"), (REQUEST + b"\x16", "length"),
    ],
)  # fmt: skip
def test_broken_envelopes(raw: bytes, code: str) -> None:
    with pytest.raises(FrameError) as caught:
        parse_frame(raw)
    assert caught.value.code == code


def test_good_envelopes() -> None:
    assert parse_frame(GOOD).data == GOOD[7:-2]
    assert parse_frame(REQUEST).control == 0x7B
    assert parse_frame(ACK).is_ack


def test_too_much_user_data() -> None:
    assert len(long_frame(8, 1, 0x72, bytes(252))) == 261
    with pytest.raises(FrameError):
        long_frame(8, 1, 0x72, bytes(253))


def test_stream_in_any_cut() -> None:
    stream = ACK + GOOD + REQUEST + given.WATER + ACK
    for size in (1, 2, 3, 7, 50, 1000):
        reader = FrameReader()
        found = []
        for at in range(0, len(stream), size):
            found += reader.feed(stream[at : at + size])
        assert [f.raw for f in found] == [ACK, GOOD, REQUEST, given.WATER, ACK]
        assert reader.skipped == reader.pending == 0


@pytest.mark.parametrize(
    "noise", [b"\x00\xff", b"\x68", b"\x68\x10\x10", b"\x10\x5b", GOOD[:30], b"\x68\x07\x07\x68" * 3]
)
def test_a_frame_behind_noise_is_found(noise: bytes) -> None:
    reader = FrameReader()
    found = reader.feed(noise + GOOD)
    found += reader.flush()
    assert [f.raw for f in found if not f.is_ack] == [GOOD]


def test_endless_noise_stays_small_and_finds_nothing() -> None:
    reader = FrameReader()
    for byte in (0x00, 0xFF, 0x68, 0x10):
        for _ in range(50):
            assert reader.feed(bytes((byte,)) * 200) == []
            assert reader.pending <= 261
    source = random.Random(4)
    for _ in range(200):
        frames = reader.feed(bytes(source.randrange(256) for _ in range(100)))
        assert all(f.is_ack or f.ci is None or parse_frame(f.raw) for f in frames)
        assert reader.pending <= 261
