"""The bytes of KMP (Kamstrup Meter Protocol), after the public revision M1 of Kamstrup's protocol description."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from gateway_sim.field.errors import BadAnswer
from gateway_sim.meters.crc import crc_ccitt

TO_METER, FROM_METER, STOP, ACK, ESCAPE = 0x80, 0x40, 0x0D, 0x06, 0x1B
STUFFED = {TO_METER, FROM_METER, STOP, ACK, ESCAPE}
METER, TOP_MODULE = 0x3F, 0x7F
GET_TYPE, GET_SERIAL, GET_REGISTER = 0x01, 0x02, 0x10
HOUR_LOG, YEAR_LOG, MONTH_LOG, DAY_LOG = 0x63, 0x64, 0x65, 0x66
NOTHING = 0xFFFF  # instead of a register's number: the log or the register is not there
MOST_REGISTERS = 8  # in one GetRegister
UNITS = {
    1: "Wh", 2: "kWh", 3: "MWh", 8: "GJ", 12: "Gcal", 37: "°C", 38: "K", 39: "l", 40: "m³", 44: "t", 46: "h",
    52: "bar", 58: "min", 60: "s",
}  # fmt: skip
HHMMSS, YYMMDD = 47, 48


@dataclass(frozen=True)
class Value:
    """One number with the unit code and scale that came with it."""

    register: int
    unit: int
    number: Decimal


def frame(start: int, destination: int, command: int, data: bytes = b"") -> bytes:
    """A whole frame; `start` says its direction."""
    body = bytes([destination, command]) + data
    body += crc_ccitt(body).to_bytes(2, "big")
    stuffed = b"".join(bytes([ESCAPE, byte ^ 0xFF]) if byte in STUFFED else bytes([byte]) for byte in body)
    return bytes([start]) + stuffed + bytes([STOP])


def request(destination: int, command: int, data: bytes = b"") -> bytes:
    return frame(TO_METER, destination, command, data)


def unframe(heard: bytes, start: int = FROM_METER) -> bytes | None:
    """Destination, command and data of the first frame in `heard`; None while its end is missing.

    What stands before the frame is skipped: a meter may wake with a stray 00, a head may echo in pieces.
    Raises `BadAnswer` for a checksum or stuffing that is wrong.
    """
    begin = heard.find(bytes([start]))
    if begin < 0:
        return None
    end = heard.find(bytes([STOP]), begin)
    if end < 0:
        return None
    body = _unstuffed(heard[begin + 1 : end])
    if len(body) < 4 or crc_ccitt(body):
        raise BadAnswer("the checksum of the KMP frame is wrong")
    return body[:-2]


def _unstuffed(data: bytes) -> bytes:
    out = bytearray()
    stuffed = False
    for byte in data:
        if stuffed:
            out.append(byte ^ 0xFF)
            stuffed = False
        elif byte == ESCAPE:
            stuffed = True
        elif byte in STUFFED:
            raise BadAnswer("a KMP frame begins inside another")
        else:
            out.append(byte)
    return bytes(out)


def scaled(number: int, sign_exponent: int) -> Decimal:
    """(-1)^S · number · 10^(±e): bit 7 the value's sign, bit 6 the exponent's, bits 0–5 the exponent."""
    exponent = sign_exponent & 0x3F
    value = Decimal(number).scaleb(-exponent if sign_exponent & 0x40 else exponent)
    return -value if sign_exponent & 0x80 else value


def registers_of(data: bytes) -> list[Value]:
    """The registers of a GetRegister reply (after its command). A cut tail is a `BadAnswer`."""
    values = []
    place = 0
    while place < len(data):
        head = data[place : place + 5]
        size = head[3] if len(head) == 5 else 0
        number = data[place + 5 : place + 5 + size]
        if len(head) < 5 or len(number) < size:
            raise BadAnswer("a KMP register is cut")
        register = int.from_bytes(head[:2], "big")
        values.append(Value(register, head[2], scaled(int.from_bytes(number, "big"), head[4])))
        place += 5 + size
    return values


def log_of(data: bytes, register: int, *, status: bool) -> list[Decimal | None] | None:
    """The values of a log reply, newest first; None where the meter has nothing of the kind at all.

    `status`: a byte before each value, 00 for an empty hour.
    """
    if data[:2] == NOTHING.to_bytes(2, "big"):
        return None
    if len(data) < 5 or int.from_bytes(data[:2], "big") != register:
        raise BadAnswer("the log of another register came")
    size, scale, rest = data[3], data[4], data[5:]
    step = size + (1 if status else 0)
    if not size or len(rest) % step:
        raise BadAnswer("a KMP log is cut")
    parts = [rest[place : place + step] for place in range(0, len(rest), step)]
    return [
        None if status and not part[0] else scaled(int.from_bytes(part[-size:], "big"), scale)
        for part in parts
    ]
