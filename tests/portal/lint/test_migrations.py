"""The rules for tables that change while the portal runs: today's steps hold them, and each rule can fail."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from accounts.migration_steps import AddIndexGently
from readings.models import Reading
from testkit.lint.migrations import all_faults, faults_of

INDEX = models.Index(fields=["programme", "at"], name="tried_gently")
TEXT = models.CharField(max_length=20)


def step(*operations: Any, atomic: bool = True) -> Any:
    return type("Migration", (migrations.Migration,), {"operations": list(operations), "atomic": atomic})(
        "x", "readings"
    )


def faults(*operations: Any, old: Any = TEXT, **more: Any) -> str:
    return " ".join(faults_of("readings", step(*operations, **more), before=lambda model, field: old))


BROKEN = {
    "asks for the old name": migrations.RenameField("reading", "at", "moment"),
    "still asks for it": migrations.RemoveField("importjob", "size"),
    "has no default in the database": migrations.AddField(
        "importjob", "more", models.CharField(max_length=9, default="")
    ),
    "AddIndexGently": migrations.AddIndex("reading", INDEX),
    "NOT VALID first": migrations.AddConstraint(
        "reading", models.CheckConstraint(condition=models.Q(at__gte=0), name="x")
    ),
    "cannot be taken back": migrations.RunPython(lambda apps, editor: None),
    "no transaction can": AddIndexGently("reading", INDEX),
    "becomes shorter": migrations.AlterField("importjob", "file_name", models.CharField(max_length=10)),
    "changes its kind": migrations.AlterField("reading", "source", models.TextField()),
}
SOUND = {
    "null": migrations.AddField("reading", "more", models.CharField(max_length=9, null=True)),
    "a default in the database": migrations.AddField("reading", "more", models.IntegerField(db_default=0)),
    "a small table": migrations.AddIndex("importjob", INDEX),
    "longer": migrations.AlterField("importjob", "file_name", models.CharField(max_length=400)),
    "a way back": migrations.RunPython(lambda apps, editor: None, migrations.RunPython.noop),
}


@pytest.mark.pure
@pytest.mark.parametrize("words", BROKEN)
def test_a_step_that_would_stop_the_portal_is_refused(words: str) -> None:
    assert words in faults(BROKEN[words])


@pytest.mark.pure
@pytest.mark.parametrize("name", SOUND)
def test_a_step_that_stops_nobody_is_not(name: str) -> None:
    assert faults(SOUND[name]) == ""


@pytest.mark.pure
def test_what_depends_on_its_neighbours() -> None:
    made = migrations.CreateModel("Reading", [("id", models.BigAutoField(primary_key=True))])
    assert faults(made, migrations.AddIndex("reading", INDEX)) == "", "a table that is new is empty"
    assert "NOT NULL" in faults(
        migrations.AlterField("importjob", "x", TEXT), old=models.CharField(max_length=9, null=True)
    )
    moving = migrations.RunPython(lambda apps, editor: None, migrations.RunPython.noop)
    assert "as long as the other" in faults(moving, SOUND["null"])
    assert faults(AddIndexGently("reading", INDEX), atomic=False) == ""


def test_the_steps_of_today_hold_them() -> None:
    assert all_faults() == []


@pytest.mark.django_db(transaction=True)
def test_an_index_is_built_beside_running_writes() -> None:
    state = ProjectState.from_apps(apps)
    gently = AddIndexGently("reading", INDEX)
    after = state.clone()
    gently.state_forwards("readings", after)
    with connection.schema_editor(atomic=False) as editor:
        gently.database_forwards("readings", editor, state, after)
    assert INDEX.name in _indexes()
    with connection.schema_editor(atomic=False) as editor:
        gently.database_backwards("readings", editor, after, state)
    assert INDEX.name not in _indexes()


def _indexes() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, Reading._meta.db_table))
