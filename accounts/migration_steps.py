"""Steps of migrations that let the portal go on meanwhile; testkit/lint/migrations.py asks for them."""

from __future__ import annotations

from typing import Any

from django.db.migrations import AddIndex


class AddIndexGently(AddIndex):
    """An index that is built beside running writes on PostgreSQL; elsewhere an ordinary one.

    Its migration says `atomic = False`. If it is broken off, PostgreSQL keeps an invalid index of that name: drop it
    (`DROP INDEX CONCURRENTLY`) and migrate again.
    """

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.remove_index(model, self.index, concurrently=True)

    def describe(self) -> str:
        return f"{super().describe()} beside running writes"
