"""Any heat meter that gives a read-out by IEC 62056-21, modes A, B and C, over an optical head.

The identification at 300 bits a second says how the data come: at the same speed (A), at another one at once
(B), or at another one after our acknowledgement (C). A block whose check is wrong is asked for again from the
beginning. The read-out has values and totals of now; stored ones have no dates that are the same for all makers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gateway_sim.field.errors import BadAnswer, NoAnswer, NotSupported, WrongMeter
from gateway_sim.field.intervals import netbook_now
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, ModelInfo, Record, Values, now_records
from gateway_sim.field.units import FACTORS, canonical
from gateway_sim.meters.iec62056 import readout

MODELS = {
    "iec62056": ModelInfo(
        "iec62056", "IEC 62056-21", 0, 300, "7E1", ("totals", "current"), protocol="IEC 62056-21", address_is_text=True,
        note="The read-out of any meter by its optical head: values and totals of now.",
    )
}  # fmt: skip
START_BAUD = 300
REACTION = 1.5  # seconds the standard allows until an answer, and the gap it allows inside one
SWITCH_PAUSE = 0.3  # seconds between the identification and our acknowledgement
SERIAL = ("9.21", "0.0", "C.1", "0.0.0", "96.1.0")
CLOCK, DATE = ("9.36", "0.9.1", "11"), ("0.9.2", "12")
COUNTED = {
    "6.8": "Q_delta", "6.26": "V_in", "6.31": "NormalOperationDuration", "1.8.0": "Q_delta", "6-0:1.0.0": "Q_delta",
    "6-0:2.0.0": "V_in",
}  # fmt: skip
MEASURED = {"6.29": "T_in", "6.28": "T_out", "6.30": "T_delta", "6-0:10.0.0": "T_in", "6-0:11.0.0": "T_out"}
UNITS = {
    "C": "°C",
    "m3": "m³",
    "gcal": "Gcal",
    "GCAL": "Gcal",
    "KWH": "kWh",
    "MWH": "MWh",
    "WH": "Wh",
    "M3": "m³",
}


def driver(line: Line, settings: MeterSettings) -> Iec62056:
    return Iec62056(line, settings)


class Iec62056:
    def __init__(self, line: Line, settings: MeterSettings) -> None:
        self.line = line
        self.settings = settings
        self._sets: dict[str, readout.DataSet] = {}

    def identify(self) -> Identity:
        ident, text = self._readout()
        sets = readout.data_sets(text)
        self._sets = {one.address: one for one in reversed(sets) if one.storage == 0}
        serial = next((self._sets[name].text.lstrip("0") for name in SERIAL if name in self._sets), "")
        wanted = self.settings.serial.lstrip("0")
        if wanted and serial and serial != wanted:
            raise WrongMeter(f"meter {serial} is on the line, {wanted} was expected", found=serial)
        return Identity("iec62056", f"{ident.maker} {ident.name}".strip(), serial)

    def clock(self) -> datetime | None:
        """From the data sets of time and date, as 10:20:00 and 26-11-03, or both together."""
        digits = "".join(self._text(names) for names in (DATE, CLOCK))
        for pattern in ("%y-%m-%d%H:%M:%S", "%y%m%d%H%M%S", "%Y-%m-%d&%H:%M:%S", "%y-%m-%d%H:%M"):
            try:
                return datetime.strptime(digits, pattern)  # noqa: DTZ007
            except ValueError:
                continue
        return None

    def current(self) -> list[Record]:
        at = self.clock() or netbook_now()
        return now_records(at, self._values(MEASURED), self._values(COUNTED))

    def archive(self, kind: Kind, start: datetime, end: datetime) -> Iterator[Record]:
        if kind != "totals":
            raise NotSupported("the read-out has no archive")
        return (record for record in self.current() if record.kind == "totals")

    def close(self) -> None:
        """A read-out ends by itself."""
        self.line.set_speed(START_BAUD)

    def _text(self, names: tuple[str, ...]) -> str:
        return next((self._sets[name].text for name in names if name in self._sets), "")

    def _values(self, names: dict[str, str]) -> Values:
        values: Values = {}
        for address, name in names.items():
            one = self._sets.get(address)
            number = one.number if one else None
            if one is None or number is None or name in values:
                continue
            unit = UNITS.get(one.unit, one.unit)
            if unit in FACTORS:
                values[name] = canonical(number, unit)
            elif not unit:
                values[name] = number
        return values

    # ---- the session

    def _readout(self) -> tuple[readout.Ident, str]:
        """The whole exchange, again from the beginning when any part of it was spoiled."""
        for attempt in range(1 + self.line.retries):
            try:
                return self._session()
            except (BadAnswer, NoAnswer):
                if attempt == self.line.retries:
                    raise
                self.line.repeated()
                self.line.wait(REACTION)
        raise AssertionError("unreachable")

    def _session(self) -> tuple[readout.Ident, str]:
        self.line.set_speed(START_BAUD)
        opening = readout.request(self.settings.address)
        first = max(REACTION + 1, self.line.first)
        ident, rest = self.line.ask(opening, self._opened, first=first, gap=REACTION, retries=0)
        if ident.mode == "A":
            assert rest is not None
            return ident, rest
        if ident.mode == "B":
            self.line.set_speed(ident.baud)
            return ident, self.line.listen(readout.block_of, first=REACTION + 1, gap=REACTION)
        self.line.wait(SWITCH_PAUSE)
        text = self.line.ask(
            readout.acknowledge(ident), readout.block_of, first=REACTION + 1, gap=REACTION, retries=0,
            after_sending=lambda: self.line.set_speed(ident.baud),
        )  # fmt: skip
        return ident, text

    @staticmethod
    def _opened(heard: bytes) -> tuple[readout.Ident, str | None] | None:
        """In mode A the data follow at once and belong to the same answer."""
        found = readout.ident_of(heard)
        if found is None:
            return None
        ident, rest = found
        if ident.mode != "A":
            return ident, None
        text = readout.block_of(rest)
        return None if text is None else (ident, text)
