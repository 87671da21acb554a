"""What the worker does with one table: understood row by row, compared with what stands, stored in one transaction."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.access import actor_of
from accounts.models import Programme, User
from accounts.tables import TableError, table_read
from accounts.tenancy import tenant_scope
from readings.imports.readings_before import job_readings_store
from readings.imports.services import WAITING, import_refuse
from readings.imports.work import stored_or_held
from readings.ingest.wallclock import WallClock, point_zone
from readings.models import ImportJob, Reading
from readings.services.storing import NewReading, registers_lock
from readings.tabular.mapping import column_names, mapping_of
from readings.tabular.places import Places
from readings.tabular.rows import TableReading, Understood, understand
from servers.doors import visible_points
from servers.models import MeteringPoint

MAX_ISSUES = 1000
SHOWN = 5
State = ImportJob.State


class NoRows(Exception):
    def __init__(self, issues: list[dict[str, Any]]) -> None:
        super().__init__("no_rows")
        self.issues = issues


def table_run(*, programme: Programme, job_id: int) -> None:
    """Run twice it does it once. Stores nothing while the table has faults that nobody has confirmed."""
    started = time.monotonic()
    with tenant_scope(programme.pk):
        job = ImportJob.objects.select_related("point").get(pk=job_id)
        if job.state not in WAITING:
            return
        ImportJob.objects.filter(pk=job.pk).update(state=State.RUNNING, bytes_done=0)
        try:
            _try(job, programme, started)
        except TableError as refused:
            import_refuse(job=job, code=refused.code, keep_file=False)
        except NoRows as refused:
            import_refuse(job=job, code="no_rows", findings=refused.issues[:MAX_ISSUES])


def _try(job: ImportJob, programme: Programme, started: float) -> None:
    found = table_understood(job, programme)
    if not found.readings:
        raise NoRows(found.issues)
    stored_or_held(job, lambda: _store(job, found), started)


def table_places(job: ImportJob, programme: Programme) -> Places:
    """The points that the uploader may see now; nobody's after they have left."""
    user: User | None = job.uploaded_by
    actor = actor_of(user, programme) if user is not None else None
    visible = visible_points(actor) if actor is not None else MeteringPoint.objects.none()
    return Places(visible, job.point)


def table_understood(job: ImportJob, programme: Programme) -> Understood:
    with default_storage.open(job.stored_as) as file:
        table = table_read(file, job.file_name)
        names = column_names(table.header)
        places = table_places(job, programme)
        return understand(table.rows, names, mapping_of(job.mapping), places, timezone.now())


@dataclass
class _Group:
    """The rows of one counter."""

    first: TableReading
    rows: list[TableReading] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    samples: list[dict[str, Any]] = field(default_factory=list)
    register_id: int = 0


def _store(job: ImportJob, found: Understood) -> dict[str, Any]:
    groups = _groups(found)
    registers_lock({group.register_id for group in groups})
    wanted: list[NewReading] = []
    for group in groups:
        for row in _wanted(group, found, job.replace):
            wanted.append(NewReading(group.register_id, row.at, row.value, seq=job.pk))
    outcomes = job_readings_store(job=job, rows=wanted, source=Reading.Source.FILE, now=timezone.now())
    beaten = {
        (row.register_id, row.at)
        for row, outcome in zip(wanted, outcomes, strict=True)
        if outcome.status == "duplicate"
    }
    for group in groups:  # a gateway's or an operator's value stands above a file's
        kept = sum((group.register_id, row.at) in beaten for row in group.rows)
        group.outcomes["replaced"] -= kept
        group.outcomes["kept"] += kept
    return _report(found, groups)


def _groups(found: Understood) -> list[_Group]:
    groups: dict[tuple[int, str], _Group] = {}
    for row in found.readings:
        key = (row.counter.installation.pk, row.counter.ref)
        groups.setdefault(key, _Group(row)).rows.append(row)
    for _key, group in sorted(groups.items(), key=lambda item: item[0]):
        group.register_id = group.first.counter.made().pk
    return list(groups.values())


def _wanted(group: _Group, found: Understood, replace: bool) -> list[TableReading]:
    instants = sorted({row.at for row in group.rows})
    stands = dict(
        Reading.objects.filter(
            register_id=group.register_id, at__gte=instants[0], at__lte=instants[-1]
        ).values_list("at", "value")
    )
    seen: dict[int, int] = {}
    wanted = []
    for row in group.rows:
        outcome = _outcome(row, stands, seen, replace)
        group.outcomes[outcome] += 1
        if outcome in ("new", "replaced"):
            wanted.append(row)
        if outcome in ("kept", "replaced") and len(group.samples) < SHOWN:
            group.samples.append(_sample(row, stands[row.at]))
        if outcome == "lost":
            text = value_text(row.value, row.counter.exponent)
            found.issues.append(
                {
                    "line": row.line,
                    "point": _number(row),
                    "field": "",
                    "value": text,
                    "code": "duplicate_record",
                }
            )
        seen.setdefault(row.at, row.value)
    return wanted


def _outcome(row: TableReading, stands: dict[int, int], seen: dict[int, int], replace: bool) -> str:
    if row.at in seen:
        return "identical" if seen[row.at] == row.value else "lost"
    if row.at not in stands:
        return "new"
    if stands[row.at] == row.value:
        return "identical"
    return "replaced" if replace else "kept"


def _number(row: TableReading) -> str:
    return row.point.number or row.point.name[:40]


def _iso(row: TableReading, at: int) -> str:
    return WallClock(point_zone(row.point)).iso(at)


def value_text(value: int, exponent: int) -> str:
    return format(Decimal(value).scaleb(exponent), "f")


def _sample(row: TableReading, old: int) -> dict[str, Any]:
    exponent = row.counter.exponent
    return {
        "start": _iso(row, row.at), "name": row.counter.ref, "unit": row.counter.unit,
        "old": value_text(old, exponent), "new": value_text(row.value, exponent),
    }  # fmt: skip


def _report(found: Understood, groups: list[_Group]) -> dict[str, Any]:
    points: dict[tuple[str, str], dict[str, Any]] = {}
    changes = []
    for group in groups:
        row, count = group.first, group.outcomes
        number, serial = _number(row), row.counter.installation.meter.serial
        entry = points.setdefault(
            (number, serial),
            {"number": number, "serial": serial, "matched": True, "intervals": [], "gaps": [],
             "point": str(row.point.public_id)},
        )  # fmt: skip
        instants = [one.at for one in group.rows]
        entry["intervals"].append(
            {
                "kind": "index", "register": row.counter.ref, "start": _iso(row, min(instants)),
                "end": _iso(row, max(instants)), "in_file": len(group.rows), "accepted": count["new"],
                "skipped": count["identical"] + count["kept"], "replaced": count["replaced"],
                "rejected": count["lost"],
            }
        )  # fmt: skip
        changes.append(
            {
                "number": number, "serial": serial, "kind": "index", "register": row.counter.ref,
                "new": count["new"], "identical": count["identical"],
                "different": count["kept"] + count["replaced"], "completed": 0, "samples": group.samples,
            }
        )  # fmt: skip
    return {
        "points": list(points.values()), "ignored": [], "issues": found.issues[:MAX_ISSUES],
        "issues_total": len(found.issues), "different": sum(group.outcomes["kept"] for group in groups),
        "changes": changes, "spans": [], "dialect": "table", "records": found.rows, "values": len(found.readings),
    }  # fmt: skip
