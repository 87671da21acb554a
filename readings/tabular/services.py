"""A table from its upload to the choice of its columns; the rest is an import like any other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.jobs import job_enqueue
from accounts.services.audit import audit_record
from accounts.tables import table_read
from accounts.tables.reading import Row
from readings.imports.profile import profile_in_force, replacing_check
from readings.imports.services import file_digest, file_keep, import_waiting, size_check
from readings.models import ImportJob, TableMapping
from readings.tabular.mapping import Mapping, column_names, mapping_guess, mapping_of
from readings.tabular.rows import rows_read
from readings.tabular.work import table_places
from servers.models import MeteringPoint

PREVIEWED = 20
State = ImportJob.State


def table_upload(*, actor: Actor, file: UploadedFile[Any], point: MeteringPoint | None = None) -> ImportJob:
    """Keep the table; its columns are chosen next. The same bytes again lead to what became of them.

    Raises `already_imported` with `job`, `empty`, `too_large` and what `table_read` raises.
    """
    size_check(file)
    name = Path(file.name or "").name[:200]
    table = table_read(file, name)
    next(table.rows, None)
    sha256 = file_digest(file)
    if waiting := import_waiting(actor, sha256, point, ImportJob.Format.TABLE):
        return waiting
    file.seek(0)
    return _table_keep(actor, point, name, file_keep(actor, file), sha256, file.size or 0)


@transaction.atomic
def _table_keep(
    actor: Actor, point: MeteringPoint | None, name: str, stored_as: str, sha256: str, size: int
) -> ImportJob:
    job: ImportJob = ImportJob.objects.create(
        uploaded_by=actor.user, point=point, format=ImportJob.Format.TABLE, file_name=name,
        stored_as=stored_as, sha256=sha256, size=size, state=State.MAPPING,
    )  # fmt: skip
    audit_record(
        actor=actor, action="table.uploaded", target_kind="import", target=str(job.public_id),
        detail={"file": name, "sha256": sha256},
    )  # fmt: skip
    return job


@dataclass
class Head:
    """The headings of a kept table and its first rows."""

    names: list[str]
    rows: list[Row]


def table_head(job: ImportJob) -> Head:
    with default_storage.open(job.stored_as) as file:
        table = table_read(file, job.file_name)
        return Head(column_names(table.header), list(islice(table.rows, PREVIEWED)))


def mapping_first(head: Head, actor: Actor) -> Mapping:
    """A kept mapping whose headings all stand in this table, the newest first; else what the headings say."""
    for kept in TableMapping.objects.order_by("-updated_at")[:50]:
        mapping = mapping_of(kept.columns)
        chosen = [heading for heading in (mapping.time, mapping.point, mapping.value) if heading]
        if chosen and all(heading in head.names for heading in chosen):
            return mapping
    return replace(mapping_guess(head.names), zone="")


def rows_checked(job: ImportJob, head: Head, mapping: Mapping, actor: Actor) -> list[Any]:
    """What each of the first rows would become: a `TableReading`, or an issue."""
    now: datetime = timezone.now()
    return list(rows_read(head.rows, head.names, mapping, table_places(job, actor.programme), now))


@transaction.atomic
def table_import(
    *, actor: Actor, job: ImportJob, mapping: Mapping, name: str = "", replace_values: bool = False
) -> bool:
    """Queue the table with these columns, kept under `name` if given; False if it was queued already.

    Raises `replace_not_allowed`.
    """
    if replace_values:
        replacing_check(actor, profile_in_force())
    changed = ImportJob.objects.filter(pk=job.pk, state=State.MAPPING).update(
        state=State.QUEUED, mapping=mapping.kept(), replace=replace_values
    )
    if name:
        TableMapping.objects.update_or_create(
            name=name,
            defaults={"columns": mapping.kept(), "created_by": actor.user, "updated_at": timezone.now()},
        )
    if not changed:
        return False
    job_enqueue(kind="import_archive", ref=str(job.pk), programme_id=actor.programme.pk)
    audit_record(
        actor=actor, action="table.mapped", target_kind="import", target=str(job.public_id),
        detail={"columns": mapping.kept(), "replace": replace_values},
    )  # fmt: skip
    return True
