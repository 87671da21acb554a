"""What the nightly job may do to the pieces of a table, as functions of PostgreSQL that run with their owner's rights.

The portal signs in as a role that changes no table (docs/operations/roles.sql), and months still have to be made and
forgotten. So it may call these two and nothing else: one makes the piece of a month, one empties a piece that ended
long ago. Neither takes a name into its statements that is not a piece of this very table.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

from accounts.dbguard import role_exists
from accounts.tenancy import ALL_ROLE, APP_ROLE, unscoped
from readings.partitions.tables import DIVIDED, LOCK_SECONDS, SCHEMA, Divided

EMPTIED_AFTER = 28 * 86400  # seconds since its end; the month that is being filled is never emptied
_MAKE = """
CREATE OR REPLACE FUNCTION {table}_piece_make(month date) RETURNS text {secure} AS $$
DECLARE
  piece text := '{table}_' || to_char(month, 'YYYY_MM');
  first bigint := extract(epoch FROM month::timestamp AT TIME ZONE 'UTC');
  stop bigint := extract(epoch FROM (month + interval '1 month') AT TIME ZONE 'UTC');
BEGIN
  IF extract(day FROM month) <> 1 THEN RAISE 'a month is told by its first day'; END IF;
  EXECUTE format('CREATE TABLE {schema}.%I ({like})', piece);
  -- nobody may put a row of this month there between the move and the attachment
  LOCK TABLE {schema}.{table}_rest IN ACCESS EXCLUSIVE MODE;
  EXECUTE format('WITH moved AS (DELETE FROM {schema}.{table}_rest WHERE {column} >= %s AND {column} < %s RETURNING *) '
    'INSERT INTO {schema}.%I SELECT * FROM moved', first, stop, piece);
  EXECUTE format('ALTER TABLE {table} ATTACH PARTITION {schema}.%I FOR VALUES FROM (%s) TO (%s)', piece, first, stop);
  {close}
  RETURN '{schema}.' || piece;
END $$
"""
_EMPTY = """
CREATE OR REPLACE FUNCTION {table}_piece_empty(piece text) RETURNS bigint {secure} AS $$
DECLARE
  bounds text;
  fresh text := piece || '_kept';
  stay bigint;
BEGIN
  SELECT pg_get_expr(c.relpartbound, c.oid) INTO bounds FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = '{table}'::regclass AND c.relname = piece AND c.relnamespace = to_regnamespace('{schema}');
  IF substring(bounds FROM 'TO \\(''?(-?\\d+)''?\\)')::bigint < extract(epoch FROM now()) - {after} THEN
    EXECUTE format('CREATE TABLE {schema}.%I ({like})', fresh);
    EXECUTE format('LOCK TABLE {schema}.%I IN ACCESS EXCLUSIVE MODE', piece);
    EXECUTE format('INSERT INTO {schema}.%I SELECT DISTINCT ON (programme_id, {owner}) * FROM {schema}.%I '
      'ORDER BY programme_id, {owner}, {column} DESC', fresh, piece);
    GET DIAGNOSTICS stay = ROW_COUNT;
    EXECUTE format('ALTER TABLE {table} DETACH PARTITION {schema}.%I', piece);
    EXECUTE format('DROP TABLE {schema}.%I', piece);
    EXECUTE format('ALTER TABLE {schema}.%I RENAME TO %I', fresh, piece);
    EXECUTE format('ALTER TABLE {table} ATTACH PARTITION {schema}.%I %s', piece, bounds);
    {close}
    RETURN stay;
  END IF;
  RAISE 'no piece of {table} that ended long ago: %', piece;
END $$
"""
_CLOSE = (
    f"EXECUTE format('REVOKE ALL ON {SCHEMA}.%I FROM {APP_ROLE}, PUBLIC', piece); "
    f"EXECUTE format('ALTER TABLE {SCHEMA}.%I ENABLE ROW LEVEL SECURITY', piece);"
)
# no table or function that a caller put into a schema of their own is taken for the one that is meant
_SECURE = (
    "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp "
    f"SET lock_timeout = '{LOCK_SECONDS}s' SET timezone = 'UTC'"
)


def make_name(one: Divided) -> str:
    return f"{one.table}_piece_make"


def empty_name(one: Divided) -> str:
    return f"{one.table}_piece_empty"


def install(using: str = "default", **kwargs: Any) -> None:
    """After each migrate and each restore, by the owner."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with unscoped(reason="the functions of the pieces"), connection.cursor() as cursor:
        may = ALL_ROLE if role_exists(cursor, ALL_ROLE) else "CURRENT_USER"
        for one in DIVIDED:
            words = {
                "table": one.table, "column": one.column, "owner": one.owner, "schema": SCHEMA, "secure": _SECURE,
                "close": _CLOSE, "after": EMPTIED_AFTER,
                "like": f"LIKE {one.table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE",
            }  # fmt: skip
            cursor.execute(_MAKE.format(**words))
            cursor.execute(_EMPTY.format(**words))
            for call in (f"{make_name(one)}(date)", f"{empty_name(one)}(text)"):
                cursor.execute(f"REVOKE ALL ON FUNCTION {call} FROM PUBLIC")
                cursor.execute(f"GRANT EXECUTE ON FUNCTION {call} TO {may}")
