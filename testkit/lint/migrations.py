"""How tables may change while the release before still answers requests: the rules of docs/operations.md.

    python -m testkit.lint.migrations      prints each fault on a line; 1 where there is one

During an upgrade the new tables are served by the old code for a while, and both write. So a step may add, and what
is no longer used goes a release later; nothing locks a large table for as long as it takes to read it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

FieldBefore = Callable[[str, str], Any]
APPS = ("accounts", "servers", "tariffs", "readings")
# Filled by gateways and archives: to read one of them whole takes minutes
LARGE = {
    ("readings", "reading"), ("readings", "daytotal"), ("readings", "archiverecord"), ("readings", "ingestbatch"),
    ("readings", "supersededreading"), ("readings", "replacedrecord"), ("readings", "rawtelegram"),
    ("accounts", "auditentry"), ("accounts", "job"), ("accounts", "outboxmessage"),
}  # fmt: skip
# Steps from before the rules, and those that break one on purpose: (app, step) -> why nobody is hurt
BEFORE = "from before the first release: nothing was upgraded while it ran"
ALLOWED: dict[tuple[str, str], str] = {
    ("accounts", "0002_session_epoch"): BEFORE,
    ("accounts", "0004_browsers_exports_and_looks"): BEFORE,
    ("readings", "0004_review"): BEFORE,
    ("readings", "0006_imports_checked_and_undone"): BEFORE,
    (
        "readings",
        "0012_reporting_day",
    ): "the table itself is of this release: the old code knows nothing of it",
    ("servers", "0002_orders_and_activations"): BEFORE,
    ("servers", "0003_occupant_name"): BEFORE,
    ("servers", "0004_commands_alerts_found_meters"): BEFORE,
    ("servers", "0008_silent_lately"): "0009 gives it its default before anything is served",
}


def faults_of(app: str, migration: Any, *, before: FieldBefore) -> Iterator[str]:
    """The sentences that a step earns. On tables that it makes itself everything is permitted.

    `before(model, field)` is what a field was until then.
    """
    operations = migration.operations
    fresh = {op.name_lower for op in operations if _is(op, "CreateModel")}
    kinds = {type(op).__name__ for op in operations}
    if "RunPython" in kinds and kinds - {"RunPython", "RunSQL"}:
        yield "moves rows and changes tables in one step: the lock of the one lasts as long as the other"
    if "AddIndexGently" in kinds and migration.atomic:
        yield "builds an index beside running writes, which no transaction can: atomic = False"
    for op in operations:
        if _model_of(op) not in fresh:
            yield from _fault(app, op)
            if _is(op, "AlterField"):
                yield from _altered(app, op, before(_model_of(op), op.name))


def _is(op: Any, *names: str) -> bool:
    return type(op).__name__ in names


def _model_of(op: Any) -> str:
    return str(getattr(op, "model_name_lower", "") or getattr(op, "name_lower", ""))


def _fault(app: str, op: Any) -> Iterator[str]:
    model = _model_of(op)
    large = (app, model) in LARGE
    if _is(op, "RenameField", "RenameModel", "AlterModelTable"):
        yield f"{type(op).__name__} of {model}: the old code asks for the old name. Add the new one, copy, drop later"
    if _is(op, "RemoveField", "DeleteModel"):
        yield f"{type(op).__name__} of {model}: the old code still asks for it. Take it out of the code first, drop later"
    if _is(op, "AddField") and not _old_code_may_insert(op.field):
        yield f"{model}.{op.name} is NOT NULL and has no default in the database: rows of the old code are refused"
    if _is(op, "AddField") and getattr(op.field, "db_index", False) and large and op.field.is_relation:
        yield f"{model}.{op.name} builds an index on a large table while it is locked: db_index=False, then AddIndexGently"
    if _is(op, "AddIndex") and large:
        yield f"an index on {model} is built while it is locked: AddIndexGently (accounts/migration_steps.py)"
    if _is(op, "AddConstraint") and large:
        yield f"a constraint on {model} reads the whole table while it is locked: NOT VALID first, validate later"
    if _is(op, "RunPython", "RunSQL") and not op.reversible:
        yield "cannot be taken back: give a reverse (RunPython.noop says that there is nothing to do)"


def _altered(app: str, op: Any, old: Any) -> Iterator[str]:
    model, new = _model_of(op), op.field
    if old.null and not new.null:
        yield f"{model}.{op.name} becomes NOT NULL: rows of the old code are refused. Fill it for a release first"
    if (app, model) in LARGE and old.get_internal_type() != new.get_internal_type():
        yield f"{model}.{op.name} changes its kind: a large table is written anew while it is locked"
    if old.max_length and new.max_length and new.max_length < old.max_length:
        yield f"{model}.{op.name} becomes shorter: what the old code writes is refused"


def _old_code_may_insert(field: Any) -> bool:
    from django.db.models import NOT_PROVIDED

    return bool(field.null or field.many_to_many or field.db_default is not NOT_PROVIDED)


def _before(loader: Any, app: str, name: str) -> FieldBefore:
    def field(model: str, field_name: str) -> Any:
        state = loader.project_state((app, name), at_end=False)
        return state.models[app, model].fields[field_name]

    return field


def all_faults() -> list[str]:
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    found = []
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app not in APPS or migration.replaces or migration.initial:
            continue
        if (app, name) not in ALLOWED:
            found += [
                f"{app}.{name}: {f}" for f in faults_of(app, migration, before=_before(loader, app, name))
            ]
    for app, name in sorted(ALLOWED.keys() - loader.disk_migrations.keys()):
        found.append(f"{app}.{name} is allowed, and is not there")
    return found


def main() -> int:
    os.environ.setdefault("RELEVE_MODE", "test")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    faults = all_faults()
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
