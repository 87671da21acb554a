"""Django's migrate, run as the owner over all programmes: the one command that must touch every row."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate

from accounts.tenancy import unscoped


class Command(DjangoMigrate):
    def handle(self, *args: Any, **options: Any) -> Any:
        with unscoped(reason="migrations rebuild every programme's tables"):
            return super().handle(*args, **options)
