"""Two people, one file, at once: one effective import."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections

from accounts.access import actor_of
from accounts.tenancy import tenant_scope
from readings.imports.services import import_upload
from readings.imports.work import import_run
from readings.models import ArchiveRecord, ArchiveSeries, DayTotal, ImportJob
from servers.models import Register
from testkit.world import World, join, make_user
from tests.readings.archive_kit import lers, make_points


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_file", [True, False])
def test_two_uploads_at_once_are_one_import(world: World, same_file: bool) -> None:
    """Whoever is second finds everything there; nobody fails, nothing is stored twice."""
    programme = world.utility.programme
    second = make_user("second@teplo.example")
    join(second, programme, "consumer")
    point, _ = make_points(programme, world.utility.consumer, second)
    hours = [(f"2026-01-{d:02}T{h:02}:00:00", {"Q_delta": "0.5"}) for d in range(1, 15) for h in range(24)]
    jobs = []
    for number, user in enumerate((world.utility.consumer, second)):
        data = lers(hours) if same_file else lers(hours) + b"<!-- %d -->" % number
        with tenant_scope(programme.pk):
            actor = actor_of(user, programme)
            assert actor is not None
            job = import_upload(actor=actor, file=SimpleUploadedFile("a.xml", data), point=point)
            jobs.append(job.pk)
    start = threading.Barrier(2)
    errors: list[BaseException] = []

    def work(job_id: int) -> None:
        try:
            start.wait()
            import_run(programme=programme, job_id=job_id)
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    with tenant_scope(programme.pk):
        reports = [ImportJob.objects.get(pk=job).report["points"][0]["intervals"][0] for job in jobs]
        assert sorted(r["accepted"] for r in reports) == [0, 336]
        assert sorted(r["skipped"] for r in reports) == [0, 336]
        assert ArchiveRecord.objects.count() == 336
        assert ArchiveSeries.objects.count() == 1
        assert Register.objects.count() == 1
        assert DayTotal.objects.count() == 14
        assert set(DayTotal.objects.values_list("quantity", flat=True)) == {12_000_000}


@pytest.mark.django_db
def test_the_stage_is_gone_afterwards(world: World, tmp_path: Any) -> None:
    from tests.readings.archive_kit import run_import

    make_points(world.utility.programme)
    path = tmp_path / "a.xml"
    path.write_bytes(lers([("2026-01-15T00:00:00", {"T_in": "90"})]))
    for _ in range(2):  # a stage left behind would make the second fail
        assert run_import(world.utility.programme.slug, path)[0] == 0
    with connection.cursor() as cursor:
        table = "pg_tables" if connection.vendor == "postgresql" else "sqlite_temp_master"
        cursor.execute(
            f"SELECT count(*) FROM {table} WHERE {'tablename' if 'pg' in table else 'name'} = 'archive_stage'"
        )
        assert cursor.fetchone()[0] == 0
