"""СПСеть: the one frame that its maker describes, and what a broken one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway_sim.field.errors import BadAnswer
from gateway_sim.field.line import Line
from gateway_sim.field.model import MeterSettings
from gateway_sim.meters.logika import spbus
from gateway_sim.meters.logika.spt961 import Spt961
from tests.gateway_sim.field.field_kit import day, line_to, run_poll

pytestmark = pytest.mark.pure
READ_099 = bytes.fromhex("10 01 10 1F 1D 10 02 09 30 09 39 39 0C 10 03 6B 50")


def test_the_frame_of_the_description() -> None:
    assert spbus.frame(spbus.READ, [["0", "99"]]) == READ_099
    assert spbus.message_of(b"\x00\x10" + READ_099) == spbus.Message(spbus.READ, [["0", "99"]])


def test_addresses_stand_in_the_head_and_a_10_in_them_is_doubled() -> None:
    wire = spbus.frame(spbus.READ, [["0", "061"]], (0x10, 1))
    assert wire.startswith(bytes.fromhex("10 01 10 10 81 10 1F 1D"))
    assert spbus.message_of(wire) == spbus.Message(spbus.READ, [["0", "061"]])


@pytest.mark.parametrize("size", range(len(READ_099)))
def test_half_a_message_waits(size: int) -> None:
    assert spbus.message_of(READ_099[:size]) is None


def test_a_damaged_message_is_no_answer() -> None:
    with pytest.raises(BadAnswer):
        spbus.message_of(READ_099[:-3] + b"\x04" + READ_099[-2:] + b"\x10\x03\x00\x00")
    with pytest.raises(BadAnswer):
        spbus.message_of(READ_099.replace(b"99", b"98"))


@pytest.mark.parametrize(
    ("column", "name"),
    [("Т1", "T_in"), ("t2", "T_out"), ("М1", "M_in"), ("Р2", "P_out"), ("W", "Q_delta"), ("Q1", "Q_delta"),
     ("V3", None), ("НС", None), ("Xы", "T_cw")],
)  # fmt: skip
def test_a_column_is_known_by_its_name_or_by_the_owners_word(column: str, name: str | None) -> None:
    line: Line = line_to("spt961")
    settings = MeterSettings("spt961", options={"names": "Xы=T_cw"})
    assert Spt961(line, settings).name_of(column) == name


def test_another_kind_of_meter_is_named(tmp_path: Path) -> None:
    result, _journal = run_poll("spt961", tmp_path, ("day",), day(10, 1), day(10, 3), text="СПГ761")
    assert result.error is not None and "СПГ761" in str(result.error)
