"""`UniversalReader-Settings.xml`: the points of a contract, ready for the field console. No password stands in it.

Elements and codes are those of the program's own file (docs/archive-file.md has the archive's); UTF-8 with its mark,
no namespace, elements only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from readings.applications.meter_models import model_code
from servers.models import Medium

FILE_NAME = "UniversalReader-Settings.xml"
SYSTEMS: dict[str, int] = {
    Medium.HEAT: 1, Medium.HOT_WATER: 2, Medium.COLD_WATER: 4, Medium.GAS: 16, Medium.ELECTRICITY: 32,
}  # fmt: skip
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class ConsolePoint:
    """A metering point as the console's list shows it; `number` as the utility assigned it."""

    number: str
    title: str
    address: str = ""
    medium: str = Medium.HEAT
    model: str = ""
    serial: str = ""


def settings_bytes(points: Iterable[ConsolePoint]) -> bytes:
    """The whole file. What it does not say (port, adapter, cells) the console asks for when the meter is read."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<settings>", "  <listenPort>10000</listenPort>"]
    for point in points:
        facts = [
            ("syncNumber", point.number),
            ("title", point.title),
            ("address", point.address),
            ("systemType", str(SYSTEMS.get(point.medium, 1))),
            ("counterModel", str(model_code(point.model) or "")),
            ("counterSerialNumber", point.serial),
        ]
        lines.append("  <measurePoint>")
        lines += [
            f"    <{name}>{escape(NOT_IN_XML.sub('', value))}</{name}>" for name, value in facts if value
        ]
        lines.append("  </measurePoint>")
    return b"\xef\xbb\xbf" + "\n".join([*lines, "</settings>", ""]).encode()
