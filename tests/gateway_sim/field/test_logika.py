"""The bytes of Логика against captured sessions (facts; serial numbers left out) and the maker's documents."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_sim.field.errors import BadAnswer
from gateway_sim.meters.floats import float32, float32_bytes
from gateway_sim.meters.logika import frames, tables, tags
from gateway_sim.meters.logika.legacy import logika_bytes, logika_float
from tests.gateway_sim.field.field_kit import day, line_to, run_poll

pytestmark = pytest.mark.pure
ANY = frames.ANY


def hexed(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize(
    ("function", "data", "wire"),
    [
        (frames.SESSION, "00 00 00 00", "10 FF 3F 00 00 00 00 C1 16"),
        (frames.SESSION, "01 00 00 00", "10 FF 3F 01 00 00 00 C0 16"),
        (frames.HOUR, "75 04 19 00", "10 FF 48 75 04 19 00 26 16"),
        (frames.DAY, "75 01 02 00", "10 FF 59 75 01 02 00 2F 16"),
        (frames.RAM, "00 02 30 00", "10 FF 52 00 02 30 00 7C 16"),
        (frames.RAM, "20 02 24 00", "10 FF 52 20 02 24 00 68 16"),
    ],
)
def test_a_short_request_has_the_bytes_of_a_real_session(function: int, data: str, wire: str) -> None:
    assert frames.short(ANY, function, hexed(data)) == hexed(wire)


@pytest.mark.parametrize(
    ("number", "function", "data", "wire"),
    [
        (1, frames.SESSION, "00 00 00 00", "10 FF 90 01 00 05 00 3F 00 00 00 00 32 3A"),
        (2, frames.SPEED, "02 00 00 00", "10 FF 90 02 00 05 00 42 02 00 00 00 CE EA"),
        (
            3, frames.READ, "4A 03 00 01 04 4A 03 00 00 04",
            "10 FF 90 03 00 0B 00 72 4A 03 00 01 04 4A 03 00 00 04 B1 F0",
        ),
        (
            4, frames.ARCHIVE, "04 05 FF FF 00 00 01 49 08 10 0B 09 00 00 00 00 00",
            "10 FF 90 04 00 12 00 61 04 05 FF FF 00 00 01 49 08 10 0B 09 00 00 00 00 00 99 F6",
        ),
    ],
)  # fmt: skip
def test_an_extended_request_has_the_bytes_of_a_real_session(
    number: int, function: int, data: str, wire: str
) -> None:
    assert frames.extended(ANY, number, function, hexed(data)) == hexed(wire)


def test_the_driver_asks_for_an_archive_as_the_real_program_did() -> None:
    stamp = datetime(2016, 11, 9)  # noqa: DTZ001
    asked = tags.encode(tags.OCTETS, bytes([0xFF, 0xFF, 0, 0, 1])) + tags.moment(stamp)
    assert asked == hexed("04 05 FF FF 00 00 01 49 08 10 0B 09 00 00 00 00 00")
    assert tags.parameter(0, 1025) + tags.parameter(0, 1024) == hexed("4A 03 00 01 04 4A 03 00 00 04")


def test_a_real_clock_is_read() -> None:
    wire = hexed("10 FF 90 03 00 0D 00 72 48 04 09 0B 10 02 47 04 00 17 24 0E 59 79")
    answer = frames.find_extended(wire, ANY, 3)
    assert answer is not None and answer.function == frames.READ
    date, time = tags.decode(answer.data)
    assert tags.clock_of(date, time) == datetime(2016, 11, 9, 14, 36, 23)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("wire", "model"),
    [
        ("10 FF 3F 92 29 80 86 16", "spt941.20"),
        ("10 FF 3F 54 2B 03 3F 16", "spt943.old"),
        ("10 FF 3F 54 2A 01 42 16", "spt942"),
    ],
)
def test_a_meter_is_told_by_three_bytes(wire: str, model: str) -> None:
    answer = frames.find_short(hexed(wire), ANY, {frames.SESSION: 3})
    assert answer is not None and tables.model_of(answer.data) == model


@pytest.mark.parametrize(
    ("ident", "model"),
    [("922910", "spt941.10"), ("542903", "spt941.10"), ("542b0a", "spt943"), ("542b1f", "spt943"),
     ("542b09", "spt943.old"), ("542c00", "spt944"), ("542900", None), ("ffffff", None)],
)  # fmt: skip
def test_every_known_identification(ident: str, model: str | None) -> None:
    assert tables.model_of(hexed(ident)) == model


def test_a_refusal_is_a_short_frame_of_its_own() -> None:
    answer = frames.find_short(hexed("10 FF 21 03 DC 16"), ANY, {frames.DAY: 64, frames.ERROR: 1})
    assert answer == frames.Answer(frames.ERROR, b"\x03")


def test_stray_bytes_before_a_frame_are_skipped_and_a_cut_frame_waits() -> None:
    wire = hexed("10 00 FF 10 FF 3F 92 29 80 86 16")
    assert frames.find_short(wire, ANY, {frames.SESSION: 3}) is not None
    for size in range(len(wire)):
        assert frames.find_short(wire[:size], ANY, {frames.SESSION: 3}) is None
    spoiled = wire[:-3] + b"\x81" + wire[-2:]
    assert frames.find_short(spoiled, ANY, {frames.SESSION: 3}) is None


@pytest.mark.parametrize(
    ("data", "number"),
    [("00 00 70 85", "120"), ("00 D0 5A 8A", "3501"), ("00 00 00 00", "0"), ("FF FF FF FF", None)],
)
def test_an_old_float_is_the_text_that_stands_beside_it_in_the_meter(data: str, number: str | None) -> None:
    assert logika_float(hexed(data)) == (None if number is None else Decimal(number))


@given(st.decimals(min_value="-1000000", max_value="1000000", places=3))
def test_floats_keep_six_digits_both_ways(number: Decimal) -> None:
    for back in (logika_float(logika_bytes(number)), float32(float32_bytes(number))):
        assert back is not None and abs(back - number) <= abs(number) / 2**22


@pytest.mark.parametrize("cut", range(1, 20))
def test_cut_tags_are_no_answer(cut: int) -> None:
    whole = tags.moment(datetime(2016, 11, 9)) + tags.encode(tags.SEQUENCE, b"\x43\x04\0\0\0\0")  # noqa: DTZ001
    if cut in (10,):  # between two tags
        return
    with pytest.raises(BadAnswer):
        tags.decode(whole[:cut] if cut < len(whole) else whole[:-1])


def test_long_lengths_are_read() -> None:
    text = "ж" * 300
    (tag,) = tags.decode(tags.text_tag(text))
    assert tag.text == text
    with pytest.raises(BadAnswer):
        tags.decode(b"\x16\x89" + b"\xff" * 9)


def test_a_model_that_was_not_expected_is_named(tmp_path: Path) -> None:
    result, _journal = run_poll("spt943", tmp_path, ("day",), day(10, 1), day(10, 3), line=line_to("spt942"))
    assert result.error is not None and result.error.code == "wrong_meter"
    assert "СПТ942" in str(result.error) and "СПТ943" in str(result.error)


@pytest.mark.parametrize("model", ["spt943", "spt943.old"])
def test_a_meter_that_asks_for_a_password_is_left_in_peace(model: str, tmp_path: Path) -> None:
    result, _journal = run_poll(model, tmp_path, ("day",), day(10, 1), day(10, 3), password="1")
    assert result.error is not None and result.error.code == "password"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("model", ["spt943", "spt943.old"])
def test_each_heat_input_has_its_own_archive(model: str, tmp_path: Path) -> None:
    first, _journal = run_poll(model, tmp_path, ("day",), day(10, 1), day(10, 3))
    second, _journal = run_poll(model, tmp_path, ("day",), day(10, 1), day(10, 3), settings={"heat_input": 2})
    assert second.complete and [r.values for r in first.records] != [r.values for r in second.records]


def test_the_faster_speed_is_agreed_and_left_again(tmp_path: Path) -> None:
    line = line_to("spt943")
    result, _journal = run_poll(
        "spt943",
        tmp_path,
        ("day",),
        day(10, 1),
        day(10, 3),
        line=line,
        settings={"options": {"speed": "9600"}},
    )
    assert result.complete and line.transport.baud == 2400
    assert frames.extended(ANY, 2, frames.SPEED, b"\x02\0\0\0") in line.transport.sent  # type: ignore[attr-defined]


def test_heat_in_another_unit_is_converted(tmp_path: Path) -> None:
    plain, _journal = run_poll("spt943", tmp_path, ("day",), day(10, 1), day(10, 2))
    other, _journal = run_poll(
        "spt943", tmp_path, ("day",), day(10, 1), day(10, 2), settings={"options": {"heat_unit": "GJ"}}
    )
    told, converted = plain.records[0].values["Q_delta"], other.records[0].values["Q_delta"]
    assert converted == (told / Decimal("4.1868")).quantize(Decimal("0.000001"))
