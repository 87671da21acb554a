"""Taking in a table of statement lines or payments: all of it or nothing, the same file once."""

from __future__ import annotations

import hashlib
import io

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import Programme
from accounts.services.audit import audit_record
from accounts.tables import table_read
from readings.models import StatementEntry, StatementImport
from readings.statements.table import Fault, plan_of

MAX_ROWS = 20_000


class FaultyTable(DomainError):
    """`faults`: every line that is wrong. Nothing was stored."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("faulty", _("Nothing was stored: mend the lines below and send the file again."))
        self.faults = faults


@transaction.atomic
def statements_import(*, actor: Actor, content: bytes, name: str) -> tuple[StatementImport, bool]:
    """(what was taken in, is it new). Raises `TableError`, `headings`, `doubled`, `FaultyTable`."""
    programme = Programme.objects.select_for_update(no_key=True).get(pk=actor.programme.pk)
    digest = hashlib.sha256(content).hexdigest()
    known: StatementImport | None = StatementImport.objects.filter(sha256=digest).first()
    if known is not None:
        return known, False
    plan = plan_of(programme, table_read(io.BytesIO(content), name, max_rows=MAX_ROWS))
    if plan.faults:
        raise FaultyTable(plan.faults)
    taken: StatementImport = StatementImport.objects.create(
        file_name=name[:200], sha256=digest, kind=plan.kind, lines=plan.lines, added=len(plan.entries),
        uploaded_by=actor.user,
    )  # fmt: skip
    for entry in plan.entries:
        entry.statement_import = taken
    StatementEntry.objects.bulk_create(plan.entries, batch_size=500)
    audit_record(
        actor=actor, action="statement.imported", target_kind="programme", target=str(programme.public_id),
        detail={"file": name[:200], "lines": plan.lines, "added": taken.added},
    )  # fmt: skip
    return taken, True
