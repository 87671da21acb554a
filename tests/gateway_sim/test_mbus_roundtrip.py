"""What is encoded comes back the same, over the whole of what can be encoded."""

from __future__ import annotations

import struct
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway_sim.mbus import vif_tables
from gateway_sim.mbus.decode import decode_frame, decode_records
from gateway_sim.mbus.encode import BCDS, INTEGERS, encode_answer, encode_record, spread, vib_for
from gateway_sim.mbus.errors import EncodeError
from gateway_sim.mbus.header import Header, manufacturer_code, manufacturer_name
from gateway_sim.mbus.records import Record

pytestmark = pytest.mark.pure

PLACES = {
    "function": st.sampled_from(("instantaneous", "maximum", "minimum", "error")),
    "storage": st.integers(0, 2**41 - 1),
    "tariff": st.integers(0, 2**20 - 1),
    "subunit": st.integers(0, 2**10 - 1),
}
NUMERIC = [
    (vif.quantity, vif.unit, vif.exponent)
    for table in (vif_tables.PRIMARY, vif_tables.FB, vif_tables.FD)
    for vif in table.values()
    if vif.kind == vif_tables.NUMBER and vif.factor == 1
]


def back(raw: bytes) -> Record:
    records, _ = decode_records(raw)
    assert len(records) == 1
    assert records[0].raw == raw
    return records[0]


@settings(max_examples=300, deadline=None)
@given(what=st.sampled_from(NUMERIC), coding=st.sampled_from([*INTEGERS, *BCDS]), data=st.data())
def test_numbers(what: tuple[str, str, int], coding: str, data: st.DataObject) -> None:
    quantity, unit, exponent = what
    if coding in INTEGERS:
        half = 1 << (8 * INTEGERS[coding][1] - 1)
        steps = data.draw(st.integers(-half + 1, half - 1))  # the lowest value means "invalid"
    else:
        top = 10 ** (2 * BCDS[coding][1])
        steps = data.draw(st.integers(-top // 10 + 1, top - 1))
    places = {name: data.draw(strategy) for name, strategy in PLACES.items()}
    value = Decimal(steps).scaleb(exponent)
    record = back(encode_record(quantity, value, coding=coding, unit=unit, exponent=exponent, **places))
    assert record[:7] == (*places.values(), quantity, unit, value)
    assert record.flags == ()


@settings(max_examples=200, deadline=None)
@given(number=st.floats(width=32, allow_nan=False, allow_infinity=False), exponent=st.integers(-3, 4))
def test_real32_is_exact_and_shortest(number: float, exponent: int) -> None:
    raw = bytes((0x05, 0x28 + exponent + 3)) + struct.pack("<f", number)
    value = back(raw).value
    assert isinstance(value, Decimal)
    plain = value.scaleb(-exponent)
    assert struct.pack("<f", float(plain)) == struct.pack("<f", number + 0.0)
    digits = len(plain.as_tuple().digits)
    shorter = [f"{number:.{n}e}" for n in range(digits - 1)]
    assert not any(
        struct.pack("<f", float(text)) == struct.pack("<f", number)
        for text in shorter
        if abs(float(text)) < 3.4e38
    )


@given(st.datetimes(datetime(1981, 1, 1), datetime(2080, 12, 31, 23, 59)))  # noqa: DTZ001
def test_instants(moment: datetime) -> None:
    minute = moment.replace(second=0, microsecond=0)
    assert back(encode_record("datetime", minute, coding="f")).value == minute
    second = moment.replace(microsecond=0)
    assert back(encode_record("datetime", second, coding="i")).value == second
    day = date(moment.year, moment.month, moment.day)
    assert back(encode_record("date", day, coding="g")).value == day
    clock = time(moment.hour, moment.minute, moment.second)
    assert back(encode_record("datetime", clock, coding="j"))[4:7] == ("time", "", clock)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=191))
def test_text(text: str) -> None:
    assert back(encode_record("customer_location", text, coding="text")).value == text


@given(st.integers(0, 2**15 - 1))
def test_manufacturers(code: int) -> None:
    assert manufacturer_code(manufacturer_name(code)) == code


def test_answer_with_header_and_more() -> None:
    header = Header("F2345678", "KAM", 0x1B, 0x04, 200, 0x10, 0)
    records = [encode_record("volume", Decimal("1.234"), coding="bcd8", unit="m3", exponent=-3)]
    telegram = decode_frame(encode_answer(7, header, records, more=True))
    assert (telegram.header, telegram.address, telegram.more_follows) == (header, 7, True)


def test_an_exponent_without_a_code_gets_a_multiplying_vife() -> None:
    vib, exponent, _factor, _kind = vib_for("energy", "cal", -3 + 9)  # 0.001 Gcal has its own code
    assert (vib, exponent) == (b"\xfb\x0d", 6)
    record = back(encode_record("frequency", Decimal("50.0001"), coding="int32", unit="Hz", exponent=-4))
    assert record.value == Decimal("50.0001")


@pytest.mark.parametrize(
    ("value", "coding", "exponent"),
    [
        ("1.5", "int32", 0),
        ("200", "int8", 0),
        ("100", "bcd2", 0),
        ("-99", "bcd2", 0),
        ("1", "nonsense", 0),
        ("1e60", "real32", 0),
    ],
)
def test_what_does_not_fit_is_refused(value: str, coding: str, exponent: int) -> None:
    with pytest.raises(EncodeError):
        encode_record("energy", Decimal(value), coding=coding, unit="Wh", exponent=exponent)
    with pytest.raises(EncodeError):
        encode_record("energy", Decimal(value), coding="int64", unit="parsec")


@given(st.lists(st.integers(1, 60), max_size=30), st.integers(1, 5))
def test_spread_keeps_every_record_in_order(sizes: list[int], telegrams: int) -> None:
    records = [bytes((n & 0x7F,)) * size for n, size in enumerate(sizes)]
    parts = spread(records, telegrams)
    assert [record for part in parts for record in part] == records
    assert len(parts) >= min(telegrams, len(records) or 1)
    assert all(sum(map(len, part)) <= 239 for part in parts)
