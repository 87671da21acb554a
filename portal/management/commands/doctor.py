"""Look at this installation and say what to mend."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.operations.doctor import BAD, GOOD, checks, examine


class Command(BaseCommand):
    help = "Look at settings, versions, clock, database, queues, mail and disk. Exit code 1 if something is to be mended."
    requires_system_checks = []  # it runs them itself, as one topic of several

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--only", action="append", choices=list(checks()), metavar="TOPIC", help="may be repeated"
        )
        parser.add_argument("--quiet", action="store_true", help="say only what is to be mended")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for finding in examine(options["only"]):
            broken += finding.level == BAD
            if options["quiet"] and finding.level != BAD:
                continue
            if options["json"]:
                self.stdout.write(json.dumps(dataclasses.asdict(finding), ensure_ascii=False))
            else:
                mark = " " if finding.level == GOOD else "·" if finding.level != BAD else "!"
                self.stdout.write(f"{mark} {finding.topic:<10} {finding.sentence}")
            self.stdout.flush()
        if broken:
            sys.exit(1)
