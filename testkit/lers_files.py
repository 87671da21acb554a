"""Synthetic LERS archives of any size, from one seed, in the dialects that the reader knows.

`write_archive(path, megabytes=30, dialect="elements")` writes whole points until the size is reached. All
values are invented: they follow the season and the hour, so that totals are plausible.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

_NAMES = (
    "T_in T_out T_cw T_outdoor P_in P_out M_in M_out M_delta V_in V_out Q_in Q_out Q_delta "
    "NormalOperationDuration StopDuration FlowUnderrunDuration FlowOverrunDuration TempDiffLowDuration "
    "NoPowerDuration IncidentDuration"
)
PARAMETERS = _NAMES.split()
NEW_YEAR = datetime(2025, 1, 1)  # noqa: DTZ001 - archives hold wall clocks


class Record(NamedTuple):
    """One hour or day of one point: values as texts in the order of PARAMETERS."""

    point: int
    kind: str
    start: datetime
    values: tuple[str, ...]


def values_at(rng: random.Random, start: datetime, hours: int) -> tuple[str, ...]:
    """Plausible values of a heat point for `hours` from `start`."""
    cold = (start.timetuple().tm_yday - 200) / 183
    outdoor = (
        round(18 - 38 * (1 - abs(abs(cold) - 1)) ** 0.5 + rng.uniform(-4, 4), 1) if abs(cold) <= 2 else 0.0
    )
    supply = round(min(98.0, max(60.0, 70 - outdoor)), 2)
    back = round(supply * 0.6 + rng.uniform(-1, 1), 2)
    mass = round(5.2 * hours + rng.uniform(-0.05, 0.05) * hours, 4)
    returned = round(mass - 0.012 * hours, 4)
    heat, cool = round(mass * (supply - 5) / 1000, 6), round(returned * (back - 5) / 1000, 6)
    numbers = (
        supply, back, 5, outdoor, 6.06, 4.17, mass, returned, round(mass - returned, 4), round(mass * 1.034, 4),
        round(returned * 1.01, 4), heat, cool, round(heat - cool, 6), hours, 0, 0, 0, 0, 0, 0,
    )  # fmt: skip
    return tuple(f"{number:.6f}".rstrip("0").rstrip(".") if isinstance(number, float) else str(number)
                 for number in numbers)  # fmt: skip


def records(
    *, seed: int = 1, points: int = 1, kind: str = "hour", start: datetime = NEW_YEAR, count: int = 24
) -> Iterator[Record]:
    """`count` consecutive records of each of `points` points, numbered from 101."""
    rng = random.Random(seed)
    hours = 1 if kind == "hour" else 24
    for point in range(101, 101 + points):
        for n in range(count):
            at = start + timedelta(hours=hours * n)
            yield Record(point, kind, at, values_at(rng, at, hours))


def as_elements(record: Record) -> str:
    lines = [
        f"          <{name}>{value}</{name}>\n" for name, value in zip(PARAMETERS, record.values, strict=True)
    ]
    return (
        f"        <record>\n          <dateTime>{record.start.isoformat()}</dateTime>\n"
        "          <attributes>None</attributes>\n" + "".join(lines) + "        </record>\n"
    )


def as_attributes(record: Record) -> str:
    pairs = " ".join(f'{name}="{value}"' for name, value in zip(PARAMETERS, record.values, strict=True))
    return f'      <record dateTime="{record.start.isoformat()}" {pairs}/>\n'


def as_values(record: Record) -> str:
    """Dialect C: one element a value."""
    cells = "".join(
        f"<DataParameterValue><DataParameter>{name}</DataParameter><Value>{value}</Value><IsBad>false</IsBad>"
        "<IsCalc>false</IsCalc><IsInterpolated>false</IsInterpolated><IsReset>false</IsReset>"
        "</DataParameterValue>"
        for name, value in zip(PARAMETERS, record.values, strict=True)
    )
    return (
        f"<MeasurePointConsumptionRecord><DateTime>{record.start.isoformat()}</DateTime>"
        f"<Values>{cells}</Values></MeasurePointConsumptionRecord>\n"
    )


_WRITERS = {"elements": as_elements, "attributes": as_attributes, "values": as_values}
_HEADS = {
    "elements": "  <measurePoint>\n    <syncNumber>{0}</syncNumber>\n    <systemType>1</systemType>\n"
    "    <counterModel>29</counterModel>\n    <counterSerialNumber>{0:08d}</counterSerialNumber>\n"
    "    <intervals>\n      <interval>\n        <dataType>{1}</dataType>\n",
    "attributes": '  <measurePoint number="{0}" systemType="Heat" serialNumber="{0:08d}">\n'
    "    <{2}Consumption>\n",
    "values": "<MeasurePoint><ServiceNumber>{0}</ServiceNumber><EquipmentSerialNumber>{0:08d}"
    "</EquipmentSerialNumber><{1}Consumption>\n",
}
_TAILS = {
    "elements": "      </interval>\n    </intervals>\n  </measurePoint>\n",
    "attributes": "    </{2}Consumption>\n  </measurePoint>\n",
    "values": "</{1}Consumption></MeasurePoint>\n",
}
_ROOTS = {"elements": "lersData", "attributes": "data", "values": "MeasurePointImportData"}


def document(rows: Iterator[Record], dialect: str) -> Iterator[str]:
    """The text of an archive in pieces; rows of one point must stand together."""
    root = _ROOTS[dialect]
    yield f'<?xml version="1.0" encoding="utf-8"?>\n<{root}>\n'
    open_point: tuple[int, str] | None = None
    for row in rows:
        if open_point != (row.point, row.kind):
            if open_point:
                yield _TAILS[dialect].format(open_point[0], open_point[1].title(), open_point[1])
            open_point = (row.point, row.kind)
            yield _HEADS[dialect].format(row.point, row.kind.title(), row.kind)
        yield _WRITERS[dialect](row)
    if open_point:
        yield _TAILS[dialect].format(open_point[0], open_point[1].title(), open_point[1])
    yield f"</{root}>\n"


def write_archive(
    path: Path,
    *,
    megabytes: float,
    dialect: str = "elements",
    kind: str = "hour",
    seed: int = 1,
    hours_a_point: int = 8760,
    start: datetime = NEW_YEAR,
) -> int:
    """Write about `megabytes` (10^6 bytes) of archive and return the number of records."""
    probe = Record(101, kind, start, values_at(random.Random(seed), start, 1))
    wanted = max(1, int(megabytes * 1_000_000 / len(_WRITERS[dialect](probe))))
    rows = 0

    def some() -> Iterator[Record]:
        nonlocal rows
        points = -(-wanted // hours_a_point)
        for row in records(
            seed=seed, points=points, kind=kind, start=start, count=min(wanted, hours_a_point)
        ):
            if rows >= wanted:
                return
            rows += 1
            yield row

    with path.open("w", encoding="utf-8") as file:
        for piece in document(some(), dialect):
            file.write(piece)
    return rows
