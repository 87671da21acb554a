"""Every golden file of the reader, through the command, into the table: values, flags and marks as written beside it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.tenancy import tenant_scope
from readings.ingest.columns import BIT, COLUMNS, MASKS
from readings.models import ArchiveRecord, DeviceFault
from servers.models import Meter, MeteringPoint, MeterInstallation
from testkit.world import World
from tests.readings.archive_kit import INSTALLED, run_import

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent.parent / "golden" / "lers"
FILES = sorted(p.name[:-5] for p in GOLDEN.glob("*.json") if json.loads(p.read_text()).get("rows"))
CHITA = ZoneInfo("Asia/Chita")
MEDIUM = {"HotWater": "hot_water", "ColdWater": "cold_water"}
CHOSEN = "900"


def make_the_points(points: list[list[Any]]) -> None:
    """Those that the file names, as the utility would know them, and one for a file that names none."""
    for number, serial, _, system, *_ in [*points, [CHOSEN, None, None, None]]:
        if number is None or MeteringPoint.objects.filter(number=number).exists():
            continue
        medium = MEDIUM.get(system or "", "heat")
        meter, _ = Meter.objects.get_or_create(
            serial=serial or f"of-{number}", manufacturer="", defaults={"medium": medium}
        )
        point = MeteringPoint.objects.create(number=number, name=number, medium=medium, usage="heating")
        MeterInstallation.objects.create(meter=meter, point=point, installed_at=INSTALLED)


def test_there_are_golden_files() -> None:
    assert len(FILES) >= 4


@pytest.mark.parametrize("name", FILES)
def test_a_golden_file(world: World, name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    programme = world.utility.programme
    with tenant_scope(programme.pk):
        make_the_points(golden["points"])
    numbered = all(row[1] for row in golden["rows"])
    options = {} if numbered else {"point": CHOSEN}
    code, (report,) = run_import(programme.slug, GOLDEN / name, **options)
    told = [i for i in report["issues"] if i["code"] != "offset_differs"]
    assert [(i["line"], i["field"], i["value"], i["code"]) for i in told] == [
        (line, field, value, issue) for line, _, field, value, issue in golden["issues"]
    ]
    assert report["ignored"] == sorted(golden["ignored"])
    assert code == (1 if report["issues"] else 0)
    with tenant_scope(programme.pk):
        rows = ArchiveRecord.objects.select_related("series__point")
        stored = {(r.series.point.number, r.series.kind, r.start): r for r in rows}
        assert DeviceFault.objects.count() == len(golden["device_errors"])
    for _, number, _, _, _, kind, _, stamp, _, values, flags, marks in golden["rows"]:
        start = int(datetime.fromisoformat(stamp).replace(tzinfo=CHITA).timestamp())
        record = stored.pop((number or CHOSEN, kind, start))
        found = {n: v for n, c in COLUMNS.items() if (v := getattr(record, c)) is not None}
        assert found == {n: float(text) for n, text in values.items() if n in COLUMNS}
        rare = {n: float(text) for n, text in values.items() if n not in COLUMNS}
        assert {n: v for n, v in (record.extra or {}).items() if n != "_marks"} == rare
        assert record.flags == flags
        for mask, names in zip(MASKS, marks, strict=True):
            assert getattr(record, mask) == sum(BIT.get(n, 0) for n in names)
    assert not stored
