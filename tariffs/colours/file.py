"""The list of announced days that somebody brings: a column of days and one of colours, as suppliers publish them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO

from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.tables import Row, Table, TableError, table_read
from tariffs.services.colours import Fault

WORDS = {
    "blue": ("blue", "bleu", "bleue", "b", "синий", "голубой", "tempo_bleu"),
    "white": ("white", "blanc", "blanche", "w", "белый", "tempo_blanc"),
    "red": ("red", "rouge", "r", "красный", "tempo_rouge"),
    "ejp": ("ejp", "1", "oui", "yes", "да"),
    "": ("", "-", "0", "non", "no", "normal", "нет"),
}
COLOURS = {word: colour for colour, words in WORDS.items() for word in words}
COLOUR_HEADS = ("couleur", "colour", "color", "цвет", "tempo", "ejp", "type")
DAY_HEADS = ("date", "jour", "day", "дата", "день")
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
EUROPEAN = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ].*)?")


@dataclass(frozen=True)
class LineFault:
    """One sentence about a line of the file."""

    line: int
    sentence: str


@dataclass(frozen=True)
class ColourList:
    colours: dict[date, str]
    lines: dict[date, int]

    def at_lines(self, faults: Sequence[Fault]) -> list[LineFault]:
        """What the service refused, by the line that gave it."""
        return sorted(
            (LineFault(self.lines.get(fault.day, 0), fault.sentence) for fault in faults),
            key=lambda f: f.line,
        )


def colour_list_read(file: IO[bytes], name: str, option: str) -> ColourList:
    """Raises `TableError` for what is no list, and `bad_lines` with `faults` (a `LineFault` a broken line)."""
    table = table_read(file, name, max_rows=10_000, max_bytes=2_000_000)
    day_at, colour_at, rows = _columns(table)
    colours: dict[date, str] = {}
    lines: dict[date, int] = {}
    faults = []
    for row in rows:
        day, colour = _day(row[day_at]), COLOURS.get(row[colour_at].strip().casefold())
        if day is None:
            faults.append(LineFault(row.line, _("“%(text)s” is not a day.") % {"text": row[day_at][:40]}))
        elif colour is None:
            words = {"text": row[colour_at][:40]}
            faults.append(LineFault(row.line, _("“%(text)s” is not a colour.") % words))
        elif day in colours and colours[day] != colour:
            words = {"line": str(lines[day])}
            faults.append(
                LineFault(row.line, _("This day stands in line %(line)s with another colour.") % words)
            )
        else:
            colours[day] = colour
            lines.setdefault(day, row.line)
    if faults:
        raise DomainError("bad_lines", _("The file was not kept: it has faults."), faults=faults)
    # a list of another option, or one that takes days back that nobody announced
    if option == "tempo":
        colours = {day: colour for day, colour in colours.items() if colour}
    return ColourList(colours, lines)


def _columns(table: Table) -> tuple[int, int, Iterator[Row]]:
    """Where the day and the colour stand; a file without a header begins with a day at once."""
    if table.header and _day(table.header[0]) is not None and len(table.header) >= 2:
        return 0, 1, _with_first(table)
    heads = [head.casefold() for head in table.header]
    colour = next((at for at, head in enumerate(heads) if any(word in head for word in COLOUR_HEADS)), None)
    day = next(
        (at for at, head in enumerate(heads) if at != colour and any(word in head for word in DAY_HEADS)),
        None,
    )
    if day is None or colour is None:
        raise TableError("no_columns", _("The list needs a column “Date” and a column “Colour”."))
    return day, colour, table.rows


def _with_first(table: Table) -> Iterator[Row]:
    yield Row(table.header, 1)
    yield from table.rows


def _day(text: str) -> date | None:
    text = text.strip()
    for pattern, order in ((ISO, (0, 1, 2)), (EUROPEAN, (2, 1, 0))):
        match = pattern.fullmatch(text)
        if match:
            year, month, day = (int(match.groups()[at]) for at in order)
            try:
                return date(year, month, day)
            except ValueError:
                return None
    return None
