"""What a job does each night with divided tables: months ahead are made, months past their time are forgotten."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Max, Min
from django.utils import timezone

from accounts.tenancy import unscoped
from readings.models import ArchiveRecord, PeriodClosing, Reading
from readings.partitions.months import begin, first_of, month_after, months_between
from readings.partitions.tables import (
    DIVIDED,
    Divided,
    Piece,
    asked,
    is_divided,
    piece_empty,
    piece_make,
    pieces,
    possible,
)

log = logging.getLogger("releve.partitions")
EMPTIED = 1  # pieces of a table a night: each takes a lock
MARGIN = timedelta(days=40)  # a closed month needs the readings around it as well


@dataclass(frozen=True)
class Kept:
    made: int = 0
    emptied: int = 0
    held: int = 0  # past their time, and needed by a closed period


def pieces_keep() -> Kept:
    """Nothing where no table is divided. A change that does not get its lock in time is left to the next night."""
    if not possible():
        return Kept()
    total = Kept()
    for one in DIVIDED:
        if is_divided(one):
            now = _keep(one)
            total = Kept(total.made + now.made, total.emptied + now.emptied, total.held + now.held)
    return total


def _keep(one: Divided) -> Kept:
    today = first_of(int(timezone.now().timestamp()))
    ahead = month_after(today, settings.PARTITIONS_AHEAD + 1)
    made = sum(piece_make(one, month) for month in months_between(_first_free(one, today), ahead))
    emptied = held = 0
    months = {Reading: settings.READINGS_KEEP_MONTHS, ArchiveRecord: settings.ARCHIVES_KEEP_MONTHS}[one.model]
    for piece in _past(one, month_after(today, -months)) if months else ():
        if emptied == EMPTIED:
            break
        if _is_needed(piece):
            held += 1
        else:
            stay = piece_empty(one, piece)
            emptied += 1
            log.warning("forgot %s: %s rows stay", piece.name, stay)
    return Kept(made, emptied, held)


def _first_free(one: Divided, today: date) -> date:
    """After the newest month that there is: a gap below it is none of ours."""
    stops = [piece.stop for piece in pieces(one) if piece.stop is not None]
    return first_of(max(stops)) if stops else today


def _past(one: Divided, since: date) -> list[Piece]:
    """Pieces that end before `since` and hold more than the last row of each owner."""
    limit = begin(since)
    return [
        piece
        for piece in pieces(one)
        if piece.stop is not None and piece.stop <= limit and _holds_more(one, piece)
    ]


def _holds_more(one: Divided, piece: Piece) -> bool:
    """Asked by way of the whole table: into a piece itself only the owner may look."""
    since = "" if piece.first is None else f"{one.column} >= {piece.first} AND "
    return bool(
        asked(
            f"SELECT EXISTS (SELECT 1 FROM {one.table} WHERE {since}{one.column} < {piece.stop} "  # noqa: S608 - our own names
            f"GROUP BY programme_id, {one.owner} HAVING count(*) > 1)"
        )
    )


def _is_needed(piece: Piece) -> bool:
    """Whether any programme has a closed month in or beside it: what was billed can be explained as long as it stands."""
    with unscoped(reason="closed months of all programmes"):
        months = PeriodClosing.objects.aggregate(first=Min("month"), last=Max("month"))
        if months["first"] is None or piece.stop is None:
            return False
        if piece.first is None:
            return bool(begin(months["first"]) - MARGIN.total_seconds() < piece.stop)
        lowest = first_of(piece.first) - MARGIN
        return bool(
            PeriodClosing.objects.filter(month__gte=lowest, month__lt=first_of(piece.stop) + MARGIN).exists()
        )
