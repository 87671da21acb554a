"""Money of a contract: charges from day totals, closed months, corrections, imports, bills, the heat account."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts.access import actor_of
from accounts.errors import DomainError
from accounts.models import Contract
from accounts.tenancy import tenant_scope
from readings.archives.totals import register_of
from readings.imports.closed import period_is_closed
from readings.models import Bill, DayTotal, PeriodClosing, StatementEntry, StatementImport, TotalStatus
from readings.statements.closing import period_close, period_settle
from readings.statements.importing import FaultyTable, statements_import
from readings.statements.ledger import statement_of
from readings.statements.money import Line, total_of
from servers.models import MeteringPoint, MeterInstallation
from tariffs.places import programme_place
from tariffs.services.parameters import parameters_save
from testkit.world import World, make_utility
from tests.readings.archive_kit import make_contract, make_point

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)
SEED = (
    "Договор;Период;Услуга;Сальдо на начало;Начислено;Доначислено;Возврат;Оплата;Сальдо на конец;К оплате\n"
)
amounts = st.integers(min_value=0, max_value=10**9)


@pytest.mark.pure
@given(st.lists(st.tuples(st.integers(-(10**9), 10**9), amounts, amounts, amounts, amounts), max_size=6))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_statement_is_the_sum_of_its_lines(rows: list[tuple[int, ...]]) -> None:
    lines = [Line(str(n), *row) for n, row in enumerate(rows)]
    total = total_of(lines)
    assert total.closing == total.opening - total.charged - total.additional + total.refunded + total.paid
    assert total.to_pay == sum(-line.closing for line in lines if line.closing < 0)


@pytest.fixture
def town(world: World) -> World:
    """A heat and a hot-water point of one contract, priced; October has 30 of its 31 days, September all."""
    programme = world.utility.programme
    with tenant_scope(programme.pk), time_machine.travel(NOW):
        contract = make_contract("02005235", world.utility.consumer)
        make_contract("02009999")
        for number, medium in (("101", "heat"), ("102", "hot_water")):
            make_point(number, medium=medium, contract=contract)
            put(number, "Q_delta", "0.100001")
            put(number, "V_in", "2")
        put("102", "V_out", "0.5")
        actor = desk(world)
        values = {
            "heating_gcal": "16789000",
            "vat_heating": "200000",
            "hot_water_m3": "300000",
            "hot_water_gcal": "20000000",
        }
        parameters_save(actor=actor, place=programme_place(actor), values=values, valid_from=date(2026, 1, 1))
        parameters_save(
            actor=actor,
            place=programme_place(actor),
            values={"heating_gcal": "20000000"},
            valid_from=date(2026, 10, 16),
        )
    other = make_utility("Энерго", "energo")
    with tenant_scope(other.programme.pk):
        make_contract("02005235", other.consumer)
    return world


def desk(world: World) -> Any:
    return actor_of(world.utility.operator, world.utility.programme)


def put(
    number: str, ref: str, text: str, *, first: date = SEPTEMBER, days: int = 60, status: int = 0
) -> None:
    """Day totals of a point; 60 days from 1 September leave 31 October out."""
    hung = MeterInstallation.objects.get(point__number=number)
    register = register_of(hung, ref)
    for day in range(first.toordinal(), first.toordinal() + days):
        DayTotal.objects.update_or_create(
            register=register, day=day, band=0,
            defaults={"quantity": int(Decimal(text) * 10**6), "seconds": 86400, "status": status},
        )  # fmt: skip


def close(world: World, month: date, fill: str = "none") -> PeriodClosing:
    closing = period_close(actor=desk(world), month=month, fill=fill)
    period_settle(closing_id=closing.pk)
    assert period_settle(closing_id=closing.pk) == 0  # done twice it is done once
    return closing


def booked() -> list[tuple[str, str, int, date | None]]:
    rows = StatementEntry.objects.filter(closing__reopened_at=None).exclude(closing=None).order_by("pk")
    return [(row.point.number, row.kind, row.minor, row.about) for row in rows]


def heating(days_before: int, days_after: int) -> int:
    """By hand, in exact decimals: 0,100001 Gcal a day, 1678,90 then 2000,00 a Gcal, VAT 20 %."""
    exact = (
        Decimal("0.100001") * Decimal("1.2") * (days_before * Decimal("1678.9") + days_after * Decimal(2000))
    )
    return int((exact * 100).to_integral_value("ROUND_HALF_UP"))


def water(days: int) -> int:
    exact = days * (Decimal("1.5") * 30 + Decimal("0.100001") * 2000)
    return int((exact * 100).to_integral_value("ROUND_HALF_UP"))


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_closed_month_changes_only_by_a_visible_line(town: World) -> None:
    with tenant_scope(town.utility.programme.pk):
        point = MeteringPoint.objects.get(number="101")
        PeriodClosing.objects.create(month=date(2026, 8, 1), state="done")  # the books begin in September
        with pytest.raises(DomainError):
            period_close(actor=desk(town), month=OCTOBER, fill="none")  # not the next one
        close(town, SEPTEMBER)
        first = [("101", "charged", heating(30, 0), None), ("102", "charged", water(30), None)]
        assert booked() == first
        assert period_is_closed(point, date(2026, 9, 30))
        assert not period_is_closed(point, OCTOBER)
        # a late file, a disputed day: September stays, October brings the differences
        put("101", "Q_delta", "0.100001", first=date(2026, 9, 30), days=1, status=TotalStatus.DISPUTED)
        put("102", "V_in", "3", first=SEPTEMBER, days=1)
        contract = Contract.objects.get(number="02005235")
        before = statement_of(contract, SEPTEMBER)
        again = close(town, OCTOBER)
        assert booked()[2:] == [
            ("101", "refunded", heating(30, 0) - heating(29, 0), SEPTEMBER),
            ("101", "charged", heating(15, 15), None),
            ("102", "additional", 3000, SEPTEMBER),
            ("102", "charged", water(30), None),
        ]
        assert statement_of(contract, SEPTEMBER) == before
        (line,) = statement_of(contract, OCTOBER).lines
        assert line.opening == before.lines[0].closing == -heating(30, 0) - water(30)
        assert line.to_pay == -line.closing
        charge = StatementEntry.objects.get(closing=again, point=point, kind="charged")
        assert [part["quantity"] for part in charge.detail["parts"]] == ["1.500015", "1.500015"]
        assert charge.detail["days"]["Gcal"][-1] == ["2026-10-31", "", "missing"]
        with pytest.raises(DomainError):
            period_close(actor=desk(town), month=date(2026, 11, 1), fill="none")  # not over yet


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_missing_days_take_the_mean_where_the_desk_says_so(town: World) -> None:
    with tenant_scope(town.utility.programme.pk):
        close(town, OCTOBER, fill="mean")
        assert [row[2] for row in booked()] == [heating(15, 16), water(31)]
        assert {row.detail["filled"] for row in StatementEntry.objects.all()} == {1}


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_the_desk_closes_and_opens_again_with_a_reason(town: World, sign_in: Any, run_jobs: Any) -> None:
    client = sign_in(town.utility.operator)
    pages = {name: reverse(name, args=["teplo"]) for name in ("period_list", "period_close")}
    text = client.get(pages["period_list"]).content.decode()
    assert "02005235" in text
    assert client.post(pages["period_close"], {"month": "2026-07", "fill": "none"}).status_code == 422
    for _twice in range(2):
        answer = client.post(pages["period_close"], {"month": "2026-10", "fill": "none"})
        assert answer.status_code == 302
        run_jobs()
    with tenant_scope(town.utility.programme.pk):
        closing = PeriodClosing.objects.get()
        contract = Contract.objects.get(number="02005235")
        assert StatementEntry.objects.count() == 2
        charge = StatementEntry.objects.first()
    again = reverse("period_reopen", args=["teplo", closing.public_id])
    assert client.post(again, {"reason": " "}).status_code == 422
    consumer = sign_in(town.utility.consumer)
    detail = reverse("charge_detail", args=["teplo", charge.public_id])
    assert "missing" in consumer.get(detail).content.decode()
    assert client.post(again, {"reason": "Ошибка в тарифе"}).status_code == 302
    page = consumer.get(reverse("contract_detail", args=["teplo", contract.public_id]) + "?month=2026-10")
    assert "Ошибка в тарифе" in page.content.decode()
    assert consumer.get(detail).status_code == 404
    with tenant_scope(town.utility.programme.pk):
        assert statement_of(contract, OCTOBER).total.closing == 0
        close(town, OCTOBER)
        assert len(booked()) == 2


def send(client: Client, text: str, name: str = "lines.csv") -> Any:
    file = SimpleUploadedFile(name, text.encode())
    return client.post(reverse("statement_import", args=["teplo"]), {"file": file})


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_statement_lines_come_from_a_table(town: World, sign_in: Any) -> None:
    client = sign_in(town.utility.operator)
    good = SEED + (
        "02005235;октябрь 2026;Основные услуги;1 207,08;0;0;0;0;1207.08;0,00\n"
        "02005235;10.2026;Пеня;-182.97;0;0;0;0;-182,97;182.97\n"
    )
    assert send(client, good).status_code == 302
    assert send(client, good).status_code == 302  # the same bytes
    assert send(client, good + "\n").status_code == 302  # the same lines
    with tenant_scope(town.utility.programme.pk):
        contract = Contract.objects.get(number="02005235")
        total = statement_of(contract, OCTOBER).total
        assert (total.closing, total.to_pay, StatementEntry.objects.count()) == (102411, 18297, 2)
        assert StatementImport.objects.count() == 2
    for line, fault in (
        ("02005235;11.2026;Пеня;-180;0;0;0;0;;", "182.97"),
        ("02005235;11.2026;Пеня;;5;0;0;0;1;", "187.97"),
        ("00000000;11.2026;Пеня;;5;0;0;0;;", "No contract"),
        ("02005235;13.2026;Пеня;;5;0;0;0;;", "no month"),
        ("02005235;12.2026;Пеня;;5;0;0;0;;", "future"),
        ("02005235;11.2026;Пеня;;5,001;0;0;0;;", "two decimals"),
        ("02005235;11.2026;Пеня;;1e3;0;0;0;;", "two decimals"),
        ("02005235;11.2026;Пеня;;-5;0;0;0;;", "negative"),
        ("02005235;09.2026;Пеня;;5;0;0;0;;", "begin with"),
        ("02009999;11.2026;Пеня;;7;0;0;0;;", "line 2"),
    ):
        answer = send(client, SEED + "02009999;11.2026;Пеня;;5;0;0;0;;\n" + line + "\n")
        assert answer.status_code == 422
        assert [one.line for one in answer.context["faults"]] == [3], line
        assert fault in answer.context["faults"][0].message, line
    assert send(client, "a;b\n1;2\n").status_code == 422
    assert send(client, "").status_code == 422
    with tenant_scope(town.utility.programme.pk):
        assert StatementEntry.objects.count() == 2


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_payments_come_once_and_never_into_a_closed_month(town: World) -> None:
    head = "Договор;Дата;Сумма;Документ\n"
    with tenant_scope(town.utility.programme.pk):
        close(town, OCTOBER)
        table = head + "02005235;05.10.2026;100,50;17\n02005235;2026-11-03;20;18\n"
        taken, new = statements_import(actor=desk(town), content=table.encode("cp1251"), name="pay.csv")
        assert (taken.added, new) == (2, True)
        more = head + "02005235;2026-11-03;20;18\n02005235;2026-11-04;1;19\n"
        assert statements_import(actor=desk(town), content=more.encode(), name="pay.csv")[0].added == 1
        with pytest.raises(FaultyTable):
            statements_import(
                actor=desk(town), content=(head + "02005235;2026-11-03;21;18\n").encode(), name="p"
            )
        contract = Contract.objects.get(number="02005235")
        assert statement_of(contract, OCTOBER).total.paid == 0
        assert statement_of(contract, date(2026, 11, 1)).total.paid == 12150


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_contract_charged_elsewhere_is_not_charged_twice(town: World) -> None:
    with tenant_scope(town.utility.programme.pk):
        table = SEED + "02005235;10.2026;Основные услуги;0;500;0;0;0;;\n"
        statements_import(actor=desk(town), content=table.encode(), name="lines.csv")
        close(town, OCTOBER)
        assert booked() == []
        assert statement_of(Contract.objects.get(number="02005235"), OCTOBER).total.charged == 50000


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_bill_is_made_once_and_is_nobody_elses(town: World, sign_in: Any, run_jobs: Any) -> None:
    client = sign_in(town.utility.consumer)
    with tenant_scope(town.utility.programme.pk):
        close(town, OCTOBER)
        contract = Contract.objects.get(number="02005235")
    order = reverse("bill_create", args=["teplo", contract.public_id])
    for wrong in (
        "1999-01",
        "2026-13",
        "2026-10-01",
        "next",
    ):  # never another month than the one that was named
        said = client.post(order, {"month": wrong}, follow=True).content.decode()
        assert "No bill was ordered" in said, wrong
    with tenant_scope(town.utility.programme.pk):
        assert not Bill.objects.exists()
    for _twice in range(2):
        assert client.post(order, {"month": "2026-10"}).status_code == 302
        run_jobs()
    assert len(mail.outbox) == 1
    (name, content, kind) = mail.outbox[0].attachments[0]
    assert (name[-4:], content[:5], kind) == (".pdf", b"%PDF-", "application/pdf")
    with tenant_scope(town.utility.programme.pk):
        bill = Bill.objects.get()
    path = reverse("bill_download", args=["teplo", bill.public_id])
    assert client.get(path).content.startswith(b"%PDF-")
    with tenant_scope(town.utility.programme.pk):
        contract.claims.update(removed_at=NOW)
    for gone in (path, reverse("contract_charges", args=["teplo", contract.public_id])):
        assert client.get(gone).status_code == 404


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_the_heat_account_adds_up_to_what_is_charged(town: World, sign_in: Any) -> None:
    with tenant_scope(town.utility.programme.pk):
        point = MeteringPoint.objects.get(number="101")
    path = reverse("heat_account", args=["teplo", point.public_id])
    client = sign_in(town.utility.consumer)
    page = client.get(path, {"month": "2026-10"})
    assert page.context["account"].foot()["Q_delta"] == 30 * Decimal("0.100001")
    assert page.context["account"].missing == 1
    sheet = load_workbook(io.BytesIO(client.get(path, {"month": "2026-10", "export": "xlsx"}).content)).active
    assert sheet.max_row == 1 + 31 + 1
    assert Decimal(str(sheet.cell(sheet.max_row, sheet.max_column - 1).value)) == Decimal("3.00003")
    assert client.get(path, {"month": "2026-10", "export": "pdf"}).content.startswith(b"%PDF-")
    for odd in ("x", "2026-13", "9999-01", ""):
        assert client.get(path, {"month": odd, "kind": "hour"}).status_code == 200
    assert sign_in(town.ours.administrator).get(path).status_code == 404
