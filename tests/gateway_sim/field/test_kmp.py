"""KMP against real exchanges of a MULTICAL 601 (facts, serial numbers left out): the bytes and what they say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway_sim.field.errors import BadAnswer
from gateway_sim.meters.kamstrup import kmp

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("destination", "command", "data", "wire"),
    [
        (0x3F, 0x01, "", "80 3F 01 05 8A 0D"),
        (0x3F, 0x02, "", "80 3F 02 35 E9 0D"),
        (0x3F, 0x10, "01 00 56", "80 3F 10 01 00 56 7F B3 0D"),
        (0x3F, 0x10, "01 00 44", "80 3F 10 01 00 44 4D C0 0D"),
        (0x3F, 0x10, "01 03 EB", "80 3F 10 01 03 EB 5C 96 0D"),
        (0x3F, 0x66, "00 44 00 21 04", "80 3F 66 00 44 00 21 04 D0 A3 0D"),
        (0x3F, 0x67, "00 44 11 03 14", "80 3F 67 00 44 11 03 14 93 E5 0D"),
        (0x3F, 0x63, "00 BA FF FF FF FF", "80 3F 63 00 BA FF FF FF FF 05 D9 0D"),
    ],
)
def test_a_request_has_the_bytes_that_a_real_program_sent(
    destination: int, command: int, data: str, wire: str
) -> None:
    assert kmp.request(destination, command, bytes.fromhex(data)) == bytes.fromhex(wire)


@pytest.mark.parametrize(
    ("wire", "register", "unit", "number"),
    [
        ("40 3F 10 00 56 25 04 42 00 00 16 30 70 D0 0D", 86, "°C", "56.80"),
        ("40 3F 10 00 44 28 04 42 00 1B BF 28 33 23 9C 0D", 68, "m³", None),  # a stuffed 40 inside
        ("403f10003c0304430000d6de03220d", 60, "MWh", "55.006"),
        ("403f100059260242031255200d", 89, "K", "7.86"),  # two bytes
    ],
)
def test_a_real_register_reply_is_read(wire: str, register: int, unit: str, number: str | None) -> None:
    body = kmp.unframe(bytes.fromhex(wire))
    assert body is not None
    (value,) = kmp.registers_of(body[2:])
    assert (value.register, kmp.UNITS[value.unit]) == (register, unit)
    assert number is None or value.number == Decimal(number)


def test_a_real_day_log_is_read_newest_first() -> None:
    body = kmp.unframe(bytes.fromhex("40 3F 66 00 44 28 02 42 09 49 09 1E 09 2B 09 1F 5E 30 0D"))
    assert body is not None
    assert kmp.log_of(body[2:], 68, status=False) == [
        Decimal(text) for text in ("23.77", "23.34", "23.47", "23.35")
    ]


def test_nothing_is_told_from_a_fault() -> None:
    body = kmp.unframe(bytes.fromhex("40 3F 67 FF FF FB F3 0D"))
    assert body is not None and kmp.log_of(body[2:], 68, status=False) is None


def test_a_date_and_a_time_are_plain_numbers() -> None:
    for wire, number in (
        ("40 3F 10 03 EB 30 04 00 00 02 99 58 23 F2 0D", 170328),
        ("40 3F 10 03 EA 2F 04 00 00 01 9A F0 E1 52 0D", 105200),
    ):
        body = kmp.unframe(bytes.fromhex(wire))
        assert body is not None and kmp.registers_of(body[2:])[0].number == number


def test_sign_and_exponent_come_with_the_value() -> None:
    assert kmp.scaled(12345, 0xC2) == Decimal("-123.45")
    assert kmp.scaled(7, 0x03) == 7000


@pytest.mark.parametrize(
    "heard",
    [
        "40 3F 01 00 01 05 01 98 3B 0D",  # one bit of the checksum
        "40 3F 01 00 01 06 01 98 3A 0D",  # a bare 06 inside
        "40 0D",
    ],
)
def test_a_damaged_frame_is_no_answer(heard: str) -> None:
    with pytest.raises(BadAnswer):
        kmp.unframe(bytes.fromhex(heard))


def test_a_stray_byte_and_an_echo_stand_before_the_frame() -> None:
    heard = bytes.fromhex("00 80 3F 01 05 8A 0D 00 40 3F 01 00 01 05 01 98 3A 0D")
    assert kmp.unframe(heard) == bytes.fromhex("3F 01 00 01 05 01")
    assert kmp.unframe(heard[:-1]) is None
