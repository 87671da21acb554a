"""Whole telegrams against what they say, field by field."""

from __future__ import annotations

import pytest

from gateway_sim.mbus.decode import decode_data, decode_frame
from gateway_sim.mbus.errors import TelegramError
from gateway_sim.mbus.jsonform import telegrams_form
from tests.gateway_sim import mbus_frames as given

pytestmark = pytest.mark.pure


def rows(raw: bytes) -> list[tuple[object, ...]]:
    form = telegrams_form([decode_frame(raw)])
    return [
        (
            r["function"],
            r["storage"],
            r["tariff"],
            r["subunit"],
            r["quantity"],
            r["unit"],
            r["value"],
            *r["flags"],
        )
        for r in form["records"]
    ]


def test_heat_meter() -> None:
    assert rows(given.HEAT) == [
        ("instantaneous", 0, 0, 0, "fabrication_number", "", "12345678"),
        ("instantaneous", 0, 0, 0, "datetime", "", "2026-11-22T14:30:00"),
        ("instantaneous", 0, 0, 0, "energy", "Wh", "1234567000"),
        ("instantaneous", 0, 0, 0, "volume_flow", "m3/h", "-1.200"),
        ("instantaneous", 0, 0, 0, "flow_temperature", "C", "61.2"),
        ("instantaneous", 0, 0, 0, "return_temperature", "C", "38.7"),
        ("instantaneous", 0, 0, 0, "temperature_difference", "K", "22.500"),
        ("instantaneous", 0, 0, 0, "power", "W", "1500"),
        ("instantaneous", 1, 0, 0, "date", "", "2027-12-31"),
        ("instantaneous", 1, 0, 0, "date", "", "2028-12-31", "future"),
        ("instantaneous", 1, 0, 0, "energy", "Wh", "1000000"),
        ("maximum", 0, 1, 0, "power", "W", "563400"),
        ("instantaneous", 0, 0, 0, "manufacturer_specific", "", "0102"),
    ]


def test_header() -> None:
    form = telegrams_form([decode_frame(given.HEAT)])
    assert form["header"] == {
        "id": "12345678", "manufacturer": "KAM", "version": 4, "medium": 4, "access_number": 42, "status": 0,
    }  # fmt: skip
    assert form["more_follows"] is False


def test_electricity_meter() -> None:
    assert rows(given.ELECTRICITY) == [
        ("instantaneous", 0, 0, 0, "energy", "Wh", "11500"),
        ("instantaneous", 0, 0, 0, "reactive_energy", "varh", "-1000"),
        ("instantaneous", 0, 1, 0, "energy", "Wh", "100000"),
        ("instantaneous", 0, 2, 0, "energy", "Wh", "200000"),
        ("instantaneous", 0, 0, 0, "voltage", "V", "230.1", "phase_l1"),
        ("instantaneous", 0, 0, 0, "voltage", "V", "230.5", "phase_l2"),
        ("instantaneous", 0, 0, 0, "energy", "Wh", "35000", "positive_only"),
        ("instantaneous", 0, 0, 0, "energy", "Wh", "17000", "negative_only"),
        ("instantaneous", 0, 0, 0, "frequency", "Hz", "5"),
        ("instantaneous", 0, 0, 0, "error_flags", "", "32768"),
        ("instantaneous", 0, 0, 0, "manufacturer_specific", "", ""),
    ]
    assert decode_frame(given.ELECTRICITY).more_follows


def test_water_meter_with_text() -> None:
    assert rows(given.WATER) == [
        ("instantaneous", 0, 0, 0, "volume", "m3", "85190.427"),
        ("instantaneous", 0, 0, 0, "customer_location", "", "BHall"),
        ("instantaneous", 0, 0, 0, "model_version", "", "3"),
    ]


def test_fixed_structure() -> None:
    telegram = decode_frame(given.FIXED)
    assert (telegram.header.id, telegram.header.medium, telegram.header.access_number) == ("90919293", 4, 16)
    assert telegram.header.manufacturer is None
    assert rows(given.FIXED) == [
        ("instantaneous", 0, 0, 0, "energy", "Wh", "6531000"),
        ("instantaneous", 0, 0, 0, "volume", "m3", "0.069"),
    ]


def test_fixed_structure_historic_binary_counter() -> None:
    # status 01: binary; the second counter is "same unit, historic"; units E9 7E: litre, medium water (7).
    telegram = decode_data(0x73, bytes.fromhex("78563412 0A 01 E9 7E 01000000 35010000"))
    assert telegram.header.medium == 7
    assert [(r.storage, str(r.value)) for r in telegram.records] == [(0, "0.001"), (1, "0.309")]


