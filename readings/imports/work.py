"""What the worker does with one archive file: parsed to a spool first, then tried in one transaction.

A file that is clean, or that a person has confirmed, is stored by that transaction; any other one is taken back
before it ends, and its report waits for a person's word. A file that is refused, cut off or interrupted stores
nothing. The job's row tells the page how far it is, from transactions of its own.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.access import actor_of
from accounts.models import Programme, User
from accounts.services.audit import audit_write
from accounts.tenancy import tenant_scope
from readings.imports.profile import profile_in_force, replacing_check
from readings.imports.services import WAITING, import_refuse, import_tell, issues_store, safe_data
from readings.ingest.parse import Progress, parse
from readings.ingest.spool import Spool
from readings.ingest.storing import NothingToStore, file_store, parsed_findings
from readings.lers.model import FileSummary, LersRefused
from readings.models import ImportJob, LersProfile
from servers.doors import visible_points
from servers.models import MeteringPoint

LONG = 30.0  # seconds; whoever waited longer has gone to do something else, so a mail tells them
State = ImportJob.State


def import_run(*, programme: Programme, job_id: int) -> None:
    """Run twice it does it once: a job that no longer waits is left alone."""
    started = time.monotonic()
    with tenant_scope(programme.pk):
        job = ImportJob.objects.get(pk=job_id)
        if job.state not in WAITING:
            return
        job.profile = profile_in_force()
        ImportJob.objects.filter(pk=job.pk).update(state=State.RUNNING, bytes_done=0, profile=job.profile)
    try:
        with Spool() as spool:
            path = Path(default_storage.path(job.stored_as))
            summary = parse(path, spool=spool, profile=job.profile, progress=_progress(programme, job))
            with tenant_scope(programme.pk):
                _try(job, programme, spool, summary, started)
    except LersRefused as refused:
        # a settings file holds passwords, an archive bomb holds nothing: neither stays on our disk
        default_storage.delete(job.stored_as)
        findings = _findings_of(refused)
        with tenant_scope(programme.pk):
            import_refuse(
                job=job, code=refused.code, line=refused.line, data=refused.data, findings=findings,
                keep_file=False,
            )  # fmt: skip
    except NothingToStore as refused:
        with tenant_scope(programme.pk):
            import_refuse(job=job, code=refused.code, data=refused.data, findings=refused.findings)


def _try(job: ImportJob, programme: Programme, spool: Spool, summary: FileSummary, started: float) -> None:
    def store() -> dict[str, Any]:
        visible = _visible(job, programme)
        return file_store(job=job, programme=programme, spool=spool, summary=summary, visible=visible)

    stored_or_held(job, store, started)


def stored_or_held(job: ImportJob, store: Callable[[], dict[str, Any]], started: float) -> None:
    """`store` writes and reports; what it wrote stays only if its report may stand, else a person is asked."""
    with transaction.atomic():
        report = store()
        stands = may_stand(job, report)
        if stands:
            import_finish(job, report, started)
        else:
            transaction.set_rollback(True)
    if not stands:
        import_hold(job, report, started)


def may_stand(job: ImportJob, report: dict[str, Any]) -> bool:
    """Whether the report may be stored without asking: it is clean, or it is still what the person has seen."""
    if job.confirmed_at is not None:
        return changes_seen(job.report) == changes_seen(report)
    if job.check_first or report["issues_total"]:
        return False
    return not any(change["different"] for change in report["changes"])


def changes_seen(report: dict[str, Any]) -> list[list[Any]]:
    """What a person agreed to: how many records are new and how many meet others, whatever becomes of those."""
    return [
        [change["number"], change["serial"], change["kind"], change["new"], change["identical"],
         change["different"] + change["completed"]]
        for change in report.get("changes", ())
    ]  # fmt: skip


@transaction.atomic
def import_finish(job: ImportJob, report: dict[str, Any], started: float) -> None:
    """The file is stored: its report, its receipt, and a mail if it took long or needed a person's word."""
    issues = report.pop("issues")
    report["seconds"] = round(time.monotonic() - started, 1)
    job.state = State.DONE_WITH_ISSUES if report["issues_total"] else State.DONE
    job.report = report
    job.bytes_done = job.size
    job.receipt_number = f"{timezone.now():%Y%m%d}-{job.pk}"
    job.finished_at = timezone.now()
    job.save()
    issues_store(job, issues)
    if report["seconds"] > LONG:
        import_tell(job)


