"""kill -9 at any moment of an import: nothing is stored, and the next import of the same file stores all of it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from django.db import connections

from accounts.tenancy import tenant_scope
from readings.models import ArchiveRecord, ArchiveSeries, DayTotal, ImportJob
from testkit.lers_files import write_archive
from testkit.world import World
from tests.readings.archive_kit import make_point, run_import

KILLS = 4


def start(slug: str, path: Path) -> int:
    """The pid of a process that imports the file, with connections of its own."""
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    try:
        connections.close_all()
        run_import(slug, path)
    finally:
        os._exit(0)  # whatever happened: no teardown of pytest in here


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_leaves_nothing(world: World, tmp_path: Path) -> None:
    programme = world.utility.programme
    with tenant_scope(programme.pk):
        make_point("101", serial="00000101")
    path = tmp_path / "a.xml"
    rows = write_archive(path, megabytes=0.7, dialect="attributes")
    killed = 0
    for turn in range(KILLS):
        pid = start(programme.slug, path)
        time.sleep(0.03 + 0.06 * turn)  # parsing, staging, writing, totals
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        with tenant_scope(programme.pk):
            stored = ArchiveRecord.objects.count()
            assert stored in (0, rows)  # a commit that was quicker than the signal is whole
            assert ImportJob.objects.exists() == DayTotal.objects.exists() == bool(stored)
            killed += stored == 0
            if stored:
                break
            assert not ArchiveSeries.objects.exists()
    assert killed
    began = time.monotonic()
    code, (report,) = run_import(programme.slug, path)
    whole = time.monotonic() - began
    assert (code, report["status"]) == (0, "done")
    assert whole < 120  # no lock of a dead process is waited for
    with tenant_scope(programme.pk):
        assert ArchiveRecord.objects.count() == rows
