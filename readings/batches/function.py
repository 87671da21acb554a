"""How PostgreSQL opens and writes a gateway's batch: functions of its own, which remember how their statements are
best done.

Planning them took longer than doing them, a thousand times a minute. They run with the rights of who calls them, so
row-level security holds within as it does outside. Their names carry a digest of their text: while a release is
exchanged, each process calls those that it was written with. No table is read whole: a plan made while tables were
young would do so for as long as the connection lives, and 10 ms a batch.
"""

from __future__ import annotations

from hashlib import sha256

from django.db import connections

from accounts.jobs import job_wait_sql
from readings.models import Reading
from readings.placing import PLACES
from readings.totals.touches import JOB_KEY, JOB_KIND

_OPEN = f"""
(p_programme bigint, p_server bigint, p_uuid uuid, p_meters text, p_first timestamptz, p_last timestamptz,
 p_now timestamptz)
RETURNS TABLE (removed boolean, suspended boolean, held bigint, meter varchar, register varchar, register_id bigint,
  exponent smallint, cumulative boolean, span bigint, plain boolean)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  gone boolean;
  asleep boolean;
  before bigint;
  named text[] := string_to_array(p_meters, E'\\n');
BEGIN
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
    {PLACES.format(programme="p_programme", server="p_server", named="= ANY(named)", first="p_first", last="p_last")}
    ORDER BY g.id FOR NO KEY UPDATE OF g) AS p;
END $$
"""  # noqa: S608 - constants
_RING = job_wait_sql(
    kind=f"'{JOB_KIND}'", ref="p_programme::text", programme_id="p_programme", key=f"'{JOB_KEY}' || p_programme",
    due_at="p_due", created_at="p_now", public_id="gen_random_uuid()",
)  # fmt: skip
_WRITE = f"""
(p_programme bigint, p_server bigint, p_uuid uuid, p_sha256 text, p_answer jsonb, p_now timestamptz,
 p_due timestamptz, p_spool bigint, p_registers bigint[], p_ats bigint[], p_values bigint[], p_seqs bigint[],
 p_pieces bigint[])
RETURNS TABLE (register_id bigint, at bigint)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  new_registers bigint[];
  new_ats bigint[];
  whole boolean;
BEGIN
  WITH new AS (
    INSERT INTO readings_reading (programme_id, register_id, at, value, source, spool, seq, used, received_at)
    SELECT p_programme, v.register_id, v.at, v.value, {Reading.Source.GATEWAY.value}, p_spool, v.seq, true, p_now
    FROM unnest(p_registers, p_ats, p_values, p_seqs) AS v(register_id, at, value, seq)
    ON CONFLICT (programme_id, register_id, at) DO NOTHING RETURNING register_id, at)
  SELECT array_agg(register_id), array_agg(at) FROM new INTO new_registers, new_ats;
  whole := cardinality(new_registers) = cardinality(p_registers);
  IF new_registers IS NOT NULL THEN
    INSERT INTO readings_touchedspan (programme_id, register_id, t0, t1)
    SELECT p_programme, v.register_id, min(v.at), max(v.at)
    FROM unnest(p_registers, p_ats, p_pieces) AS v(register_id, at, piece)
    WHERE whole OR (v.register_id, v.at) IN (SELECT * FROM unnest(new_registers, new_ats))
    GROUP BY v.register_id, v.piece;
    {_RING} ON CONFLICT DO NOTHING;
  END IF;
  INSERT INTO readings_ingestbatch (programme_id, server_id, uuid, body_sha256, answer, received_at)
  VALUES (p_programme, p_server, p_uuid, p_sha256, p_answer, p_now);
  IF whole IS NOT TRUE THEN
    RETURN QUERY SELECT * FROM unnest(p_registers, p_ats) EXCEPT SELECT * FROM unnest(new_registers, new_ats);
  END IF;
END $$
"""  # noqa: S608 - constants


def _named(what: str, text: str) -> str:
    return f"releve_batch_{what}_{sha256(text.encode()).hexdigest()[:10]}"


_FUNCTIONS = {_named("open", _OPEN): _OPEN, _named("write", _WRITE): _WRITE}
_NAMES = list(_FUNCTIONS)
# the meters' refs, each of which is one line of one text: a list of a hundred took longer to parse
OPEN = f"SELECT * FROM {_NAMES[0]}(%s, %s, %s::uuid, %s, %s, %s, %s)"  # noqa: S608 - a constant
# which of the rows, given column by column, met a reading that stands
WRITE = (
    f"SELECT * FROM {_NAMES[1]}(%s, %s, %s::uuid, %s, %s, %s, %s, %s, "  # noqa: S608 - a constant
    "%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])"
)


def install(using: str = "default", **kwargs: object) -> None:
    """After each migrate."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name, text in _FUNCTIONS.items():
                cursor.execute(f"CREATE OR REPLACE FUNCTION {name}{text}")
