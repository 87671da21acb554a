"""The walls below the ORM, one module for both databases.

1. An execute wrapper refuses SQL that names a programme's table while no scope is open.
2. The database refuses a foreign key into another programme: composite keys on PostgreSQL, triggers on SQLite.
   Tables that are filled by the hundred thousand (`guarded_by_statement`) are checked once a statement on PostgreSQL:
   its own keys look up every row several times, which took longer than everything else in an import together.
3. PostgreSQL: row-level security on every such table, for the role `releve_app` that each scope takes on. It is
   enabled, not forced: the owner migrates and backs up. The portal itself signs in as somebody else, who owns nothing
   and so cannot take these walls down (docs/operations/roles.sql).

`install_guards` is idempotent and runs after each migrate (SQLite drops triggers whenever it rebuilds a table).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.db import DatabaseError, connections

from accounts.measures import REFUSALS
from accounts.tenancy import (
    ALL_ROLE,
    APP_ROLE,
    ProgrammeRequired,
    TenantModel,
    in_scope,
    tenant_models,
    unscoped,
)

_DDL = ("CREATE", "ALTER", "DROP", "PRAGMA", "COMMENT")


@lru_cache(maxsize=1)
def _tables() -> re.Pattern[str]:
    return re.compile("|".join(rf"\b{re.escape(model._meta.db_table)}\b" for model in tenant_models()))


@lru_cache(maxsize=4096)
def _needs_scope(sql: str) -> bool:
    return not sql.lstrip().startswith(_DDL) and _tables().search(sql) is not None


def refuse_without_scope(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    if not in_scope() and isinstance(sql, str) and _needs_scope(sql):
        REFUSALS.labels("scope").inc()
        raise ProgrammeRequired(sql[:80])
    try:
        return execute(sql, params, many, context)
    except DatabaseError as error:
        if _is_refusal(error):
            REFUSALS.labels("database").inc()
        raise


def _is_refusal(error: DatabaseError) -> bool:
    """By row-level security (42501), by a key that carries the programme, or by a trigger of ours."""
    text = str(error)
    if getattr(error.__cause__, "pgcode", None) == "42501":
        return True
    return text.startswith("programme: ") or ("violates foreign key" in text and '_own"' in text)


def watch_connection(sender: Any, connection: Any, **kwargs: Any) -> None:
    if refuse_without_scope not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_without_scope)


def _tenant_keys(model: type[TenantModel]) -> list[tuple[str, str]]:
    """(column, table it points into) for each key of `model` into another model of a programme."""
    return [
        (str(field.column), field.related_model._meta.db_table)
        for field in model._meta.local_fields
        if isinstance(field.related_model, type) and issubclass(field.related_model, TenantModel)
    ]


def install_guards(sender: Any = None, using: str = "default", **kwargs: Any) -> None:
    connection = connections[using]
    have = set(connection.introspection.table_names())
    models = [model for model in tenant_models() if model._meta.db_table in have]
    if not models:
        return
    with unscoped(reason="installing the database's own guards"), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for model in models:
                _install_triggers(cursor, model)
        else:
            _install_role(cursor)
            pointed_at = {target for model in models for _column, target in _tenant_keys(model)}
            for model in models:
                _install_policy(cursor, model, pointed_at)
            for model in models:
                if model.guarded_by_statement:
                    _install_statement_keys(cursor, model)
                else:
                    _install_composite_keys(cursor, model)


def guard_anew(cursor: Any, model: type[TenantModel]) -> None:
    """The walls of one table of PostgreSQL that another one has just taken the place of."""
    table = model._meta.db_table
    cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}")
    _install_policy(cursor, model, set())  # no key points at what is filled in bulk
    (_install_statement_keys if model.guarded_by_statement else _install_composite_keys)(cursor, model)


def lift_triggers(sender: Any = None, using: str = "default", plan: Any = (), **kwargs: Any) -> None:
    """Before a migration: SQLite rebuilds a table under another name, and a trigger that names it stands in the way.
    `install_guards` puts them back."""
    connection = connections[using]
    if connection.vendor != "sqlite" or not plan:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%%\\_programme\\_%%' ESCAPE '\\'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')


def _install_triggers(cursor: Any, model: type[TenantModel]) -> None:
    table = model._meta.db_table
    foreign = [
        f"(NEW.{column} IS NOT NULL AND NOT EXISTS"
        f"(SELECT 1 FROM {target} WHERE id = NEW.{column} AND programme_id = NEW.programme_id))"
        for column, target in _tenant_keys(model)
    ]
    for event in ("INSERT", "UPDATE"):
        name = f"{table}_programme_{event.lower()}"
        conditions = foreign + (["NEW.programme_id <> OLD.programme_id"] if event == "UPDATE" else [])
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        if conditions:
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {' OR '.join(conditions)} "
                f"BEGIN SELECT RAISE(ABORT, 'programme: {table}'); END"
            )


def roles_make(cursor: Any) -> None:
    """The roles that own nothing, so that row-level security holds for them: of each scope, and of the portal."""
    for role in (APP_ROLE, ALL_ROLE):
        cursor.execute(
            # an owner that may make no roles is given them beforehand (docs/operations/roles.sql)
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN "
            f"CREATE ROLE {role} NOLOGIN; END IF; "
            f"EXCEPTION WHEN duplicate_object OR unique_violation{' OR insufficient_privilege' * (role == ALL_ROLE)} "
            "THEN NULL; END $$"
        )


def _install_role(cursor: Any) -> None:
    roles_make(cursor)
    cursor.execute("SELECT pg_has_role(current_user, %s, 'MEMBER')", [APP_ROLE])
    if not cursor.fetchone()[0]:
        cursor.execute(f"GRANT {APP_ROLE} TO CURRENT_USER")
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
    cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE}")
    cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
    # which steps were taken is the owner's to write down
    cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP_ROLE}")


def role_exists(cursor: Any, role: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    return cursor.fetchone() is not None


OWN = "(programme_id = (SELECT nullif(current_setting('app.programme', true), '')::bigint))"


def _install_policy(cursor: Any, model: type[TenantModel], pointed_at: set[str]) -> None:
    table = model._meta.db_table
    cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    cursor.execute(
        "SELECT policyname FROM pg_policies WHERE schemaname = 'public' AND tablename = %s", [table]
    )
    have = {name for (name,) in cursor.fetchall()}
    if "own_programme" not in have:
        cursor.execute(f"CREATE POLICY own_programme ON {table} USING {OWN} WITH CHECK {OWN}")
    # held by who signs in, never by the role of a scope; where nobody made it, the owner signs in and needs none
    if "every_programme" not in have and role_exists(cursor, ALL_ROLE):
        cursor.execute(
            f"CREATE POLICY every_programme ON {table} TO {ALL_ROLE} USING (true) WITH CHECK (true)"
        )
    if table in pointed_at:
        cursor.execute(f"CREATE UNIQUE INDEX IF NOT EXISTS {table}_own ON {table} (programme_id, id)")
    else:  # an index that no key needs costs each row of a batch its entry
        cursor.execute(f"DROP INDEX IF EXISTS {table}_own")


def _install_composite_keys(cursor: Any, model: type[TenantModel]) -> None:
    table = model._meta.db_table
    for column, target in _tenant_keys(model):
        name = f"{table}_{column}_own"[:63]
        cursor.execute(
            "SELECT 1 FROM pg_constraint WHERE conname = %s AND conrelid = %s::regclass", [name, table]
        )
        if cursor.fetchone() is None:
            cursor.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (programme_id, {column}) "
                f"REFERENCES {target} (programme_id, id) DEFERRABLE INITIALLY DEFERRED"
            )


def _install_statement_keys(cursor: Any, model: type[TenantModel]) -> None:
    """The same refusals as by composite keys: of a row without its parent, and of a parent's end before its rows.

    A parent is locked as a key would lock it. The programme itself is checked by the parent, which has the key.
    """
    table = model._meta.db_table
    cursor.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'", [table]
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    keys = _tenant_keys(model)
    # A parent that is not there, or of another programme, is not locked, and so not counted. Each is looked up by its key,
    # and no table is read whole: the plan is kept by the connection, and a join that was planned while tables were young
    # compared each row of a batch with each register (5 ms a batch and table).
    checks = "".join(
        "FOR one IN SELECT programme_id, array_agg(id ORDER BY id) AS ids "
        f"FROM (SELECT DISTINCT programme_id, {column} AS id FROM fresh WHERE {column} IS NOT NULL) AS f "
        "GROUP BY programme_id ORDER BY programme_id LOOP "
        f"SELECT count(*) INTO found FROM unnest(one.ids) AS k(id), LATERAL (SELECT 1 FROM {target} AS t "
        "WHERE t.programme_id = one.programme_id AND t.id = k.id FOR KEY SHARE OF t) AS l; "
        "IF found <> cardinality(one.ids) THEN "
        f"RAISE foreign_key_violation USING MESSAGE = 'programme: {table}.{column}'; END IF; END LOOP; "
        for column, target in keys
    )
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION {table}_own() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS "
        f"$$ DECLARE one record; found bigint; BEGIN {checks} RETURN NULL; END $$"
    )
    for event in ("INSERT", "UPDATE"):
        cursor.execute(
            f"CREATE OR REPLACE TRIGGER {table}_own_{event.lower()} AFTER {event} ON {table} "
            f"REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION {table}_own()"
        )
    for column, target in keys:
        name = f"{table}_{column}_kept"
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS "
            f"(SELECT 1 FROM {table} WHERE programme_id = OLD.programme_id AND {column} = OLD.id) THEN "
            f"RAISE foreign_key_violation USING MESSAGE = 'still in use: {table}.{column}'; END IF; "
            "RETURN NULL; END $$"
        )
        cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {target}")
        cursor.execute(
            f"CREATE CONSTRAINT TRIGGER {name} AFTER DELETE ON {target} DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
