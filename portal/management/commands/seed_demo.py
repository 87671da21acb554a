"""What `make demo` shows, into the database of DATABASE_URL. Run again, it only writes the gateway's site file anew."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.models import Programme
from portal.demo import housing, utility
from portal.demo.estate import SERIAL
from portal.demo.people import DEMO_PASSWORD, PEOPLE
from portal.demo.site_file import write_site_file


class Command(BaseCommand):
    help = "Seed the housing programme `demo` and the utility `teplo-demo` with a year of readings each."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--bus-port", type=int, default=10001, help="TCP port of the simulated M-Bus line"
        )
        parser.add_argument("--json", action="store_true", help="print what a gateway needs to start")

    def handle(self, *args: Any, bus_port: int, **options: Any) -> str | None:
        now = timezone.now()
        if not Programme.objects.filter(slug=housing.SLUG).exists():
            housing.seed(now)
        if not Programme.objects.filter(slug=utility.SLUG).exists():
            utility.seed(now)
        site = settings.VAR_DIR / "gateway" / "site.toml"
        state = settings.VAR_DIR / "gateway" / "state"
        utility.write_sample(
            settings.VAR_DIR / "demo" / "archive-101-102.xml", now.astimezone(utility.CHITA).date()
        )
        write_site_file(site, bus_port=bus_port, now=now, indexes=housing.last_indexes())
        if options["json"]:
            return json.dumps(
                {
                    "serial": SERIAL,
                    "password": housing.box_password() if not (state / "token").exists() else "",
                    "site_file": str(site),
                    "state_dir": str(state),
                }
            )
        for who, email, page in PEOPLE:
            self.stdout.write(f"{who:<24} {email:<28} {page}")
        self.stdout.write(f"password of all: {DEMO_PASSWORD}")
        return None
