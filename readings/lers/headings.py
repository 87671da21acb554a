"""The header of a table and what stands above it: columns, units, the point, the meter."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple

from readings.lers.fields import Identity
from readings.lers.units import UNIT_CELL, UNITS, is_unit
from readings.lers.vocabulary import Role, Vocabulary, fold
from readings.lers.words import is_aside

LONGEST_LINE = 65_536
MARKS = (";", "\t", "|", "│", ",")
RULER = re.compile(r"[\s\-+|=_─│┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬]+")
_TITLES = 20  # lines with a title, a meter, a period, before the header
_TIMES = frozenset(("time", "clock", "maybetime", "start", "year", "month"))
_NUMBER_COLUMNS = {fold(name) for name in ("MeasurePointID", "number", "номер", "№", "nomer", "pointId")}
_RANGE_COLUMNS = {fold(name) for name in ("Интервал", "Интервал времени", "Interval")}
_UNIT = re.compile(r"(.+?)\s*(?:,\s*|[(\[])\s*([^()\[\],]+?)\s*[)\]]?")
_INPUT = re.compile(r"(.+?)[\s_]*\(?(?:тв|tв)\s*([1-9])\)?", re.IGNORECASE)  # ВКТ-7, ТВ7: "t1 Тв1, °C"
# Above the table: "Точка учёта: 101", "Номер точки;101", "ВКТ-7, заводской № 12345"
_TITLE_POINT = re.compile(
    r"(?:точк[аи]\s+уч[её]та|№\s*точки|(?<!\w)ту|номер\s+точки|measure\s*point|point\s+number)"
    r"(?:\s*[:;=\t,]+\s*|\s*(?:№|номер|number)[\s.:;=\t,]*|\s+)0*(\d{1,9})\s*(?=[;,\t)]|\s-|$)", re.IGNORECASE
)  # fmt: skip
_TITLE_SERIAL = re.compile(
    r"(?:зав(?:одской|\.)?|серийный|прибора?)[ .]*(?:№|номер)(?:\s+прибора)?[\s.:;=\t,№\"]*([\w\-/]*\d[\w\-/]*)"
    r"|(?:serial\s*(?:number|no\.?)|s/n)[\s.:;=\t,\"]*([\w\-/]*\d[\w\-/]*)", re.IGNORECASE
)  # fmt: skip
# "t - °C, M - т, Q - ГДж": a legend of units
_LEGEND = re.compile(rf"(?<!\w)([qpmvмрqw])\s*[12]?\s*[-–—=:,(\[]+\s*({UNITS})(?!\w)", re.IGNORECASE)
_LEGEND_WORD = re.compile(
    rf"(тепл\w*|энерги\w*|heat|energy|давлени\w*|pressure|масс\w*|mass|об[ъь]?[её]м\w*|volume)[^;,.\d]{{0,30}}?"
    rf"(?:\sв\s|[-–—=:(\[])\s*({UNITS})(?!\w)", re.IGNORECASE
)  # fmt: skip
_FAMILY = {"q": "Q", "w": "Q", "p": "P", "р": "P", "m": "M", "м": "M", "v": "V",
           "т": "Q", "э": "Q", "h": "Q", "e": "Q", "д": "P", "о": "V"}  # fmt: skip

_OF_FAMILY = {family: re.compile(pattern, re.IGNORECASE) for family, pattern in {
    "Q": "[гмк]?(?:кал|дж|вт)|g(?:cal|j)|[mk]w", "P": "кгс|kgf|ат|.?па|.?pa|бар|bar", "M": "т|t|кг|kg",
    "V": "м|m|куб|л|l"}.items()}  # fmt: skip


class Heading(NamedTuple):
    """`mark`: between columns; `names`: of the columns; `titles`: lines above; `lines`: how many all that takes."""

    mark: str
    names: list[str]
    titles: list[str]
    lines: int


def heading_of(text: str, vocabulary: Vocabulary) -> Heading | None:
    """The header of an archive among the first lines of a text, and what stands above it."""
    lines = text.lstrip("\ufeff").split("\n", _TITLES + 2)[: _TITLES + 1]
    for before, line in enumerate(lines[:_TITLES]):
        taken = 1
        while (
            line.count('"') % 2 and before + taken < len(lines) and taken < 6
        ):  # a name in two lines of a cell
            line = f"{line.rstrip()} {lines[before + taken]}"
            taken += 1
        if len(line) > LONGEST_LINE or "<" in line[:200].lstrip()[:1]:
            return None
        below = lines[before + taken] if before + taken < len(lines) else ""
        for mark in MARKS:
            names, rows = _names(line, below, mark, vocabulary)
            if names:
                titles = [title.strip("\r") for title in lines[:before]]
                return Heading(mark, names, titles, before + taken + rows - 1)
    return None


def _names(line: str, below: str, mark: str, vocabulary: Vocabulary) -> tuple[list[str], int]:
    """The columns' names, where this is a header; in one row or, under merged cells, in two."""
    if mark not in line:
        return [], 0
    upper = _cleaned(cells_of(line, mark))
    lower = _cleaned(cells_of(below, mark)) if mark in below else []
    if _goes_on(upper, lower):
        joined = _joined(upper, lower)
        if _is_header(joined, vocabulary) and _parameters(joined, vocabulary) > _parameters(
            upper, vocabulary
        ):
            return joined, 2
    return (upper, 1) if _is_header(upper, vocabulary) else ([], 0)


