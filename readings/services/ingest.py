"""A gateway's batch, from its bytes to the stored answer, in one transaction.

The claim on (server, batch uuid) comes first: a batch that arrives twice, also at the same moment, is stored
once and answered twice in the same words. Whatever fails later takes the claim back with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.measures import BATCHES, READINGS
from accounts.tenancy import current_programme_id
from readings.ingest_batch import BadBatch, Batch, Item, index_fault, parse_batch, steps
from readings.models import IngestBatch, Reading
from readings.placing import Place, Places, unplaced
from readings.review.refused import CODES as LISTED
from readings.review.refused import refusals_note
from readings.services.parked import ParkedItem, readings_park
from readings.services.storing import NewReading, Outcome, readings_store
from servers.models import Server


def batch_ingest(*, server_id: int, activation_epoch: int, body: bytes) -> dict[str, Any]:
    """The answer to `POST /api/v1/readings`: {"results": [{"seq", "status", "code"?}, …]} in the items' order.

    Raises `DomainError`: malformed, too_large, or batch_reused for a uuid that was used with another body.
    Without "spool" in the body the activation's number is the spool's epoch.
    """
    now = timezone.now()
    try:
        batch = parse_batch(body, now=int(now.timestamp()))
    except BadBatch as bad:
        raise _refused(bad) from None
    # on PostgreSQL the scope is a transaction already: one inside it would be two more ways to the server
    with nullcontext() if connection.vendor == "postgresql" else transaction.atomic():
        return _batch_store(server_id, activation_epoch, batch, now)


def _refused(bad: BadBatch) -> DomainError:
    if bad.code == "too_large":
        return DomainError("too_large", _("The request is too large: send smaller pieces, or zip them."))
    if not bad.part:
        return DomainError("malformed", _("The body is not valid JSON."))
    return DomainError(
        "malformed", _("%(path)s %(reason)s.") % {"path": bad.part, "reason": _("is not valid")}
    )


def _batch_store(server_id: int, activation_epoch: int, batch: Batch, now: datetime) -> dict[str, Any]:
    claim = _claim(server_id, batch, now)
    if claim is None:
        BATCHES.labels("repeated").inc()
        return _given_before(server_id, batch)
    spool = activation_epoch if batch.spool is None else batch.spool
    outcomes = _items_store(server_id, batch.items, spool, now)
    answer = {
        "results": [
            {"seq": item.seq, "status": outcome.status, **({"code": outcome.code} if outcome.code else {})}
            for item, outcome in zip(batch.items, outcomes, strict=True)
        ]
    }
    IngestBatch.objects.filter(pk=claim).update(answer=answer)
    transaction.on_commit(lambda: _count(outcomes))
    return answer


def _count(outcomes: Sequence[Outcome]) -> None:
    BATCHES.labels("stored").inc()
    for status, number in Counter(outcome.status for outcome in outcomes).items():
        READINGS.labels(status).inc(number)


def _claim(server_id: int, batch: Batch, now: datetime) -> int | None:
    """The new row's key, or None if somebody has it. A second request waits here until the first has ended.

    The server is noted as heard of, in the same statement where the database can.
    """
    seen = ""
    parameters: list[Any] = []
    if connection.vendor == "postgresql":
        seen = (
            "WITH seen AS (UPDATE servers_server SET last_sync_at = %s WHERE programme_id = %s AND id = %s) "
        )
        parameters = [now, current_programme_id(), server_id]
    else:
        Server.objects.filter(pk=server_id).update(last_sync_at=now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{seen}INSERT INTO readings_ingestbatch (programme_id, server_id, uuid, body_sha256, received_at) "  # noqa: S608 - constants
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (programme_id, server_id, uuid) DO NOTHING RETURNING id",
            [
                *parameters,
                current_programme_id(),
                server_id,
                batch.uuid if connection.features.has_native_uuid_field else batch.uuid.hex,
                batch.sha256,
                connection.ops.adapt_datetimefield_value(now),
            ],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _given_before(server_id: int, batch: Batch) -> dict[str, Any]:
    held = IngestBatch.objects.get(server_id=server_id, uuid=batch.uuid)
    if held.body_sha256 != batch.sha256:
        raise DomainError(
            "batch_reused", _("This batch uuid was used with another body: use a new one."), status=422
        )
    answer: dict[str, Any] = held.answer
    return answer


def _items_store(server_id: int, items: Sequence[Item], spool: int, now: datetime) -> list[Outcome]:
    outcomes: list[Outcome | None] = [_refusal(item) for item in items]
    _repeats(items, outcomes)
    todo = [i for i, outcome in enumerate(outcomes) if outcome is None]
    places = Places(server_id=server_id, meters={items[i].meter for i in todo}, lock=True)
    rows: list[NewReading] = []
    placed: list[int] = []
    homeless: list[int] = []
    for i in todo:
        place = places.find(items[i].meter, items[i].register, items[i].at)
        if place is None:
            homeless.append(i)
            continue
        row = reading_of(items[i], place, spool)
        if isinstance(row, str):
            outcomes[i] = Outcome("rejected", row)
        else:
            rows.append(row)
            placed.append(i)
    stored = readings_store(rows=rows, source=Reading.Source.GATEWAY, now=now, locked=True)
    for i, outcome in zip(placed, stored, strict=True):
        outcomes[i] = outcome
    if homeless:
        verdicts = unplaced(server_id=server_id, meters={items[i].meter for i in homeless})
        parked = []
        for i in homeless:
            verdict = verdicts.verdict(items[i].meter, items[i].register)
            if verdict == "park":
                parked.append(i)
            else:
                outcomes[i] = Outcome("rejected", verdict)
        answers = readings_park(
            server_id=server_id,
            items=[ParkedItem(items[i], spool) for i in parked],
            now=now,
        )
        for i, outcome in zip(parked, answers, strict=True):
            outcomes[i] = outcome
    answers = [outcome for outcome in outcomes if outcome is not None]
    if any(outcome.code in LISTED for outcome in answers):
        refusals_note(server_id=server_id, items=items, outcomes=answers)
    return answers


def _refusal(item: Item) -> Outcome | None:
    return Outcome("rejected", item.code) if item.code else None


def _repeats(items: Sequence[Item], outcomes: list[Outcome | None]) -> None:
    """A number stands for one reading: the same again is a duplicate, another under it is refused."""
    first: dict[int, Item] = {}
    for i, item in enumerate(items):
        if outcomes[i] is None and (was := first.setdefault(item.seq, item)) is not item:
            outcomes[i] = Outcome("duplicate") if was == item else Outcome("rejected", "seq_reused")


def reading_of(item: Item, place: Place, spool: int) -> NewReading | str:
    """The row of a well-formed item, or the code of why this register cannot have this index."""
    value = steps(item.value, place.exponent)
    if value is None:
        return "bad_value"
    fault = index_fault(value, cumulative=place.cumulative, span=place.span)
    return fault or NewReading(place.register_id, item.at, value, spool, item.seq, place.cumulative)
