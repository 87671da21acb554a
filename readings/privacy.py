"""What the readings app holds about a person: what was used in their dwelling on their days, and their uploads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Programme, User
from accounts.privacy.registry import Table, register_personal_data
from readings.consumption.selectors import DwellingMeters
from readings.models import ImportJob
from servers.models import Dwelling, Occupancy


def _export(user: User, programme: Programme) -> dict[str, Table]:
    uploads = ImportJob.objects.filter(uploaded_by=user).order_by("pk")
    return {
        "consumption": _consumption(user, programme),
        "uploads": [{"file": one.file_name, "at": one.created_at, "state": one.state} for one in uploads],
    }


def _consumption(user: User, programme: Programme) -> list[dict[str, Any]]:
    tomorrow = timezone.now().astimezone(programme.zone).date() + timedelta(days=1)
    rows: list[dict[str, Any]] = []
    for dwelling in Dwelling.objects.filter(occupancies__user=user).distinct().select_related("building"):
        homes = Occupancy.objects.filter(user=user, dwelling=dwelling)
        spans = list(homes.order_by("move_in").values_list("move_in", "move_out"))
        meters = DwellingMeters(dwelling, spans)
        for first, end in spans:
            found = meters.consumption(first, min(end or tomorrow, tomorrow))
            rows += [
                {"dwelling": dwelling.name, "day": day, "usage": usage, "kWh": f"{float(one.amount):.3f}"}
                for day, usages in sorted(found.days.items())
                for usage, one in usages.items()
            ]
    return rows


def register() -> None:
    register_personal_data("readings", export=_export)