def cells_of(line: str, mark: str) -> list[str]:
    """The fields of one line; none for one that is no line of a table."""
    try:
        return next(csv.reader([line.rstrip("\r")], delimiter=mark), [])
    except csv.Error:  # a lone carriage return inside, for one
        return []


def _cleaned(cells: Iterable[str]) -> list[str]:
    return [" ".join(cell.split()) for cell in cells]


def _goes_on(upper: list[str], lower: list[str]) -> bool:
    """Whether the lower row names what stands under merged cells of the upper one."""
    pairs = list(zip_longest(upper, lower, fillvalue=""))
    merged = any(cell and not above for above, cell in pairs) and any(
        above and not cell for above, cell in pairs
    )
    return merged and not any(cell[:1].isdigit() for cell in lower)


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    names, over = [], ""
    for above, cell in zip_longest(upper, lower, fillvalue=""):
        over = above or over
        names.append(f"{over} {cell}".strip() if cell else above)
    return names


def _parameters(names: list[str], vocabulary: Vocabulary) -> int:
    return sum(role.what == "parameter_value" for role, _ in roles_of(names, vocabulary))


def _is_header(names: list[str], vocabulary: Vocabulary) -> bool:
    whats = {role.what for role, _ in roles_of(names, vocabulary)}
    return bool(whats & _TIMES) and ("parameter_value" in whats or {"parameter", "value"} <= whats)


def roles_of(names: list[str], vocabulary: Vocabulary) -> list[tuple[Role, str]]:
    """What each column means, and the unit behind its name."""
    inputs = [_INPUT.fullmatch(with_unit(name, vocabulary)[0]) for name in names]
    one_input = len({found[2] for found in inputs if found}) == 1  # of two heat inputs neither is meant
    roles = []
    for name, found in zip(names, inputs, strict=True):
        plain, unit = with_unit(name, vocabulary)
        if found and one_input:
            plain = "Q_delta" if fold(found[1]) == "qo" else found[1]
            plain, unit = (plain, unit) if unit else with_unit(plain, vocabulary)
        role = vocabulary.role(plain)
        if role.unit and not is_unit(unit):  # "P1, ат (изб)"
            aside, unit = unit, role.unit
        else:
            aside = "" if is_unit(unit) else unit
        clock = role.what == "maybetime" and is_unit(unit)  # "t, °C" is no time
        roles.append((Role("") if clock or is_aside(aside) else role, unit))
    return roles


def with_unit(name: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """A column's name and the unit that stands behind it: "Q, Гкал" or "P1 (МПа)"."""
    found = _UNIT.fullmatch(name)
    if found is None or vocabulary.named(name) or vocabulary.role(found[1]).what == "":
        unit = _INPUT.fullmatch(found[1]) if found else None
        return (found[1], found[2]) if found and unit else (name, "")
    return found[1], found[2]


def column_role(role: Role, name: str) -> Role:
    """The same in a table, where a row has one number and an interval is a time of day."""
    if fold(name) in _RANGE_COLUMNS:
        return Role("hour", "range", 50)
    if role.what == "weakpoint" and role.key in _NUMBER_COLUMNS:
        return Role("point", role.key, role.rank)  # the adapter's id is the Number
    return role


def titled(lines: list[str]) -> Identity:
    """The point and the meter that the lines above a table name; of two different ones neither."""
    lines = [line[:1000].strip() for line in lines]
    points = {found[1] for line in lines if (found := _TITLE_POINT.search(line))}
    serials = {found[1] or found[2] for line in lines for found in _TITLE_SERIAL.finditer(line)}
    return Identity(points.pop() if len(points) == 1 else None, serials.pop() if len(serials) == 1 else None)


def legend(lines: list[str]) -> dict[str, str]:
    """The units of heat, mass, volume and pressure that the lines above a table tell."""
    found = {}
    for line in lines:
        for name, unit in (*_LEGEND.findall(line[:1000]), *_LEGEND_WORD.findall(line[:1000])):
            family = _FAMILY[name[0].casefold()] if len(name) == 1 else _family_of(name)
            if _OF_FAMILY[family].match(unit):
                found[family] = unit
    return found


def _family_of(word: str) -> str:
    word = word.casefold()
    if word.startswith(("mass", "масс")):
        return "M"
    if word.startswith("vol"):
        return "V"
    return "P" if word.startswith("pres") else _FAMILY[word[0]]


def unit_cells(cells: Iterable[str]) -> bool:
    return all(UNIT_CELL.fullmatch(cell.strip("()[] ")) for cell in cells)
