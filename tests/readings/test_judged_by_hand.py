"""Months worked out by hand from the seed's formulas, typed, read and opened as people do it: the page, its explanation,
what is taken away, the monthly sheet, its PDF and its mail tell the same cents.

The months and their sums stand in `judge_cases`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from fractions import Fraction as F
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.test import Client

from accounts.jobs import job_enqueue, run_due_jobs
from accounts.pdf import Document
from accounts.tenancy import tenant_scope
from readings.models import MonthlySheet
from tariffs.models import DayColour
from testkit.world import make_housing
from tests.readings.judge_cases import CASES
from tests.readings.judge_kit import Town, cents, euros

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

# whose sheets are made, sent and printed as well: of each way of counting one
TOLD = (
    "off_peak_over_midnight_and_the_long_day", "hot_water_by_its_volume", "each_level_from_its_day",
    "a_monthly_charge_for_a_part_of_a_month", "a_third_of_ten", "two_halves_of_a_cent",
)  # fmt: skip


@pytest.fixture(scope="module")
def town(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Town]:
    with django_db_blocker.unblock(), transaction.atomic(), time_machine.travel(NOW, tick=False):
        housing = make_housing("Judge", "judge")
        clients = {}
        for role in ("administrator", "operator", "occupant"):
            clients[role] = Client(headers={"Accept-Language": "en"})
            clients[role].force_login(getattr(housing, role))
        made = Town(housing, clients)
        told = {
            "tempo": {"2026-08-31": "white", "2026-09-01": "blue", "2026-10-23": "blue", "2026-10-24": "white",
                      "2026-10-25": "blue", "2026-10-26": "blue", "2026-11-09": "blue", "2026-11-10": "red",
                      "2026-11-11": "blue"},
            "ejp": {"2026-11-03": "ejp"},
        }  # fmt: skip
        with tenant_scope(housing.programme.pk):
            for option, days in told.items():
                for day, colour in days.items():
                    DayColour.objects.create(option=option, day=date.fromisoformat(day), colour=colour)
        for name, (_query, _lines, build) in CASES.items():
            build(made.flat(name, area=50, lived_in=name in TOLD))
        run_due_jobs()
        yield made
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_page_its_explanation_and_its_lists_tell_it(town: Town, name: str) -> None:
    query, lines, _build = CASES[name]
    wanted = {anchor: cents(cost) for anchor, cost in lines.items() if cost is not None}
    client = town.clients["operator"]
    url = f"/p/judge/dwellings/{town.homes[name].dwelling.public_id}/consumption/"
    page, cost = client.get(f"{url}?{query}").context, client.get(f"{url}cost/?{query}")
    shown = {line["anchor"]: line["amount"] for line in cost.context["lines"]}
    assert shown.keys() == lines.keys()
    assert {anchor: euros([text])[0] for anchor, text in shown.items() if text} == wanted
    rows = [*page["usage_rows"], *page["water_rows"], *page["share_rows"]]
    assert sorted(euros(row["amount"] for row in rows if row["amount"])) == sorted(wanted.values())
    if wanted:
        assert euros([cost.context["total"]]) == [sum(wanted.values())]
        assert f">{cost.context['total']}<" in cost.content.decode()
        assert euros([page["hero"]["value"]]) == [sum(wanted.values())]
    taken = csv.DictReader(
        io.StringIO(client.get(f"{url}cost/?{query}&export=csv").getvalue().decode("utf-8-sig"))
    )
    steps = [F(row["Cost (EUR)"]) for row in taken if row["Cost (EUR)"]]
    assert cents(sum(steps, F(0))) == cents(sum((c for c in lines.values() if c), F(0)))


def test_the_sheets_of_october_tell_the_same_as_page_mail_and_pdf(town: Town, monkeypatch: Any) -> None:
    mail.outbox = []
    job_enqueue(kind="sheets_due", key="judge")
    run_due_jobs()
    printed: list[str] = []
    monkeypatch.setattr(
        Document, "table", lambda self, head, rows, **more: printed.extend(c for r in rows for c in r)
    )
    monkeypatch.setattr(
        Document, "facts", lambda self, rows, **more: printed.extend(str(row) for row in rows)
    )
    with tenant_scope(town.housing.programme.pk):
        sheets = {one.dwelling.name: one for one in MonthlySheet.objects.select_related("dwelling")}
    mails = {one.subject.rpartition("– ")[2]: one for one in mail.outbox}
    assert sheets.keys() == set(TOLD)
    for name in TOLD:
        amounts = [cents(cost) for cost in CASES[name][1].values() if cost is not None]
        texts = {f"€{amount / 100:.2f}" for amount in [*amounts, *([sum(amounts)] if amounts else [])]}
        address = f"/p/judge/sheets/{sheets[name].public_id}/"
        printed.clear()
        assert town.clients["occupant"].get(f"{address}pdf/").content.startswith(b"%PDF")
        pages = {
            "page": town.clients["occupant"].get(address).content.decode(),
            "sent": town.clients["occupant"].get(f"{address}?as=sent").content.decode(),
            "mail": str(mails[name].alternatives[0][0]), "text": str(mails[name].body), "pdf": " ".join(printed),
        }  # fmt: skip
        for where, text in pages.items():
            assert texts <= set(re.findall(r"€[0-9.]+[0-9]", text)), (name, where, texts)
