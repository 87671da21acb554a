"""One archive file from the upload to the stored records: parsed to a spool first, stored in one transaction.

A file that is refused, cut off or interrupted stores nothing. The job's row tells the page how far it is, from
transactions of its own.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, actor_of
from accounts.errors import DomainError
from accounts.jobs import job_enqueue
from accounts.models import Programme, User
from accounts.outbox import mail_enqueue
from accounts.services.audit import audit_record, audit_write
from accounts.tenancy import tenant_scope
from readings.ingest.parse import Progress, parse
from readings.ingest.spool import Spool
from readings.ingest.storing import NothingToStore, file_store, parsed_findings
from readings.lers.model import FileSummary, LersRefused
from readings.models import ImportIssue, ImportJob
from servers.doors import visible_points
from servers.models import MeteringPoint

LONG = 30.0  # seconds; whoever waited longer has gone to do something else, so a mail tells them
MAX_ISSUES = 1000
_STARTS = (b"<", b"\x1f\x8b", b"PK", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
DONE = (ImportJob.State.DONE, ImportJob.State.DONE_WITH_ISSUES)
WAITING = (ImportJob.State.QUEUED, ImportJob.State.RUNNING)


# -- the upload ------------------------------------------------------------------------------------------------
def upload_check(file: UploadedFile[Any]) -> None:
    """Refuse at once what the size or the first bytes give away. Raises `empty`, `too_large`, `not_lers`."""
    limit = settings.UPLOAD_MAX_BYTES
    if not file.size:
        raise DomainError("empty", _("The file is empty."))
    if file.size > limit:
        raise DomainError(
            "too_large", _("The file is larger than %(size)s MB.") % {"size": limit // (1024 * 1024)}
        )
    file.seek(0)
    start = file.read(512)
    file.seek(0)
    assert isinstance(start, bytes)
    if start.lstrip()[:3].startswith(_STARTS):
        return
    # what is left is a table of text, and that holds no control characters
    if b"\0" in start or b";" not in start:
        raise DomainError(
            "not_lers",
            _("This is not a LERS archive. Send the XML, XML.GZ or ZIP file that the field console saved."),
        )


def import_upload(
    *, actor: Actor, file: UploadedFile[Any], point: MeteringPoint | None, replace: bool = False
) -> ImportJob:
    """Keep the file and queue its import. Raises `already_imported` with `job` (a public id) for a known file."""
    upload_check(file)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    sha256 = digest.hexdigest()
    earlier = None if replace else _earlier(actor, sha256, point)
    if earlier is not None:
        raise DomainError(
            "already_imported",
            _("This file was already imported, see receipt %(receipt)s.")
            % {"receipt": earlier.receipt_number},
            job=str(earlier.public_id),
        )
    name = default_storage.save(f"imports/{actor.programme.pk}/{uuid.uuid4()}", file)
    return _job_queue(
        actor=actor, point=point, replace=replace, name=file.name or "", stored=name, sha256=sha256,
        size=file.size or 0,
    )  # fmt: skip


@transaction.atomic
def _job_queue(
    *,
    actor: Actor,
    point: MeteringPoint | None,
    replace: bool,
    name: str,
    stored: str,
    sha256: str,
    size: int,
) -> ImportJob:
    job: ImportJob = ImportJob.objects.create(
        uploaded_by=actor.user, point=point, file_name=Path(name).name[:200], stored_as=stored, sha256=sha256,
        size=size, replace=replace,
    )  # fmt: skip
    job_enqueue(kind="import_archive", ref=str(job.pk), programme_id=actor.programme.pk)
    audit_record(
        actor=actor, action="archive.uploaded", target_kind="import", target=str(job.public_id),
        detail={"file": job.file_name, "sha256": sha256, "replace": replace},
    )  # fmt: skip
    return job


def _earlier(actor: Actor, sha256: str, point: MeteringPoint | None) -> ImportJob | None:
    """A finished import of the same bytes for the same point. Somebody else's is none of this person's business."""
    rows = ImportJob.objects.filter(sha256=sha256, state__in=DONE, uploaded_by=actor.user)
    if point is not None:
        rows = rows.filter(point=point)
    found: ImportJob | None = rows.order_by("pk").first()
    return found


def import_forward(*, actor: Actor, job: ImportJob, point: MeteringPoint) -> ImportJob:
    """Give a file that was sent to the wrong point to the right one; the person need not send it again."""
    if job.state != ImportJob.State.REFUSED or not job.stored_as:
        raise DomainError("not_refused", _("Only a refused file can be given to another metering point."))
    return _job_queue(
        actor=actor, point=point, replace=job.replace, name=job.file_name, stored=job.stored_as,
        sha256=job.sha256, size=job.size,
    )  # fmt: skip


# -- the work --------------------------------------------------------------------------------------------------
def import_run(*, programme: Programme, job_id: int) -> None:
    """What the worker does. Run twice it does it once: a finished job is left alone."""
    started = time.monotonic()
    with tenant_scope(programme.pk):
        job = ImportJob.objects.get(pk=job_id)
        if job.state not in WAITING:
            return
        ImportJob.objects.filter(pk=job.pk).update(state=ImportJob.State.RUNNING, bytes_done=0)
    try:
        with Spool() as spool:
            path = Path(default_storage.path(job.stored_as))
            summary = parse(path, spool=spool, programme=programme, progress=_progress(programme, job))
            with tenant_scope(programme.pk), transaction.atomic():
                report = _load(job, programme, spool, summary)
                _finish(job, summary, report, started)
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


def _load(job: ImportJob, programme: Programme, spool: Spool, summary: FileSummary) -> dict[str, Any]:
    return file_store(
        job=job, programme=programme, spool=spool, summary=summary, visible=_visible(job, programme)
    )


@transaction.atomic
def _finish(job: ImportJob, summary: FileSummary, report: dict[str, Any], started: float) -> None:
    issues = report.pop("issues")
    report["seconds"] = round(time.monotonic() - started, 1)
    job.state = ImportJob.State.DONE_WITH_ISSUES if report["issues_total"] else ImportJob.State.DONE
    job.report = report
    job.bytes_done = job.size
    job.receipt_number = f"{timezone.now():%Y%m%d}-{job.pk}"
    job.finished_at = timezone.now()
    job.save()
    issues_store(job, issues)
    _tell(job, long=report["seconds"] > LONG)


@transaction.atomic
def import_refuse(
    *,
    job: ImportJob,
    code: str,
    line: int = 0,
    data: dict[str, Any] | None = None,
    findings: Iterable[dict[str, Any]] = (),
    keep_file: bool = True,
) -> None:
    """Nothing of the file is stored; the row says why, and the uploader gets a mail."""
    changed = ImportJob.objects.filter(pk=job.pk, state__in=WAITING).update(
        state=ImportJob.State.REFUSED, refusal=code, refusal_data={"line": line, **safe_data(data or {})},
        finished_at=timezone.now(), stored_as=job.stored_as if keep_file else "",
    )  # fmt: skip
    if changed:
        job.refresh_from_db()
        issues_store(job, findings)
        _tell(job, long=True)


def safe_data(data: dict[str, Any]) -> dict[str, Any]:
    """What a refusal brings along, as JSON: a settings file names points, whose fields are texts."""
    return {
        key: [{"number": point.number, "serial": point.serial, "title": point.title} for point in value]
        if key == "points"
        else value
        if isinstance(value, int | str | list)
        else str(value)
        for key, value in data.items()
    }


def issues_store(job: ImportJob, issues: Iterable[dict[str, Any]]) -> None:
    ImportIssue.objects.filter(job=job).delete()
    ImportIssue.objects.bulk_create(
        (
            ImportIssue(
                job=job, line=issue["line"], point=issue["point"][:40], field=issue["field"][:60],
                value=issue["value"][:120], code=issue["code"],
            )
            for issue in issues
        ),
        batch_size=500,
    )  # fmt: skip


def _tell(job: ImportJob, *, long: bool) -> None:
    user: User | None = job.uploaded_by
    if not long or user is None:
        return
    mail_enqueue(
        kind="import_finished", recipient=user.email, language=user.language, programme_id=job.programme_id,
        context={
            "programme": job.programme.name, "slug": job.programme.slug, "file": job.file_name,
            "state": job.state, "refusal": job.refusal, "refusal_data": job.refusal_data,
            "receipt": job.receipt_number, "job": str(job.public_id),
        },
    )  # fmt: skip


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
    `report["issues"]` holds the issues. Raises `OSError` for a file that cannot be read.
    """
    started = time.monotonic()
    with path.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    job = ImportJob(
        point=point, file_name=path.name[:200], sha256=sha256, size=path.stat().st_size, replace=replace,
        state=ImportJob.State.RUNNING,
    )  # fmt: skip
    try:
        with Spool() as spool:
            summary = parse(path, spool=spool, programme=programme)
            with tenant_scope(programme.pk), transaction.atomic():
                job.save()
                report = file_store(
                    job=job,
                    programme=programme,
                    spool=spool,
                    summary=summary,
                    visible=MeteringPoint.objects.all(),
                    number_wins=True,
                )
                issues = list(report["issues"])
                if dry_run:
                    job.state = ImportJob.State.DONE_WITH_ISSUES if issues else ImportJob.State.DONE
                    transaction.set_rollback(True)
                else:
                    with path.open("rb") as source:
                        job.stored_as = default_storage.save(f"imports/{programme.pk}/{uuid.uuid4()}", source)
                    _finish(job, summary, report, started)
                    audit_write(
                        programme=programme, user=None, action="archive.imported", target_kind="import",
                        target=str(job.public_id), detail={"file": job.file_name, "sha256": sha256},
                    )  # fmt: skip
                job.report = {**report, "issues": issues}
    except LersRefused as refused:
        findings = _findings_of(refused)
        _refused(job, refused.code, {"line": refused.line, **safe_data(refused.data)}, findings)
    except NothingToStore as refused:
        _refused(job, refused.code, safe_data(refused.data), refused.findings, refused.points)
    return job


def _refused(
    job: ImportJob, code: str, data: dict[str, Any], issues: list[dict[str, Any]], points: Any = ()
) -> None:
    """The command reports a refusal on its output; nothing is written about it."""
    job.state, job.refusal, job.refusal_data = ImportJob.State.REFUSED, code, data
    job.report = {"points": list(points), "issues": issues, "ignored": []}
