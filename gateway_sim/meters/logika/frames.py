"""The frames that all СПТ94x share: the short one of both protocols, the extended one of M4.

Source: the maker's «Магистральный протокол М4»; every byte order checked against captured sessions.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway_sim.meters.crc import crc_ccitt

START, END, EXTENDED = 0x10, 0x16, 0x90
SESSION, SPEED, READ, ARCHIVE, CLOSE, ERROR = 0x3F, 0x42, 0x72, 0x61, 0x71, 0x21
RAM, FLASH, HOUR, DAY, MONTH = 0x52, 0x45, 0x48, 0x59, 0x4D
ANY = 0xFF
WAKE = b"\xff" * 16
SPEEDS = {2400: 0, 4800: 1, 9600: 2, 19200: 3, 38400: 4, 57600: 5, 115200: 6}


@dataclass(frozen=True)
class Answer:
    function: int
    data: bytes


def short(address: int, function: int, data: bytes = b"") -> bytes:
    body = bytes([address, function]) + data
    return bytes([START]) + body + bytes([~sum(body) & 0xFF, END])


def extended(address: int, number: int, function: int, data: bytes = b"") -> bytes:
    body = (
        bytes([address, EXTENDED, number, 0])
        + (len(data) + 1).to_bytes(2, "little")
        + bytes([function])
        + data
    )
    return bytes([START]) + body + crc_ccitt(body).to_bytes(2, "big")


def find_short(heard: bytes, address: int, sizes: dict[int, int]) -> Answer | None:
    """The first good short frame in `heard`. A short frame does not say its length: `sizes` is data bytes by
    function. Stray bytes before it are skipped; None while nothing good is there."""
    for start in range(len(heard)):
        if heard[start] != START or len(heard) < start + 3:
            continue
        function = heard[start + 2]
        size = sizes.get(function)
        if size is None or not _for_us(heard[start + 1], address):
            continue
        end = start + 3 + size + 2
        frame = heard[start:end]
        if len(frame) == size + 5 and frame[-1] == END and ~sum(frame[1:-2]) & 0xFF == frame[-2]:
            return Answer(function, frame[3:-2])
    return None


def find_extended(heard: bytes, address: int, number: int) -> Answer | None:
    """The first good extended frame with this number in `heard`; None while there is none."""
    for start in range(len(heard)):
        head = heard[start : start + 7]
        if len(head) < 7 or head[0] != START or head[2] != EXTENDED or head[3] != number:
            continue
        if not _for_us(head[1], address):
            continue
        size = int.from_bytes(head[5:7], "little")
        frame = heard[start : start + 7 + size + 2]
        if size and len(frame) == size + 9 and crc_ccitt(frame[1:]) == 0:
            return Answer(frame[7], frame[8:-2])
    return None


def _for_us(found: int, address: int) -> bool:
    return address == ANY or found in (address, ANY)
