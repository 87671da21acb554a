"""Statements from the file to the bill: a closed month, both currencies in three languages, sums of any entries."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import actor_of
from accounts.models import Programme
from accounts.tenancy import tenant_scope
from readings.models import ImportJob, StatementEntry
from readings.statements.ledger import statement_of
from readings.statements.money import month_after
from tariffs.places import programme_place
from tariffs.services.parameters import parameters_save
from testkit.world import World, join, make_programme, make_user
from tests.readings.archive_kit import lers, make_contract, make_point

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)


def url(name: str, *ids: Any) -> str:
    return reverse(name, args=["teplo", *ids])


def days(first: int, last: int, value: str) -> bytes:
    return lers(
        [(f"2026-10-{day:02}T00:00:00", {"Q_delta": value}) for day in range(first, last + 1)], kind="Day"
    )


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_file_of_a_closed_month_stays_and_a_later_one_becomes_a_visible_line(
    world: World, sign_in: Any, run_jobs: Any
) -> None:
    programme = world.utility.programme
    with tenant_scope(programme.pk):
        contract = make_contract("02005235", world.utility.consumer)
        point = make_point("101", contract=contract)
        actor = actor_of(world.utility.operator, programme)
        assert actor is not None
        parameters_save(
            actor=actor, place=programme_place(actor), values={"heating_gcal": "20000000"}, valid_from=date(2026, 1, 1)
        )  # fmt: skip
    theirs, desk = sign_in(world.utility.consumer), sign_in(world.utility.operator)

    def sent(content: bytes) -> ImportJob:
        file = SimpleUploadedFile("a.xml", content, "application/xml")
        assert theirs.post(url("archive_upload", point.public_id), {"file": file}).status_code == 302
        run_jobs()
        with tenant_scope(programme.pk):
            job: ImportJob = ImportJob.objects.order_by("-pk")[0]
        return job

    first = sent(days(1, 30, "0.5"))
    for _twice in (1, 2):
        assert desk.post(url("period_close"), {"month": "2026-10", "fill": "none"}).status_code == 302
        run_jobs()
    refused = theirs.post(url("import_take_back", first.public_id), follow=True)
    assert "closed" in " ".join(str(one) for one in refused.context["messages"])
    run_jobs()
    late = sent(days(31, 31, "0.25"))  # a day that October lacked
    assert late.state == "done", late.refusal
    with time_machine.travel("2026-12-02T03:00:00Z"):
        theirs, desk = sign_in(world.utility.consumer), sign_in(world.utility.operator)
        assert desk.post(url("period_close"), {"month": "2026-11", "fill": "none"}).status_code == 302
        run_jobs()
        with tenant_scope(programme.pk):
            first.refresh_from_db()
            booked = list(
                StatementEntry.objects.order_by("pk").values_list("month", "kind", "minor", "about")
            )
            statement = statement_of(contract, OCTOBER)
        # by hand: 30 days × 0,5 Gcal × 2000 ₽; the late day 0,25 × 2000 ₽ for October, nothing for November
        assert booked == [
            (OCTOBER, "charged", 3_000_000, None), (date(2026, 11, 1), "additional", 50_000, OCTOBER),
            (date(2026, 11, 1), "charged", 0, None),
        ]  # fmt: skip
        assert (first.state, statement.total.closing) == ("done", -3_000_000)
        page = theirs.get(url("contract_charges", contract.public_id), {"month": "2026-11"}).content.decode()
        assert "Additionally charged for October 2026" in page
        assert "₽500.00" in page


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_both_currencies_are_written_as_each_language_does(world: World, sign_in: Any) -> None:
    euro = make_programme(
        "Chaleur", "chaleur", kind=Programme.Kind.UTILITY, currency="EUR", time_zone="Europe/Paris"
    )
    shown = {}
    for programme, person in (
        (world.utility.programme, world.utility.consumer),
        (euro, make_user("abonne@chaleur.example")),
    ):
        if programme is euro:
            join(person, euro, "consumer")
        with tenant_scope(programme.pk):
            contract = make_contract("02005235", person)
            for kind, minor in (("opening", 120708), ("charged", 8653680)):
                StatementEntry.objects.create(
                    contract=contract, month=OCTOBER, service="main", kind=kind, minor=minor, key=kind,
                    currency=programme.currency,
                )  # fmt: skip
        path = reverse("contract_detail", args=[programme.slug, contract.public_id])
        for language in ("fr", "ru", "en"):
            type(person).objects.filter(pk=person.pk).update(language=language)
            text = sign_in(person).get(path, {"month": "2026-10"}).content.decode()
            shown[programme.currency, language] = text.replace("\xa0", " ").replace("\u202f", " ")
    for (currency, language), due in {
        ("RUB", "ru"): "85 329,72 ₽", ("RUB", "fr"): "85 329,72 ₽", ("RUB", "en"): "₽85,329.72",
        ("EUR", "ru"): "85 329,72 €", ("EUR", "fr"): "85 329,72 €", ("EUR", "en"): "€85,329.72",
    }.items():  # fmt: skip
        assert due in shown[currency, language], (currency, language)


entries = st.lists(
    st.tuples(
        st.integers(0, 4), st.sampled_from(["main", "penalty", "Обслуживание"]),
        st.sampled_from(["opening", "charged", "additional", "refunded", "paid"]), st.integers(0, 10**9),
    ),
    max_size=25,
)  # fmt: skip


@pytest.mark.django_db
def test_any_entries_sum_to_their_statement_month_after_month(world: World) -> None:
    with tenant_scope(world.utility.programme.pk):
        contract = make_contract("02005235")
        make_contract("02009999")
        months = [date(2026, number, 1) for number in range(3, 8)]

        @given(entries)
        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        def holds(rows: list[tuple[int, str, str, int]]) -> None:
            StatementEntry.objects.all().delete()
            StatementEntry.objects.bulk_create(
                StatementEntry(
                    contract=contract, month=months[at], service=service, kind=kind, minor=minor, currency="RUB", key=str(n)
                )
                for n, (at, service, kind, minor) in enumerate(rows)
            )  # fmt: skip
            for at, month in enumerate(months):
                statement = statement_of(contract, month)
                credit = {"charged": -1, "additional": -1}
                known = sum(credit.get(kind, 1) * minor for place, _s, kind, minor in rows if place <= at)
                total = statement.total
                assert total.closing == known == sum(line.closing for line in statement.lines)
                assert total.to_pay == sum(max(0, -line.closing) for line in statement.lines)
                later = {
                    line.service: line.opening for line in statement_of(contract, month_after(month)).lines
                }
                begun = {
                    service for place, service, kind, _m in rows if kind == "opening" and place == at + 1
                }
                for line in statement.lines:
                    if line.service not in begun:
                        assert later.get(line.service, 0) == line.closing

        holds()
