"""Files that write a value a row: the rows of one period are one record, with the marks of each value."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.tenancy import tenant_scope
from readings.ingest.columns import BIT
from readings.models import ArchiveRecord, DayTotal
from testkit.world import World
from tests.readings.archive_kit import make_points, run_import

pytestmark = pytest.mark.django_db


def rows(*cells: tuple[str, str, str, str]) -> bytes:
    return (
        '<Export><MeasurePoint number="101"><EavConsumptionHour>'
        + "".join(
            f"<row><time>{time}</time><date>2026-01-{day}</date><parameter>{name}</parameter><value>{value}</value>"
            f"<isBad>{str(name == 'T_out').lower()}</isBad></row>"
            for day, time, name, value in cells
        )
        + "</EavConsumptionHour></MeasurePoint></Export>"
    ).encode()


def test_a_row_a_value_makes_whole_records(world: World, tmp_path: Path) -> None:
    programme = world.utility.programme
    make_points(programme)
    day = [("15", f"{hour:02}:00", name, value) for hour in range(24)
           for name, value in (("T_in", "98.45"), ("T_out", "55.1"), ("Q_delta", "0.25"))]  # fmt: skip
    by_parameter = sorted(day, key=lambda cell: cell[2])
    clash = ("15", "03:00", "T_in", "97")  # a second value: neither of two is added to the other
    for number, cells in enumerate((day, by_parameter)):
        path = tmp_path / f"{number}.xml"
        path.write_bytes(rows(*cells))
        code, (report,) = run_import(programme.slug, path)
        (interval,) = report["points"][0]["intervals"]
        assert (code, report["issues"]) == (0, [])
        assert [interval[k] for k in ("in_file", "accepted", "skipped", "rejected")] == (
            [24, 0, 24, 0] if number else [24, 24, 0, 0]
        )
    with tenant_scope(programme.pk):
        records = list(ArchiveRecord.objects.all())
        assert {(r.t_in, r.t_out, r.q_delta, r.bad) for r in records} == {(98.45, 55.1, 0.25, BIT["T_out"])}
        total = DayTotal.objects.get(register__ref="Q_delta")
        assert (total.quantity, total.seconds) == (6_000_000, 86_400)
    path.write_bytes(rows(*day, clash))
    _, (report,) = run_import(programme.slug, path)
    assert {issue["code"] for issue in report["issues"]} == {"duplicate_record"}
