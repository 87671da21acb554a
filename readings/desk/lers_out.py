"""Accepted archives as LERS XML: our documented dialect (docs/archive-file.md), which our own reader takes back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from readings.archives.parameters import FLAG_NAMES
from readings.archives.selectors import number_text
from readings.ingest.columns import COLUMNS, EXTRA_MARKS
from readings.ingest.wallclock import WallClock, stamp_of
from readings.models import ArchiveRecord
from servers.models import Medium, Meter, MeteringPoint

SYSTEMS: dict[str, int] = {
    Medium.HEAT: 1, Medium.HOT_WATER: 2, Medium.COLD_WATER: 4, Medium.GAS: 16, Medium.ELECTRICITY: 32,
}  # fmt: skip
DATA_TYPES = {"hour": "Hour", "day": "Day"}
MASK_ELEMENTS = {
    "bad": "badValues", "calculated": "calculatedValues", "interpolated": "interpolatedValues",
    "reset": "resettedValues",
}  # fmt: skip
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NAME = re.compile(r"[A-Za-z_][\w.-]*")


def point_xml(
    point: MeteringPoint, meter: Meter, kind: str, records: Iterable[ArchiveRecord], clock: WallClock,
    *, created: datetime,
) -> Iterator[bytes]:  # fmt: skip
    """One file: one point, one meter, one kind. `records` in order of time, at least one."""
    facts = [
        ("syncNumber", point.number or ""), ("title", point.name), ("address", point.address),
        ("systemType", str(SYSTEMS.get(point.medium, ""))), ("counterSerialNumber", meter.serial),
        ("pressureType", "Gauge"),
    ]  # fmt: skip
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<lersData version="1.0" created="{created:%Y-%m-%dT%H:%M:%S}" generator="Relevé">\n<measurePoint>'
        + "".join(f"<{name}>{_text(value)}</{name}>" for name, value in facts if value)
        + f"<intervals>\n<interval><dataType>{DATA_TYPES[kind]}</dataType>\n"
    ).encode()
    for record in records:
        yield _record(record, clock).encode()
    yield b"</interval></intervals></measurePoint>\n</lersData>\n"


def _record(record: ArchiveRecord, clock: WallClock) -> str:
    flags = [name for flag, name in FLAG_NAMES.items() if record.flags & flag]
    parts = [f"<record><dateTime>{stamp_of(clock.wall(record.start)):%Y-%m-%dT%H:%M:%S}</dateTime>"]
    parts.append(f"<attributes>{', '.join(flags) or 'None'}</attributes>")
    for name, column in COLUMNS.items():
        value = getattr(record, column)
        if value is not None:
            parts.append(f"<{name}>{number_text(value)}</{name}>")
    for name, value in sorted((record.extra or {}).items()):
        if name != EXTRA_MARKS and NAME.fullmatch(name) and isinstance(value, int | float):
            parts.append(f"<{name}>{number_text(value)}</{name}>")
    for mask, element in MASK_ELEMENTS.items():
        if bits := getattr(record, mask):
            parts.append(f"<{element}>{bits}</{element}>")
    return "".join([*parts, "</record>\n"])


def _text(value: str) -> str:
    return escape(NOT_IN_XML.sub("", value))
