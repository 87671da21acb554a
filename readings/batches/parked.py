"""Readings of meters that nobody has published yet: kept as text, placed when a publication makes them known."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.jobs import job_enqueue
from accounts.tenancy import current_programme_id, tenant_scope
from readings.batches.body import Item, index_fault, steps
from readings.models import ParkedReading, Reading
from readings.placing import Places, unplaced
from readings.services.storing import NewReading, Outcome, readings_store

log = logging.getLogger(__name__)
CAP = 50_000  # rows a server: a year of hours of five meters; beyond it something else is wrong
CHUNK = 2000
LOOK_AGAIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ParkedItem:
    item: Item
    spool: int


def readings_park(*, server_id: int, items: Sequence[ParkedItem], now: datetime) -> list[Outcome]:
    """Keep what fits under the server's cap. `accepted`, `duplicate`, or `rejected` with code `unknown_meter`."""
    if not items:
        return []
    rows = ParkedReading.objects.filter(server_id=server_id)
    known = set(
        rows.filter(meter_ref__in={p.item.meter for p in items}, at__gte=min(p.item.at for p in items))
        .values_list("meter_ref", "register_ref", "at", "spool", "seq")
    )  # fmt: skip
    room = CAP - rows.count()
    new: list[ParkedReading] = []
    outcomes = []
    for parked in items:
        item = parked.item
        if (item.meter, item.register, item.at, parked.spool, item.seq) in known:
            outcomes.append(Outcome("duplicate"))
        elif len(new) >= room:
            outcomes.append(Outcome("rejected", "unknown_meter"))
        else:
            new.append(
                ParkedReading(
                    server_id=server_id, meter_ref=item.meter, register_ref=item.register, at=item.at,
                    value=item.value, spool=parked.spool, seq=item.seq, parked_at=now,
                )
            )  # fmt: skip
            outcomes.append(Outcome("accepted"))
    if new:
        ParkedReading.objects.bulk_create(new, ignore_conflicts=True)
        # A publication may be applied at this very moment, without seeing what we have not yet committed.
        job_enqueue(
            kind="parked_replay",
            ref=str(server_id),
            programme_id=current_programme_id(),
            key=f"parked-later:{server_id}",  # not the publication's own, which is due at once
            due_at=timezone.now() + LOOK_AGAIN,
        )
    return outcomes


def parked_replay(*, programme_id: int, server_id: int) -> int:
    """Place what the server's publications have made known, forget what is not to be stored. Returns rows placed.

    A transaction a chunk; it may stop and run again at any row.
    """
    last, placed = 0, 0
    while True:
        with tenant_scope(programme_id):
            last, count = _replay_chunk(server_id=server_id, after=last)
        placed += count
        if not last:
            return placed


@transaction.atomic
def _replay_chunk(*, server_id: int, after: int) -> tuple[int, int]:
    parked = list(ParkedReading.objects.filter(server_id=server_id, pk__gt=after).order_by("pk")[:CHUNK])
    if not parked:
        return 0, 0
    meters = {row.meter_ref for row in parked}
    places = Places(server_id=server_id, meters=meters)
    verdicts = unplaced(server_id=server_id, meters=meters)
    rows: list[NewReading] = []
    done: list[int] = []
    for row in parked:
        place = places.find(row.meter_ref, row.register_ref, row.at)
        if place is None:
            if verdicts.verdict(row.meter_ref, row.register_ref) != "park":
                done.append(row.pk)  # published, but not to be stored
            continue
        done.append(row.pk)
        value = steps(row.value, place.exponent)
        fault = (
            "bad_value" if value is None else index_fault(value, cumulative=place.cumulative, span=place.span)
        )
        if value is None or fault:
            log.warning("parked reading of %s/%s at %s: %s", row.meter_ref, row.register_ref, row.at, fault)
            continue
        rows.append(NewReading(place.register_id, row.at, value, row.spool, row.seq, place.cumulative))
    readings_store(rows=rows, source=Reading.Source.GATEWAY, now=timezone.now())
    ParkedReading.objects.filter(pk__in=done).delete()
    return parked[-1].pk, len(rows)
