"""The data types of EN 13757-3 annex A: numbers (A BCD, B signed, C unsigned, H REAL32) and times (F, G, I, J).

Every function returns the value and its flags, and never raises on any bytes: what cannot be read is None with
a flag that says why. A value that the meter itself marks as doubtful is kept, with the flag.
"""

from __future__ import annotations

import struct
from datetime import date, datetime, time
from decimal import Context, Decimal

Moment = date | datetime | time | str | None
Flags = tuple[str, ...]

# Wide enough that no multiplication of any field (64 bytes of binary) is ever rounded.
EXACT = Context(prec=400)

_REAL = struct.Struct("<f")
_SMALLEST_NORMAL = 2.0**-126
_NORMAL_DIGITS = (".6g", ".7g", ".8g")
_SUBNORMAL_DIGITS = tuple(f".{digits}g" for digits in range(1, 9))


def bcd(data: bytes) -> int | None:
    """Type A, least significant byte first. F in the top nibble is a minus sign; None when a digit is none."""
    text = data[::-1].hex()
    if text.isdecimal():
        return int(text)
    if text[0] == "f" and text[1:].isdecimal():
        return -int(text[1:])
    return None


def is_invalid_integer(value: int, size: int) -> bool:
    """Type B keeps its lowest value (80 00 …) for "invalid"."""
    return value == -(1 << (8 * size - 1))


def real(data: bytes) -> tuple[Decimal | None, Flags]:
    """Type H. The shortest decimal that means this very float32, so 0.1 stays 0.1."""
    (number,) = _REAL.unpack(data)
    if number != number:
        return None, ("not_a_number",)
    if number in (float("inf"), float("-inf")):
        return None, ("infinite",)
    return Decimal(shortest_real(number, data)), ()


def shortest_real(number: float, data: bytes) -> str:
    # Six digits survive the way into a normal float32 and back, so nothing shorter need be tried there.
    tried = _SUBNORMAL_DIGITS if -_SMALLEST_NORMAL < number < _SMALLEST_NORMAL else _NORMAL_DIGITS
    for digits in tried:
        text = format(number, digits)
        try:
            if _REAL.pack(float(text)) == data:
                return text
        except OverflowError:  # 3.40282347e38 rounded up leaves the float32 range
            continue
    return format(number, ".9g")


def text(data: bytes) -> str:
    """ISO 8859-1, sent last character first; closing NULs are padding."""
    return data[::-1].decode("latin-1").strip("\0")


def moment(data: bytes) -> tuple[Moment, Flags]:
    """A date or time by its length: 2 bytes type G, 3 type J, 4 type F, 6 type I."""
    size = len(data)
    if size == 2:
        return type_g(data)
    if size == 4:
        return type_f(data)
    if size == 6:
        return type_i(data)
    return type_j(data)


def type_g(data: bytes) -> tuple[Moment, Flags]:
    low, high = data
    return _date(low & 0x1F, high & 0x0F, (low >> 5) | (high & 0xF0) >> 1, None)


def type_f(data: bytes) -> tuple[Moment, Flags]:
    """Minute resolution, hundreds of years, summer time (SU) and the "time invalid" bit (IV)."""
    minute, hour, low, high = data
    flags: Flags = ()
    if minute & 0x80:
        flags += ("time_invalid",)
    if hour & 0x80:
        flags += ("summer_time",)
    year = (low >> 5) | (high & 0xF0) >> 1
    century = hour >> 5 & 3
    value, more = _instant(low & 0x1F, high & 0x0F, year, century, hour & 0x1F, minute & 0x3F, None)
    return value, flags + more


def type_i(data: bytes) -> tuple[Moment, Flags]:
    """Second resolution; the week number and day of week it carries follow from the date and are not shown."""
    second, minute, hour, low, high, _week = data
    flags: Flags = ()
    if minute & 0x80:
        flags += ("time_invalid",)
    if second & 0x40:
        flags += ("summer_time",)
    year = (low >> 5) | (high & 0xF0) >> 1
    value, more = _instant(low & 0x1F, high & 0x0F, year, 0, hour & 0x1F, minute & 0x3F, second & 0x3F)
    return value, flags + more


def type_j(data: bytes) -> tuple[Moment, Flags]:
    second, minute, hour = data[0] & 0x3F, data[1] & 0x3F, data[2] & 0x1F
    flags = _every(("second", second, 63), ("minute", minute, 63), ("hour", hour, 31))
    if flags:
        return None, ("invalid_time",) if len(flags) == 3 else flags
    try:
        return time(hour, minute, second), ()
    except ValueError:
        return None, ("invalid_time",)


def full_year(year: int, century: int) -> int:
    """Seven bits of year and, in type F, two of century. Meters made before the century bits existed send 0
    there, so with century 0 the years 0..80 are 2000..2080 and 81..99 are 1981..1999 (EN 13757-3, A.)."""
    if century == 0:
        return 2000 + year if year <= 80 else 1900 + year
    return 1900 + 100 * century + year


def _every(*fields: tuple[str, int, int]) -> Flags:
    return tuple(f"every_{name}" for name, value, wildcard in fields if value == wildcard)


def _date(day: int, month: int, year: int, century: int | None) -> tuple[date | str | None, Flags]:
    """A full date, or for a date that comes back (no year, no month) the short ISO form --MM-DD or ---DD."""
    if year < 100 and 0 < month < 13 and day:
        try:
            return date(full_year(year, century or 0), month, day), ()
        except ValueError:
            return None, ("invalid_date",)
    if month == 0 or (month == 15 and year == 127 and day in (0, 31)):  # all zero or all ones: not set
        return None, ("invalid_date",)
    if (year > 99 and year != 127) or 12 < month < 15:
        return None, ("invalid_date",)
    flags = _every(("year", year, 127), ("month", month, 15), ("day", day, 0))
    if day and year == 127:
        return (f"--{month:02}-{day:02}" if month != 15 else f"---{day:02}"), flags
    return None, flags


def _instant(
    day: int, month: int, year: int, century: int, hour: int, minute: int, second: int | None
) -> tuple[Moment, Flags]:
    clock = _every(("hour", hour, 31), ("minute", minute, 63)) + _every(("second", second or 0, 63))
    if 0 < year < 100 and not clock and 0 < month < 13 and day:  # the plain case first
        try:
            return datetime(full_year(year, century), month, day, hour, minute, second or 0), ()  # noqa: DTZ001
        except ValueError:
            return None, ("invalid_date",)
    when, flags = _date(day, month, year, century)
    if when is None or clock:
        return None, flags + clock if "invalid_date" not in flags else flags
    try:
        at = time(hour, minute, second or 0)
    except ValueError:
        return None, ("invalid_date",)
    if isinstance(when, date):
        return datetime.combine(when, at), flags
    return f"{when}T{at.isoformat()}", flags


def bcd_moment(data: bytes) -> Moment:
    """The digits YYMMDD, YYMMDDhhmm or YYMMDDhhmmss as a date or an instant; None when they are none."""
    digits = data[::-1].hex()
    if not digits.isdecimal() or len(digits) not in (6, 10, 12):
        return None
    parts = [int(digits[i : i + 2]) for i in range(0, len(digits), 2)]
    try:
        if len(parts) == 3:
            return date(2000 + parts[0], parts[1], parts[2])
        return datetime(2000 + parts[0], *parts[1:])  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
