"""Which days a supplier may announce in which colour. Pure.

A season runs from 1 September to 31 August. Tempo: at most 22 red and 43 white days; red from November to March, never
on Saturdays, Sundays or public holidays; white never on Sundays. EJP: at most 22 days, from November to March.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache

COLOURS = {"tempo": ("blue", "white", "red"), "ejp": ("ejp",)}
MOST = {"red": 22, "white": 43, "ejp": 22}
WINTER = frozenset({11, 12, 1, 2, 3})
SATURDAY, SUNDAY = 5, 6


def season_of(day: date) -> int:
    """The year in whose September it began."""
    return day.year if day.month >= 9 else day.year - 1


def season_days(season: int) -> Iterator[date]:
    first = date(season, 9, 1)
    yield from (first + timedelta(days=n) for n in range((date(season + 1, 9, 1) - first).days))


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """Those of France. Easter by the Gregorian rule (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    easter = date(year, f // 31, f % 31 + 1)
    moving = (easter + timedelta(days=days) for days in (1, 39, 50))
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    return frozenset((*moving, *(date(year, month, day) for month, day in fixed)))


def fault_of(option: str, day: date, colour: str) -> str | None:
    """Why `day` cannot have this colour, as a code; None where it can."""
    if colour not in COLOURS[option]:
        return "unknown_colour"
    if colour in ("red", "ejp") and day.month not in WINTER:
        return f"{colour}_out_of_winter"
    if colour == "red" and day.weekday() in (SATURDAY, SUNDAY):
        return "red_on_weekend"
    if colour == "red" and day in public_holidays(day.year):
        return "red_on_holiday"
    if colour == "white" and day.weekday() == SUNDAY:
        return "white_on_sunday"
    return None


def surplus(colours: Mapping[date, str]) -> list[tuple[int, str, int, list[date]]]:
    """(season, colour, how many, its days from the first one too many) of what is announced too often."""
    by: dict[tuple[int, str], list[date]] = {}
    for day, colour in sorted(colours.items()):
        by.setdefault((season_of(day), colour), []).append(day)
    return [
        (season, colour, len(days), days[MOST[colour] :])
        for (season, colour), days in sorted(by.items())
        if colour in MOST and len(days) > MOST[colour]
    ]


def counted(colours: Mapping[date, str], season: int) -> Counter[str]:
    return Counter(colour for day, colour in colours.items() if season_of(day) == season)
