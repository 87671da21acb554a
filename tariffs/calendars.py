"""Which band of the clock a moment of a local day belongs to, by tariff option. Minutes of the day; half-open. Pure.

A band is a number: 0 is a day that no clock divides, 11 and 12 off-peak and peak, 21 and 22 EJP's normal and peak
hours, 31 to 36 the six of Tempo, 30 a Tempo day whose colour nobody has told yet. The first digit is the option, the
second the number that the meter's own tariff register would have. So a stored total says by itself what was counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

DAY = 24 * 60
ONE_BAND = 0
FAMILIES = {"off_peak": 1, "ejp": 2, "tempo": 3}
OFF_PEAK, PEAK = 11, 12
EJP_NORMAL, EJP_PEAK = 21, 22
TEMPO_UNKNOWN = 30
TEMPO = {"blue": (31, 32), "white": (33, 34), "red": (35, 36)}  # colour: (off-peak, peak)
TEMPO_DAY, TEMPO_NIGHT = 6 * 60, 22 * 60  # a Tempo day runs from 6:00 to 6:00, its off-peak from 22:00
EJP_FROM, EJP_TO = 7 * 60, 60  # announced: from 7:00 to 1:00 of the next day

Window = tuple[
    int, int
]  # [start, end) in minutes of the day; an end at or before the start lies on the next day
Bands = Mapping[
    int, int
]  # minute of the local day at which a band begins → the band; minute 0 is always there
Colours = Callable[[date], str]  # "blue", "white", "red", "ejp" or "" where nothing was announced

_TIME = r"(?:[:hH.]([0-5][0-9])|[hH])?"
_WINDOW = re.compile(rf"([01]?[0-9]|2[0-3]){_TIME}\s*[-–—]\s*([01]?[0-9]|2[0-4]){_TIME}")


def parse_windows(text: str) -> tuple[Window, ...]:
    """ "22:00-06:00" or "12h30–14h30, 23h–5h30" as windows in the order of the day. Raises `ValueError`.

    Windows may lie over midnight, never over each other; together they leave some of the day to the other band.
    """
    found = []
    for part in re.split(r"[,;]", text):
        match = _WINDOW.fullmatch(part.strip())
        if match is None:
            raise ValueError(part.strip())
        start, end = (int(match[n]) * 60 + int(match[n + 1] or 0) for n in (1, 3))
        if end > DAY or start == end % DAY:
            raise ValueError(part.strip())
        found.append((start, end % DAY))
    found.sort()
    minutes = [minute for window in found for minute in _minutes(window)]
    if len(minutes) != len(set(minutes)) or len(minutes) >= DAY:
        raise ValueError(text)
    return tuple(found)


def windows_text(windows: Iterable[Window]) -> str:
    """What `parse_windows` reads: "22:00-06:00"."""
    return ",".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in windows)


def _minutes(window: Window) -> Iterable[int]:
    start, end = window
    return (minute % DAY for minute in range(start, end if end > start else end + DAY))


def off_peak_bands(windows: Iterable[Window]) -> dict[int, int]:
    bands = {0: PEAK}
    for start, end in windows:
        if end <= start:
            bands[0] = OFF_PEAK if end else bands[0]
        if end:
            bands.setdefault(end, PEAK)
        bands[start] = OFF_PEAK
    return dict(sorted(bands.items()))


def tempo_bands(yesterday: str, today: str) -> dict[int, int]:
    """The hours before six belong to the day before."""
    night, _peak = TEMPO.get(yesterday, (TEMPO_UNKNOWN, TEMPO_UNKNOWN))
    off_peak, peak = TEMPO.get(today, (TEMPO_UNKNOWN, TEMPO_UNKNOWN))
    return {0: night, TEMPO_DAY: peak, TEMPO_NIGHT: off_peak}


def ejp_bands(yesterday: str, today: str) -> dict[int, int]:
    """A day that was not announced is a normal one."""
    late, early = (EJP_PEAK if colour == "ejp" else EJP_NORMAL for colour in (yesterday, today))
    return {0: late, EJP_TO: EJP_NORMAL, EJP_FROM: early}


def bands_of(option: str, windows: Iterable[Window], day: date, colour: Colours) -> dict[int, int]:
    """The bands of a local day under an option; one band where the option does not look at the clock."""
    if option == "off_peak":
        return off_peak_bands(windows)
    if option in ("ejp", "tempo"):
        made = ejp_bands if option == "ejp" else tempo_bands
        return made(colour(day - timedelta(days=1)), colour(day))
    return {0: ONE_BAND}
