"""The second step of a change of SECRET_KEY (docs/operations.md)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.factors.rekey import factors_rekey


class Command(BaseCommand):
    help = "Close what lies encrypted with the present SECRET_KEY, so that an older one may be taken out."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{factors_rekey()} second factors are closed with the present key.")
