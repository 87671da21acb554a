"""IEC 62056-21: identification, block check, data sets, the three modes, and units that are converted."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path

import pytest

from gateway_sim.field.errors import BadAnswer
from gateway_sim.field.line import Line
from gateway_sim.field.model import Kind
from gateway_sim.meters import modbus, plant
from gateway_sim.meters.iec62056 import readout
from tests.gateway_sim.field.field_kit import NOW, day, line_to, run_poll

pytestmark = pytest.mark.pure
TEXT = "6.8(0123.456*MWh)6.26(00098.76*m3)9.21(66195305)\r\n6.8*01(0100.000*MWh)6.31(bad*h)!\r\n"


@pytest.mark.parametrize(
    ("heard", "mode", "baud", "name"),
    [
        (b"/LUG3UH50\r\n", "C", 2400, "UH50"),
        (b"/KAM0MC\r\n", "C", 300, "MC"),
        (b"/ELSCxyz\r\n", "B", 2400, "xyz"),
        (b"/ABCxOLD\r\n", "A", 300, "xOLD"),
        (b"\x00\xff/LUG6 X\r\n", "C", 19200, "X"),
        (
            bytes(byte | 0x80 for byte in b"/LUG3UH50\r\n"),
            "C",
            2400,
            "UH50",
        ),  # a converter that keeps the parity bit
    ],
)
def test_the_identification_says_how_the_data_come(heard: bytes, mode: str, baud: int, name: str) -> None:
    found = readout.ident_of(heard)
    assert found is not None
    assert (found[0].mode, found[0].baud, found[0].name) == (mode, baud, name)
    assert readout.ident_of(heard[:-1]) is None


def test_our_acknowledgement_asks_for_the_read_out() -> None:
    found = readout.ident_of(b"/LUG3UH50\r\n")
    assert found is not None and readout.acknowledge(found[0]) == b"\x06030\r\n"


@pytest.mark.parametrize("arithmetic", [False, True])
def test_a_block_is_taken_by_its_check_alone(arithmetic: bool) -> None:
    whole = readout.block(TEXT, arithmetic=arithmetic)
    assert readout.block_of(b"\x00" + whole, arithmetic=arithmetic) == TEXT
    assert readout.block_of(whole[:-1], arithmetic=arithmetic) is None
    with pytest.raises(BadAnswer):
        readout.block_of(whole.replace(b"3.4", b"3.5"), arithmetic=arithmetic)


def test_data_sets_keep_their_storage_unit_and_text() -> None:
    sets = {(one.address, one.storage): one for one in readout.data_sets(TEXT)}
    assert (sets["6.8", 0].number, sets["6.8", 0].unit) == (Decimal("123.456"), "MWh")
    assert sets["6.8", 1].number == 100 and sets["9.21", 0].text == "66195305"
    assert sets["6.31", 0].number is None


@pytest.mark.parametrize("mode", ["A", "B", "C"])
@pytest.mark.parametrize("unit", ["MWh", "GJ", "Gcal"])
def test_each_mode_and_unit_gives_the_same_heat(mode: str, unit: str, tmp_path: Path) -> None:
    result, journal = run_poll(
        "iec62056", tmp_path, ("current",), day(11, 1), day(11, 4), mode=mode, unit=unit
    )
    assert result.error is None, journal.text()
    (counted,) = [record for record in result.records if record.kind == "totals"]
    truth = plant.decimal(plant.totals(NOW).q, 6)
    assert abs(counted.values["Q_delta"] - truth) <= Decimal("0.001")
    assert counted.at == NOW


@pytest.mark.parametrize("unit", ["GJ", "kWh", "MWh"])
def test_the_units_of_a_66_come_from_its_read_out(unit: str, tmp_path: Path) -> None:
    whole, _journal = run_poll("multical66", tmp_path, ("day",), day(10, 30), day(10, 31))
    other, journal = run_poll("multical66", tmp_path, ("day",), day(10, 30), day(10, 31), unit=unit)
    assert other.complete, journal.text()
    difference = whole.records[0].values["Q_delta"] - other.records[0].values["Q_delta"]
    assert abs(difference) <= Decimal("0.002")


def test_a_meter_that_is_younger_than_its_log_ends_in_silence(tmp_path: Path) -> None:
    result, journal = run_poll("multical66", tmp_path, ("day",), day(10, 20), day(11, 3), young="7")
    assert result.error is None and len(result.records) == 7, journal.text()
    assert result.missing["day"] == [(day(10, 20), day(10, 26))]


def spoiled_days(spoil: bytes, places: slice) -> Line:
    """A MULTICAL 66 in whose long answers some signs are others."""
    line = line_to("multical66")
    feed = line.transport.bus.device.feed  # type: ignore[attr-defined]

    def spoiled(data: bytes, baud: int = 300):  # type: ignore[no-untyped-def]
        chunks = feed(data, baud)
        for chunk in chunks[places]:
            chunk.data = chunk.data[:8] + spoil + chunk.data[8 + len(spoil) :]
        return chunks

    line.transport.bus.device.feed = spoiled  # type: ignore[attr-defined]
    return line


def test_digits_that_are_none_leave_their_value_out(tmp_path: Path) -> None:
    """Long dumps of real meters hold `:;<` where digits should be: the meter has no such value."""
    line = spoiled_days(b"00;0<00", slice(5, 6))
    result, journal = run_poll("multical66", tmp_path, ("day",), day(10, 20), day(11, 3), line=line)
    assert result.complete and line.repeats == 0, journal.text()
    told = {record.at: "Q_delta" in record.values for record in result.records}
    assert [at for at, heat in told.items() if not heat] == [day(10, 28)]
    assert all("T_in" in record.values for record in result.records)


def test_a_line_that_stays_damaged_ends_the_archive_there(tmp_path: Path) -> None:
    result, _journal = run_poll(
        "multical66", tmp_path, ("day",), day(10, 20), day(11, 3), line=spoiled_days(b"00\x15", slice(5, 6))
    )
    assert result.error is not None and result.error.code == "bad_answer"
    assert [record.at.day for record in result.records] == [2, 1, 31, 30, 29]
    assert result.missing["day"] == [(day(10, 20), day(10, 28))] and result.path is not None


@pytest.mark.parametrize(("kind", "lines"), [("hour", 100), ("day", 20)])
def test_a_long_answer_that_is_stopped_keeps_its_whole_lines(kind: Kind, lines: int, tmp_path: Path) -> None:
    """960 hours take a quarter of an hour on the wire: the button is pressed in the middle of them."""
    stop = threading.Event()
    line = line_to("multical66", stop=stop)
    read = line.transport.read

    def read_and_stop(timeout: float) -> bytes:
        data = read(timeout)
        came.append(data)
        if len(came) == lines:
            stop.set()
        return data

    came: list[bytes] = []
    line.transport.read = read_and_stop  # type: ignore[method-assign]
    result, _journal = run_poll("multical66", tmp_path, (kind,), day(10, 1), day(11, 3), line=line)
    assert result.error is not None and result.error.code == "stopped"
    whole, _journal = run_poll("multical66", tmp_path, (kind,), day(10, 1), day(11, 3))
    truth = {record.at: record.values for record in whole.records}
    assert len(result.records) > lines // 2 and result.path is not None and result.missing[kind]
    assert all(truth[record.at] == record.values for record in result.records)


def test_a_meter_that_wants_a_carriage_return_gets_one(tmp_path: Path) -> None:
    line = line_to("multical66", cr="1")
    result, journal = run_poll("multical66", tmp_path, ("day",), day(10, 20), day(11, 3), line=line)
    assert result.complete, journal.text()
    assert [data for data in line.transport.sent if data.startswith(b"/#")] == [  # type: ignore[attr-defined]
        b"/#2", b"/#2", b"/#2\r", b"/#2\r", b"/#6\r",
    ]  # fmt: skip


def test_modbus_frames_are_those_of_the_standard() -> None:
    assert modbus.read_request(1, modbus.READ, 0, 10) == bytes.fromhex("01 03 00 00 00 0A C5 CD")
    answer = modbus.frame(1, modbus.READ, bytes([4, 1, 2, 3, 4]))
    assert modbus.read_answer(b"\x00" + answer, 1, modbus.READ, 2) == bytes([1, 2, 3, 4])
    assert modbus.read_answer(answer[:-1], 1, modbus.READ, 2) is None
    assert modbus.read_answer(answer[:-1] + b"\x00", 1, modbus.READ, 2) is None
    assert modbus.read_answer(answer, 2, modbus.READ, 2) is None


@pytest.mark.parametrize("model", ["karat307", "elf04"])
def test_a_modbus_meter_that_asks_for_a_password_is_left_in_peace(model: str, tmp_path: Path) -> None:
    result, _journal = run_poll(model, tmp_path, ("day",), day(10, 1), day(10, 3), password="1")
    assert result.error is not None and result.error.code == "password"
