"""MULTICAL 66-CDE: `/#n` asked at 300 bits a second, answered at 1200, both 7E2.

Known from the technical description: the commands and their fields. Units and decimals are not in those answers;
the read-out `/?!` (300 both ways) shows heat and volume with both, so they are taken from there. Inferred: days,
months and hours come newest first; a day's line is of the day it names; hours of a day that are all there end at
midnight. Only a port that really changes its speed will do: not a transparent modem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from gateway_sim.field.errors import BadAnswer, NoAnswer, NotSupported, WrongMeter
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, ModelInfo, Record, Values
from gateway_sim.field.units import canonical
from gateway_sim.meters.iec62056 import readout
from gateway_sim.meters.kamstrup import text66

MODELS = {
    "multical66": ModelInfo(
        "multical66", "MULTICAL 66-CDE", 73, 300, "7E2", ("hour", "day", "month", "totals", "current"),
        experimental=True, tells_clock=False, note="Needs a local port: it asks at 300 and listens at 1200 bits/s.",
    )
}  # fmt: skip
ASK_BAUD, ANSWER_BAUD = 300, 1200
DAYS, HOURS, MONTHS = 60, 960, 31
FIRST = 6.0  # seconds: it answers after 0.3 to 2, later when water flows fast
DEGREE_DECIMALS = 2
UNITS = {"GJ": "GJ", "kWh": "kWh", "MWh": "MWh", "Gcal": "Gcal", "GCAL": "Gcal"}


def driver(line: Line, settings: MeterSettings) -> Multical66:
    return Multical66(line, settings)


class Multical66:
    def __init__(self, line: Line, settings: MeterSettings) -> None:
        self.line = line
        self.settings = settings
        self.unit = "MWh"
        self.heat_decimals = 3
        self.volume_decimals = 2

    def identify(self) -> Identity:
        self._learn_units()
        (setup,) = self._lines("setup", text66.FIELDS["setup"], 1)
        serial = setup[0].lstrip("0")
        wanted = self.settings.serial.lstrip("0")
        if wanted and serial != wanted:
            raise WrongMeter(f"meter {serial} is on the line, {wanted} was expected", found=serial)
        return Identity("multical66", "MULTICAL 66-CDE", serial, details={"code": setup[7]})

    def _learn_units(self) -> None:
        sets = {one.address: one for one in readout.data_sets(self._readout())}
        heat, volume = sets.get("6.8"), sets.get("6.26")
        if heat is None or heat.unit not in UNITS or volume is None:
            raise BadAnswer("the read-out lacks heat or volume")
        self.unit = UNITS[heat.unit]
        self.heat_decimals = text66.decimals_of(heat.text)
        self.volume_decimals = text66.decimals_of(volume.text)

    def clock(self) -> datetime | None:
        """The meter tells its date, but its time only in an answer whose fields are not known."""
        return None

    def current(self) -> list[Record]:
        (now,) = self._lines("now", text66.FIELDS["now"], 1)
        heat, volume, hours, supply, back, difference, _power, _flow, _peak, _info = now
        at = datetime.now().replace(microsecond=0)  # noqa: DTZ005
        measured = {"T_in": _degrees(supply), "T_out": _degrees(back), "T_delta": _degrees(difference)}
        counted = self._counters(heat, volume) | {"NormalOperationDuration": Decimal(int(hours))}
        return [
            Record("current", at, measured),
            Record("totals", at, counted, attributes=("CurrentTotals",)),
        ]

    def archive(self, kind: Kind, start: datetime, end: datetime) -> Iterator[Record]:
        readers: dict[str, Callable[[], Iterator[Record]]] = {
            "hour": self._hours, "day": self._days, "month": self._months, "totals": self._month_totals,
        }  # fmt: skip
        if kind not in readers:
            raise NotSupported(f"the meter has no archive of kind {kind}")
        return (record for record in readers[kind]() if start <= record.at < end)

    def close(self) -> None:
        self.line.set_speed(ASK_BAUD)

    # ---- archives

    def _days(self) -> Iterator[Record]:
        for line in self._lines("days", text66.FIELDS["day"], DAYS):
            day = _date(line[0])
            if day is not None:
                yield Record("day", day, self._increments(line))

    def _hours(self) -> Iterator[Record]:
        """The lines carry the day only. The newest day is counted up from its first hour, older ones down from
        their last."""
        lines = [(_date(line[0]), line) for line in self._lines("hours", text66.FIELDS["day"], HOURS)]
        lines = [(day, line) for day, line in lines if day is not None]
        newest = lines[0][0] if lines else None
        count = sum(day == newest for day, _line in lines)
        place, before = 0, newest
        for day, line in lines:
            assert day is not None
            place = place + 1 if day == before else 1
            before = day
            hour = count - place if day == newest else 24 - place
            if 0 <= hour < 24:
                yield Record("hour", day + timedelta(hours=hour), self._increments(line))

    def _month_totals(self) -> Iterator[Record]:
        for line in self._lines("months", text66.FIELDS["month"], MONTHS, heading=1):
            day = _date(line[0])
            if day is not None:
                yield Record("totals", day, self._counters(line[1], line[2]), attributes=("MonthTotals",))

    def _months(self) -> Iterator[Record]:
        readings = sorted(self._month_totals(), key=lambda record: record.at)
        for before, after in pairwise(readings):
            if after.at - before.at <= timedelta(days=31):
                used = {name: after.values[name] - number for name, number in before.values.items()}
                yield Record("month", before.at, used)

    def _increments(self, line: list[str]) -> Values:
        _day, heat, mass1, mass2, _a, _b, _p1, _p2, supply, _t3, back, _info = line
        return {
            "Q_delta": canonical(text66.number(heat, self.heat_decimals), self.unit),
            "M_in": text66.number(mass1, self.volume_decimals),
            "M_out": text66.number(mass2, self.volume_decimals),
            "T_in": _degrees(supply),
            "T_out": _degrees(back),
        }

    def _counters(self, heat: str, volume: str) -> Values:
        return {
            "Q_delta": canonical(text66.number(heat, self.heat_decimals), self.unit),
            "V_in": text66.number(volume, self.volume_decimals),
        }

    # ---- exchanges

    def _lines(self, what: str, fields: int, count: int, *, heading: int = 0) -> list[list[str]]:
        """The answer's lines; fewer than `count` where the meter has not lived long enough. `heading`: fields of
        a first line that is left out."""

        def parse(heard: bytes) -> list[list[str]] | None:
            return self._checked(heard, fields, count, heading, whole=True)

        def ended(heard: bytes) -> list[list[str]]:
            found = self._checked(heard, fields, count, heading, whole=False)
            if not found:
                raise BadAnswer("the answer was cut")
            return found

        self.line.set_speed(ASK_BAUD)
        return self.line.ask_surely(
            text66.COMMANDS[what], parse, first=FIRST, gap=1.0,
            after_sending=lambda: self.line.set_speed(ANSWER_BAUD), before_repeat=lambda: self.line.set_speed(ASK_BAUD),
            final=ended,
        )  # fmt: skip

    def _checked(
        self, heard: bytes, fields: int, count: int, heading: int, *, whole: bool
    ) -> list[list[str]] | None:
        if whole and text66.line_count(heard) < heading + count:
            return None
        lines = text66.lines_of(heard)
        if not whole and not heard.rstrip(b"\x00\n").endswith(text66.LINE_END):
            raise BadAnswer("the last line of the answer was cut")
        head, lines = lines[:heading], lines[heading : heading + count]
        if any(len(line) != 1 for line in head):
            raise BadAnswer("the first line of the answer is damaged")
        for line in lines:
            if len(line) != fields or not all(field.isdecimal() for field in line):
                raise BadAnswer("a line of the answer is damaged")
        return lines if not whole or len(lines) >= count else None

    def _readout(self) -> str:
        """`/?!` at 300 both ways, its block check a sum."""

        def parse(heard: bytes) -> str | None:
            return readout.block_of(heard, arithmetic=True)

        self.line.set_speed(ASK_BAUD)
        for attempt in range(1 + self.line.retries):
            try:
                return self.line.ask(readout.request(), parse, first=FIRST, gap=1.5, retries=0)
            except (BadAnswer, NoAnswer):
                if attempt == self.line.retries:
                    raise
                self.line.repeats += 1
        raise AssertionError("unreachable")


def _degrees(field: str) -> Decimal:
    return text66.number(field, DEGREE_DECIMALS)


def _date(field: str) -> datetime | None:
    """0YYMMDD; zeros for a line that has not been written."""
    day = int(field)
    try:
        return datetime(2000 + day // 10_000, day // 100 % 100, day % 100)  # noqa: DTZ001
    except ValueError:
        return None
