"""The texts of IEC 62056-21: identification, data block, block check, data sets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from gateway_sim.field.errors import BadAnswer

STX, ETX, ACK = 0x02, 0x03, 0x06
IDENT = re.compile(rb"/([A-Za-z]{3})(.)([^\r\n]{0,32})\r\n")
DATA_SET = re.compile(r"([0-9A-Z:.\-*&]*)\(([^()]*)\)")
BAUD_OF_MODE_C = dict(enumerate((300, 600, 1200, 2400, 4800, 9600, 19200)))
BAUD_OF_MODE_B = dict(zip("ABCDEF", (600, 1200, 2400, 4800, 9600, 19200), strict=True))


@dataclass(frozen=True)
class Ident:
    """`mode` is A, B or C; `baud` the speed of the data."""

    maker: str
    name: str
    mode: str
    baud: int
    letter: str


def request(address: str = "") -> bytes:
    return b"/?" + address.encode("ascii", "ignore") + b"!\r\n"


def ident_of(heard: bytes) -> tuple[Ident, bytes] | None:
    """The identification and what follows it; None while it is not whole. Parity bits are taken off."""
    plain = bytes(byte & 0x7F for byte in heard)
    found = IDENT.search(plain)
    if found is None:
        return None
    letter = found[2].decode("ascii", "replace")
    name = found[3].decode("ascii", "replace").strip()
    rest = heard[found.end() :]
    if letter.isdecimal() and int(letter) in BAUD_OF_MODE_C:
        return Ident(found[1].decode(), name, "C", BAUD_OF_MODE_C[int(letter)], letter), rest
    if letter in BAUD_OF_MODE_B:
        return Ident(found[1].decode(), name, "B", BAUD_OF_MODE_B[letter], letter), rest
    return Ident(found[1].decode(), letter + name, "A", 300, letter), rest


def acknowledge(ident: Ident) -> bytes:
    """Read-out at the meter's own speed."""
    return bytes([ACK]) + b"0" + ident.letter.encode() + b"0\r\n"


def block_of(heard: bytes, *, arithmetic: bool = False) -> str | None:
    """The text between STX and ETX; None while the block is not whole. `BadAnswer` for a wrong block check.

    `arithmetic`: the check is a sum, as Kamstrup computes it, instead of an exclusive or.
    """
    plain = bytes(byte & 0x7F for byte in heard)
    start = plain.find(bytes([STX]))
    end = plain.find(bytes([ETX]), start + 1)
    if start < 0 or end < 0 or len(plain) < end + 2:
        return None
    body = plain[start + 1 : end + 1]
    check = sum(body) & 0x7F if arithmetic else _xor(body)
    if check != plain[end + 1]:
        raise BadAnswer("the block check is wrong")
    return body[:-1].decode("ascii", "replace")


def _xor(data: bytes) -> int:
    check = 0
    for byte in data:
        check ^= byte
    return check


@dataclass(frozen=True)
class DataSet:
    """`address` without its storage; `storage` 0 is now, 1 the newest stored value."""

    address: str
    storage: int
    text: str
    unit: str

    @property
    def number(self) -> Decimal | None:
        try:
            number = Decimal(self.text.strip())
        except InvalidOperation:
            return None
        return number if number.is_finite() else None


def data_sets(text: str) -> list[DataSet]:
    """All data sets of a block, in order. `6.8*01(0012.345*GJ)` is the heat of storage 1."""
    found = []
    for address, value in DATA_SET.findall(text):
        address, _star, storage = re.sub(r"[&]", "*", address).partition("*")
        number, _star, unit = value.partition("*")
        found.append(DataSet(address, int(storage) if storage.isdecimal() else 0, number, unit.strip()))
    return found


def block(text: str, *, arithmetic: bool = False) -> bytes:
    """For simulators: STX, text, ETX and block check."""
    body = text.encode("ascii") + bytes([ETX])
    check = sum(body) & 0x7F if arithmetic else _xor(body)
    return bytes([STX]) + body + bytes([check])
