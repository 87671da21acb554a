"""Units as files write them. Which of them mean the same is the importer's to know; here they are only told apart."""

from __future__ import annotations

import re

UNITS = (
    r"°\s?[cс]|град(?:\.|усов)?\s?[cс]?\.?|гр\.?\s?[cс]?|c|с|[гмк]кал|[гм]дж|[мк]?вт[·*⋅.\s-]?ч(?:ас)?|gcal|gj|"
    r"[mk]w[·*]?h|т(?:онн?)?\.?|t|кг|kg|м[3³]|м\^3|куб\.?\s?м|m[3³]|m\^3|л|l|ч(?:ас(?:ов)?)?\.?|мин\.?|сек\.?|h|min|"
    r"s|%|м|кгс/(?:см[2²]|см\^2|кв\.?\s?см)|kgf/cm[2²]|ати?|[мк]?па|бар|bar|[mk]pa"
)
_UNIT = re.compile(UNITS, re.IGNORECASE)
# what may stand in a line of units below a header
UNIT_CELL = re.compile(
    UNITS + r"|дд\.мм\.г{2,4}|ч{1,2}:мм(?::сс)?|dd\.mm\.y{2,4}|hh:mm(?::ss)?|т/ч|м[3³]/ч|[гм]кал/ч|-+|—",
    re.IGNORECASE,
)
# a name and the unit behind it: "Q, Гкал", "P1 (МПа)", "Q_GJ", "t1 [°C]"
_NAMED = re.compile(rf"(.+?)(?:\s*,\s*|\s*[(\[]\s*|_+)({UNITS})\s*[)\]]?", re.IGNORECASE)
_FAMILIES = {
    "Q": re.compile(r"heat|energy|q(?![a-z])|тепл|энерг"),
    "P": re.compile(r"press|давлен"),
    "M": re.compile(r"mass|масс"),
    "V": re.compile(r"volume|об[ъь]?[её]м"),
}


def is_unit(text: str) -> bool:
    return _UNIT.fullmatch(text.strip()) is not None


_ALIKE = str.maketrans(
    {"³": "3", "²": "2", "·": "", "*": "", "⋅": "", " ": "", "\u00a0": "", ".": "", "-": "", "^": ""}
)
_RUSSIAN = {"гкал": "gcal", "гдж": "gj", "мвтч": "mwh", "квтч": "kwh", "т": "t", "кг": "kg", "м3": "m3", "л": "l",
            "мпа": "mpa", "кпа": "kpa", "бар": "bar", "ат": "at", "кгс/см2": "kgf/cm2", "ч": "h", "мин": "min"}  # fmt: skip


def same_unit(one: str, other: str) -> bool:
    """Whether two spellings mean one unit: Гкал and Gcal, м³ and m3."""
    plain = [text.casefold().translate(_ALIKE) for text in (one, other)]
    return len({_RUSSIAN.get(text, text) for text in plain}) == 1


def parts_of_hour(unit: str) -> int:
    """How many of this unit of time make an hour."""
    plain = unit.casefold().strip(" .")
    return 60 if plain in ("мин", "min") else 3600 if plain in ("с", "сек", "s") else 1


def name_and_unit(name: str) -> tuple[str, str]:
    found = _NAMED.fullmatch(name)
    return (found[1], found[2]) if found else (name, "")


def family_of_unit(name: str) -> str:
    """What the unit is of that stands under such a name: heatUnit, unit_Q, ЕдиницаТепла; empty for other names."""
    words = name.casefold()
    rest = re.sub(r"unit|единиц\w?|измерени[яй]|_|-", " ", words)
    if rest == words or not re.search(r"unit|единиц", words):
        return ""
    families = [family for family, word in _FAMILIES.items() if word.search(rest)]
    return families[0] if len(families) == 1 else ""
