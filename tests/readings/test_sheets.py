"""The monthly sheet: its figures by hand, once a person and month, sent again once, as page, mail and PDF."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core import mail

from accounts.jobs import job_enqueue, run_due_jobs
from accounts.tenancy import tenant_scope
from readings.models import DayTotal, MonthlySheet, SheetSettings
from readings.sheets.sending import month_due
from servers.models import Occupancy, OccupantRight
from tariffs.models import Level, ParameterValue
from testkit.estate import Home, make_home
from testkit.world import Housing, World, join, make_user

NOW = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 7:30 in Paris
OCTOBER = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def furnish(housing: Housing, user: Any, *, move_in: date = date(2025, 1, 1)) -> Home:
    """12 kWh on a day of October 2026, 10 in September, 15 in October 2025, 5 in March; a price of 0.10 a kWh."""
    home = make_home(housing.programme, "A-101", "Appartement 101")
    home.meter("heat", medium="heat", usage="heating", registers=[{}])
    home.meter(
        "cold",
        medium="cold_water",
        usage="water",
        registers=[{"ref": "volume", "quantity": "volume", "unit": "m3"}],
    )
    for day, wh in (
        (date(2026, 10, 5), 12_000),
        (date(2026, 9, 5), 10_000),
        (date(2025, 10, 5), 15_000),
        (date(2026, 3, 5), 5_000),
    ):
        home.total("heat/energy", day, wh)
    home.total("cold/volume", date(2026, 10, 5), 2_500)
    with tenant_scope(housing.programme.pk):
        Occupancy.objects.create(dwelling=home.dwelling, user=user, move_in=move_in)
        ParameterValue.objects.create(
            level=Level.OPERATOR_PROGRAMME, key="heating", value="1000", valid_from=date(2020, 1, 1)
        )
    return home


@pytest.fixture
def home(world: World) -> Home:
    furnish(world.theirs, world.theirs.occupant)
    return furnish(world.ours, world.ours.occupant)


def start() -> None:
    job_enqueue(kind="sheets_due", key="sheets_due")
    run_due_jobs()


def sheet_of(world: World) -> MonthlySheet:
    with tenant_scope(world.ours.programme.pk):
        found: MonthlySheet = MonthlySheet.objects.select_related("message", "dwelling__building").get()
        return found


def test_the_figures_are_those_of_the_month(world: World, home: Home) -> None:
    start()
    figures = sheet_of(world).figures
    assert figures["usages"] == [
        {"key": "heating", "now": "12.000", "before": "10.000", "year_ago": "15.000", "year": "27.000",
         "minor": 120, "complete": True}
    ]  # fmt: skip
    assert figures["waters"][0]["now"] == "2.500" and "minor" not in figures["waters"][0]
    assert (figures["days"], figures["known_days"], figures["average"]) == (31, 1, None)
    assert figures["prices"] == [{"key": "heating", "price": "1000"}]


def test_once_a_person_and_month_however_often_it_is_asked_for(world: World, home: Home) -> None:
    start()
    with time_machine.travel(datetime(2026, 11, 9, 9, tzinfo=UTC), tick=False):
        start()
    assert len([one for one in mail.outbox if one.to == [world.ours.occupant.email]]) == 1
    assert len(mail.outbox) == 2, "the other programme's occupant has their own"
    message = sheet_of(world).message
    assert message is not None and message.state == "sent" and message.sent_at is not None


def test_the_mail_has_a_table_and_a_picture_inside(world: World, home: Home) -> None:
    start()
    (message,) = [one for one in mail.outbox if one.to == [world.ours.occupant.email]]
    html = message.alternatives[0][0]
    assert "cid:chart" in html and "<table" in html and "Monthly sheet, October 2026" in message.subject
    assert "12 kWh" in message.body.replace("\u00a0", " ") and "€1.20" in message.body
    (picture,) = message.attachments
    assert picture["Content-ID"] == "<chart>" and picture.get_payload(decode=True).startswith(b"\x89PNG")
    sent = message.message()
    assert sent.get_content_type() == "multipart/related"


def test_only_the_own_days_are_told(world: World) -> None:
    furnish(world.ours, world.ours.occupant, move_in=date(2026, 10, 2))
    start()
    row = sheet_of(world).figures["usages"][0]
    assert {key: row.get(key) for key in ("now", "before", "year_ago", "year")} == {
        "now": "12.000", "before": None, "year_ago": None, "year": "12.000"
    }  # fmt: skip


def test_nobody_gets_one_where_it_is_off_or_nothing_is_known(world: World, home: Home) -> None:
    late = make_user("late@tilleuls.example")
    join(late, world.ours.programme, "occupant")
    empty = make_home(world.ours.programme, "A-102", "Appartement 102")
    with tenant_scope(world.ours.programme.pk):
        Occupancy.objects.create(dwelling=empty.dwelling, user=late, move_in=date(2026, 1, 1))
        settings = SheetSettings.objects.create(enabled=False)
    start()
    assert [one.to for one in mail.outbox] == [[world.theirs.occupant.email]]
    with tenant_scope(world.ours.programme.pk):
        settings.enabled = True
        settings.save()
    start()
    assert late.email not in {one.to[0] for one in mail.outbox} and len(mail.outbox) == 2


def test_when_a_month_is_due(world: World) -> None:
    programme = world.ours.programme
    for moment, month in (
        (datetime(2026, 11, 1, 4, 59, tzinfo=UTC), None),  # 5:59 in Paris
        (datetime(2026, 11, 1, 5, 0, tzinfo=UTC), OCTOBER),
        (datetime(2027, 1, 20, tzinfo=UTC), date(2026, 12, 1)),
    ):
        assert month_due(moment, programme) == month


def test_page_pdf_proof_and_once_more(world: World, home: Home, sign_in: Any) -> None:
    start()
    sheet = sheet_of(world)
    occupant, operator = sign_in(world.ours.occupant), sign_in(world.ours.operator)
    address = f"/p/tilleuls/sheets/{sheet.public_id}/"
    page = occupant.get(address)
    assert page.status_code == 200 and page.context["rows"][0]["year"].replace("\u00a0", " ") == "27 kWh"
    for language in ("fr", "ru", "en"):
        pdf = occupant.get(f"{address}pdf/", headers={"Accept-Language": language})
        assert pdf.content.startswith(b"%PDF") and len(pdf.content) > 10_000
    proof = operator.get("/p/tilleuls/sheets/?at=2026-10")
    assert [line.state["label"] for line in proof.context["page"]] == ["sent"]
    for odd in ("9999-12", "2026-13", "²"):
        assert operator.get("/p/tilleuls/sheets/", {"at": odd}).context["at"] == "2026-10", odd
    for _time in range(2):
        assert operator.post(f"{address}send/").status_code == 302
        run_due_jobs()
    assert len([one for one in mail.outbox if one.to == [world.ours.occupant.email]]) == 2
    assert sign_in(world.theirs.operator).get(address).status_code == 404


def test_settings_are_checked_and_kept(world: World, home: Home, sign_in: Any) -> None:
    operator = sign_in(world.ours.operator)
    good = {"enabled": "on", "energy_mix": "Gas: 62 %\nWood; 38", "mix_note": "2026", "contacts": "Call us"}
    for mix in ("Gas 62", "Gas: 62 %", "Gas: 162 %"):
        answer = operator.post("/p/tilleuls/sheets/settings/", {**good, "energy_mix": mix})
        assert answer.status_code == 422 and answer.context["form"].errors, mix
    assert operator.post("/p/tilleuls/sheets/settings/", good).status_code == 302
    start()
    figures = sheet_of(world).figures
    assert figures["mix"] == [{"source": "Gas", "percent": "62"}, {"source": "Wood", "percent": "38"}]
    assert figures["contacts"] == "Call us"


def test_without_the_right_no_money_is_told(world: World, home: Home, sign_in: Any) -> None:
    with tenant_scope(world.ours.programme.pk):
        OccupantRight.objects.create(key="euros", allowed=False)
    start()
    (message,) = [one for one in mail.outbox if one.to == [world.ours.occupant.email]]
    assert "€" not in message.body and "€" not in message.alternatives[0][0]


def test_a_correction_shows_at_once_and_what_was_sent_stays(world: World, home: Home, sign_in: Any) -> None:
    """12 kWh became 13: 1.30 today, 1.20 on the sheet as it was sent. A dearer price shows as well."""
    start()
    address = f"/p/tilleuls/sheets/{sheet_of(world).public_id}/"
    occupant = sign_in(world.ours.occupant)
    assert occupant.get(address).context["changed"] is False
    with tenant_scope(world.ours.programme.pk):
        DayTotal.objects.filter(quantity=12_000).update(quantity=13_000)
    today, sent = occupant.get(address), occupant.get(f"{address}?as=sent")
    why = occupant.get(today.context["why_url"])
    assert why.context["total"] == "€1.30" and why.context["period_label"] == "October 2026"
    assert (today.context["changed"], sent.context["changed"]) == (True, None)
    assert [one.context["rows"][1]["money"] for one in (today, sent)] == ["€1.30", "€1.20"]
    assert b"as=sent" in today.content
    assert sign_in(world.ours.operator).post(f"{address}send/").status_code == 302
    run_due_jobs()
    first, again = [one for one in mail.outbox if one.to == [world.ours.occupant.email]]
    assert "€1.20" in first.body and "corrected" not in first.subject
    assert "€1.30" in again.body and "corrected" in again.subject and "Corrected" in again.alternatives[0][0]
    occupant = sign_in(world.ours.occupant)
    assert occupant.get(address).context["changed"] is False, "their person knows of it now"
    seen = {way: occupant.get(f"{address}?as={way}").context["rows"][1]["money"] for way in ("sent", "first")}
    assert seen == {"sent": "€1.30", "first": "€1.20"}
    with tenant_scope(world.ours.programme.pk):
        ParameterValue.objects.update(value="2000")
        SheetSettings.objects.create(contacts="Somebody new")
    assert occupant.get(address).context["rows"][1]["money"] == "€2.60"
    with tenant_scope(world.ours.programme.pk):
        ParameterValue.objects.update(value="1000")
        OccupantRight.objects.create(right="euros", key="euros", allowed=False)
    taken = occupant.get(address)
    assert taken.context["changed"] is False, "a right that went is no correction"
    assert "€" not in taken.content.decode()
