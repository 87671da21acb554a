"""КАРАТ-307 by its Modbus-like protocol. Experimental: two independent programs agree on the registers, no
capture has been seen. Before an archive record is read its date is put into register 0060h: that selects, it
changes nothing in the meter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from gateway_sim.field.errors import BadAnswer, NotSupported, WrongMeter
from gateway_sim.field.intervals import expected, netbook_now
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, ModelInfo, Record, Values
from gateway_sim.field.units import by_setting, canonical
from gateway_sim.meters import modbus
from gateway_sim.meters.floats import float32

MODELS = {
    "karat307": ModelInfo(
        "karat307", "КАРАТ-307", 74, 9600, "8N1", ("hour", "day", "month", "current"), address="1",
        experimental=True, protocol="Modbus RTU", addresses=(1, 247), circuits=4, channels=True,
        options=("heat_unit", "pressure_unit"),
        note="Speed and parity differ by installation: try 1200 to 9600.",
    )
}  # fmt: skip
SERIAL, SERIAL_COUNT = 0x0044, 16
VERSION, VERSION_COUNT = 0x0054, 8
CLOCK, CLOCK_COUNT = 0x0062, 4
CONFIGURATION, CONFIGURATION_COUNT = 0x0106, 32
CURRENT, CURRENT_COUNT = 0x2000, 0x38
REQUEST_DATE = 0x0060
ARCHIVES: dict[Kind, int] = {"hour": 0x0000, "day": 0x0010, "month": 0x0020}
ARCHIVE_COUNT = 0x78
STAMP, VALUES = 13, 18  # places in an archive answer: minute, hour, day, month, year; then the values
LEAST = Decimal("1e-9")
LAST_CODE = 0xF0
VOLUME, MASS, TEMPERATURE, PRESSURE, HEAT = 0x10, 0x20, 0x30, 0x40, 0x50
PIPES = {
    VOLUME: ("V_in", "V_out"),
    MASS: ("M_in", "M_out"),
    TEMPERATURE: ("T_in", "T_out"),
    PRESSURE: ("P_in", "P_out"),
}
MINUTES = {
    0xB0: "NormalOperationDuration", 0xD1: "FlowUnderrunDuration", 0xD2: "FlowOverrunDuration",
    0xD3: "TempDiffLowDuration", 0xD4: "NoPowerDuration", 0xD5: "IncidentDuration", 0xD6: "SaturatedSteamDuration",
}  # fmt: skip


def driver(line: Line, settings: MeterSettings) -> Karat307:
    return Karat307(line, settings)


class Karat307:
    def __init__(self, line: Line, settings: MeterSettings) -> None:
        self.line = line
        self.settings = settings
        self.address = int(settings.address) if settings.address.strip() else 1
        self._codes: list[int] = []

    def identify(self) -> Identity:
        version = _text(self._read(VERSION, VERSION_COUNT))
        serial = _text(self._read(SERIAL, SERIAL_COUNT)).lstrip("0")
        wanted = self.settings.serial.lstrip("0")
        if wanted and serial != wanted:
            raise WrongMeter(f"meter {serial} is on the line, {wanted} was expected", found=serial)
        if "307" not in version:
            raise WrongMeter(f"the meter calls itself {version or 'nothing'}, not a КАРАТ-307")
        return Identity("karat307", "КАРАТ-307", serial, version)

    def clock(self) -> datetime | None:
        second, minute, hour, day, _unused, month, low, high = self._read(CLOCK, CLOCK_COUNT)
        try:
            return datetime(low | high << 8, month, day, hour, minute, second)  # noqa: DTZ001
        except ValueError:
            return None

    def current(self) -> list[Record]:
        at = self.clock() or netbook_now()
        values = self._values(self._read(CURRENT, CURRENT_COUNT))
        measured = {name: value for name, value in values.items() if name[:2] in ("T_", "P_")}
        return [Record("current", at, measured)]

    def archive(self, kind: Kind, start: datetime, end: datetime) -> Iterator[Record]:
        if kind not in ARCHIVES:
            raise NotSupported(f"the meter has no archive of kind {kind}")
        return (self._record(kind, at) for at in expected(kind, start, end))

    def close(self) -> None:
        """The protocol has no session."""

    def _record(self, kind: Kind, at: datetime) -> Record:
        self._select(at)
        data = self._read(ARCHIVES[kind], ARCHIVE_COUNT)
        stamp = data[STAMP:VALUES]
        if stamp == b"\xff" * 5:
            return Record(kind, at, missing=True)
        if stamp[1:] != bytes([at.hour, at.day, at.month, at.year % 100]):
            raise BadAnswer("the record of another date came")
        values = self._values(data[VALUES:])
        return Record(kind, at, values, missing=not values)

    def _select(self, at: datetime) -> None:
        data = bytes([at.hour, at.day, at.month, at.year % 100])
        request = modbus.write_request(self.address, REQUEST_DATE, data)
        self.line.ask(request, lambda heard: modbus.write_answer(heard, self.address, REQUEST_DATE, 2))

    def _values(self, data: bytes) -> Values:
        """Four bytes a code of the meter's own configuration."""
        values: Values = {}
        for place, code in enumerate(self._configuration()):
            field = data[4 * place : 4 * place + 4]
            name = self._name(code)
            if name is None or len(field) < 4:
                continue
            number = _minutes(field) if name.endswith("Duration") else float32(field)
            if number is None:
                continue
            minutes = name.endswith("Duration")
            values[name] = canonical(number, "min") if minutes else by_setting(name, number, self.settings)
        return values

    def _name(self, code: int) -> str | None:
        """The n-th volume of the configuration is that of pipe n."""
        if code in MINUTES:
            return MINUTES[code]
        kind = code & 0xF0
        number = sorted(one for one in self._configuration() if one & 0xF0 == kind).index(code) + 1
        if kind == HEAT:
            return "Q_delta" if number == self.settings.heat_input else None
        if kind in PIPES:
            if number == self.settings.supply:
                return PIPES[kind][0]
            return PIPES[kind][1] if number == self.settings.return_ else None
        return None

    def _configuration(self) -> list[int]:
        if not self._codes:
            data = self._read(CONFIGURATION, CONFIGURATION_COUNT)[1:]
            end = next((place for place, code in enumerate(data) if code >= LAST_CODE), len(data))
            self._codes = list(data[:end])
        return self._codes

    def _read(self, register: int, count: int) -> bytes:
        request = modbus.read_request(self.address, modbus.READ, register, count)
        return self.line.ask_surely(
            request, lambda heard: modbus.read_answer(heard, self.address, modbus.READ, count)
        )


def _minutes(field: bytes) -> Decimal | None:
    """A LONG, or a float for operating time: so many whole minutes as a float would be less than a billionth."""
    number = float32(field)
    return Decimal(int.from_bytes(field, "little")) if number is not None and abs(number) < LEAST else number


def _text(data: bytes) -> str:
    return data.decode("ascii", "replace").strip("\0 \xff�")
