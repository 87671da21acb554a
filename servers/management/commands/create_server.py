"""Register a server from the command line and print its password, once."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import DomainError
from accounts.models import Programme
from accounts.tenancy import tenant_scope
from servers.services.boxes import server_add
from servers.services.credentials import password_issue

DESCRIPTION_LONGEST = 120


class Command(BaseCommand):
    help = (
        "Register a TJA480 server in a programme and print its activation password, which is shown only here."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--programme", required=True, metavar="SLUG")
        parser.add_argument("--serial", required=True, metavar="S", help="24 letters and digits, never O")
        parser.add_argument("--description", required=True, metavar="D")
        parser.add_argument("--json", action="store_true", help='print {"serial","password"}')

    def handle(self, *args: Any, **options: Any) -> None:
        programme = Programme.objects.filter(slug=options["programme"]).first()
        if programme is None:
            raise CommandError(f"There is no programme {options['programme']}.")
        description = " ".join(options["description"].split())
        if not 0 < len(description) <= DESCRIPTION_LONGEST:
            raise CommandError(f"The description has 1 to {DESCRIPTION_LONGEST} characters.")
        if not description.isprintable():
            raise CommandError("The description holds characters that are no text.")
        try:
            with tenant_scope(programme.pk):
                server = server_add(programme=programme, serial=options["serial"], description=description)
                password = password_issue(server_id=server.pk)
        except DomainError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps({"serial": server.serial, "password": password}))
        else:
            self.stdout.write(f"Server {server.grouped_serial}, password {password}")
