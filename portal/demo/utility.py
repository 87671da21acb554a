"""The demo's heat utility: contracts as its own records know them, metering points, a year of a meter's archive.

Points 101 and 102 are left empty: they are for the visitor's own upload.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.access import actor_of
from accounts.jobs import jobs_settle
from accounts.models import Contract, ContractClaim, Programme, Role
from accounts.tenancy import tenant_scope
from portal.demo import UTILITY_SLUG, people
from portal.demo.archive_file import archive_xml
from portal.demo.desk import seed_desk
from portal.demo.statements import seed_statements
from portal.demo.water import seed_water
from readings.imports.services import import_upload
from servers.models import Medium, Meter, MeteringPoint, MeterInstallation, Usage

SLUG = UTILITY_SLUG
CHITA = ZoneInfo("Asia/Chita")
INSTALLED = datetime(2024, 9, 1, tzinfo=UTC)
CONTRACTS = [
    # number, holder, address, phone, heat point, hot-water point, meter
    ("02000101", "ТСЖ «Примерное»", "г. Чита, ул. Примерная, 1", "9145550101", "101", "102", "00000001"),
    ("02005235", "ГСК «Мир»", "г. Чита, ул. Столярова, 14а", "9145550202", "201", "202", "26133212"),
    ("02007777", "ООО «Север»", "г. Чита, ул. Новая, 3", "9145550303", "301", "302", "26133999"),
]


def seed(now: datetime) -> None:
    programme = Programme.objects.create(
        name="Тепло-Демо", slug=SLUG, kind=Programme.Kind.UTILITY, currency="RUB", time_zone="Asia/Chita",
        language="ru", town="Чита", country="Россия", activated_at=now,
    )  # fmt: skip
    consumer = people.person(people.CONSUMER, "ГСК «Мир»", "ru")
    desk = people.person(people.DESK, "Отдел приборов учёта", "ru")
    people.member(consumer, programme, Role.CONSUMER, now)
    people.member(desk, programme, Role.OPERATOR, now)
    actor = actor_of(consumer, programme)
    assert actor is not None
    today = now.astimezone(CHITA).date()
    with tenant_scope(programme.pk):
        for number, holder, address, phone, heat, hot_water, serial in CONTRACTS:
            contract = Contract.objects.create(
                kind=Contract.Kind.CONTRACT,
                number=number,
                city="Чита",
                holder=holder,
                address=address,
                phone=phone,
            )
            _points(contract, heat, hot_water, serial, today)
            if number != "02007777":  # one contract is nobody's yet
                ContractClaim.objects.create(contract=contract, user=consumer)
        seed_water(actor, Contract.objects.get(number=CONTRACTS[1][0]), now)
        seed_desk(consumer, desk, Contract.objects.get(number=CONTRACTS[1][0]), now)
        archive = archive_xml(
            heat="201", hot_water="202", address=CONTRACTS[1][2], serial=CONTRACTS[1][6],
            first=today - timedelta(days=370), last=today, hour_days=31,
        )  # fmt: skip
        point = MeteringPoint.objects.get(number="201")
        file = SimpleUploadedFile(f"remote-201-{today:%Y-%m}.xml", archive.encode(), "application/xml")
        import_upload(actor=actor, file=file, point=point)
    jobs_settle(programme_id=programme.pk)
    with tenant_scope(programme.pk):
        seed_statements(programme, now)


def write_sample(path: Path, today: date) -> None:
    """A month of the meter 00000001, for the visitor to upload to the points 101 and 102."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        archive_xml(
            heat="101", hot_water="102", address=CONTRACTS[0][2], serial=CONTRACTS[0][6],
            first=today - timedelta(days=31), last=today, hour_days=31,
        ),
        encoding="utf-8",
    )  # fmt: skip


def _points(contract: Contract, heat: str, hot_water: str, serial: str, today: date) -> None:
    meter = Meter.objects.create(
        manufacturer="ВКТ", serial=serial, model="ВКТ-7", medium=Medium.HEAT,
        verified_until=date(today.year + 2, 12, 1),
    )  # fmt: skip
    for number, name, medium, usage in (
        (heat, "Отопление", Medium.HEAT, Usage.HEATING),
        (hot_water, "Горячая вода", Medium.HOT_WATER, Usage.HOT_WATER),
    ):
        point = MeteringPoint.objects.create(
            number=number, name=name, address=contract.address, medium=medium,
            usage=usage, contract=contract, totals_source=MeteringPoint.TotalsSource.ARCHIVE,
            admitted_until=date(today.year + 1, 9, 1),
        )  # fmt: skip
        MeterInstallation.objects.create(meter=meter, point=point, installed_at=INSTALLED)
