"""A person's copy of their data: asked for on a page, made by a job, fetched by that person alone for a few days."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.jobs import job_enqueue
from accounts.models import DataExport, Programme, User
from accounts.outbox import mail_enqueue
from accounts.privacy.own import account_tables
from accounts.privacy.registry import Table, holders
from accounts.tenancy import tenant_scope

State = DataExport.State
JOB = "data_export"


@transaction.atomic
def export_request(*, user: User) -> DataExport:
    """One at a time: raises `export_waiting` while another one is being made."""
    person = User.objects.select_for_update().get(pk=user.pk)
    if DataExport.objects.filter(user=person, state=State.QUEUED).exists():
        raise DomainError("export_waiting", _("Your copy is being made already."))
    expires_at = timezone.now() + timedelta(days=settings.DATA_EXPORT_DAYS)
    export = DataExport.objects.create(user=person, expires_at=expires_at)
    job_enqueue(kind=JOB, ref=str(export.pk))
    return export


def export_make(*, export_id: int) -> None:
    """The job. A second run of the same job changes nothing."""
    export = DataExport.objects.select_related("user").filter(pk=export_id, state=State.QUEUED).first()
    if export is None:
        return
    content = _zipped(tables_of(export.user))
    name = default_storage.save(f"exports/{export.public_id}.zip", ContentFile(content))
    now = timezone.now()
    with transaction.atomic():
        taken = DataExport.objects.filter(pk=export.pk, state=State.QUEUED).update(
            state=State.READY, stored_as=name, size=len(content), ready_at=now,
            expires_at=now + timedelta(days=settings.DATA_EXPORT_DAYS),
        )  # fmt: skip
        if taken:
            mail_enqueue(
                kind="export_ready",
                recipient=export.user.email,
                language=export.user.language,
                context={"email": export.user.email, "days": settings.DATA_EXPORT_DAYS},
            )
    if not taken:
        default_storage.delete(name)


def tables_of(user: User) -> dict[str, Table]:
    """Everything about a person, by table; tables of programmes carry the programme's name in their rows."""
    tables: dict[str, list[dict[str, Any]]] = {
        name: list(rows) for name, rows in account_tables(user).items()
    }
    for programme in Programme.objects.order_by("pk"):
        with tenant_scope(programme.pk):
            for holder in holders():
                for name, rows in holder.export(user, programme).items():
                    tables.setdefault(name, []).extend({"programme": programme.name, **row} for row in rows)
    return {name: rows for name, rows in tables.items() if rows}


def _zipped(tables: dict[str, Table]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        plain = {
            name: [{key: _text(value) for key, value in row.items()} for row in rows]
            for name, rows in tables.items()
        }
        archive.writestr("data.json", json.dumps(plain, ensure_ascii=False, indent=1))
        for name, rows in plain.items():
            archive.writestr(f"{name}.csv", _csv(rows))
    return out.getvalue()


def _text(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _csv(rows: list[dict[str, Any]]) -> str:
    header = list(dict.fromkeys(key for row in rows for key in row))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_harmless(row.get(key)) for key in header])
    return "\ufeff" + out.getvalue()


def _harmless(value: Any) -> Any:
    """A text that a table program would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def export_of(user: User, public_id: Any) -> DataExport | None:
    """The person's own copy, ready and in time; None for anybody else."""
    return DataExport.objects.filter(
        user=user, public_id=public_id, state=State.READY, expires_at__gt=timezone.now()
    ).first()


def exports_expire() -> int:
    """Delete copies whose time has passed, file and row."""
    gone = 0
    for export in DataExport.objects.filter(expires_at__lte=timezone.now()):
        _forget(export)
        gone += 1
    return gone


def exports_forget(*, user: User) -> None:
    for export in DataExport.objects.filter(user=user):
        _forget(export)


def _forget(export: DataExport) -> None:
    if export.stored_as:
        default_storage.delete(export.stored_as)
    export.delete()
