"""The few words in which the two databases differ, for the statements of this package."""

from __future__ import annotations

from django.db import connection

from readings.models import ArchiveRecord

RECORD = ArchiveRecord._meta.db_table


def postgres() -> bool:
    return connection.vendor == "postgresql"


def distinct(left: str, right: str) -> str:
    return f"{left} IS DISTINCT FROM {right}" if postgres() else f"{left} IS NOT {right}"
