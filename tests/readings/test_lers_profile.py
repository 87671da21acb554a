"""How a utility's files are read: stamps, clock, units, and each change a version of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.tenancy import tenant_scope
from readings.imports.work import import_file
from readings.models import ArchiveRecord, LersProfile
from testkit.world import World
from tests.readings.archive_kit import epoch, lers, make_point, make_points

pytestmark = pytest.mark.django_db
FORM = {
    "hour_stamp": "start", "day_stamp": "start", "month_stamp": "start", "decimal": "any", "duplicates": "all",
    "Q": "Gcal", "M": "t", "V": "m3", "P": "kgf/cm2", "time_zone": "", "date_order": "any",
}  # fmt: skip


def test_each_change_is_a_version_with_its_author(world: World, sign_in: Any) -> None:
    client, url = sign_in(world.utility.operator), reverse("lers_profile", args=["teplo"])
    for change in ({"hour_stamp": "end"}, {"hour_stamp": "end"}, {"hour_stamp": "end", "Q": "GJ"}):
        assert client.post(url, FORM | change).status_code == 302
    assert client.post(url, FORM | {"time_zone": "Mars/Base"}).status_code == 422
    with tenant_scope(world.utility.programme.pk):
        rows = list(LersProfile.objects.order_by("version").values_list("version", "hour_stamp", "units"))
        assert rows == [(1, "end", {}), (2, "end", {"Q": "GJ"})]
        assert LersProfile.objects.get(version=2).created_by == world.utility.operator
    page = client.get(url)
    assert [row["version"] for row in page.context["versions"]] == [2, 1]
    assert page.context["form"].initial["Q"] == "GJ"


@pytest.mark.parametrize(("fields", "at", "value"), [
    ({}, "2026-01-15T05:00:00+09:00", 4.1868),
    ({"hour_stamp": "end"}, "2026-01-15T04:00:00+09:00", 4.1868),
    ({"time_zone": "Europe/Moscow"}, "2026-01-15T11:00:00+09:00", 4.1868),
    ({"units": {"Q": "GJ"}}, "2026-01-15T05:00:00+09:00", 1.0),
    ({"units": {"Q": "MWh"}}, "2026-01-15T05:00:00+09:00", 3.6),
])  # fmt: skip
def test_the_profile_decides_how_a_record_is_read(
    world: World, tmp_path: Path, fields: dict[str, Any], at: str, value: float
) -> None:
    programme = world.utility.programme
    make_points(programme)
    with tenant_scope(programme.pk):
        if fields:
            LersProfile.objects.create(version=1, **fields)
    path = tmp_path / "a.xml"
    path.write_bytes(lers([("2026-01-15T05:00:00", {"Q_delta": "4.1868"})]))
    job = import_file(programme=programme, path=path, point=None)
    with tenant_scope(programme.pk):
        (record,) = ArchiveRecord.objects.all()
    assert (record.start, record.q_delta) == (epoch(at), value)
    assert (job.profile is None) == (not fields)
    assert datetime.fromtimestamp(record.start, UTC)


@pytest.mark.parametrize(("stamps", "day"), [
    # the clock is put back at 3:00: the hour from two to three ends at two o'clock once more
    ("01 02 02 03 04", "2026-10-25"),
    # the clock is put forward at 2:00: the hour from one to two ends at three
    ("01 03 04", "2026-03-29"),
])  # fmt: skip
def test_ends_of_hours_when_the_clock_is_changed(world: World, tmp_path: Path, stamps: str, day: str) -> None:
    programme = world.utility.programme
    with tenant_scope(programme.pk):
        LersProfile.objects.create(version=1, hour_stamp="end")
        make_point("101", time_zone="Europe/Paris")
    path = tmp_path / "a.xml"
    path.write_bytes(lers([(f"{day}T{hour}:00:00", {"Q_delta": n}) for n, hour in enumerate(stamps.split())]))
    job = import_file(programme=programme, path=path, point=None)
    midnight = epoch(f"{day}T00:00:00+0{2 if len(stamps) > 9 else 1}:00")
    with tenant_scope(programme.pk):
        found = list(ArchiveRecord.objects.order_by("start").values_list("start", "q_delta"))
    assert (job.state, job.report["issues"]) == ("done", [])
    assert found == [(midnight + 3600 * n, n) for n in range(len(stamps.split()))]


def test_the_command_obeys_a_profile_that_keeps(world: World, tmp_path: Path) -> None:
    make_points(world.utility.programme)
    with tenant_scope(world.utility.programme.pk):
        LersProfile.objects.create(version=1, duplicates="keep")
    path = tmp_path / "a.xml"
    path.write_bytes(lers([("2026-01-15T05:00:00", {"Q_delta": "1"})]))
    with pytest.raises(CommandError):
        call_command("import_lers", str(path), programme="teplo", replace=True)