def test_most_significant_byte_first() -> None:
    """CI 76 is CI 72 with every field the other way round."""
    header = bytes.fromhex("12345678 2c2d 04 04 2a 00 0000")
    telegram = decode_data(0x76, header + bytes.fromhex("0C 06 01234567 02 5A 0264 0D FD10 02 4162"))
    assert telegram.header.secondary == "12345678.KAM.04.04"
    assert [str(r.value) for r in telegram.records] == ["1234567000", "61.2", "Ab"]


def test_short_and_no_header() -> None:
    short = decode_data(0x7A, bytes.fromhex("2A 10 0000 0C 13 01000000"))
    assert (short.header.access_number, short.header.status, short.header.id) == (42, 16, None)
    none = decode_data(0x78, bytes.fromhex("0C 13 01000000"))
    assert none.header.access_number is None
    assert [str(t.records[0].value) for t in (short, none)] == ["0.001", "0.001"]


def test_application_error_keeps_its_code() -> None:
    telegram = decode_frame(given.answer("08", ci=0x70, header=b""))
    assert telegram.application_error == 8
    assert telegram.records[0][:1] == ("error",)
    assert (str(telegram.records[0].value), telegram.records[0].flags) == ("8", ("application_busy",))
    assert decode_frame(given.answer("", ci=0x70, header=b"")).application_error == 0


def test_a_telegram_of_68_bytes_is_no_wireless_one() -> None:
    raw = given.answer("0C 06 67452301" * 8 + "01 13 01" + "2F" * 2)
    assert raw[1] == 0x44
    assert [r[4] for r in rows(raw)] == ["energy"] * 8 + ["volume"]


def test_hexadecimal_identification_and_old_signature() -> None:
    header = bytes.fromhex("7856e4f2 2d2c 04 04 2a 00 c910")
    telegram = decode_frame(given.answer("0C 06 67452301", header=header))
    assert telegram.header.id == "F2E45678"
    assert telegram.records[0].flags == ()


def test_encrypted_data_are_shown_as_such() -> None:
    header = bytes.fromhex("78563412 2d2c 04 04 2a 00 1005")
    hidden = "9f" * 16
    telegram = decode_frame(given.answer(hidden + "0C 06 67452301", header=header))
    assert [(r.quantity, r.flags) for r in telegram.records] == [
        ("encrypted", ("encrypted",)),
        ("energy", ()),
    ]
    assert telegram.records[0].raw.hex() == hidden


@pytest.mark.parametrize(
    ("ci", "data", "code"),
    [(0x72, "7856", "header"), (0x7A, "2A", "header"), (0x73, "00" * 15, "header"), (0x51, "00", "ci")],
)
def test_no_telegram(ci: int, data: str, code: str) -> None:
    with pytest.raises(TelegramError) as caught:
        decode_data(ci, bytes.fromhex(data))
    assert caught.value.code == code


def test_a_frame_to_a_meter_is_no_answer() -> None:
    with pytest.raises(TelegramError) as caught:
        decode_frame(given.answer("0C 06 67452301", control=0x53))
    assert caught.value.code == "direction"
    with pytest.raises(TelegramError):
        decode_frame(b"\xe5")


PLAIN_TEXT = [
    ("02 FC 03 48 52 25 74 22 15", [("%RH", "54.10")]),  # text, then VIFE 10^-2 (field practice)
    ("03 FC 20 03 43 42 41 15 31 00", [("ABC/s", "12565")]),  # VIFE "per second", then text (the standard)
    ("02 FC 74 03 48 52 25 22 15 0C 13 01000000", [("%RH", "54.10"), ("m3", "0.001")]),
    ("04 7C 01 43 F30D0000", [("C", "3571")]),
    ("0D 7C 02 57 50 E2 0102", [("PW", "0102")]),  # binary of a unit in words: bytes
]


@pytest.mark.parametrize(("records", "expected"), PLAIN_TEXT)
def test_plain_text_units_in_both_orders(records: str, expected: list[tuple[str, str]]) -> None:
    assert [(r[5], r[6]) for r in rows(given.answer(records))] == expected


def test_one_bad_field_costs_one_record() -> None:
    raw = given.answer("3C 2A DDB4EBDD 04 13 01000000 04 6F 01000000 0D 13 F7 01 13 02 02 6D 0000 04 13 0100")
    assert [(r[4], r[6], r[7:]) for r in rows(raw)] == [
        ("power", None, ("invalid_bcd",)),
        ("volume", "0.001", ()),
        ("unknown", "1", ("unknown_vif",)),
        ("volume", None, ("reserved_lvar",)),
        ("volume", "0.002", ()),
        ("date", None, ("invalid_date",)),
        ("volume", None, ("truncated",)),
    ]
    telegram = decode_frame(raw)
    assert telegram.records[0].raw.hex() == "3c2addb4ebdd"
    assert telegram.records[-1].raw.hex() == "04130100"
    assert [r.faulty for r in telegram.records] == [True, False, True, True, False, True, True]