@transaction.atomic
def import_hold(job: ImportJob, report: dict[str, Any], started: float) -> None:
    """Nothing is stored; the report waits. `moved` says that the store changed after a first look at it."""
    issues = report.pop("issues")
    report["seconds"] = round(time.monotonic() - started, 1)
    report["moved"] = job.confirmed_at is not None
    ImportJob.objects.filter(pk=job.pk, state__in=WAITING).update(
        state=State.CHECKED, report=report, bytes_done=job.size, point=job.point, confirmed_at=None
    )
    job.refresh_from_db()
    issues_store(job, issues)
    if report["seconds"] > LONG:
        import_tell(job)


def _findings_of(refused: LersRefused) -> list[dict[str, Any]]:
    """The lines that a file without one good record is refused for: they belong to its report."""
    issues: Any = refused.data.pop("issues", ())
    return parsed_findings(issues)


def _progress(programme: Programme, job: ImportJob) -> Progress:
    told = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told < 1:
            return
        told = time.monotonic()
        with tenant_scope(programme.pk):
            ImportJob.objects.filter(pk=job.pk).update(bytes_done=min(done, job.size))

    return tell


def _visible(job: ImportJob, programme: Programme) -> QuerySet[MeteringPoint]:
    """The points that the uploader may see now; whoever has left the programme since sees none."""
    user: User | None = job.uploaded_by
    actor = actor_of(user, programme) if user is not None else None
    return visible_points(actor) if actor is not None else MeteringPoint.objects.none()


# -- from the command line ---------------------------------------------------------------------------------------
def import_file(
    *,
    programme: Programme,
    path: Path,
    point: MeteringPoint | None,
    replace: bool = False,
    dry_run: bool = False,
) -> ImportJob:
    """Import one file now, for the utility's staff at the machine; returns the finished job.

    With `dry_run` everything is done and rolled back, and the returned job exists only in memory. Its
    `report["issues"]` holds the issues. Raises `OSError` for a file that cannot be read, `replace_not_allowed`.
    """
    started = time.monotonic()
    with path.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    with tenant_scope(programme.pk):
        profile: LersProfile | None = profile_in_force()
    if replace:
        replacing_check(None, profile)
    job = ImportJob(
        point=point, file_name=path.name[:200], sha256=sha256, size=path.stat().st_size, replace=replace,
        state=State.RUNNING, profile=profile,
    )  # fmt: skip
    try:
        with Spool() as spool:
            summary = parse(path, spool=spool, profile=profile)
            with tenant_scope(programme.pk), transaction.atomic():
                job.save()
                report = file_store(
                    job=job, programme=programme, spool=spool, summary=summary,
                    visible=MeteringPoint.objects.all(), number_wins=True,
                )  # fmt: skip
                issues = list(report["issues"])
                if dry_run:
                    job.state = State.DONE_WITH_ISSUES if issues else State.DONE
                    transaction.set_rollback(True)
                else:
                    _file_keep(job, path, programme)
                    import_finish(job, report, started)
                job.report = {**report, "issues": issues}
    except LersRefused as refused:
        findings = _findings_of(refused)
        _refused(job, refused.code, {"line": refused.line, **safe_data(refused.data)}, findings)
    except NothingToStore as refused:
        _refused(job, refused.code, safe_data(refused.data), refused.findings, refused.points)
    return job


def _file_keep(job: ImportJob, path: Path, programme: Programme) -> None:
    with path.open("rb") as source:
        job.stored_as = default_storage.save(f"imports/{programme.pk}/{uuid.uuid4()}", source)
    audit_write(
        programme=programme, user=None, action="archive.imported", target_kind="import",
        target=str(job.public_id), detail={"file": job.file_name, "sha256": job.sha256},
    )  # fmt: skip


def _refused(
    job: ImportJob, code: str, data: dict[str, Any], issues: list[dict[str, Any]], points: Any = ()
) -> None:
    """The command reports a refusal on its output; nothing is written about it."""
    job.state, job.refusal, job.refusal_data = State.REFUSED, code, data
    job.report = {"points": list(points), "issues": issues, "ignored": []}
