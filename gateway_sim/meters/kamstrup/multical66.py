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

from gateway_sim.field.errors import BadAnswer, FieldError, NoAnswer, NotSupported, WrongMeter
from gateway_sim.field.intervals import netbook_now
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, ModelInfo, Record, Values, now_records
from gateway_sim.field.units import canonical, used_between
from gateway_sim.meters.iec62056 import readout
from gateway_sim.meters.kamstrup import text66

MODELS = {
    "multical66": ModelInfo(
        "multical66", "MULTICAL 66-CDE", 73, 300, "7E2", ("hour", "day", "month", "totals", "current"),
        experimental=True, protocol="/#n", tells_clock=False,
        note="Needs a local port: it asks at 300 and listens at 1200 bits/s.",
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
        self.endings: tuple[bytes, ...] = (
            text66.CARRIAGE_RETURNS
        )  # the one that the meter takes, once it has answered

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
        at = netbook_now()
        measured = {"T_in": _degrees(supply), "T_out": _degrees(back), "T_delta": _degrees(difference)}
        counted = self._counters(heat, volume) | _told({"NormalOperationDuration": text66.number(hours, 0)})
        return now_records(at, _told(measured), counted)

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
        for line in self._log("days", text66.FIELDS["day"], DAYS):
            day = _date(line[0])
            if day is not None:
                yield Record("day", day, self._increments(line))

    def _hours(self) -> Iterator[Record]:
        """The lines carry the day only. The newest day is counted up from its first hour, older ones down from
        their last; so nothing is said of a newest day whose lines have not all come."""
        days: list[tuple[datetime, list[list[str]]]] = []
        fault: FieldError | None = None
        try:
            for line in self._log("hours", text66.FIELDS["day"], HOURS):
                day = _date(line[0])
                if days and day in (None, days[-1][0]):
                    days[-1][1].append(line)
                elif day is not None:
                    days.append((day, [line]))
        except FieldError as error:
            fault, days = error, days if len(days) > 1 else []
        for place, (day, lines) in enumerate(days):
            last = len(lines) - 1 if place == 0 else 23
            for hour, line in zip(range(last, -1, -1), lines, strict=False):
                yield Record("hour", day + timedelta(hours=hour), self._increments(line))
        if fault is not None:
            raise fault

    def _month_totals(self) -> Iterator[Record]:
        for line in self._log("months", text66.FIELDS["month"], MONTHS, heading=1):
            day = _date(line[0])
            if day is not None:
                yield Record("totals", day, self._counters(line[1], line[2]), attributes=("MonthTotals",))

    def _months(self) -> Iterator[Record]:
        readings = sorted(self._month_totals(), key=lambda record: record.at)
        for before, after in pairwise(readings):
            if after.at - before.at <= timedelta(days=31):
                used = used_between(before.values, after.values)
                yield Record("month", before.at, used, missing=not used)

    def _increments(self, line: list[str]) -> Values:
        _day, heat, mass1, mass2, _a, _b, _p1, _p2, supply, _t3, back, _info = line
        return _told(
            {
                "Q_delta": self._heat(heat),
                "M_in": text66.number(mass1, self.volume_decimals),
                "M_out": text66.number(mass2, self.volume_decimals),
                "T_in": _degrees(supply),
                "T_out": _degrees(back),
            }
        )

    def _counters(self, heat: str, volume: str) -> Values:
        return _told({"Q_delta": self._heat(heat), "V_in": text66.number(volume, self.volume_decimals)})

    def _heat(self, field: str) -> Decimal | None:
        number = text66.number(field, self.heat_decimals)
        return None if number is None else canonical(number, self.unit)

    # ---- exchanges

    def _log(self, what: str, fields: int, count: int, *, heading: int = 0) -> Iterator[list[str]]:
        """The lines of an archive. An hour archive takes a quarter of an hour on the wire: when it is broken off,
        by the stop button or by the line, the lines that have come whole are kept."""
        answer: list[bytes] = []
        try:
            lines = self._lines(what, fields, count, heading=heading, heard_by=answer)
        except FieldError:
            yield from self._before_the_fault(answer, fields, heading)
            raise
        for line in lines:
            if not line[0].strip("0"):  # not written yet, nor anything older
                return
            yield line

    @staticmethod
    def _before_the_fault(answer: list[bytes], fields: int, heading: int) -> Iterator[list[str]]:
        for line in text66.lines_of(answer[-1])[heading:] if answer else []:
            if not _whole(line, fields) or not line[0].strip("0"):
                return
            yield line

    def _lines(
        self, what: str, fields: int, count: int, *, heading: int = 0, heard_by: list[bytes] | None = None
    ) -> list[list[str]]:
        """The answer's lines; fewer than `count` where the meter has not lived long enough. `heading`: fields of
        a first line that is left out; `heard_by` is given all that has come."""

        def parse(heard: bytes) -> list[list[str]] | None:
            if heard_by is not None:
                heard_by[:] = [heard]
            if text66.line_count(heard) < heading + count:
                return None
            return self._checked(what, heard, fields, count, heading)

        def ended(heard: bytes) -> list[list[str]]:
            if not heard.rstrip(b"\x00\n").endswith((text66.LINE_END, b"\x8d")):
                raise BadAnswer("the last line of the answer was cut")
            found = self._checked(what, heard, fields, count, heading)
            if not found:
                raise BadAnswer("the answer was cut")
            return found

        ask = self.line.ask_surely if count == 1 else self.line.ask  # many lines say what they are
        for place, ending in enumerate(self.endings):
            self.line.set_speed(ASK_BAUD)
            try:
                lines = ask(
                    text66.COMMANDS[what] + ending, parse, first=max(FIRST, self.line.first), gap=1.0,
                    most=text66.LONGEST * (heading + count), retries=None if len(self.endings) == 1 else 1,
                    after_sending=lambda: self.line.set_speed(ANSWER_BAUD),
                    before_repeat=lambda: self.line.set_speed(ASK_BAUD), final=ended,
                )  # fmt: skip
            except NoAnswer:
                if place + 1 == len(self.endings):
                    raise
            else:
                self.endings = (ending,)
                return lines
        raise AssertionError("unreachable")

    @staticmethod
    def _checked(what: str, heard: bytes, fields: int, count: int, heading: int) -> list[list[str]]:
        lines = text66.lines_of(heard)
        head, lines = lines[:heading], lines[heading : heading + count]
        if any(len(line) != 1 for line in head):
            raise BadAnswer("the first line of the answer is damaged")
        if not all(_whole(line, fields) for line in lines):
            raise BadAnswer("a line of the answer is damaged")
        days = [line[0] for line in lines if line[0].strip("0")][:3]  # of three hours, two are of one day
        if len(days) == 3 and what in ("days", "hours") and (len(set(days)) == 3) != (what == "days"):
            raise BadAnswer("the answer belongs to another question")
        return lines

    def _readout(self) -> str:
        """`/?!` at 300 both ways, its block check a sum."""

        def parse(heard: bytes) -> str | None:
            return readout.block_of(heard, arithmetic=True)

        self.line.set_speed(ASK_BAUD)
        for attempt in range(1 + self.line.retries):
            try:
                return self.line.ask(
                    readout.request(), parse, first=max(FIRST, self.line.first), gap=1.5, retries=0
                )
            except (BadAnswer, NoAnswer):
                if attempt == self.line.retries:
                    raise
                self.line.repeated()
        raise AssertionError("unreachable")


def _whole(line: list[str], fields: int) -> bool:
    return len(line) == fields and all(text66.is_field(field) for field in line)


def _told(numbers: dict[str, Decimal | None]) -> Values:
    return {name: number for name, number in numbers.items() if number is not None}


def _degrees(field: str) -> Decimal | None:
    return text66.number(field, DEGREE_DECIMALS)


def _date(field: str) -> datetime | None:
    """0YYMMDD; zeros for a line that has not been written. None too where a sign is no digit."""
    if not field.isdecimal():
        return None
    day = int(field)
    try:
        return datetime(2000 + day // 10_000, day // 100 % 100, day % 100)  # noqa: DTZ001
    except ValueError:
        return None
