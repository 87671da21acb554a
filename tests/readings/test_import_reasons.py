"""A file without one good record says of each line why, on the page and by command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.tenancy import tenant_scope
from readings.models import ArchiveRecord, ImportIssue, ImportJob
from testkit.world import World
from tests.readings.archive_kit import lers, make_point, make_points, run_import

pytestmark = pytest.mark.django_db


def file_of(*records: tuple[str, str]) -> bytes:
    return lers([(stamp, {"T_in": value}) for stamp, value in records])


BAD = [
    ([("2026-02-30T00:00:00", "98.4")], "bad_time", "2026-02-30T00:00:00"),
    ([("2026-01-15T00:00:00", "98.4*"), ("2026-01-15T01:00:00", "NaN")], "bad_number", "98.4*"),
]


@pytest.mark.parametrize(("records", "code", "value"), BAD)
def test_the_command_names_the_lines(
    world: World, tmp_path: Path, records: Any, code: str, value: str
) -> None:
    make_points(world.utility.programme)
    path = tmp_path / "a.xml"
    path.write_bytes(file_of(*records))
    exit_code, (report,) = run_import(world.utility.programme.slug, path)
    assert (exit_code, report["status"]) == (2, "refused")
    assert report["issues"][0]["code"] == "no_records"
    assert [issue["code"] for issue in report["issues"][1:]] == [code] * len(records)
    assert report["issues"][1]["value"] == value


@pytest.mark.parametrize(("records", "code", "value"), BAD)
def test_the_page_names_the_lines(
    world: World, sign_in: Any, run_jobs: Any, records: Any, code: str, value: str
) -> None:
    point, _other = make_points(world.utility.programme, world.utility.consumer)
    client, slug = sign_in(world.utility.consumer), world.utility.programme.slug
    sent = client.post(
        reverse("archive_upload", args=[slug, point.public_id]),
        {"file": SimpleUploadedFile("a.xml", file_of(*records))},
    )
    assert sent.status_code == 302
    run_jobs()
    with tenant_scope(world.utility.programme.pk):
        job = ImportJob.objects.get()
        assert (job.state, job.refusal) == ("refused", "no_records")
        assert set(job.refusal_data) <= {"line", "numbers", "offers"}  # no object of ours as text
        assert ImportIssue.objects.filter(job=job, code=code, value=value).count() == 1
        assert not ArchiveRecord.objects.exists()
    assert value in client.get(sent.url).content.decode()


def test_the_control(world: World, tmp_path: Path) -> None:
    make_points(world.utility.programme)
    path = tmp_path / "a.xml"
    path.write_bytes(file_of(("2026-01-15T00:00:00", "98.4")))
    exit_code, (report,) = run_import(world.utility.programme.slug, path)
    assert (exit_code, report["issues"]) == (0, [])


CALLED = [
    ("101", "00000001", "101"), ("№ 101", "№ 1", "101"), ("0101", "зав. № 00000001", "101"), ("ТУ 101", None, "101"),
    ("0202", None, "0202"), ("202", None, "0202"), ("303", None, "303"), ("00303", None, ""), ("дом 101", None, ""),
    ("№ 101", "№ 12", ""),
]  # fmt: skip


def test_a_number_is_known_with_its_sign_and_leading_zeros(world: World, tmp_path: Path) -> None:
    """101 is told from 0101 only where both are."""
    make_points(world.utility.programme)
    with tenant_scope(world.utility.programme.pk):
        for number in ("0202", "303", "0303"):
            make_point(number, serial=f"9{number}")
    for n, (number, serial, point) in enumerate(CALLED):
        path = tmp_path / "a.xml"
        path.write_bytes(
            lers([(f"2026-01-{n + 1:02}T05:00:00", {"T_in": "98"})], number=number, serial=serial)
        )
        code, (report,) = run_import(world.utility.programme.slug, path)
        found = [entry["number"] for entry in report["points"] if entry["matched"]]
        assert (code, found) == ((0, [point]) if point else (2, [])), number
