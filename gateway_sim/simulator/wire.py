"""The wire of an M-Bus seen bit by bit. A meter sends a 0 by drawing more current, so where several send at once
a 0 of any of them wins: the bus is the wired AND of their bit streams, sampled again by the master's UART."""

from __future__ import annotations

from collections.abc import Sequence

BITS = 11  # start, 8 data, even parity, stop
SAMPLES = 4  # a bit


def to_bits(data: bytes) -> list[int]:
    bits: list[int] = []
    for byte in data:
        word = [byte >> i & 1 for i in range(8)]
        bits += [0, *word, sum(word) & 1, 1]
    return bits


def superpose(parts: Sequence[tuple[float, bytes]]) -> bytes:
    """(offset in bit times, bytes) of each sender -> the bytes a master reads."""
    if len(parts) == 1:
        return parts[0][1]
    end = max(round(offset * SAMPLES) + len(data) * BITS * SAMPLES for offset, data in parts)
    line = bytearray(b"\x01") * (end + SAMPLES)
    for offset, data in parts:
        at = round(offset * SAMPLES)
        for bit in to_bits(data):
            if not bit:
                line[at : at + SAMPLES] = bytes(SAMPLES)
            at += SAMPLES
    return _receive(line)


def _receive(line: bytearray) -> bytes:
    """Samples in the middle of bits, aligned anew at each start edge; after a framing error waits for the mark."""
    out = bytearray()
    total = len(line)

    def level(at: int) -> int:
        return line[at] if at < total else 1

    i = 0
    while True:
        i = line.find(0, i)
        if i < 0:
            return bytes(out)
        middle = i + SAMPLES // 2
        out.append(sum(level(middle + (1 + k) * SAMPLES) << k for k in range(8)))
        stop = middle + (BITS - 1) * SAMPLES
        if level(stop):
            i = stop
        else:
            i = line.find(1, stop)
            if i < 0:
                return bytes(out)
