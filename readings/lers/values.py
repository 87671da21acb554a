"""Texts of a file turned into stamps, numbers, flags and marks; refused rather than repaired."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal

from readings.lers.model import Kind, RecordFlag
from readings.lers.vocabulary import MASK_NAMES, Vocabulary, fold

# float() and Decimal() take "1_000", "NaN", full-width digits and more, so the form is fixed here.
NUMBER = r"-?[0-9]{1,14}(?:[.,][0-9]{1,20})?"
_NUMBER = re.compile(
    r"-?(?:[0-9]{1,32}(?:[.,][0-9]{0,32})?|[.,][0-9]{1,32})(?:[eE][+-]?[0-9]{1,4})?", re.ASCII
)
_BLANK = " \t\r\n\u00a0\u202f\ufeff"
MAXIMUM = Decimal(10) ** 15
_OFFSET = r"(?P<z>Z|z|[+-]\d{2}:?\d{2})?"
_CLOCK = r"(?:[Tt \u00a0]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?)?"
_STAMPS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})" + _CLOCK + _OFFSET,
        r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4}|\d{2})" + _CLOCK + _OFFSET,
        r"(?P<y>\d{4})[./](?P<m>\d{2})[./](?P<d>\d{2})" + _CLOCK + _OFFSET,
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:T?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?)?" + _OFFSET,
        r"(?P<m>\d{2})\.(?P<y>\d{4})",
        r"(?P<y>\d{4})-(?P<m>\d{2})",
    )
)
_FLAGS = {
    "none": 0,
    "externaldata": RecordFlag.EXTERNAL,
    "incompletedata": RecordFlag.INCOMPLETE,
    "calculatedbydevicetotals": RecordFlag.BY_TOTALS,
    "missingindevice": RecordFlag.MISSING,
    "hourtotals": RecordFlag.HOUR_TOTALS,
    "daytotals": RecordFlag.DAY_TOTALS,
    "monthtotals": RecordFlag.MONTH_TOTALS,
    "currenttotals": RecordFlag.CURRENT_TOTALS,
    "tenantinput": RecordFlag.TENANT_INPUT,
}
_CONSUMPTION_BITS = {1: 1, 2: 2, 8: 8, 16: 16}
_TOTALS_BITS = {2: 256, 4: 512, 8: 1024, 16: 2048, 32: 1, 64: 4096}


class BadValue(ValueError):
    """A value that is refused; `code` is the issue's code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean(text: str) -> str:
    """Without blanks around; a blank *inside* a number stays, and refuses it."""
    return text.strip(_BLANK)


def parse_number(text: str, decimal: str = "any") -> Decimal:
    """A finite number below 10^15 with point or comma, no thousands, no plus sign, no names of infinity."""
    text = clean(text)
    if _NUMBER.fullmatch(text) is None or (
        decimal != "any" and (",." if decimal == "." else ".,")[0] in text
    ):
        raise BadValue("bad_number")
    value = Decimal(text.replace(",", "."))
    if abs(value) >= MAXIMUM or (value and value.adjusted() < -300):
        raise BadValue("number_out_of_range")
    return value


def parse_time(text: str, *, midnight: bool = False) -> tuple[datetime, int | None]:
    """(wall clock, seconds east of UTC or None). Nothing is shifted; second 60 is refused.

    24:00 names the end of its day, so it is taken only where a stamp is the end of its period (`midnight`).
    """
    text = clean(text)
    if len(text) == 19 and text[4] == "-" == text[7] and text[10] in "T " and text.isascii():
        try:
            return _sane(datetime.fromisoformat(text)), None
        except BadValue:
            raise
        except ValueError:
            if text[11:] != "24:00:00":
                raise BadValue("bad_time") from None
    for pattern in _STAMPS:
        if found := pattern.fullmatch(text):
            break
    else:
        raise BadValue("bad_time")
    part = found.groupdict()
    days = 0
    year = int(part["y"]) + (2000 if len(part["y"]) == 2 else 0)
    micro = int((part.get("f") or "0").ljust(6, "0")[:6])
    if (part.get("H"), part.get("M"), int(part.get("S") or 0), micro) == ("24", "00", 0, 0):
        if not midnight:
            raise BadValue("end_of_day")
        part["H"] = "0"
        days = 1
    try:
        wall = datetime(  # noqa: DTZ001 - a wall clock: the zone belongs to the point
            year,
            int(part["m"]),
            int(part.get("d") or 1),
            int(part.get("H") or 0),
            int(part.get("M") or 0),
            int(part.get("S") or 0),
            micro,
        )
    except ValueError:
        raise BadValue("bad_time") from None
    return _sane(wall + timedelta(days=days)), _offset(part.get("z"))


def _sane(wall: datetime) -> datetime:
    if not 1990 <= wall.year <= 2099:
        raise BadValue("time_out_of_range")
    return wall


def _offset(text: str | None) -> int | None:
    if not text:
        return None
    if text in "Zz":
        return 0
    hours, minutes = int(text[1:3]), int(text[-2:])
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        raise BadValue("bad_time")
    return (hours * 3600 + minutes * 60) * (-1 if text[0] == "-" else 1)


def parse_clock(text: str, *, midnight: bool = False) -> timedelta:
    """A time of day that stands in its own field beside the date; `midnight` as for `parse_time`."""
    found = re.fullmatch(r"(\d{1,2})(?::(\d{2})(?::(\d{2})(?:\.0+)?)?)?", clean(text), re.ASCII)
    if found is None:
        raise BadValue("bad_time")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    if (hours, minutes, seconds) == (24, 0, 0):
        if not midnight:
            raise BadValue("end_of_day")
    elif hours > 23 or minutes > 59 or seconds > 59:
        raise BadValue("bad_time")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def parse_flags(text: str, kind: Kind | None) -> int:
    """Bits of RecordFlag from names ("IncompleteData, ExternalData") or an SDK number."""
    text = clean(text)
    if not text:
        return 0
    if text.isdecimal() and text.isascii():
        table = _TOTALS_BITS if kind == "totals" else _CONSUMPTION_BITS
        number = int(text[:9])
        if number & ~sum(table):
            raise BadValue("unknown_flag")
        return sum(mine for theirs, mine in table.items() if number & theirs)
    bits = 0
    for word in re.split(r"[,;| ]+", text):
        bit = _FLAGS.get(fold(word))
        if bit is None:
            raise BadValue("unknown_flag")
        bits |= bit
    return int(bits)


def parse_mask(text: str, vocabulary: Vocabulary) -> frozenset[str]:
    """Parameters named by an old storage mask (a number) or by a list of names."""
    text = clean(text)
    if not text or fold(text) in ("none", "false"):
        return frozenset()
    if text.lstrip("-").isdecimal() and text.isascii():
        number = int(text[:12])
        if number == -1:
            return frozenset(MASK_NAMES.values())
        if number < 0 or number & ~sum(MASK_NAMES):
            raise BadValue("unknown_mark")
        return frozenset(name for bit, name in MASK_NAMES.items() if number & bit)
    names = [vocabulary.parameter(word) for word in re.split(r"[,;| ]+", text)]
    if None in names:
        raise BadValue("unknown_mark")
    return frozenset(name for name in names if name)


def parse_truth(text: str) -> bool:
    word = clean(text).casefold()
    if word in ("1", "true", "yes", "да"):
        return True
    if word in ("0", "false", "no", "нет", ""):
        return False
    raise BadValue("unknown_mark")
