"""The things of a utility that the rows name."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import Contract, ContractClaim, Role
from readings.models import Bill, HandEntry, ImportJob, PeriodClosing, Reading, StatementEntry
from readings.statements.bills import bill_figures
from servers.models import Meter, MeteringPoint, MeterInstallation, Register
from testkit.desk_rows import desk_rows
from testkit.matrix.side import Side
from testkit.review_rows import contract_register_ids


def contracts_make(side: Side) -> None:
    consumer = side.people[Role.CONSUMER]
    contracts = {}
    for name, number in (("contract", "02000000"), ("other_contract", "02009999")):
        contracts[name] = Contract.objects.create(
            kind="contract", number=number, city="Чита", holder="ГСК «Мир»", phone="9991234567"
        )
    ContractClaim.objects.create(contract=contracts["contract"], user=consumer)
    points, jobs = {}, {}
    for name, number, of in (
        ("point", "101", "contract"),
        ("second_point", "102", "contract"),
        ("other_point", "201", "other_contract"),
    ):
        points[name] = MeteringPoint.objects.create(
            number=number, name=f"Point {number}", medium="heat", usage="heating", contract=contracts[of],
            totals_source="archive",
        )  # fmt: skip
        meter = Meter.objects.create(serial=f"0000{number}", medium="heat")
        MeterInstallation.objects.create(
            meter=meter, point=points[name], installed_at=datetime(2020, 1, 1, tzinfo=UTC)
        )
    for name, uploader, point in (
        ("job", consumer, "point"),
        ("other_job", side.people[Role.OPERATOR], "point"),
    ):
        jobs[name] = ImportJob.objects.create(
            uploaded_by=uploader, point=points[point], file_name="a.xml", stored_as="imports/a",
            sha256="0" * 64, size=5, state="refused", refusal="other_point",
        )  # fmt: skip
    jobs |= desk_rows(side.people, contracts)
    jobs |= _sent(side, points["point"], contracts["contract"])
    jobs |= _statements(side, contracts, points)
    side.ids |= {name: str(thing.public_id) for name, thing in {**contracts, **points, **jobs}.items()}
    side.ids |= contract_register_ids(points["point"], points["other_point"])


def _statements(side: Side, contracts: dict[str, Any], points: dict[str, Any]) -> dict[str, Any]:
    """A closed month with a charge and a bill of each contract."""
    month, consumer, desk = date(2025, 12, 1), side.people[Role.CONSUMER], side.people[Role.OPERATOR]
    closing = PeriodClosing.objects.create(month=month, state="done", closed_by=desk)
    found: dict[str, Any] = {"closing": closing}
    for prefix, person in (("", consumer), ("other_", desk)):
        contract = contracts[f"{prefix}contract"]
        found[f"{prefix}charge"] = StatementEntry.objects.create(
            contract=contract, month=month, service="main", kind="charged", minor=12345, currency="RUB",
            key=f"matrix:{prefix}", point=points[f"{prefix}point"], closing=closing,
        )  # fmt: skip
        found[f"{prefix}bill"] = Bill.objects.create(
            contract=contract, month=month, ordered_by=person, content="0" * 64, made_at=timezone.now(),
            figures=bill_figures(contract, month),
        )  # fmt: skip
    return found


def _sent(side: Side, point: MeteringPoint, contract: Contract) -> dict[str, Any]:
    """Files in each state that a page is for, and readings typed by the consumer and by the desk."""
    consumer, desk = side.people[Role.CONSUMER], side.people[Role.OPERATOR]
    counted = MeteringPoint.objects.create(
        number="103", name="Point 103", medium="hot_water", usage="hot_water", contract=contract
    )
    meter = Meter.objects.create(serial="0000103", medium="hot_water")
    hung = MeterInstallation.objects.create(
        meter=meter, point=counted, installed_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    register = Register.objects.create(
        installation=hung, ref="V_in", quantity="volume", unit="m3", exponent=-6
    )
    table = default_storage.save("imports/matrix.csv", ContentFile(b"time;point;value\n2026-01-15;103;5\n"))
    found: dict[str, Any] = {"index_point": counted}
    for name, state, more in (
        ("checked_job", "checked", {}),
        ("done_job", "done", {"receipt_number": "20260115-1"}),
        ("table_job", "mapping", {"format": "table", "uploaded_by": desk, "stored_as": table, "point": None}),
    ):
        fields: dict[str, Any] = {"uploaded_by": consumer, "point": point, "stored_as": "imports/a", **more}
        found[name] = ImportJob.objects.create(file_name="a.csv", sha256=name, size=5, state=state, **fields)
    for name, person, at in (("entry", consumer, 1_768_435_200), ("other_entry", desk, 1_768_521_600)):
        Reading.objects.create(register=register, at=at, value=5_000_000, source=Reading.Source.HAND, seq=1)
        found[name] = HandEntry.objects.create(
            register=register,
            at=at,
            value=5_000_000,
            entered_by=person,
            token=uuid.uuid4(),
            receipt_number=name,
        )
    return found
