"""Numbers as people write them: grouped, signed, with a unit or a mark behind; and the words for no number."""

from __future__ import annotations

import re
from typing import NamedTuple

from readings.lers.units import UNITS
from readings.lers.values import BadValue, clean, parse_number

_ABSENT = frozenset(
    ("-", "--", "---", "----", "–", "—", "——", "н/д", "н.д.", "нд", "нет", "нет данных", "n/a", "#n/a", "na", "null",
     "none", "nil", "k.a.", "n.c.", "…", "...")
)  # fmt: skip
_MARKED = re.compile(r"(.*?)\s*((?:\[[BCIR]\]\s*)+)", re.DOTALL)
_MARKS = {"B": "bad", "C": "calculated", "I": "interpolated", "R": "reset"}  # as the vendor's SDK prints them
_WITH_UNIT = re.compile(rf"([-+−]?[\d.,'\s\u00a0\u202f\u2009]*\d)\s*({UNITS})", re.IGNORECASE)
_BLANKS = re.compile(
    r"(-?\d{1,3})((?P<by>[ \u00a0\u202f\u2009'’])\d{3}(?:(?P=by)\d{3})*)([.,]\d+)?", re.ASCII
)
_BOTH = re.compile(r"-?\d{1,3}(?:(?:,\d{3})+\.\d+|(?:\.\d{3})+,\d+)", re.ASCII)
_TWICE = re.compile(r"-?\d{1,3}(?:(?:,\d{3}){2,}|(?:\.\d{3}){2,})", re.ASCII)
_BY_PROFILE = {
    ".": re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII),
    ",": re.compile(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?", re.ASCII),
}


class Amount(NamedTuple):
    """`text`: plain digits with a decimal point, None for a word that says that there is no number."""

    text: str | None
    unit: str = ""
    marks: tuple[str, ...] = ()
    decimal: str = ""  # the mark that this number shows to be the decimal one, as 1.234,5 does


def read_amount(text: str, decimal: str = "any") -> Amount:
    """What a person reads in a cell that holds more than digits and one mark. Raises `BadValue`."""
    text = clean(text)
    if text.casefold() in _ABSENT:
        return Amount(None)
    if len(text) > 80:
        raise BadValue("bad_number")
    marks: tuple[str, ...] = ()
    if marked := _MARKED.fullmatch(text):
        text = marked[1]
        marks = tuple(dict.fromkeys(_MARKS[letter] for letter in re.findall(r"\[(\w)\]", marked[2])))
    unit = ""
    if named := _WITH_UNIT.fullmatch(text):
        text, unit = named[1], named[2]
        if unit == "%":  # of nothing that is kept in per cent
            raise BadValue("bad_number")
    if text[:1] in "+−" and text[1:2].isdigit():
        text = text[1:] if text[0] == "+" else "-" + text[1:]
    shown = ""
    if decimal == "any" and (_BOTH.fullmatch(text) or _TWICE.fullmatch(text)):
        groups = next(mark for mark in text if mark in ".,")
        shown = "," if groups == "." else "."
    text = _ungrouped(text, decimal)
    parse_number(text, decimal)
    return Amount(text.replace(",", "."), unit, marks, shown)


def _ungrouped(text: str, decimal: str) -> str:
    """Digits in groups of three, where nothing else can be meant."""
    if grouped := _BLANKS.fullmatch(text):
        return grouped[1] + re.sub(r"\D", "", grouped[2]) + (grouped[4] or "")
    by_profile = _BY_PROFILE.get(decimal)
    if (by_profile and by_profile.fullmatch(text)) or (decimal == "any" and _BOTH.fullmatch(text)):
        mark = decimal if by_profile else max(".,", key=text.rfind)
        return text.replace("." if mark == "," else ",", "")
    return re.sub(r"[.,]", "", text) if decimal == "any" and _TWICE.fullmatch(text) else text
