"""What the access matrix needs of the utility's desk."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.access import actor_of
from accounts.models import Contract, Programme, Role, User
from accounts.tables.lists import lines_signed
from readings.models import ArchivesParcel, NumberApplication


def desk_rows(people: dict[str, User], contracts: dict[str, Contract]) -> dict[str, Any]:
    """An application of the consumer, one that somebody else sent for another contract, a ZIP that was made. In scope."""
    stored = default_storage.save("archives/matrix.zip", ContentFile(b"PK"))
    day = date(2026, 1, 1)
    parcel = ArchivesParcel.objects.create(
        first=day, last=day, kind="day", form="csv", state="done", stored_as=stored
    )
    applications = {
        name: NumberApplication.objects.create(
            contract=contracts[of], applicant=people[role], name="ТСЖ", address="ул. Новая, 1"
        )
        for name, of, role in (
            ("application", "contract", Role.CONSUMER),
            ("other_application", "other_contract", Role.OPERATOR),
        )
    }
    return {**applications, "parcel": parcel}


def contract_plan(operator: User, programme: Programme) -> str:
    """A list that the operator has looked at."""
    actor = actor_of(operator, programme)
    assert actor is not None
    cells = ["contract", "02001111", "Чита", "ООО «Север»", "ул. Новая, 3", "9145550303"]
    return lines_signed(actor, "contracts", [(2, cells)])


def settings_plan(consumer: User, programme: Programme, contract: str) -> dict[str, Any]:
    """A point of a settings file that the consumer has looked at, chosen."""
    actor = actor_of(consumer, programme)
    assert actor is not None
    cells = [str(uuid.uuid4()), "Дом", "ул. Новая, 3", "heat", "ВКТ-7", "777"]
    return {"plan": lines_signed(actor, f"settings-file:{contract}", [(0, cells)]), "chosen": ["0"]}
