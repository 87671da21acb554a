"""A record's time as people and programs write it: a wall clock and perhaps an offset, read exactly or refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from readings.lers.values import BadValue, clean

Order = Literal["any", "dmy", "mdy"]
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
        r"(?P<d>\d{1,2})-(?P<m>\d{1,2})-(?P<y>\d{4})" + _CLOCK + _OFFSET,
        r"(?P<one>\d{1,2})/(?P<two>\d{1,2})/(?P<y>\d{4}|\d{2})" + _CLOCK + _OFFSET,
    )
)
_DATE = r"\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./]\d{2}[./]\d{2}"
_MONTHS = tuple(
    re.compile(stem)
    for stem in (
        "янв|jan", "фев|f[eé][bv]", "мар|m[aä]r", "апр|a[pv]r", "ма[йя]|ma[iy]", "июн|june?|juin", "июл|jul|juil",
        "авг|aug|ao[uû]", "сен|sep", "окт|o[ck]t", "ноя|nov", "дек|d[eé][cz]",
    )
)  # fmt: skip
_WORD = r"(?P<word>[^\W\d_]{3,9})\.?"
_NAMED = re.compile(rf"(?P<d>\d{{1,2}})[\s.\-/]*{_WORD}[\s.\-/,]*(?P<y>\d{{4}}|\d{{2}})(?!\d)")
_NAMED_FIRST = re.compile(rf"{_WORD}\s*(?P<d>\d{{1,2}}),?\s+(?P<y>\d{{4}})(?!\d)")
_MONTH_ALONE = re.compile(rf"{_WORD}[\s,]*(?P<y>\d{{4}})")
_WEEKDAY = re.compile(
    r"(?:понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|пн|вт|ср|чт|пт|сб|вс|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|"
    r"lun|mer|jeu|ven|sam|dim)\b\.?,?\s+"
)
_HALF = re.compile(r"(?P<H>\d{1,2})(?P<rest>(?::\d{2}){0,2})\s*(?P<half>[ap])\.?m\.?")
# what people put around the parts of a time, and how the same is written plainly
_PLAINLY = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"(?<=\d)\s*(?:года|год|г\.|г)(?=[\s,]|$)", ""),
        (rf"^((?:{_DATE})),\s*", r"\1 "),
        (r"^(\d{1,2}:\d{2}(?::\d{2})?),?\s+(\S+)$", r"\2 \1"),
        (r"(?<=[\s\d])(\d{1,2})\s*(?:ч\.?|h|час(?:а|ов)?)\s*(\d{2})\s*(?:мин\.?|m|min)?$", r"\1:\2"),
        (r"\s(\d{1,2})\s*(?:ч\.?|h|час(?:а|ов)?)$", r" \1:00"),
        (rf"^((?:{_DATE}))[t\s]+(\d{{1,2}})[.\-](\d{{2}})(?:[.\-](\d{{2}}))?$", r"\1 \2:\3"),
        (rf"^((?:{_DATE}))[t\s]+(\d{{1,2}})$", r"\1 \2:00"),
        (r"^(\d{4})(\d{2})(\d{2})[t\s]+(\d{2}):?(\d{2})(?::?(\d{2})(?:\.?\d{3})?)?$", r"\1-\2-\3 \4:\5:\6"),
        (r":$", ""),
        (r"\s+([+-]\d{2}):?(\d{2})?$", r"\1:\2"),
        (r"([+-]\d{2}):$", r"\1:00"),
    )
)


@dataclass(slots=True)
class DateOrder:
    """Which comes first in 03/04/2026. `fixed` by the profile, else by the dates of the file that leave no choice."""

    fixed: Order = "any"
    day_first: bool = False
    month_first: bool = False
    unclear: str = ""  # the first date that can be read both ways
    line: int = 0

    def parts(self, one: str, two: str, text: str) -> tuple[str, str]:
        """(day, month) of a date with slashes."""
        if self.fixed == "any":
            if int(one) > 12:
                self.day_first = True
            elif int(two) > 12:
                self.month_first = True
                return two, one
            elif int(one) != int(two):
                self.unclear = self.unclear or text
        return (two, one) if self.fixed == "mdy" else (one, two)

    @property
    def ambiguous(self) -> bool:
        return (self.day_first and self.month_first) or bool(
            self.unclear and not (self.day_first or self.month_first)
        )

    @property
    def mistaken(self) -> bool:
        """Whether dates were read day first that the rest of the file shows to be month first."""
        return bool(self.unclear) and self.month_first and not self.day_first


def parse_time(
    text: str, *, midnight: bool = False, order: DateOrder | None = None
) -> tuple[datetime, int | None]:
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
            pass  # 24:00:00, or a form of the same length: 2026-01-15 01:00 AM
    found = _matched(text) or _matched(_plainly(text))
    if found is None:
        raise BadValue("bad_time")
    part = found.groupdict()
    if "one" in part:
        part["d"], part["m"] = (order or DateOrder()).parts(part["one"], part["two"], text)
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


def _matched(text: str) -> re.Match[str] | None:
    return next((found for pattern in _STAMPS if (found := pattern.fullmatch(text))), None)


def _plainly(text: str) -> str:
    """A time in words (15 января 2026 г. 3 ч, Thu 1/15/2026 3:00 PM) as digits; what is not understood stays."""
    if len(text) > 60:
        return text
    plain = _WEEKDAY.sub("", text.casefold().replace("\u00a0", " "), count=1)
    if half := _HALF.search(plain):
        hour = int(half["H"])
        if not 1 <= hour <= 12:
            return text
        hour = hour % 12 + (12 if half["half"] == "p" else 0)
        plain = f"{plain[: half.start()]}{hour:02}{half['rest'] or ':00'}{plain[half.end() :]}".strip()
    for pattern, instead in _PLAINLY[:1]:
        plain = pattern.sub(instead, plain)
    plain = _month_in_digits(plain)
    for pattern, instead in _PLAINLY[1:]:
        plain = pattern.sub(instead, plain)
    return plain


def _month_in_digits(text: str) -> str:
    for pattern in (_NAMED, _NAMED_FIRST):
        if (found := pattern.search(text)) and (month := _month(found["word"])):
            return f"{text[: found.start()]}{found['d']}.{month}.{found['y']}{text[found.end() :]}"
    if (found := _MONTH_ALONE.fullmatch(text)) and (month := _month(found["word"])):
        return f"{month:02}.{found['y']}"
    return text


def _month(word: str) -> int:
    return next((n for n, stem in enumerate(_MONTHS, start=1) if stem.match(word)), 0)


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
    plain = clean(text)
    if half := _HALF.fullmatch(plain.casefold()):
        if not 1 <= int(half["H"]) <= 12:
            raise BadValue("bad_time")
        plain = f"{int(half['H']) % 12 + (12 if half['half'] == 'p' else 0)}{half['rest']}"
    found = re.fullmatch(
        r"(\d{1,2})(?:[:.\-](\d{2})(?:[:.\-](\d{2})(?:\.0+)?)?)?(?:\s*(?:ч\.?|час(?:а|ов)?|h))?",
        plain,
        re.ASCII,
    )
    if found is None:
        raise BadValue("bad_time")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    if (hours, minutes, seconds) == (24, 0, 0):
        if not midnight:
            raise BadValue("end_of_day")
    elif hours > 23 or minutes > 59 or seconds > 59:
        raise BadValue("bad_time")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def looks_dated(text: str) -> bool:
    """Whether a text under a name that may mean anything is a date."""
    if len(text) > 60 or not re.search(r"\d", text):
        return False
    try:
        parse_time(text, midnight=True)
    except BadValue as bad:
        return bad.code == "end_of_day"
    return True


def last_second(stamp: datetime) -> bool:
    """23:59:59: the end of a period, whatever the profile says of stamps."""
    return stamp.minute == 59 and stamp.second == 59
