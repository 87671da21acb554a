"""Telegrams written by hand for the tests, none taken from a meter."""

from __future__ import annotations

from gateway_sim.mbus.frames import long_frame

HEADER = bytes.fromhex("785634122d2c04042a000000")  # 12345678 KAM 4 heat, access 42


def answer(
    records: str, *, ci: int = 0x72, header: bytes = HEADER, address: int = 1, control: int = 0x08
) -> bytes:
    """An RSP_UD with the records given as hexadecimal text."""
    return long_frame(control, address, ci, header + bytes.fromhex(records.replace(" ", "")))


HEAT = answer(
    "0C 78 78563412  04 6D 1E0E563B  0C 06 67452301  0B 3B 0012F0  0A 5A 1206  0A 5E 8703  0B 60 002502"
    " 05 2E 0000C03F  42 6C 7F3C  42 EC7E 9F3C  4C 06 00100000  9B10 2D 345600  0F 0102"
)
ELECTRICITY = answer(
    "04 05 73000000  04 FB8275 F6FFFFFF  84 10 05 E8030000  84 20 05 D0070000  02 FDC8 FC01 FD08"
    " 02 FDC8 FC02 0109  84 00 863B 23000000  84 00 863C 11000000  05 FB2E 00004842  02 FD17 0080  1F",
    header=bytes.fromhex("39303132 4204 02 02 07 00 0000"),
)
WATER = answer(
    "0C 13 27041985 0D FD10 05 6C6C6148 42  01 FD0C 03 2F2F", header=bytes.fromhex("21436587c514010701000000")
)
FIXED = long_frame(0x08, 1, 0x73, bytes.fromhex("93929190 10 00 05 69 31650000 69000000"))
ALL = (HEAT, ELECTRICITY, WATER, FIXED)
