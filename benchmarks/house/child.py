"""A process of its own that works in the measured house: one JSON request a line on stdin, one answer on stdout.

Started with the settings in its environment. `python -m benchmarks.house.child` is not meant for people.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.conf import settings

# What Celery and others take where it happens to be (3 MB); a worker made from lock/requirements.txt has none of it
sys.modules.update(dict.fromkeys(("greenlet", "msgpack", "simplejson", "yaml")))  # type: ignore[arg-type]
django.setup()

from django.core.management import call_command  # noqa: E402 - Django has to be up
from django.db import connection  # noqa: E402

from accounts.models import Programme  # noqa: E402
from accounts.tenancy import tenant_scope, unscoped  # noqa: E402
from benchmarks.house import floors  # noqa: E402

settings.UPLOAD_MAX_BYTES = 1 << 30
SLUG = "bench"
# what an import writes, in an order in which it may be emptied
WRITTEN = (
    "readings_importissue", "readings_devicefault", "readings_replacedrecord", "readings_archiverecord",
    "readings_daytotal", "readings_dirtyday", "readings_supersededreading", "readings_reading", "readings_archiveseries",
    "servers_register", "readings_importjob",
)  # fmt: skip


def build(points: int) -> None:
    from servers.models import Meter, MeteringPoint, MeterInstallation
    from testkit.world import START, make_programme

    call_command("migrate", verbosity=0)
    programme = make_programme("Bench", SLUG, kind=Programme.Kind.UTILITY)
    with tenant_scope(programme.pk):
        for n in range(101, 101 + points):
            meter = Meter.objects.create(serial=f"{n:08d}", medium="heat")
            point = MeteringPoint.objects.create(
                number=str(n), name=f"Point {n}", medium="heat", usage="heating", totals_source="archive"
            )
            MeterInstallation.objects.create(meter=meter, point=point, installed_at=START.replace(year=2012))


def clear() -> None:
    """Empty what imports write; outside every clock."""
    with unscoped(reason="the benchmark begins a round"), connection.cursor() as cursor:
        have = set(connection.introspection.table_names(cursor))
        tables = [table for table in WRITTEN if table in have]
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
            cursor.execute("CHECKPOINT") if _superuser(cursor) else None
        else:
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")
    uploads = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    for path in uploads.rglob("*"):
        if path.is_file():
            path.unlink()


def _superuser(cursor: Any) -> bool:
    cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
    return bool(cursor.fetchone()[0])


def bring(path: str) -> dict[str, Any]:
    """One whole import, as `manage.py import_lers` does it; seconds include the commit."""
    from readings.imports.work import import_file

    programme = Programme.objects.get(slug=SLUG)
    began, worked = time.perf_counter(), time.process_time()
    job = import_file(programme=programme, path=Path(path), point=None)
    took, cpu = time.perf_counter() - began, time.process_time() - worked
    counted = [interval for point in job.report["points"] for interval in point["intervals"]]
    return {
        "seconds": took,
        "cpu": cpu,
        "state": job.state,
        "records": job.report.get("records", 0),
        "values": job.report.get("values", 0),
        "accepted": sum(one["accepted"] for one in counted),
        "skipped": sum(one["skipped"] for one in counted),
        "peak": peak(),
    }


def parse(path: str) -> dict[str, Any]:
    """The file into rows of numbers, nothing else: every value becomes a float."""
    from readings.lers import read_archive

    rows, began = floors.Typed(), time.perf_counter()
    read_archive(Path(path), sink=rows)
    return {"seconds": time.perf_counter() - began, "rows": rows.rows_seen, "values": rows.values}


def peak() -> float:
    """Megabytes (10^6) that this process held at most. Not ru_maxrss: that one remembers the parent."""
    status = Path("/proc/self/status").read_text()
    kilobytes = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
    return kilobytes * 1024 / 1e6


def sizes() -> dict[str, int]:
    """Bytes of the tables that an import grows, with their indexes."""
    with unscoped(reason="the benchmark looks at sizes"), connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'readings_archiverecord%'")
            return {"records": cursor.fetchone()[0]}
        cursor.execute(
            "SELECT pg_total_relation_size('readings_archiverecord'), pg_total_relation_size('readings_daytotal'), "
            "pg_total_relation_size('readings_replacedrecord'), (SELECT count(*) FROM readings_daytotal)"
        )
        records, totals, replaced, days = cursor.fetchone()
    return {"records": records, "totals": totals, "replaced": replaced, "days": days}


def _later(module: str, name: str, *first: Any) -> Callable[..., Any]:
    """A child that imports files is measured by its memory: it does not load what builds pages and gateways."""

    def act(*arguments: Any) -> Any:
        return getattr(importlib.import_module(f"benchmarks.house.{module}"), name)(*first, *arguments)

    return act


def divide(since: str) -> int:
    """Both tables that may be divided, into months from `since` (YYYY-MM) on; how many pieces each has."""
    from readings.partitions.tables import DIVIDED, pieces

    call_command("partition", "--divide", "--since", since, stdout=io.StringIO())
    return max(len(pieces(one)) for one in DIVIDED)


def processes() -> list[int]:
    """Of this one and of what works for it in PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [os.getpid(), cursor.fetchone()[0]]


ACTIONS: dict[str, Callable[..., Any]] = {
    "build": build, "clear": clear, "import": bring, "parse": parse, "peak": peak, "sizes": sizes,
    "narrow_file": floors.narrow_file, "copy": floors.copy, "executemany": floors.executemany,
    "boxes": _later("boxes", "build_boxes", SLUG), "ingest": _later("boxes", "ingest", SLUG),
    "bulk_registers": _later("boxes", "bulk_registers", SLUG),
    "publish": _later("publication", "publish"), "bare_publication": _later("publication", "bare"),
    "estate": _later("estate", "build_estate"), "look": _later("estate", "look"),
    "building_months": _later("estate", "months_of_building"), "divide": divide,
    "processes": processes,
}  # fmt: skip


def main() -> None:
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    for line in sys.stdin:
        action, *arguments = json.loads(line)
        answer = ACTIONS[action](*arguments)
        out.write(json.dumps(answer) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
