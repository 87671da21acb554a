"""What a server told of readings that cannot come any more. Told again with each heartbeat, stored once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from servers.models import LostSpan, Server

UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
MOST = 2000  # spans taken of one heartbeat: an agent sends a hundred
KEPT = 20_000  # spans a server: beyond it the list says nothing that could be read

Gap = tuple[str, datetime | None, datetime | None]


@transaction.atomic
def lost_spans_tell(*, server: Server, gaps: Iterable[Gap]) -> int:
    """(meter ref, from, to) of a heartbeat. One statement where nothing is new; returns the spans that are.

    A span goes on growing while the meter is silent: the same meter and beginning is the same span.
    """
    wanted: dict[tuple[str, datetime], datetime | None] = {}
    for meter, since, until in list(gaps)[:MOST]:
        begin = (since or UNKNOWN).replace(microsecond=0)
        if until is not None and until < begin:
            continue
        key = (meter, begin)
        if key in wanted and (until is None or wanted[key] is None):
            wanted[key] = None
        else:
            wanted[key] = max(filter(None, (until, wanted.get(key))), default=None)
    if not wanted:
        return 0
    rows = LostSpan.objects.filter(server=server, meter_ref__in={meter for meter, _begin in wanted})
    have = {
        (meter, since): (pk, until)
        for pk, meter, since, until in rows.values_list("pk", "meter_ref", "since", "until")
    }
    grown = [
        LostSpan(pk=have[key][0], until=until, told_at=timezone.now())
        for key, until in wanted.items()
        if key in have and have[key][1] != until
    ]
    LostSpan.objects.bulk_update(grown, ["until", "told_at"], batch_size=500)
    new = [LostSpan(server=server, meter_ref=meter, since=since, until=until)
           for (meter, since), until in wanted.items() if (meter, since) not in have]  # fmt: skip
    if new and LostSpan.objects.filter(server=server).count() < KEPT:
        LostSpan.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
        return len(new)
    return 0
