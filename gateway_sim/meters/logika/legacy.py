"""The older dialect, 4L: short frames that do not say what they answer, records of fixed length, odd floats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from gateway_sim.field.errors import NotSupported, Refused
from gateway_sim.field.intervals import expected, netbook_now
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, Record, Values
from gateway_sim.field.units import by_setting
from gateway_sim.meters.floats import plain
from gateway_sim.meters.logika import frames, tables
from gateway_sim.meters.logika.refusals import checked

FUNCTIONS: dict[Kind, int] = {"hour": frames.HOUR, "day": frames.DAY, "month": frames.MONTH}
NO_RECORD = 3
HEAD = 4  # bytes of abnormal situations and the scheme before the floats


class Legacy:
    def __init__(self, line: Line, settings: MeterSettings, address: int, reopen: Callable[[], None]) -> None:
        self.line = line
        self.settings = settings
        self.address = address
        self.reopen = reopen
        self.table = tables.LEGACY_TABLES[settings.model]

    def identify(self, title: str, ident: bytes) -> Identity:
        """These meters do not tell their serial number in a place that is known."""
        return Identity(self.settings.model, title, "", f"{ident[2]:02X}")

    def clock(self) -> datetime | None:
        address = tables.CLOCK_ADDRESS.get(self.settings.model)
        if address is None:
            return None
        year, month, day, hour, minute, second = self._ram(address, 6)
        try:
            return datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001
        except ValueError:
            return None

    def current(self) -> list[Record]:
        address = self.table.current.get(self.settings.heat_input)
        if address is None:
            raise NotSupported(f"the meter has no heat input {self.settings.heat_input}")
        at = self.clock() or netbook_now()
        block = self._ram(address, self.table.current_size)
        return [Record("current", at, self._values(block, self.table.current_fields))]

    def archive(self, kind: Kind, start: datetime, end: datetime, shift: timedelta) -> Iterator[Record]:

        for at in expected(kind, start, end):
            data = self._record(kind, at + shift)
            yield Record(kind, at, self._values(data, self.table.record) if data else {}, missing=not data)

    def _record(self, kind: Kind, stamp: datetime) -> bytes:
        """Nothing where the meter has no record of this moment."""
        question = bytes([stamp.year - 1900, stamp.month, stamp.day, stamp.hour])
        try:
            return self._request(FUNCTIONS[kind], question, self.table.size)
        except Refused as error:
            if error.data.get("error") == NO_RECORD:
                return b""
            raise

    def _values(self, block: bytes, names: tuple[str, ...]) -> Values:
        values: Values = {}
        for place, name in enumerate(names):
            parameter = tables.sdk_name(name, self.settings)
            number = logika_float(block[HEAD + 4 * place : HEAD + 4 * place + 4])
            if parameter is not None and number is not None:
                values[parameter] = by_setting(parameter, number, self.settings)
        return values

    def _ram(self, address: int, count: int) -> bytes:
        question = address.to_bytes(2, "little") + bytes([count, 0])
        return self._request(frames.RAM, question, count)

    def _request(self, function: int, data: bytes, size: int) -> bytes:
        def parse(heard: bytes) -> bytes | None:
            answer = frames.find_short(heard, self.address, {function: size, frames.ERROR: 1})
            return None if answer is None else checked(answer).data

        request = frames.short(self.address, function, data)
        return self.line.ask_surely(request, parse, before_repeat=self.reopen)


def logika_float(data: bytes) -> Decimal | None:
    """(-1)^sign · 2^(b3-127) · (1 + mantissa/2^23), the sign in bit 7 of b2. All 0 is 0, all FF is absent.

    The shortest decimal that gives the same four bytes, as for an IEEE float.
    """
    if len(data) < 4 or data == b"\xff\xff\xff\xff":
        return None
    if data == bytes(4):
        return Decimal(0)
    value = _value(data)
    for digits in range(6, 10):
        text = f"{value:.{digits}g}"
        if logika_bytes(Decimal(text)) == data:
            break
    return plain(Decimal(text))


def _value(data: bytes) -> float:
    mantissa = data[0] | data[1] << 8 | (data[2] & 0x7F) << 16
    value = (1 + mantissa / 2**23) * 2.0 ** (data[3] - 127)
    return -value if data[2] & 0x80 else value


def logika_bytes(value: Decimal) -> bytes:
    """The four bytes of a number, for simulators and for the shortest text."""
    if not value:
        return bytes(4)
    number, exponent = abs(float(value)), 0
    while number >= 2:
        number, exponent = number / 2, exponent + 1
    while number < 1:
        number, exponent = number * 2, exponent - 1
    mantissa = round((number - 1) * 2**23)
    if mantissa == 2**23:
        mantissa, exponent = 0, exponent + 1
    sign = 0x80 if value < 0 else 0
    return bytes(
        [mantissa & 0xFF, mantissa >> 8 & 0xFF, mantissa >> 16 | sign, max(0, min(255, exponent + 127))]
    )
