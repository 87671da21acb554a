"""Files that count heat in GJ or pressure in MPa, brought to the units in which archives are kept.

Exact: the texts are multiplied as decimals before they are stored, so that a value read twice is the same value.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext

from readings.lers.model import ArchiveRow, DeviceErrorRow, LersRefused, RecordSink

# family of parameters -> unit in the files -> how many kept units one of it is. 1 GJ = 1/4.1868 Gcal (IT calorie).
FACTORS: dict[str, dict[str, Decimal]] = {
    "Q": {"Gcal": Decimal(1), "GJ": 1 / Decimal("4.1868"), "MWh": 1 / Decimal("1.163"), "kWh": 1 / Decimal(1163)},
    "M": {"t": Decimal(1), "kg": Decimal("0.001")},
    "V": {"m3": Decimal(1), "l": Decimal("0.001")},
    "P": {"kgf/cm2": Decimal(1), "MPa": 1 / Decimal("0.0980665"), "kPa": 1 / Decimal("98.0665"),
          "bar": 1 / Decimal("0.980665")},
}  # fmt: skip
_HOURS = {"h": Decimal(1), "min": 1 / Decimal(60), "s": 1 / Decimal(3600)}
ALL_FACTORS = {**FACTORS, "Duration": _HOURS}  # durations are kept in hours, whatever a profile says
# a unit as files write it, folded, or its number in the vendor's SDK -> as it stands above
_WRITTEN = {
    "гкал": "Gcal", "gcal": "Gcal", "5": "Gcal", "гдж": "GJ", "gj": "GJ", "10": "GJ",
    "мвтч": "MWh", "mwh": "MWh", "квтч": "kWh", "kwh": "kWh", "т": "t", "t": "t", "3": "t", "кг": "kg", "kg": "kg",
    "м3": "m3", "m3": "m3", "4": "m3", "л": "l", "l": "l", "ат": "kgf/cm2", "at": "kgf/cm2", "1": "kgf/cm2",
    "кгс/см2": "kgf/cm2", "kgf/cm2": "kgf/cm2", "мпа": "MPa", "mpa": "MPa", "11": "MPa", "кпа": "kPa", "kpa": "kPa",
    "15": "kPa", "бар": "bar", "bar": "bar", "20": "bar", "тонн": "t", "тонна": "t", "м^3": "m3", "m^3": "m3", "кубм": "m3",
    "кгс/см^2": "kgf/cm2", "кгс/квсм": "kgf/cm2", "ати": "kgf/cm2", "мвтчас": "MWh", "квтчас": "kWh", "ч": "h", "час": "h",
    "часов": "h", "h": "h", "7": "h", "мин": "min", "min": "min", "с": "s", "сек": "s", "s": "s",
}  # fmt: skip
_FOLDED = str.maketrans(
    {"³": "3", "²": "2", "·": "", "*": "", "⋅": "", " ": "", "\u00a0": "", ".": "", "-": ""}
)


def family_of(name: str) -> str:
    """The key of `ALL_FACTORS` for a parameter, or a word that is none of them."""
    return "Duration" if name.endswith("Duration") else name.partition("_")[0]


def declared_units(written: Mapping[str, str]) -> dict[str, str]:
    """Parameter -> unit of `FACTORS`, from what a file writes beside its values.

    Raises `LersRefused` unknown_unit: a heat that may stand in anything is on nobody's bill.
    """
    found = {}
    for name, text in written.items():
        family = family_of(name)
        if family not in ALL_FACTORS:
            continue
        unit = _WRITTEN.get(text.casefold().translate(_FOLDED), "")
        if unit not in ALL_FACTORS[family]:
            raise LersRefused("unknown_unit", found=f"{name}: {text}")
        found[name] = unit
    return found


_DIGITS = 15  # as many as a double keeps


class InOurUnits:
    """A sink in front of another one. `units`: of a parameter, or of all of a family that is not named itself."""

    def __init__(self, sink: RecordSink, units: Mapping[str, str]) -> None:
        self._sink = sink
        self._factors = {
            name: ALL_FACTORS[family_of(name)][unit]
            for name, unit in units.items()
            if unit in ALL_FACTORS.get(family_of(name), {})
        }

    def rows(self, rows: list[ArchiveRow]) -> None:
        self._sink.rows([self._converted(row) for row in rows])

    def device_errors(self, rows: list[DeviceErrorRow]) -> None:
        self._sink.device_errors(rows)

    def _converted(self, row: ArchiveRow) -> ArchiveRow:
        texts = tuple(
            self._text(self._factors.get(name) or self._factors.get(name.partition("_")[0]), text)
            for name, text in zip(row.names, row.texts, strict=True)
        )
        return row if texts == row.texts else row._replace(texts=texts)

    @staticmethod
    def _text(factor: Decimal | None, text: str) -> str:
        if factor is None or factor == 1:
            return text
        with localcontext(prec=_DIGITS):
            return format((Decimal(text) * factor).normalize(), "f")
