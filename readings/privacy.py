"""What the readings app holds about a person: what was used in their dwelling on their days, what they sent, typed,
asked for and were sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Programme, User
from accounts.privacy.registry import Table, register_personal_data
from readings.consumption.selectors import DwellingMeters
from readings.models import (
    Bill,
    HandEntry,
    Hint,
    ImportJob,
    MonthlySheet,
    NumberApplication,
    UploadReminder,
)
from servers.models import Dwelling, Occupancy
from tariffs.models import Level, ParameterValue


def _export(user: User, programme: Programme) -> dict[str, Table]:
    uploads = ImportJob.objects.filter(uploaded_by=user).order_by("pk")
    typed = HandEntry.objects.filter(entered_by=user).select_related("register").order_by("pk")
    asked = NumberApplication.objects.filter(applicant=user).order_by("pk")
    hints = Hint.objects.filter(user=user).select_related("dwelling").order_by("pk")
    sheets = MonthlySheet.objects.filter(user=user).select_related("dwelling").order_by("pk")
    bills = Bill.objects.filter(ordered_by=user).select_related("contract").order_by("pk")
    tariffs = ParameterValue.objects.filter(changed_by=user, level=Level.OCCUPANT_DWELLING)
    reminders = UploadReminder.objects.filter(user=user).order_by("pk")
    return {
        "consumption": _consumption(user, programme),
        "uploads": [{"file": one.file_name, "at": one.created_at, "state": one.state} for one in uploads],
        "typed_readings": [
            {"at": datetime.fromtimestamp(one.at, UTC), "steps": one.value, "step": f"1e{one.register.exponent}",
             "unit": one.register.unit, "reason": one.reason, "receipt": one.receipt_number, "typed": one.created_at}
            for one in typed
        ],
        "applications": [
            {"name": one.name, "address": one.address, "organisation": one.organisation, "model": one.model,
             "serial": one.serial, "state": one.state, "asked": one.created_at}
            for one in asked
        ],
        "hints": [
            {"dwelling": one.dwelling.name, "kind": one.kind, "usage": one.usage, "limit": one.limit,
             "since": one.created_at}
            for one in hints
        ],
        "sheets": [
            {"dwelling": one.dwelling.name, "month": one.month, "made": one.created_at,
             "figures": json.dumps(one.figures, ensure_ascii=False)}
            for one in sheets
        ],
        "bills": [
            {"contract": one.contract.number, "month": one.month, "ordered": one.created_at,
             "figures": json.dumps(one.figures, ensure_ascii=False)}
            for one in bills
        ],
        "own_tariffs": [
            {"dwelling": one.dwelling.name if one.dwelling else None, "parameter": one.key, "value": one.value,
             "from": one.valid_from, "to": one.valid_to}
            for one in tariffs.select_related("dwelling").order_by("pk")
        ],
        "reminders": [{"period": one.period, "sent": one.sent_at} for one in reminders],
    }  # fmt: skip


def _erase(user: User, programme: Programme) -> None:
    """What was only for this person: their wishes, and that they were reminded. Bills and sheets are the dwelling's
    and the contract's papers, and stay under the pseudonym."""
    Hint.objects.filter(user=user).delete()
    UploadReminder.objects.filter(user=user).delete()


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
    register_personal_data("readings", export=_export, erase=_erase)
