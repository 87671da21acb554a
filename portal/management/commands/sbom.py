"""What this release is made of, for those who must know at once whether a published weakness concerns them."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from portal.operations.materials import bill_of_materials


class Command(BaseCommand):
    help = "Print the bill of materials (CycloneDX 1.6, JSON), made from the lock files."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(bill_of_materials(), indent=1, ensure_ascii=False))
