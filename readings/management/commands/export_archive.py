"""export_archive: the archive of one metering point as CSV on standard output."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Programme
from accounts.tenancy import tenant_scope
from readings.archives.selectors import csv_rows
from readings.ingest.wallclock import WallClock, point_zone, wall_of
from servers.models import MeteringPoint

YEARS = (1900, 2200)


class Command(BaseCommand):
    help = "CSV: start (local time of the point, with its offset), one column a parameter by its SDK name, flags."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--programme", required=True, metavar="SLUG")
        parser.add_argument("--point", required=True, metavar="NUMBER")
        parser.add_argument("--kind", required=True, choices=["hour", "day", "month", "totals"])
        parser.add_argument("--from", dest="start", metavar="TIME", help="local date or time, included")
        parser.add_argument("--to", dest="end", metavar="TIME", help="local date or time, not included")

    def handle(self, *args: Any, **options: Any) -> None:
        programme = Programme.objects.filter(slug=options["programme"]).first()
        if programme is None:
            raise CommandError(f"There is no programme {options['programme']!r}.")
        writer = csv.writer(self.stdout, lineterminator="\n")
        with tenant_scope(programme.pk):
            point = (
                MeteringPoint.objects.select_related("programme", "building")
                .filter(number=options["point"])
                .first()
            )
            if point is None:
                raise CommandError(f"There is no metering point {options['point']!r} in {programme.slug!r}.")
            clock = WallClock(point_zone(point))
            start, end = _instant(clock, options["start"]), _instant(clock, options["end"])
            if start is not None and end is not None and start > end:
                raise CommandError("--from lies after --to.")
            writer.writerows(csv_rows(point, options["kind"], start, end))


def _instant(clock: WallClock, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"{text!r} is no ISO date or time, such as 2026-01-15 or 2026-01-15T06:00."
        ) from None
    if not YEARS[0] <= moment.year <= YEARS[1]:  # at the ends of the calendar a zone has no day to lie in
        raise CommandError(f"{text!r} lies outside the years {YEARS[0]} to {YEARS[1]}.")
    return clock.period_start(wall_of(moment)) if moment.tzinfo is None else int(moment.timestamp())
