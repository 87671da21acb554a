"""The demo utility's desk: its contacts, the day when readings are due, an application that waits and one decided."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Contract, User
from readings.models import DeskSettings, NumberApplication
from servers.models import MeteringPoint


def seed_desk(consumer: User, operator: User, own: Contract, now: datetime) -> None:
    """In scope, after contracts and points."""
    DeskSettings.objects.create(
        due_day=25, remind=False, remind_before=3,
        metering_name="Отдел по работе с приборами учёта", metering_phones="38-00-15; 38-00-54",
        metering_email="pribory@teplo.example",
        software_name="Отдел программного обеспечения", software_phones="38-00-47; 38-00-77",
        software_email="lk@teplo.example",
    )  # fmt: skip
    NumberApplication.objects.create(
        contract=own, applicant=consumer, name="ГСК «Мир», гараж 2", address="г. Чита, ул. Столярова, 14б",
        organisation="ООО «Теплосервис»", medium="heat", model="Multical 602", serial="65123456",
        created_at=now - timedelta(days=1, hours=3),
    )  # fmt: skip
    NumberApplication.objects.create(
        contract=own, applicant=consumer, name="ГСК «Мир»", address=own.address,
        organisation="ООО «Теплосервис»", medium="heat", model="ВКТ-7", serial="26133212",
        state=NumberApplication.State.ASSIGNED, point=MeteringPoint.objects.get(number="201"),
        created_at=now - timedelta(days=400), decided_at=now - timedelta(days=398), decided_by=operator,
    )  # fmt: skip
