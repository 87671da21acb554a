"""From the texts of a table to instants and exact numbers. Pure; a cell that cannot be read gives a code."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from accounts.tables import SheetNumber
from readings.ingest.wallclock import WallClock, wall_of

DECIMALS = ("any", ".", ",")
_DAY_FIRST = re.compile(
    r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|(?<=\.)\d\d)(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII
)
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{8}", re.ASCII
)
_MIDNIGHT = re.compile(r"(\S+)[ T,]+24:00(?::00)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)
# unit as people write it, without case and blanks -> (what it measures, how many basic units one of it is)
UNITS: dict[str, tuple[str, Fraction]] = {
    "wh": ("energy", Fraction(1)), "kwh": ("energy", Fraction(1000)), "mwh": ("energy", Fraction(10**6)),
    "mj": ("energy", Fraction(10**4, 36)), "gj": ("energy", Fraction(10**7, 36)),
    "gcal": ("energy", Fraction(1_163_000)), "l": ("volume", Fraction(1)), "m3": ("volume", Fraction(1000)),
    "kg": ("mass", Fraction(1)), "t": ("mass", Fraction(1000)),
}  # fmt: skip
_WRITTEN = {
    "втч": "wh", "вт·ч": "wh", "квтч": "kwh", "квт·ч": "kwh", "мвтч": "mwh", "мвт·ч": "mwh", "мдж": "mj",
    "гдж": "gj", "гкал": "gcal", "л": "l", "м3": "m3", "м³": "m3", "m³": "m3", "кг": "kg", "т": "t",
}  # fmt: skip


class BadCell(Exception):
    """`code` of readings.refusals.ISSUES."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def instant_of(text: str, zone: ZoneInfo) -> int:
    """Epoch seconds of an ISO time or a day-first date; a day alone is its first instant. Raises `BadCell`."""
    stamp = _sheet_stamp(text) if isinstance(text, SheetNumber) else _stamp(text.strip())
    if not 1990 <= stamp.year < 2200:
        raise BadCell("time_out_of_range")
    if stamp.tzinfo is not None:
        at = int(stamp.timestamp())
    else:
        clock, wall = WallClock(zone), wall_of(stamp)
        passes = clock.passes(wall)
        if not passes and stamp.hour == stamp.minute == 0:
            passes = (clock.period_start(wall),)
        if not passes:
            raise BadCell("skipped_time")
        at = passes[0]
    return at


def _stamp(text: str) -> datetime:
    if not text:
        raise BadCell("missing_time")
    try:
        if midnight := _MIDNIGHT.fullmatch(text):  # an index at the end of a day
            return _stamp(midnight[1]) + timedelta(days=1)
        if matched := _DAY_FIRST.fullmatch(text):
            day, month, year, hour, minute, second = (int(part or 0) for part in matched.groups())
            # the wall clock of the caller's zone
            return datetime(year if year > 99 else 2000 + year, month, day, hour, minute, second)  # noqa: DTZ001
        if not _ISO.fullmatch(text):
            raise BadCell("bad_time")
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise BadCell("bad_time") from None


def _sheet_stamp(number: SheetNumber) -> datetime:
    """A column of dates whose format was lost: days since the workbook's first one."""
    try:
        return number.moment
    except OverflowError:
        raise BadCell("bad_time") from None


def number_of(text: str, decimal: str = "any") -> Fraction:
    """An exact number; digits may be grouped by spaces. `decimal` is of texts only. Raises `BadCell`."""
    decimal = "." if isinstance(text, SheetNumber) else decimal
    plain = re.sub(r"(?<=\d)[ \u00a0\u202f'](?=\d{3})", "", text.strip())
    if decimal in (".", ","):  # the other mark groups thousands
        plain = re.sub(rf"(?<=\d){re.escape('.' if decimal == ',' else ',')}(?=\d{{3}}(?!\d))", "", plain)
        if ("." if decimal == "," else ",") in plain:
            raise BadCell("bad_number")
    if len(plain) > 40 or not _NUMBER.fullmatch(plain):
        raise BadCell("bad_number")
    return Fraction(plain.replace(",", "."))


def unit_key(text: str) -> str:
    key = re.sub(r"[\s*]", "", text).casefold().replace("⋅", "·")
    return _WRITTEN.get(key, key)


def same_measure(written: str, wanted: str) -> bool:
    """Whether the two units measure the same."""
    given, kept = UNITS.get(unit_key(written)), UNITS.get(unit_key(wanted))
    return given is not None and kept is not None and given[0] == kept[0]


def in_unit(value: Fraction, written: str, wanted: str) -> Fraction:
    """`value` in the unit `wanted`. An empty text is the wanted unit itself. Raises `BadCell` unit_mismatch."""
    if not written.strip() or unit_key(written) == unit_key(wanted):
        return value
    given, kept = UNITS.get(unit_key(written)), UNITS.get(unit_key(wanted))
    if given is None or kept is None or given[0] != kept[0]:
        raise BadCell("unit_mismatch")
    return value * given[1] / kept[1]


def in_steps(value: Fraction, exponent: int) -> int:
    """Whole steps of 10^exponent, rounded half up."""
    scaled = value / Fraction(10) ** exponent
    return (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
