"""What a gateway's batch asks of the database: one way to open it, and one to write it.

Between the two everything is judged in memory. On PostgreSQL each way is one message to the server; on SQLite,
which is not away, statements follow each other.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from django.db import connection

from accounts.tenancy import current_programme_id, tenant_scope_asking
from readings.batches import function as batch_function
from readings.batches.body import Batch
from readings.models import IngestBatch, Reading
from readings.placing import PLACES, BatchPlaces
from readings.services.storing import NewReading
from readings.totals.touches import APART, DEBOUNCE, totals_ring, touch
from servers.services.presence import server_let_in

_SEEN = (
    "UPDATE servers_server SET last_sync_at = %s "
    "WHERE programme_id = %s AND id = %s AND removed_at IS NULL AND suspended_at IS NULL"
)
# the first row tells of the server and of the batch, the others are places
_OPEN = (
    "SELECT s.removed_at IS NOT NULL, s.suspended_at IS NOT NULL, b.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL "
    "FROM servers_server s LEFT JOIN readings_ingestbatch b ON b.programme_id = %s AND b.server_id = %s AND b.uuid = %s "
    "WHERE s.programme_id = %s AND s.id = %s UNION ALL SELECT 0, 0, NULL, p.* FROM ({places}) AS p"
)
_NEW = (
    "INSERT INTO readings_reading (programme_id, register_id, at, value, source, spool, seq, used, received_at) "
    "SELECT {programme:d}, register_id, at, value, {source:d}, {spool:d}, seq, true, %s FROM v WHERE true "
    "ON CONFLICT (programme_id, register_id, at) DO NOTHING RETURNING register_id, at"
)


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """`held`: the key of the same batch, if it came before."""

    held: int | None
    places: BatchPlaces


@contextmanager
def batch_open(*, programme_id: int, server_id: int, batch: Batch, now: datetime) -> Iterator[OpenBatch]:
    """The scope and the transaction of a batch, in which nobody else works on this server's batches.

    The server is noted as heard of; its row's lock makes a second request wait here until the first has ended, so
    whether the batch came before is known for certain. Raises `DomainError` for a server that is not let in.
    """
    taken = [item for item in batch.items if not item.code]
    instants = [item.at for item in taken] or [0]
    span = [datetime.fromtimestamp(at, UTC) for at in (min(instants), max(instants))]
    meters = sorted({item.meter for item in taken})
    with tenant_scope_asking(
        programme_id, *_questions(programme_id, server_id, batch, meters, span, now)
    ) as rows:
        removed, suspended, held = rows[0][:3] if rows and rows[0][3] is None else (True, False, None)
        server_let_in(removed=removed, suspended=suspended)
        yield OpenBatch(held, BatchPlaces(server_id=server_id, rows=(row[3:] for row in rows[1:])))


def _questions(
    programme: int, server: int, batch: Batch, meters: list[str], span: list[datetime], now: datetime
) -> list[tuple[str, list[Any]]]:
    if connection.vendor == "postgresql":
        refs = "\n".join(meters)  # no ref holds a control character
        return [(batch_function.OPEN, [programme, server, batch.uuid, refs, *span, now])]
    marks = ", ".join(["%s"] * len(meters)) or "NULL"
    places = PLACES.format(programme="%s", server="%s", named=f"IN ({marks})", first="%s", last="%s")
    seen, first, last = map(connection.ops.adapt_datetimefield_value, (now, *span))
    return [
        (_SEEN, [seen, programme, server]),
        (
            _OPEN.format(places=places),
            [programme, server, batch.uuid.hex, programme, server,
             first, last, first, last, last, programme, programme, programme, server, *meters],
        ),
    ]  # fmt: skip


def batch_write(
    *,
    server_id: int,
    batch: Batch,
    rows: Sequence[NewReading],
    spool: int,
    answer: dict[str, Any],
    now: datetime,
) -> list[int]:
    """Keep the batch with its answer, add each row that meets no reading, and ring for the totals.

    Returns which rows met one (their places): for those the answer has to be told anew (`answer_correct`). The
    registers are locked, and no two of `rows` have one register and instant.
    """
    if rows and connection.vendor == "postgresql":
        return _write_in_one(server_id, batch, rows, spool, answer, now)
    IngestBatch.objects.create(
        server_id=server_id, uuid=batch.uuid, body_sha256=batch.sha256, answer=answer, received_at=now
    )
    return _add(rows, spool, now) if rows else []


def answer_correct(*, server_id: int, batch: Batch, answer: dict[str, Any]) -> None:
    IngestBatch.objects.filter(server_id=server_id, uuid=batch.uuid).update(answer=answer)


def _write_in_one(
    server_id: int,
    batch: Batch,
    rows: Sequence[NewReading],
    spool: int,
    answer: dict[str, Any],
    now: datetime,
) -> list[int]:
    columns: list[list[int]] = [[row[i] for row in rows] for i in (0, 1, 2, 4)]
    pieces = _pieces(rows)
    columns.append([pieces[row[:2]] for row in rows] if pieces else [])
    with connection.cursor() as cursor:
        cursor.execute(
            batch_function.WRITE,
            [current_programme_id(), server_id, batch.uuid, batch.sha256, json.dumps(answer), now, now + DEBOUNCE, spool,
             *(f"{{{','.join(map(str, column))}}}" for column in columns)],
        )  # fmt: skip
        met = set(cursor.fetchall())
    return [n for n, row in enumerate(rows) if row[:2] in met] if met else []


def _add(rows: Sequence[NewReading], spool: int, now: datetime) -> list[int]:
    programme = current_programme_id()
    new = _NEW.format(programme=programme, source=Reading.Source.GATEWAY, spool=spool)
    tuples = ",".join([f"({row.register_id},{row.at},{row.value},{row.seq})" for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH v(register_id, at, value, seq) AS (VALUES {tuples}) {new}",
            [connection.ops.adapt_datetimefield_value(now)],
        )
        added = set(cursor.fetchall())
    changed: dict[int, list[int]] = defaultdict(list)
    for register, at in added:
        changed[register].append(at)
    if changed:
        touch(changed)
        totals_ring(programme_id=programme)
    return [n for n, row in enumerate(rows) if row[:2] not in added]


def _pieces(rows: Sequence[NewReading]) -> dict[tuple[int, int], int]:
    """Which stretch of its register a reading is in, where a hole parts them (`touches.clusters`); mostly none does."""
    instants = [row.at for row in rows]
    if max(instants) - min(instants) <= APART:
        return {}
    found: dict[tuple[int, int], int] = {}
    piece = 0
    keys = sorted({(row.register_id, row.at) for row in rows})
    for before, key in pairwise([keys[0], *keys]):
        piece += key[0] == before[0] and key[1] - before[1] > APART
        found[key] = piece
    return found
