"""Files that count heat in GJ or pressure in MPa, brought to the units in which archives are kept.

Exact: the texts are multiplied as decimals before they are stored, so that a value read twice is the same value.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext

from readings.lers.model import ArchiveRow, DeviceErrorRow, RecordSink

# family of parameters -> unit in the files -> how many kept units one of it is. 1 GJ = 1/4.1868 Gcal (IT calorie).
FACTORS: dict[str, dict[str, Decimal]] = {
    "Q": {"Gcal": Decimal(1), "GJ": 1 / Decimal("4.1868"), "MWh": 1 / Decimal("1.163"), "kWh": 1 / Decimal(1163)},
    "M": {"t": Decimal(1), "kg": Decimal("0.001")},
    "V": {"m3": Decimal(1), "l": Decimal("0.001")},
    "P": {"kgf/cm2": Decimal(1), "MPa": 1 / Decimal("0.0980665"), "kPa": 1 / Decimal("98.0665"),
          "bar": 1 / Decimal("0.980665")},
}  # fmt: skip
_DIGITS = 15  # as many as a double keeps


class InOurUnits:
    """A sink in front of another one."""

    def __init__(self, sink: RecordSink, units: Mapping[str, str]) -> None:
        self._sink = sink
        self._factors = {
            family: FACTORS[family][unit]
            for family, unit in units.items()
            if unit in FACTORS.get(family, {}) and FACTORS[family][unit] != 1
        }

    def rows(self, rows: list[ArchiveRow]) -> None:
        self._sink.rows([self._converted(row) for row in rows])

    def device_errors(self, rows: list[DeviceErrorRow]) -> None:
        self._sink.device_errors(rows)

    def _converted(self, row: ArchiveRow) -> ArchiveRow:
        texts = tuple(
            self._text(self._factors.get(name.partition("_")[0]), text)
            for name, text in zip(row.names, row.texts, strict=True)
        )
        return row if texts == row.texts else row._replace(texts=texts)

    @staticmethod
    def _text(factor: Decimal | None, text: str) -> str:
        if factor is None:
            return text
        with localcontext(prec=_DIGITS):
            return format((Decimal(text) * factor).normalize(), "f")
