"""A file from its upload to a person's word about it: kept, queued, confirmed, cancelled, refused.

What the worker does with it stands in `readings.imports.work`, taking it back in `readings.imports.undo`.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.jobs import job_enqueue
from accounts.models import User
from accounts.outbox import mail_enqueue
from accounts.services.audit import audit_record
from readings.doors import visible_import_jobs
from readings.imports.profile import profile_in_force, replacing_check
from readings.lers.others import HEAD, other_kind
from readings.models import ImportIssue, ImportJob
from readings.refusals import refusal_text
from servers.models import MeteringPoint

_STARTS = (b"<", b"\0<", b"\x1f\x8b", b"PK", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
State = ImportJob.State
DONE = (State.DONE, State.DONE_WITH_ISSUES)
WAITING = (State.QUEUED, State.RUNNING)
OPEN = (*WAITING, State.CHECKED, State.MAPPING)  # somebody or something still has to act


# -- the upload ------------------------------------------------------------------------------------------------
def upload_check(file: UploadedFile[Any]) -> None:
    """Refuse at once what the size or the first bytes give away.

    Raises `empty`, `too_large`, `not_lers` and the codes of `readings.lers.others`.
    """
    size_check(file)
    file.seek(0)
    start = file.read(HEAD)
    file.seek(0)
    assert isinstance(start, bytes)
    if other := other_kind(start):
        raise DomainError(other, refusal_text(other))
    if start.lstrip()[:3].startswith(_STARTS):
        return
    # what is left is a table of text: no control characters, and cells below its heading
    if b"\0" in start or not any(
        mark in line for mark in (b";", b"\t", b",", b"|", b"\xb3") for line in start.splitlines()[1:]
    ):
        raise DomainError(
            "not_lers",
            _("This is not a LERS archive. Send the XML, XML.GZ or ZIP file that the field console saved."),
        )


def size_check(file: UploadedFile[Any]) -> None:
    limit = settings.UPLOAD_MAX_BYTES
    if not file.size:
        raise DomainError("empty", _("The file is empty."))
    if file.size > limit:
        raise DomainError(
            "too_large", _("The file is larger than %(size)s MB.") % {"size": limit // (1024 * 1024)}
        )


def import_upload(
    *,
    actor: Actor,
    file: UploadedFile[Any],
    point: MeteringPoint | None,
    replace: bool = False,
    check_first: bool = False,
    parcel: uuid.UUID | None = None,
) -> ImportJob:
    """Keep the file and queue its import; the same file sent again while the first waits is the first.

    Raises `already_imported` with `job` (a public id) for a known file, `replace_not_allowed`, and what
    `upload_check` raises.
    """
    if replace:
        replacing_check(actor, profile_in_force())
    upload_check(file)
    sha256 = file_digest(file)
    if not replace and (waiting := import_waiting(actor, sha256, point)):
        return waiting
    return _job_queue(
        actor=actor, point=point, replace=replace, check_first=check_first, parcel=parcel,
        file_name=Path(file.name or "").name[:200], stored_as=file_keep(actor, file), sha256=sha256,
        size=file.size or 0,
    )  # fmt: skip


def file_digest(file: UploadedFile[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def file_keep(actor: Actor, file: UploadedFile[Any]) -> str:
    return default_storage.save(f"imports/{actor.programme.pk}/{uuid.uuid4()}", file)


@transaction.atomic
def _job_queue(*, actor: Actor, **fields: Any) -> ImportJob:
    job: ImportJob = ImportJob.objects.create(uploaded_by=actor.user, **fields)
    job_enqueue(kind="import_archive", ref=str(job.pk), programme_id=actor.programme.pk)
    audit_record(
        actor=actor, action="archive.uploaded", target_kind="import", target=str(job.public_id),
        detail={"file": job.file_name, "sha256": job.sha256, "replace": job.replace},
    )  # fmt: skip
    return job


def import_waiting(
    actor: Actor, sha256: str, point: MeteringPoint | None, format: str = ImportJob.Format.LERS
) -> ImportJob | None:
    """This person's own import of the same bytes for the same point that still waits.

    Raises `already_imported` with `job` for an accepted one that they may see. Somebody else's is none of their
    business.
    """
    rows = visible_import_jobs(actor).filter(sha256=sha256, format=format)
    if point is not None:
        rows = rows.filter(point=point)
    done: ImportJob | None = rows.filter(state__in=DONE).order_by("-pk").first()
    if done is not None and not _may_add(done):
        raise DomainError(
            "already_imported",
            _("This file was already imported, see receipt %(receipt)s.") % {"receipt": done.receipt_number},
            job=str(done.public_id),
        )
    waiting: ImportJob | None = rows.filter(state__in=OPEN, uploaded_by=actor.user).order_by("pk").first()
    return waiting


def _may_add(done: ImportJob) -> bool:
    """Values that an accepted file left out, because others stood there, may be wanted since those were taken back."""
    intervals = [one for point in done.report.get("points", ()) for one in point["intervals"]]
    return (
        any(one["skipped"] for one in intervals)
        and ImportJob.objects.filter(state=State.UNDONE, undone_at__gt=done.finished_at).exists()
    )


def import_forward(*, actor: Actor, job: ImportJob, point: MeteringPoint) -> ImportJob:
    """Give a file that was sent to the wrong point to the right one; the person need not send it again."""
    if job.state != State.REFUSED or not job.stored_as:
        raise DomainError("not_refused", _("Only a refused file can be given to another metering point."))
    return _job_queue(
        actor=actor, point=point, replace=job.replace, check_first=job.check_first, parcel=job.parcel,
        file_name=job.file_name, stored_as=job.stored_as, sha256=job.sha256, size=job.size,
    )  # fmt: skip


# -- a person's word about a checked file --------------------------------------------------------------------------
@transaction.atomic
def import_confirm(*, actor: Actor, job: ImportJob, replace: bool) -> bool:
    """Store what the preview showed, `replace` with or without overwriting; False if it no longer waits for a word.

    Raises `replace_not_allowed`.
    """
    if replace:
        replacing_check(actor, profile_in_force())
    changed = ImportJob.objects.filter(pk=job.pk, state=State.CHECKED).update(
        state=State.QUEUED, confirmed_at=timezone.now(), replace=replace, bytes_done=0
    )
    if not changed:
        return False
    job_enqueue(kind="import_archive", ref=str(job.pk), programme_id=actor.programme.pk)
    audit_record(
        actor=actor, action="archive.confirmed", target_kind="import", target=str(job.public_id),
        detail={"replace": replace},
    )  # fmt: skip
    job.refresh_from_db()
    return True


@transaction.atomic
def import_cancel(*, actor: Actor, job: ImportJob) -> bool:
    """Store nothing and forget the file; False if it no longer waits for a word."""
    waits = (State.CHECKED, State.MAPPING)
    changed = ImportJob.objects.filter(pk=job.pk, state__in=waits).update(
        state=State.CANCELLED, finished_at=timezone.now(), stored_as=""
    )
    if not changed:
        return False
    if job.stored_as and not ImportJob.objects.filter(stored_as=job.stored_as).exists():
        stored_as = job.stored_as
        transaction.on_commit(lambda: default_storage.delete(stored_as))
    audit_record(
        actor=actor, action="archive.cancelled", target_kind="import", target=str(job.public_id), detail={}
    )
    job.refresh_from_db()
    return True


# -- a refusal -----------------------------------------------------------------------------------------------------
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
        state=State.REFUSED, refusal=code, refusal_data={"line": line, **safe_data(data or {})},
        finished_at=timezone.now(), stored_as=job.stored_as if keep_file else "",
    )  # fmt: skip
    if changed:
        job.refresh_from_db()
        issues_store(job, findings)
        import_tell(job)


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


def import_tell(job: ImportJob, *, to: User | None = None) -> None:
    """A mail to the uploader, or to somebody who asks for it: accepted, refused, or waiting for a word."""
    user: User | None = to or job.uploaded_by
    if user is None:
        return
    mail_enqueue(
        kind="import_finished", recipient=user.email, language=user.language, programme_id=job.programme_id,
        context={
            "programme": job.programme.name, "slug": job.programme.slug, "file": job.file_name,
            "state": job.state, "refusal": job.refusal, "refusal_data": job.refusal_data,
            "receipt": job.receipt_number, "job": str(job.public_id),
        },
    )  # fmt: skip
