"""The answers of MULTICAL 66-CDE: lines of digits between spaces, without units and decimals."""

from __future__ import annotations

from decimal import Decimal

COMMANDS = {"now": b"/#1", "setup": b"/#2", "months": b"/#5", "days": b"/#6", "hours": b"/#7"}
LINE_END = b"\r"
CARRIAGE_RETURNS = (b"", b"\r")  # what ends a request: nothing, or for some meters a CR
NO_DIGITS = frozenset(":;<=>?")  # seen where digits should be in long dumps of real meters
LONGEST = 128  # bytes of a line, more than any has
FIELDS = {"now": 10, "setup": 10, "month": 8, "day": 12}


def lines_of(heard: bytes) -> list[list[str]]:
    """Fields by line; an unfinished last line is left out. Parity bits and stray zeros are taken off."""
    plain = bytes(byte & 0x7F for byte in heard).replace(b"\n", b"").lstrip(b"\x00\x7f")
    return [line.decode("ascii").split() for line in plain.split(LINE_END)[:-1] if line.strip()]


def line_count(heard: bytes) -> int:
    """Cheap enough to be asked at every byte of a long answer; 8Dh is a line end with its parity bit."""
    return heard.count(LINE_END) + heard.count(b"\x8d")


def is_field(text: str) -> bool:
    return all("0" <= letter <= "9" or letter in NO_DIGITS for letter in text)


def number(field: str, decimals: int) -> Decimal | None:
    """None for a field that holds signs which are no digits: the meter has no value there."""
    return Decimal(int(field)).scaleb(-decimals) if field.isdecimal() else None


def decimals_of(text: str) -> int:
    """How many decimals the meter shows: `507.109` has 3."""
    return len(text.partition(".")[2])
