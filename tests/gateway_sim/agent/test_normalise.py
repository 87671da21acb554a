"""The right record, in the register's unit, exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from gateway_sim.agent.normalise import UnitError, convert, identity_fault, measurements
from gateway_sim.mbus.header import Header
from gateway_sim.mbus.records import Record, Telegram
from gateway_sim.site import load_site

pytestmark = pytest.mark.pure
METER = load_site(Path(__file__).parents[3] / "gateway_sim" / "examples" / "site.toml").meters[0]


def record(quantity="energy", unit="Wh", value=Decimal("8123000"), flags=(), **place) -> Record:
    where = {"function": "instantaneous", "storage": 0, "tariff": 0, "subunit": 0} | place
    return Record(quantity=quantity, unit=unit, value=value, flags=flags, raw=b"", **where)


def telegram(*records: Record, number: str | None = "68150101") -> Telegram:
    return Telegram(Header(id=number), tuple(records), False, 0x72, 1, b"")


@pytest.mark.parametrize(
    ("value", "unit", "target", "exponent", "text"),
    [
        ("8123000", "Wh", "kWh", 0, "8123"),
        ("8123499", "Wh", "kWh", 0, "8123"),
        ("8123500", "Wh", "kWh", 0, "8124"),
        ("-500", "Wh", "kWh", 0, "-1"),
        ("-499", "Wh", "kWh", 0, "0"),
        ("3600000", "J", "kWh", -3, "1.000"),
        ("1", "J", "Wh", -9, "0.000277778"),
        ("1163000", "Wh", "Gcal", -6, "1.000000"),
        ("4186800000", "J", "Gcal", -3, "1.000"),
        ("1000000", "Wh", "GJ", -3, "3.600"),
        ("1000000", "Wh", "MJ", 0, "3600"),
        ("123.456", "m3", "l", 0, "123456"),
        ("123.456", "m3", "m3", -2, "123.46"),
        ("0.005", "m3", "m3", -2, "0.01"),
        ("3600", "J/h", "W", 0, "1"),
        ("1500", "kg", "t", -1, "1.5"),
        ("1500", "W", "kW", -1, "1.5"),
        ("61.25", "C", "C", -1, "61.3"),
        ("12345", "Wh", "Wh", 2, "12300"),
        ("999999999999999.999", "m3", "m3", -3, "999999999999999.999"),
    ],
)
def test_conversion_is_exact_and_rounds_once(value, unit, target, exponent, text):
    assert convert(Decimal(value), unit, target, exponent) == text


@pytest.mark.parametrize(("unit", "target"), [("m3", "kWh"), ("", "kWh"), ("varh", "kWh"), ("K", "C")])
def test_what_does_not_measure_the_same_is_refused(unit, target):
    with pytest.raises(UnitError):
        convert(Decimal(1), unit, target, 0)


def test_each_register_takes_its_record_over_several_telegrams():
    first = telegram(
        record(storage=1, value=Decimal(1)), record(), record("volume", "m3", Decimal("211.457"))
    )
    second = telegram(
        record("flow_temperature", "C", Decimal("61.25")), record("return_temperature", "C", Decimal("38.7"))
    )
    found, notes = measurements(METER, [first, second])
    assert [(m.register, m.value, m.momentary) for m in found] == [
        ("energy", "8123", False),
        ("volume", "211.46", False),
        ("flow-temperature", "61.3", True),
        ("return-temperature", "38.7", True),
    ]
    assert notes == []


@pytest.mark.parametrize(
    ("faulty", "words"),
    [
        (record(flags=("invalid_bcd",), value=None), "faulty"),
        (record(flags=("error_overflow",)), "faulty"),
        (record(tariff=1), "no such record"),
        (record(function="maximum"), "no such record"),
        (record(unit="m3"), "cannot be told in kWh"),
        (record(value=date(2026, 1, 1)), "no number"),
        (record(value="31"), "no number"),
        (record(value=None), "no number"),
    ],
)
def test_a_record_that_cannot_be_used_is_said_and_the_others_go(faulty, words):
    only_energy = replace(METER, registers=METER.registers[:2])
    found, notes = measurements(only_energy, [telegram(faulty, record("volume", "m3", Decimal(5)))])
    assert [m.register for m in found] == ["volume"]
    assert len(notes) == 1
    assert words in notes[0]
    assert "register energy" in notes[0]


def test_the_plain_record_goes_before_one_of_a_single_phase():
    only_energy = replace(METER, registers=METER.registers[:1])
    phase = record(flags=("phase_l1",), value=Decimal(1000))
    assert measurements(only_energy, [telegram(phase, record())])[0][0].value == "8123"
    assert measurements(only_energy, [telegram(phase)])[0][0].value == "1"
    assert measurements(only_energy, [telegram(phase, phase)])[0] == []


def test_another_meters_answer_is_known_by_its_identity():
    assert identity_fault(METER, [telegram()]) == ""
    assert identity_fault(METER, [telegram(number=None)]) == ""
    assert identity_fault(replace(METER, serial="068150101"), [telegram()]) == ""
    assert "68150199" in identity_fault(METER, [telegram(), telegram(number="68150199")])
