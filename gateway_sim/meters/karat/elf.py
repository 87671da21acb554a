"""ЭЛЬФ-04 of НПО Карат by Modbus RTU. Experimental: one program is the only source. Registers 0000h–0006h choose
the record that is read next at 0100h; nothing else is sent to the meter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from gateway_sim.field.errors import BadAnswer, NotSupported
from gateway_sim.field.intervals import expected, netbook_now
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, ModelInfo, Record, Values
from gateway_sim.field.units import by_setting
from gateway_sim.meters import modbus
from gateway_sim.meters.floats import float32

MODELS = {
    "elf04": ModelInfo(
        "elf04", "ЭЛЬФ-04", 46, 9600, "8N1", ("hour", "day", "month", "current"), address="1",
        experimental=True, protocol="Modbus RTU", addresses=(1, 247),
        circuits=6, tells_serial=False, options=("heat_unit", "pressure_unit"),
    )
}  # fmt: skip
SELECT, CLOCK, CLOCK_COUNT = 0x0000, 0x0000, 3
RECORD, RECORD_COUNT = 0x0100, 0x7A
TYPES: dict[Kind, int] = {"current": 0x09, "hour": 0x1A, "day": 0x1B, "month": 0x1C}
HEAD, CIRCUIT = 4, 40  # bytes: the date, then each heat input
FIELDS = (
    "NormalOperationDuration", "Q_in", "Q_out", "V_in", "V_out", "T_in", "T_out", "P_in", "P_out",
)  # fmt: skip


def driver(line: Line, settings: MeterSettings) -> Elf04:
    return Elf04(line, settings)


class Elf04:
    def __init__(self, line: Line, settings: MeterSettings) -> None:
        self.line = line
        self.settings = settings
        self.address = int(settings.address) if settings.address.strip() else 1

    def identify(self) -> Identity:
        """It does not tell its serial number: who answers with a clock is taken for it."""
        self._read(CLOCK, CLOCK_COUNT)
        return Identity("elf04", "ЭЛЬФ-04")

    def clock(self) -> datetime | None:
        year, month, day, hour, minute, second = self._read(CLOCK, CLOCK_COUNT)
        try:
            return datetime(2000 + year, month, day, hour, minute, second & 0x7F)  # noqa: DTZ001
        except ValueError:
            return None

    def current(self) -> list[Record]:
        at = self.clock() or netbook_now()
        self._select("current", at)
        values = self._values(self._read(RECORD, RECORD_COUNT))
        return [Record("current", at, {name: n for name, n in values.items() if name[:2] in ("T_", "P_")})]

    def archive(self, kind: Kind, start: datetime, end: datetime) -> Iterator[Record]:
        if kind not in ("hour", "day", "month"):
            raise NotSupported(f"the meter has no archive of kind {kind}")
        return (self._record(kind, at) for at in expected(kind, start, end))

    def close(self) -> None:
        """The protocol has no session."""

    def _record(self, kind: Kind, at: datetime) -> Record:
        self._select(kind, at)
        data = self._read(RECORD, RECORD_COUNT)
        stamp = data[:HEAD]
        if stamp in (b"\0" * HEAD, b"\xff" * HEAD):
            return Record(kind, at, missing=True)
        if stamp != _stamp(at):
            raise BadAnswer("the record of another date came")
        return Record(kind, at, self._values(data))

    def _select(self, kind: Kind, at: datetime) -> None:
        data = (_stamp(at) + bytes([0, 0, 0, TYPES[kind]])).ljust(14, b"\0")
        request = modbus.write_request(self.address, SELECT, data)
        self.line.ask(request, lambda heard: modbus.write_answer(heard, self.address, SELECT, 7))

    def _values(self, data: bytes) -> Values:
        begin = HEAD + CIRCUIT * (self.settings.heat_input - 1)
        block = data[begin + 4 : begin + CIRCUIT]
        if len(block) < CIRCUIT - 4:
            raise NotSupported(f"the meter has no heat input {self.settings.heat_input}")
        values: Values = {}
        for place, name in enumerate(FIELDS):
            number = _swapped(block[4 * place : 4 * place + 4])
            if number is not None:
                values[name] = by_setting(name, number, self.settings)
        if "Q_in" in values and "Q_out" in values:
            values["Q_delta"] = values["Q_in"] - values["Q_out"]
        return values

    def _read(self, register: int, count: int) -> bytes:
        request = modbus.read_request(self.address, modbus.READ_INPUT, register, count)
        return self.line.ask_surely(
            request, lambda heard: modbus.read_answer(heard, self.address, modbus.READ_INPUT, count)
        )


def _stamp(at: datetime) -> bytes:
    return bytes([at.year % 100, at.month, at.day, at.hour])


def _swapped(data: bytes) -> Decimal | None:
    """A float whose two words are exchanged: CDAB."""
    return float32(data[2:4] + data[0:2], ">")
