"""How PostgreSQL opens a gateway's batch: a function of its own, which remembers how its statements are best done.

Planning them took longer than doing them, a thousand times a minute. It runs with the rights of who calls it, so
row-level security holds within as it does outside. Its name carries a digest of its text: while a release is
exchanged, each process calls the one that it was written with.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.db import connections

from readings.placing import PLACES

_TEXT = f"""
(p_programme bigint, p_server bigint, p_uuid uuid, p_meters text[], p_first timestamptz, p_last timestamptz,
 p_now timestamptz)
RETURNS TABLE (removed boolean, suspended boolean, held bigint, meter varchar, register varchar, register_id bigint,
  exponent smallint, cumulative boolean, span bigint, plain boolean)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  gone boolean;
  asleep boolean;
  before bigint;
BEGIN
  -- (no table is read whole: a plan made while tables were young would do so for ever, and 10 ms a batch)
  -- the lock of its row: a second request of this server waits here until the first has ended
  UPDATE servers_server SET last_sync_at = CASE WHEN removed_at IS NULL AND suspended_at IS NULL THEN p_now
    ELSE last_sync_at END
  WHERE programme_id = p_programme AND id = p_server
  RETURNING removed_at IS NOT NULL, suspended_at IS NOT NULL INTO gone, asleep;
  SELECT id FROM readings_ingestbatch WHERE programme_id = p_programme AND server_id = p_server AND uuid = p_uuid
  INTO before;
  RETURN QUERY SELECT coalesce(gone, true), coalesce(asleep, false), before, NULL::varchar, NULL::varchar,
    NULL::bigint, NULL::smallint, NULL::boolean, NULL::bigint, NULL::boolean;
  RETURN QUERY SELECT false, false, NULL::bigint, p.* FROM (
    {PLACES.format(programme="p_programme", server="p_server", named="= ANY(p_meters)", first="p_first", last="p_last")}
    ORDER BY g.id FOR NO KEY UPDATE OF g) AS p;
END $$
"""  # noqa: S608 - constants
NAME = f"releve_batch_open_{sha256(_TEXT.encode()).hexdigest()[:10]}"
CALL = f"SELECT * FROM {NAME}(%s, %s, %s::uuid, %s::text[], %s, %s, %s)"  # noqa: S608 - a constant


def install(using: str = "default", **kwargs: Any) -> None:
    """After each migrate."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE OR REPLACE FUNCTION {NAME}{_TEXT}")
