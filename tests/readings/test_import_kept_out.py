"""What a file brings for the future is kept with a remark; what it would change in a closed period is left out."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from accounts.tenancy import tenant_scope
from readings.imports import closed
from readings.models import ArchiveRecord, PeriodClosing, PointTerms, ReviewItem
from testkit.world import World
from tests.readings.archive_kit import lers, make_points, run_import

pytestmark = pytest.mark.django_db


def days(*stamps: str, value: str = "1.5") -> bytes:
    return lers([(f"{stamp}T00:00:00", {"Q_delta": value}) for stamp in stamps], kind="Day")


def test_the_future_is_kept_with_a_remark_and_listed(world: World, tmp_path: Path, run_jobs: Any) -> None:
    make_points(world.utility.programme)
    path = tmp_path / "a.xml"
    path.write_bytes(days("2026-11-20", "2026-11-21", "2027-11-22"))
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False):
        code, (report,) = run_import(world.utility.programme.slug, path)
        run_jobs()
    assert code == 1
    ((issue, interval),) = [(report["issues"][0], report["points"][0]["intervals"][0])]
    assert (issue["code"], issue["value"]) == ("future", "2027-11-22T00:00:00+09:00")
    assert (interval["in_file"], interval["accepted"]) == (3, 3)
    with tenant_scope(world.utility.programme.pk):
        assert ReviewItem.objects.get(rule="future").count == 1


def test_a_closed_period_changes_by_no_file(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_points(world.utility.programme)
    slug, path = world.utility.programme.slug, tmp_path / "a.xml"
    path.write_bytes(days("2026-01-30", "2026-01-31", "2026-02-01"))
    assert run_import(slug, path)[0] == 0
    monkeypatch.setattr(closed, "_asked", [lambda *_days: [(date(2020, 1, 1), date(2026, 2, 1))]])
    path.write_bytes(days("2026-01-30", "2026-01-31", "2026-02-01", value="9.5"))
    code, (report,) = run_import(slug, path, replace=True)
    (interval,) = report["points"][0]["intervals"]
    assert (code, interval["replaced"], interval["rejected"]) == (1, 1, 2)
    (issue,) = report["issues"]
    assert (issue["code"], issue["line"]) == ("period_closed", 3)
    assert issue["value"].endswith("(2)")
    with tenant_scope(world.utility.programme.pk):
        stored = ArchiveRecord.objects.order_by("start").values_list("q_delta", flat=True)
        assert list(stored) == [1.5, 1.5, 9.5]
    path.write_bytes(days("2026-01-30", "2026-01-31"))  # what says the same changes nothing, and is no fault
    code, (report,) = run_import(slug, path)
    assert (code, report["issues"], report["points"][0]["intervals"][0]["skipped"]) == (0, [], 2)


def test_a_closed_period_ends_on_the_reporting_day(world: World, tmp_path: Path) -> None:
    """January of a point that reports on the 25th is 26 December to 25 January; of one without terms the month. Through
    two closed months with terms that changed between them there is no day in none and none in both."""
    point, plain = make_points(world.utility.programme)
    slug, path = world.utility.programme.slug, tmp_path / "a.xml"
    stamps = ("2025-12-25", "2025-12-26", "2026-01-25", "2026-01-26", "2026-02-01")
    path.write_bytes(days(*stamps))
    assert run_import(slug, path)[0] == 0
    with tenant_scope(world.utility.programme.pk):
        january, february = date(2026, 1, 1), date(2026, 2, 1)
        for since, day in ((date(2025, 1, 1), 25), (february, 10)):
            PointTerms.objects.create(point=point, valid_from=since, load=0, reporting_day=day)
        PeriodClosing.objects.create(month=january, fill="none", state=PeriodClosing.State.DONE)
    path.write_bytes(days(*stamps, value="9.5"))
    _code, (report,) = run_import(slug, path, replace=True)
    (issue,) = report["issues"]
    assert issue["value"] == "2025-12-26 … 2026-01-26 (2)"
    with tenant_scope(world.utility.programme.pk):
        stored = ArchiveRecord.objects.order_by("start").values_list("q_delta", flat=True)
        assert list(stored) == [9.5, 1.5, 1.5, 9.5, 9.5]
        far = date(2020, 1, 1), date(2026, 12, 31)
        assert list(closed.closed_stretches(point, *far)) == [(date(2025, 12, 26), date(2026, 1, 26))]
        assert list(closed.closed_stretches(plain, *far)) == [(january, february)]
        PeriodClosing.objects.create(month=february, fill="none", state=PeriodClosing.State.DONE)
        assert list(closed.closed_stretches(point, *far)) == [(date(2025, 12, 26), date(2026, 2, 11))]
        assert closed.closed_day(point, date(2026, 2, 11), far[1]) is None


def test_a_readme_beside_archives_is_named_and_left(world: World, tmp_path: Path) -> None:
    make_points(world.utility.programme)

    def zipped(**members: bytes) -> Path:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in members.items():
                archive.writestr(name.replace("_", "."), content)
        path = tmp_path / "a.zip"
        path.write_bytes(out.getvalue())
        return path

    slug = world.utility.programme.slug
    readme = "Архив за январь; вопросы по телефону".encode("cp1251")
    code, (report,) = run_import(slug, zipped(readme_txt=readme, a_xml=days("2026-01-30"), z_txt=b""))
    assert (code, report["ignored"]) == (0, ["readme.txt", "z.txt"])
    code, (report,) = run_import(slug, zipped(readme_txt=readme))
    assert (code, report["issues"][0]["code"]) == (2, "not_lers")
