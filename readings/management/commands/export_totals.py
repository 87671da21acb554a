"""Totals as CSV: `export_totals --programme SLUG --by day|month --from DATE --to DATE`."""

from __future__ import annotations

import csv
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Programme
from accounts.tenancy import tenant_scope
from readings.totals.drain import totals_drain
from readings.totals.export import HEADER, total_rows

YEARS = (1900, 2200)


def _date(text: str) -> date:
    """Raises `ArgumentTypeError` with the sentence that argparse shows."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date, such as 2026-01-15") from None
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise ArgumentTypeError(f"{text!r} lies outside the years {YEARS[0]} to {YEARS[1]}")
    return day


class Command(BaseCommand):
    help = (
        "Bring pending totals up to date, then write them as CSV: "
        f"{','.join(HEADER)}. Dates are local and half-open: --to is the first day left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--programme", required=True, metavar="SLUG")
        parser.add_argument("--by", required=True, choices=["day", "month"])
        parser.add_argument("--from", required=True, type=_date, dest="first", metavar="YYYY-MM-DD")
        parser.add_argument("--to", required=True, type=_date, dest="end", metavar="YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        programme = Programme.objects.filter(slug=options["programme"]).first()
        if programme is None:
            raise CommandError(f"There is no programme {options['programme']}.")
        if options["first"] > options["end"]:
            raise CommandError("--from lies after --to.")
        totals_drain(programme_id=programme.pk)
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(HEADER)
        with tenant_scope(programme.pk):
            writer.writerows(total_rows(by=options["by"], first_day=options["first"], end_day=options["end"]))
