"""Index readings of a file through the common waist, with what stood before noted so that it can be put back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from django.db import transaction

from accounts.tenancy import current_programme_id
from readings.models import ImportJob, Reading, ReadingBefore, SupersededReading, TouchedSpan
from readings.services.storing import NewReading, Outcome, readings_store, registers_lock
from readings.totals.touches import totals_ring

CHUNK = 500  # SQLite takes a thousand parameters in a statement


@transaction.atomic
def job_readings_store(
    *, job: ImportJob, rows: Sequence[NewReading], source: int, now: datetime
) -> list[Outcome]:
    """`readings_store` for an import; a job that runs twice keeps the first note."""
    if not rows:
        return []
    keys: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        keys[row.register_id].add(row.at)
    registers_lock(set(keys))
    notes = [note for register, instants in sorted(keys.items()) for note in _notes(job, register, instants)]
    ReadingBefore.objects.bulk_create(notes, ignore_conflicts=True, batch_size=CHUNK)
    return readings_store(rows=rows, source=source, now=now)


def _notes(job: ImportJob, register: int, instants: set[int]) -> list[ReadingBefore]:
    found: dict[int, Reading] = {}
    left = iter(sorted(instants))
    while chunk := list(islice(left, CHUNK)):
        for reading in Reading.objects.filter(register_id=register, at__in=chunk):
            found[reading.at] = reading
    return [_note(job, register, at, found.get(at)) for at in sorted(instants)]


def _note(job: ImportJob, register: int, at: int, stood: Reading | None) -> ReadingBefore:
    if stood is None:
        return ReadingBefore(job=job, register_id=register, at=at)
    return ReadingBefore(
        job=job, register_id=register, at=at, value=stood.value, source=stood.source, spool=stood.spool,
        seq=stood.seq, used=stood.used,
    )  # fmt: skip


def readings_changed_since(job: ImportJob) -> int | None:
    """The number of a later import that now stands where this one stood, or None."""
    notes = job.readings_before.values_list("register_id", "at")
    later = ReadingBefore.objects.filter(job__gt=job.pk)
    for register, at in notes.iterator(chunk_size=CHUNK):
        found = later.filter(register_id=register, at=at).order_by("job_id").values_list("job_id", flat=True)
        if (pk := found.first()) is not None:
            return int(pk)
    return None


def readings_put_back(job: ImportJob, now: datetime) -> int:
    """Where the job's own value stands, what stood before stands again; returns how many instants changed.

    What an operator or a gateway has said since stays.
    """
    notes = list(job.readings_before.order_by("register_id", "at"))
    if not notes:
        return 0
    registers_lock({note.register_id for note in notes})
    changed: dict[int, list[int]] = defaultdict(list)
    for note in notes:
        if _put_back(job, note, now):
            changed[note.register_id].append(note.at)
    job.readings_before.all().delete()
    if changed:
        # one range a register: where readings go, the days between two of them have to follow too
        TouchedSpan.objects.bulk_create(
            TouchedSpan(register_id=register, t0=min(instants), t1=max(instants))
            for register, instants in sorted(changed.items())
        )
        totals_ring(programme_id=current_programme_id())
    return sum(map(len, changed.values()))


def _put_back(job: ImportJob, note: ReadingBefore, now: datetime) -> bool:
    own = {"register_id": note.register_id, "at": note.at, "spool": 0, "seq": job.pk}
    SupersededReading.objects.filter(**own, source=Reading.Source.FILE).delete()
    if note.value is None:
        return bool(Reading.objects.filter(**own).delete()[0])
    back = {
        "value": note.value,
        "source": note.source,
        "spool": note.spool,
        "seq": note.seq,
        "used": note.used,
    }
    changed = Reading.objects.filter(**own).update(**back, received_at=now)
    if changed:  # it stands again, so it is no longer what something else replaced
        SupersededReading.objects.filter(
            register_id=note.register_id, at=note.at, source=note.source, spool=note.spool, seq=note.seq
        ).delete()
    return bool(changed)
