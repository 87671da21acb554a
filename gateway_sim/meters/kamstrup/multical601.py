"""MULTICAL 601, 602 and 402 through the optical head, by KMP.

Known (facts/meters.md 1): framing, registers, the day log (460 days, increments and averages, newest first).
Taken over from the meter's technical description without a capture: months and years are counter readings at
the target date; the hour log of a top module holds increments, a status byte before each value. 402 answers with
values of two or four bytes and the same registers (replies seen); its logs are taken to be those of 601, so it is
experimental. Its optical port sleeps until a key is pressed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from gateway_sim.field.errors import BadAnswer, NoAnswer, NotSupported, WrongMeter
from gateway_sim.field.intervals import netbook_now
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, ModelInfo, Record, Values, now_records
from gateway_sim.field.units import FACTORS, canonical, used_between
from gateway_sim.meters.kamstrup import kmp

_KINDS: tuple[Kind, ...] = ("hour", "day", "month", "totals", "current")
MODELS = {
    "multical601": ModelInfo(
        "multical601",
        "MULTICAL 601",
        72,
        1200,
        "8N2",
        _KINDS,
        note="Hours need a top module with a log.",
        takes_registers=True,
        protocol="KMP",
    ),
    "multical602": ModelInfo(
        "multical602",
        "MULTICAL 602",
        132,
        1200,
        "8N2",
        _KINDS,
        note="Hours need a top module with a log.",
        takes_registers=True,
        protocol="KMP",
    ),
    "multical402": ModelInfo(
        "multical402",
        "MULTICAL 402",
        0,
        1200,
        "8N2",
        ("day", "month", "totals", "current"),
        experimental=True,
        note="Press a key of the meter first: its optical port sleeps.",
        takes_registers=True,
        protocol="KMP",
    ),
}
TYPES = {0x0001: "MULTICAL 601 Pt500", 0x0004: "MULTICAL 601 Pt100", 0x0005: "MULTICAL 601 Pt500 4-wire"}
CLOCK, DATE, TOP_MODULE_TYPE = 1002, 1003, 157
COUNTED = {60: "Q_delta", 68: "V_in", 69: "V_out", 72: "M_in", 73: "M_out", 1004: "NormalOperationDuration"}
MEASURED = {86: "T_in", 87: "T_out", 89: "T_delta", 91: "P_in", 92: "P_out"}
LOGGED = {60: "Q_delta", 68: "V_in", 69: "V_out", 72: "M_in", 73: "M_out", 86: "T_in", 87: "T_out"}
MONTH_COUNTERS = {60: "Q_delta", 68: "V_in", 69: "V_out", 72: "M_in", 73: "M_out"}
LOGS = (kmp.HOUR_LOG, kmp.DAY_LOG, kmp.MONTH_LOG)
DAYS, MONTHS = 460, 36  # records of the logs; beyond them the meter answers with arbitrary ones
PAGE = 16
HOURS_A_PAGE = 24
HOUR_MONTH, HOUR_DAY = 186, 187  # YYMM and DDHH of an hour record
MOVES = 3  # a log cannot move on more often than that while it is read
PAUSE = 1.6  # seconds the meter needs after a bad frame


class LogMoved(BadAnswer):
    """A day or a month ended between two questions about the same log."""


def driver(line: Line, settings: MeterSettings) -> Multical601:
    return Multical601(line, settings)


class Multical601:
    def __init__(self, line: Line, settings: MeterSettings) -> None:
        self.line = line
        self.settings = settings
        line.pause = max(line.pause, PAUSE)

    # ---- who and when --------------------------------------------------------------------------------------

    def identify(self) -> Identity:
        kind = self._ask(kmp.METER, kmp.GET_TYPE)
        serial = str(int.from_bytes(self._ask(kmp.METER, kmp.GET_SERIAL), "big"))
        expected = self.settings.serial.lstrip("0")
        if expected and serial != expected:
            raise WrongMeter(
                f"meter {serial} is on the line, {expected} was expected", found=serial, expected=expected
            )
        number = int.from_bytes(kind[:2], "big")
        title = TYPES.get(number, f"{MODELS[self.settings.model].title} ({number:04X})")
        revision = f"{chr(64 + kind[2])}{kind[3]}" if len(kind) >= 4 and 0 < kind[2] < 27 else ""
        return Identity(self.settings.model, title, serial, revision)

    def clock(self) -> datetime | None:
        values = {value.register: int(value.number) for value in self._registers([DATE, CLOCK])}
        if len(values) < 2:
            return None
        day, time = values[DATE], values[CLOCK]
        try:
            return datetime(  # noqa: DTZ001
                2000 + day // 10_000,
                day // 100 % 100,
                day % 100,
                time // 10_000,
                time // 100 % 100,
                time % 100,
            )
        except ValueError:
            return None

    # ---- values --------------------------------------------------------------------------------------------

    def current(self) -> list[Record]:
        at = self.clock() or netbook_now()
        measured = self._bound(MEASURED)
        found = {value.register: value for value in self._registers([*measured, *COUNTED])}
        return now_records(at, self._named(found, measured), self._named(found, COUNTED))

    def archive(self, kind: Kind, start: datetime, end: datetime) -> Iterator[Record]:
        if kind == "hour":
            return self._hours(start, end)
        if kind == "day":
            return self._days(start, end)
        if kind == "month":
            return self._months(start, end)
        if kind == "totals":
            return self._month_totals(start, end)
        raise NotSupported(f"no archive of kind {kind}")

    def close(self) -> None:
        """The meter falls asleep by itself."""

    # ---- days ----------------------------------------------------------------------------------------------

    def _days(self, start: datetime, end: datetime) -> Iterator[Record]:
        return self._logged(kmp.DAY_LOG, "day", DAYS, start, end, self._bound(LOGGED))

    def _logged(
        self, log: int, kind: Kind, depth: int, start: datetime, end: datetime, registers: dict[int, str]
    ) -> Iterator[Record]:
        """A log is counted from its newest record, so it moves by one when a day ends while we read it: what has
        not been read by then is looked up anew."""
        read: set[datetime] = set()
        for attempt in range(MOVES + 1):
            try:
                dates = self._indexes(log, depth, start, end)
                left = sorted(index for index, at in dates.items() if at not in read)
                for page in _pages(left):
                    for record in self._log_page(log, kind, page, dates, registers):
                        read.add(record.at)
                        yield record
            except LogMoved:
                if attempt == MOVES:
                    raise
            else:
                return

    def _log_page(
        self, log: int, kind: Kind, page: list[int], dates: dict[int, datetime], registers: dict[int, str]
    ) -> Iterator[Record]:
        first, count = page[0], page[-1] - page[0] + 1
        columns: dict[str, list[Decimal | None]] = {}
        units = dict.fromkeys(registers.values(), "")
        for register, name in registers.items():
            column = self._log(log, register, first, count)
            if column is not None and column[0] in FACTORS:
                units[name], columns[name] = column
        now_first = self._log(log, DATE, first, 1)
        if now_first is None or _date(now_first[1][0]) != dates[first]:
            raise LogMoved("the log moved on while it was read")
        for index in page:
            values = {
                name: canonical(number, units[name])
                for name, column in columns.items()
                if index - first < len(column) and (number := column[index - first]) is not None
            }
            yield Record(kind, dates[index], values, missing=not values)

    def _indexes(self, log: int, depth: int, start: datetime, end: datetime) -> dict[int, datetime]:
        """The records of the log that lie in the period, by their index (1 is the newest)."""
        found: dict[int, datetime] = {}
        newer: datetime | None = None
        for first in range(1, depth + 1, PAGE):
            page = self._log(log, DATE, first, min(PAGE, depth + 1 - first))
            if page is None:
                break
            dates = [_date(number) for number in page[1]]
            for offset, at in enumerate(dates):
                if at is not None and newer is not None and at >= newer:
                    raise LogMoved("the log moved on while its dates were read")
                newer = at or newer
                if at is not None and start <= at < end:
                    found[first + offset] = at
            if any(at is None or at < start for at in dates):  # an empty record: nothing older either
                break
        return found

    # ---- months --------------------------------------------------------------------------------------------

    def _months(self, start: datetime, end: datetime) -> Iterator[Record]:
        """A month is the difference of the readings at its two ends."""
        readings = sorted(self._month_totals(start, end + timedelta(days=40)), key=lambda record: record.at)
        for before, after in pairwise(readings):
            if before.at < end and after.at - before.at <= timedelta(days=31):
                values = used_between(before.values, after.values)
                yield Record("month", before.at, values, missing=not values)

    def _month_totals(self, start: datetime, end: datetime) -> Iterator[Record]:
        for record in self._logged(kmp.MONTH_LOG, "totals", MONTHS, start, end, MONTH_COUNTERS):
            yield replace(record, attributes=("MonthTotals",))

    # ---- hours ---------------------------------------------------------------------------------------------

    def _hours(self, start: datetime, end: datetime) -> Iterator[Record]:
        """Pages of 24 hours from the newest wanted one back. Silence means that there is no hour log."""
        if not any(value.number for value in self._registers([TOP_MODULE_TYPE])):
            raise NotSupported("the meter has no top module with an hour log")
        newest = end - timedelta(hours=1)
        while newest >= start:
            page = list(self._hour_page(newest))
            if not page:
                return
            if page[0].at > newest or page[-1].at > page[0].at:
                raise BadAnswer("the top module answers with other hours than it was asked for")
            yield from (record for record in page if start <= record.at < end)
            newest = page[-1].at - timedelta(hours=1)

    def _hour_page(self, newest: datetime) -> Iterator[Record]:
        stamp = bytes([newest.year - 2000, newest.month, newest.day, newest.hour])
        months = self._hour_column(HOUR_MONTH, stamp)
        days = self._hour_column(HOUR_DAY, stamp)
        columns = {name: self._hour_column(register, stamp) for register, name in self._bound(LOGGED).items()}
        if months is None or days is None:
            return
        for place in range(len(days[1])):
            at = _hour(months[1][place], days[1][place]) or newest - timedelta(hours=place)
            values = {
                name: canonical(number, column[0])
                for name, column in columns.items()
                if column is not None and column[0] in FACTORS and place < len(column[1])
                if (number := column[1][place]) is not None
            }
            yield Record("hour", at, values, missing=not values)

    def _hour_column(self, register: int, stamp: bytes) -> tuple[str, list[Decimal | None]] | None:
        question = register.to_bytes(2, "big") + stamp
        try:
            data = self._ask(kmp.TOP_MODULE, kmp.HOUR_LOG, question)
        except NoAnswer:
            self._ask(kmp.METER, kmp.GET_TYPE)  # does the meter itself still answer?
            raise NotSupported("the top module does not answer for its hour log") from None
        return self._column(data, register, status=True)

    # ---- exchanges -----------------------------------------------------------------------------------------

    def _log(
        self, log: int, register: int, first: int, count: int
    ) -> tuple[str, list[Decimal | None]] | None:
        question = register.to_bytes(2, "big") + first.to_bytes(2, "big") + bytes([count])
        column = self._column(self._ask(kmp.METER, log, question), register, status=False)
        if column is None:
            return None
        return column[0], column[1][:count]

    def _column(self, data: bytes, register: int, *, status: bool) -> tuple[str, list[Decimal | None]] | None:
        numbers = kmp.log_of(data, register, status=status)
        if numbers is None:
            return None
        return kmp.UNITS.get(data[2], ""), numbers

    def _registers(self, wanted: list[int]) -> list[kmp.Value]:
        values = []
        for place in range(0, len(wanted), kmp.MOST_REGISTERS):
            batch = wanted[place : place + kmp.MOST_REGISTERS]
            question = bytes([len(batch)]) + b"".join(register.to_bytes(2, "big") for register in batch)
            answer = kmp.registers_of(self._ask(kmp.METER, kmp.GET_REGISTER, question, set(batch)))
            values += answer
        return values

    def _ask(self, destination: int, command: int, data: bytes = b"", batch: set[int] | None = None) -> bytes:
        """The reply's data. An answer to another question (a late one) is none."""

        def parse(heard: bytes) -> bytes | None:
            body = kmp.unframe(heard)
            if body is None:
                return None
            if body[:2] != bytes([destination, command]):
                raise BadAnswer("the answer belongs to another question")
            if batch is not None and not {value.register for value in kmp.registers_of(body[2:])} <= batch:
                raise BadAnswer("the answer has other registers than were asked for")
            if command in LOGS and body[2:4] not in (data[:2], b"\xff\xff"):
                raise BadAnswer("the answer is of another log")
            return body[2:]

        ask = (
            self.line.ask_surely if command in LOGS else self.line.ask
        )  # a log's answer leaves out which records
        return ask(kmp.request(destination, command, data), parse)

    def _bound(self, usual: dict[int, str]) -> dict[int, str]:
        """Register → parameter, with the registers that the owner chose instead of the usual ones."""
        chosen = self.settings.registers
        kept = {register: name for register, name in usual.items() if name not in chosen}
        return kept | {register: name for name, register in chosen.items()}

    def _named(self, found: dict[int, kmp.Value], names: dict[int, str]) -> Values:
        return {
            name: canonical(found[register].number, kmp.UNITS[found[register].unit])
            for register, name in names.items()
            if register in found and found[register].unit in kmp.UNITS
        }


def _pages(indexes: list[int]) -> Iterator[list[int]]:
    """Runs of neighbours, at most a page long."""
    page: list[int] = []
    for index in indexes:
        if page and (index != page[-1] + 1 or len(page) == PAGE):
            yield page
            page = []
        page.append(index)
    if page:
        yield page


def _date(number: Decimal | None) -> datetime | None:
    """YYMMDD as a number; 0 is an empty record."""
    if not number:
        return None
    day = int(number)
    try:
        return datetime(2000 + day // 10_000, day // 100 % 100, day % 100)  # noqa: DTZ001
    except ValueError:
        return None


def _hour(month: Decimal | None, day: Decimal | None) -> datetime | None:
    """YYMM and DDHH as numbers."""
    if month is None or day is None:
        return None
    try:
        return datetime(  # noqa: DTZ001
            2000 + int(month) // 100, int(month) % 100, int(day) // 100, int(day) % 100
        )
    except ValueError:
        return None
