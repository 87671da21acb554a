"""partition: divide the tables of readings and of archive records into months (PostgreSQL; see docs/sizing.md).

manage.py partition                     # what is divided, and into which pieces
manage.py partition --divide            # once, while the portal runs: no row is copied
manage.py partition --divide --since 2020-01   # of an empty table, or one whose rows are all older
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone

from readings.partitions.tables import DIVIDED, divide, is_divided, owns, pieces, possible


class Command(BaseCommand):
    help = "Divide readings and archive records into monthly partitions, or say how they are divided."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--divide", action="store_true")
        parser.add_argument("--since", type=lambda text: date.fromisoformat(f"{text}-01"), metavar="YYYY-MM")

    def handle(self, *args: Any, **options: Any) -> None:
        if not possible():
            raise CommandError("Only PostgreSQL has partitions.")
        for one in DIVIDED:
            if options["divide"] and not owns(one):
                raise CommandError("Only the owner of the tables may divide them: sign in as migrate does.")
            if options["divide"] and not is_divided(one):
                self._divide(one, options["since"])
            names = [piece.name.rpartition(".")[2] for piece in pieces(one)] if is_divided(one) else ["whole"]
            self.stdout.write(f"{one.table}: {', '.join(names)}")

    def _divide(self, one: Any, since: date | None) -> None:
        now = int(timezone.now().timestamp())
        try:
            divide(one, now=now, ahead=settings.PARTITIONS_AHEAD, since=since)
        except ValueError as error:
            raise CommandError(str(error)) from None
        except OperationalError:
            raise CommandError("Somebody works in the table at this moment; try again.") from None
