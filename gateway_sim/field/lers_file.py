"""The archive file of a poll: our documented dialect of LERS XML (docs/archive-file.md), written whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

from gateway_sim.field.model import KINDS, Identity, Kind, Record
from gateway_sim.files import replace_whole

DATA_TYPES: dict[Kind, str] = {
    "hour": "Hour", "day": "Day", "month": "Month", "totals": "Totals", "current": "Current",
}  # fmt: skip
SYSTEMS = {"heat": 1, "hot_water": 2, "cold_water": 4, "gas": 16, "electricity": 32}


def _words(text: str) -> list[str]:
    return text.split()


# bits of <badValues>, as the SDK numbers them
BITS = {
    name: 1 << bit
    for bit, name in enumerate(
        _words(
            "V_in V_out M_in M_out T_in T_out T_cw T_outdoor P_in P_out Q_in Q_out Q_delta NormalOperationDuration "
            "StopDuration FlowUnderrunDuration FlowOverrunDuration TempDiffLowDuration NoPowerDuration "
            "IncidentDuration SaturatedSteamDuration V_delta M_delta T_delta P_delta T_indoor P_cw H"
        )
    )
}
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Point:
    """The metering point as the utility knows it. `system` is a key of `SYSTEMS`."""

    number: str
    title: str = ""
    address: str = ""
    system: str = "heat"


def archive_bytes(
    point: Point, identity: Identity, code: int, records: Iterable[Record], *, created: datetime
) -> bytes:
    """The file's content: utf-8, one <interval> a kind, records in order of time, a record of a moment once."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<lersData version="1.0" created="{created:%Y-%m-%dT%H:%M:%S}" generator="Relevé gateway_sim">',
        "  <measurePoint>",
        *_facts(point, identity, code),
        "    <intervals>",
    ]
    by_kind: dict[Kind, dict[datetime, Record]] = {}
    for record in records:
        by_kind.setdefault(record.kind, {})[record.at] = record
    for kind in KINDS:
        if kind in by_kind:
            lines += _interval(kind, sorted(by_kind[kind].values(), key=lambda record: record.at))
    lines += ["    </intervals>", "  </measurePoint>", "</lersData>", ""]
    return "\n".join(lines).encode()


def _facts(point: Point, identity: Identity, code: int) -> list[str]:
    facts = [
        ("syncNumber", point.number),
        ("title", point.title),
        ("address", point.address),
        ("systemType", str(SYSTEMS[point.system])),
        ("counterModel", str(code) if code else ""),
        ("counterSerialNumber", identity.serial),
        ("pressureType", "Gauge"),
    ]
    return [f"    <{name}>{_text(value)}</{name}>" for name, value in facts if value]


def _interval(kind: Kind, records: list[Record]) -> list[str]:
    return [
        "      <interval>",
        f"        <dataType>{DATA_TYPES[kind]}</dataType>",
        f"        <startDate>{records[0].at:%Y-%m-%dT%H:%M:%S}</startDate>",
        f"        <endDate>{records[-1].at:%Y-%m-%dT%H:%M:%S}</endDate>",
        *(line for record in records for line in _record(record)),
        "      </interval>",
    ]


def _record(record: Record) -> list[str]:
    attributes = [*record.attributes, *(["MissingInDevice"] if record.missing else [])]
    lines = [
        "        <record>",
        f"          <dateTime>{record.at:%Y-%m-%dT%H:%M:%S}</dateTime>",
        f"          <attributes>{', '.join(attributes) or 'None'}</attributes>",
        *(f"          <{name}>{_number(value)}</{name}>" for name, value in sorted(record.values.items())),
    ]
    bad = sum(BITS.get(name, 0) for name in record.bad)
    if bad:
        lines.append(f"          <badValues>{bad}</badValues>")
    return [*lines, "        </record>"]


def _text(value: str) -> str:
    return escape(NOT_IN_XML.sub("", value))


def _number(value: Decimal) -> str:
    return f"{value:f}"


def file_name(
    point: Point, kinds: Iterable[Kind], start: datetime, end: datetime, *, created: datetime
) -> str:
    """Told apart by point, period and moment, so that a second poll never overwrites the first."""
    number = re.sub(r"[^\w-]+", "-", point.number)[:40].strip("-") or "point"
    what = "-".join(kind for kind in KINDS if kind in set(kinds))
    return f"{number}_{start:%Y%m%d}-{end:%Y%m%d}_{what}_{created:%Y%m%dT%H%M%S}.xml"


def write_whole(path: Path, content: bytes) -> Path:
    """A power cut leaves the file whole or absent. Never over another: `-2` and so on then. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    replace_whole(free, content)
    return free
