"""A file that names its units is read in them, whatever the profile says; one that cannot be is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.tenancy import tenant_scope
from readings.models import ArchiveRecord
from testkit.world import World
from tests.readings.archive_kit import make_points, run_import

pytestmark = pytest.mark.django_db
ROW = '<r dateTime="2026-01-0{day}T00:00:00"><Q_delta unit="{unit}">{value}</Q_delta><P_in>6</P_in></r>'


def xml(*rows: tuple[str, str]) -> bytes:
    body = "".join(ROW.format(day=n, unit=unit, value=value) for n, (unit, value) in enumerate(rows, start=1))
    return f'<x><measurePoint number="101"><day>{body}</day></measurePoint></x>'.encode()


TABLE = """Отчёт о потреблении;;;
Прибор № 00000001;;;

Дата/Время;T1, °C;P1 (МПа);Q, {unit}
01.01.2026;95,1;0,588399;{value}
Итого;;;{value}
"""
READ = [
    (xml(("ГДж", "4.1868"), ("ГДж", "8.3736")), [1.0, 2.0], 6.0),
    (xml(("Гкал", "1"), ("Гкал", "2")), [1.0, 2.0], 6.0),
    (xml(("МВт·ч", "1.163"), ("МВт·ч", "2.326")), [1.0, 2.0], 6.0),
    (TABLE.format(unit="ГДж", value="4,1868").encode("cp1251"), [1.0], 6.0),
    (TABLE.format(unit="Гкал", value="1").encode("utf-16"), [1.0], 6.0),
]


@pytest.mark.parametrize(("content", "heat", "pressure"), READ)
def test_read_exactly(
    world: World, tmp_path: Path, content: bytes, heat: list[float], pressure: float
) -> None:
    make_points(world.utility.programme)
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    code, (report,) = run_import(world.utility.programme.slug, path, point="101")
    assert code == 0, report
    assert report["ignored"] == ([] if content.startswith(b"<") else ["Итого"])  # named, not stored
    with tenant_scope(world.utility.programme.pk):
        rows = list(ArchiveRecord.objects.order_by("start").values_list("q_delta", "p_in"))
    assert [row[0] for row in rows] == heat
    assert rows[0][1] == pytest.approx(pressure)


REFUSED = [
    (xml(("ГДж", "1"), ("Гкал", "2")), "mixed_units"),
    (xml(("BTU", "1")), "unknown_unit"),
    (TABLE.format(unit="попугаи", value="1").encode(), "unknown_unit"),
]


@pytest.mark.parametrize(("content", "refusal"), REFUSED)
def test_refused(world: World, tmp_path: Path, content: bytes, refusal: str) -> None:
    make_points(world.utility.programme)
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    code, (report,) = run_import(world.utility.programme.slug, path, point="101")
    assert (code, report["issues"][0]["code"]) == (2, refusal)
    with tenant_scope(world.utility.programme.pk):
        assert not ArchiveRecord.objects.exists()
