"""Texts of a file turned into numbers, flags and marks; refused rather than repaired. Times are in `stamps`."""

from __future__ import annotations

import re
from decimal import Decimal

from readings.lers.model import Kind, RecordFlag
from readings.lers.vocabulary import MASK_NAMES, Vocabulary, fold

# float() and Decimal() take "1_000", "NaN", full-width digits and more, so the form is fixed here.
NUMBER = r"-?[0-9]{1,14}(?:[.,][0-9]{1,20})?"
_NUMBER = re.compile(
    r"-?(?:[0-9]{1,32}(?:[.,][0-9]{0,32})?|[.,][0-9]{1,32})(?:[eE][+-]?[0-9]{1,4})?", re.ASCII
)
_BLANK = " \t\r\n\u00a0\u202f\u2009\ufeff"
MAXIMUM = Decimal(10) ** 15
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
    **{
        fold(words): flag
        for words, flag in {
            "Внешние данные": RecordFlag.EXTERNAL,
            "Неполные данные": RecordFlag.INCOMPLETE,
            "Рассчитано по интеграторам": RecordFlag.BY_TOTALS,
            "Рассчитаны по интеграторам": RecordFlag.BY_TOTALS,
            "Отсутствует в приборе": RecordFlag.MISSING,
            "Отсутствуют в приборе": RecordFlag.MISSING,
        }.items()
    },
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
    whole = re.split(r"\s*[,;|]\s*", text)
    for word in whole if all(fold(word) in _FLAGS for word in whole) else re.split(r"[,;| ]+", text):
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
