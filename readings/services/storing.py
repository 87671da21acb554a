"""Index readings into the table, from whatever source: which value stands, which is history, what has to be recomputed.

Among values for one register and instant the highest (spool epoch, seq) stands, an operator's above them all,
whatever the order of arrival; of two under one number the greater value. The loser is kept as a
`SupersededReading`. A value that says the same again changes nothing, but its (spool, seq) is remembered: a third
one may stand between the two. A gateway's spool is 1 or more; what people type and files bring has spool 0, and a
file's number is always below that of a value typed by hand: gateway, hand, file, in this order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from accounts.tenancy import current_programme_id
from readings.models import Reading, SupersededReading
from readings.totals.touches import totals_ring, touch
from servers.models import Register

CHUNK = 2000  # rows in one statement: a text of 150 kB


class NewReading(NamedTuple):
    """`value` in steps of the register's resolution, `at` in epoch seconds."""

    register_id: int
    at: int
    value: int
    spool: int = 0
    seq: int = 0
    cumulative: bool = True


class Outcome(NamedTuple):
    status: str  # accepted, duplicate or corrected
    code: str = ""


@dataclass(frozen=True, slots=True)
class _Held:
    value: int
    source: int
    spool: int
    seq: int
    used: bool = True

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        """The value decides last: two that carry one number must not depend on which of them came first."""
        return self.source == Reading.Source.OPERATOR, self.spool, self.seq, self.value


Key = tuple[int, int]


@transaction.atomic(savepoint=False)
def readings_store(
    *, rows: Sequence[NewReading], source: int, now: datetime, locked: bool = False
) -> list[Outcome]:
    """Store `rows` in the programme in scope; one outcome a row, in their order.

    Five statements for a batch of a thousand: lock, read, upsert, touches and the job's; a sixth where something is
    superseded. `locked`: the caller holds the registers already, as `registers_lock` takes them.
    """
    if not rows:
        return []
    if not locked:
        registers_lock({row.register_id for row in rows})
    held = _held(sorted({(row.register_id, row.at) for row in rows}))
    outcomes: list[Outcome] = [Outcome("duplicate")] * len(rows)
    lost: list[SupersededReading] = []
    changed: dict[int, list[int]] = defaultdict(list)
    stands: dict[Key, _Held] = {}
    # in the order of their numbers: the last to stand in the batch is the one that stands
    for index in sorted(range(len(rows)), key=lambda i: (rows[i].spool, rows[i].seq)):
        row = rows[index]
        key = (row.register_id, row.at)
        before = stands.get(key) or held.get(key)
        after = _Held(row.value, source, row.spool, row.seq)
        if before is None:
            stands[key] = after
            outcomes[index] = Outcome("accepted")
        elif after.rank <= before.rank:
            if before.value != row.value:
                lost.append(_superseded(key, after, now))
                outcomes[index] = Outcome("duplicate", "superseded")
        elif before.value == row.value:
            # the same again: a rejection by an operator stays, and so does whose value it was
            stands[key] = _Held(row.value, before.source, row.spool, row.seq, before.used)
        else:
            stands[key] = after
            lost.append(_superseded(key, before, now))
            outcomes[index] = Outcome("corrected")
    for key, reading in stands.items():
        was = held.get(key)
        if was is None or (was.value, was.used) != (reading.value, reading.used):
            changed[key[0]].append(key[1])
    SupersededReading.objects.bulk_create(lost, ignore_conflicts=True)
    _upsert(sorted(stands.items()), now)
    if changed:
        touch(changed)
        totals_ring(programme_id=current_programme_id())
    return outcomes


def registers_lock(register_ids: set[int]) -> None:
    """In key order and in a statement of its own: what is read afterwards is what the last holder left.

    SQLite has one writer at a time and needs none.
    """
    if connection.vendor == "postgresql":
        rows = Register.objects.select_for_update(no_key=True).filter(pk__in=register_ids).order_by("pk")
        list(rows.values_list("pk"))


def _superseded(key: Key, reading: _Held, now: datetime) -> SupersededReading:
    return SupersededReading(
        register_id=key[0], at=key[1], value=reading.value, source=reading.source,
        spool=reading.spool, seq=reading.seq, superseded_at=now,
    )  # fmt: skip


def _chunks(items: Sequence[Key]) -> Iterator[Sequence[Key]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _held(keys: Sequence[Key]) -> dict[Key, _Held]:
    """The readings that stand at exactly these instants: a join, since a list of pairs is no SQL that scales."""
    found: dict[Key, _Held] = {}
    with connection.cursor() as cursor:
        for chunk in _chunks(keys):
            pairs = ",".join([f"({register:d},{at:d})" for register, at in chunk])
            cursor.execute(
                f"WITH k(register_id, at) AS (VALUES {pairs}) "  # noqa: S608 - whole numbers only
                "SELECT r.register_id, r.at, r.value, r.source, r.spool, r.seq, r.used FROM k "
                "JOIN readings_reading r ON r.programme_id = %s AND r.register_id = k.register_id AND r.at = k.at",
                [current_programme_id()],
            )
            for register, at, value, source, spool, seq, used in cursor.fetchall():
                found[register, at] = _Held(value, source, spool, seq, bool(used))
    return found


def _upsert(rows: Sequence[tuple[Key, _Held]], now: datetime) -> None:
    """Whole numbers stand in the text itself: binding nine parameters a row took longer than the insert."""
    parameters = [current_programme_id(), connection.ops.adapt_datetimefield_value(now)]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), CHUNK):
            tuples = ",".join(
                [
                    f"({register:d},{at:d},{r.value:d},{r.source:d},{r.spool:d},{r.seq:d},{str(r.used).lower()})"
                    for (register, at), r in rows[start : start + CHUNK]
                ]
            )
            cursor.execute(
                "WITH v(register_id, at, value, source, spool, seq, used) "  # noqa: S608 - whole numbers only
                f"AS (VALUES {tuples}) INSERT INTO readings_reading "
                "(programme_id, register_id, at, value, source, spool, seq, used, received_at) "
                "SELECT %s, register_id, at, value, source, spool, seq, used, %s FROM v WHERE true "
                "ON CONFLICT (programme_id, register_id, at) DO UPDATE SET value = excluded.value, "
                "source = excluded.source, spool = excluded.spool, seq = excluded.seq, used = excluded.used, "
                "received_at = excluded.received_at, marks = CASE WHEN readings_reading.value = excluded.value "
                "THEN readings_reading.marks ELSE 0 END",  # what was said of another value does not hold
                parameters,
            )
