"""Hints: asked for, sent once a threshold and month, ended by their link; never about somebody else's days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.jobs import job_enqueue, run_due_jobs
from accounts.tenancy import tenant_scope
from readings.models import Hint, Reading
from servers.models import Occupancy
from testkit.estate import Home, make_home
from testkit.world import World

NOW = datetime(2026, 11, 22, 12, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def home(world: World) -> Home:
    home = make_home(world.ours.programme)
    home.meter("heat", medium="heat", usage="heating", registers=[{}])
    home.meter(
        "cold",
        medium="cold_water",
        usage="water",
        registers=[{"ref": "volume", "quantity": "volume", "unit": "m3"}],
    )
    home.total("heat/energy", date(2026, 11, 3), 79_000)
    with tenant_scope(world.ours.programme.pk):
        Occupancy.objects.create(dwelling=home.dwelling, user=world.ours.occupant, move_in=date(2026, 1, 1))
    return home


def look() -> list[str]:
    """What is sent now, by subject."""
    mail.outbox.clear()
    job_enqueue(kind="hints_due", key="hints_due")
    run_due_jobs()
    return [message.subject for message in mail.outbox]


def test_one_mail_a_threshold_and_month(world: World, home: Home, sign_in: Any) -> None:
    assert look() == [], "nothing is sent unasked"
    client = sign_in(world.ours.occupant)
    assert (
        client.post("/p/tilleuls/home/hints/", {"kind": "energy", "usage": "", "limit": "100"}).status_code
        == 302
    )
    assert look() == [], "79 kWh are not 80"
    home.total("heat/energy", date(2026, 11, 4), 1_000)
    assert look() == ["Four fifths of your budget of November 2026 are used: Appartement 101"]
    assert look() == []
    home.total("heat/energy", date(2026, 11, 5), 20_000)
    assert look() == ["Your budget of November 2026 is used up: Appartement 101"]
    assert look() == []
    text = mail.outbox[0].body if mail.outbox else ""
    assert text == ""
    page = client.get("/p/tilleuls/home/hints/")
    assert page.context["budgets"][0]["percent"] == 100


def test_the_link_ends_it_without_signing_in(world: World, home: Home, sign_in: Any) -> None:
    client = sign_in(world.ours.occupant)
    client.post("/p/tilleuls/home/hints/", {"kind": "energy", "usage": "heating", "limit": "10"})
    assert len(look()) == 1
    link = next(word for word in mail.outbox[0].body.split() if "/hints/" in word)
    path = "/hints/" + link.split("/hints/")[1]
    assert mail.outbox[0].extra_headers["List-Unsubscribe"] == f"<{link}>"
    visitor = Client()
    assert visitor.get(path).status_code == 200
    with tenant_scope(world.ours.programme.pk):
        assert Hint.objects.count() == 1, "a look does not end it"
    assert visitor.post(path).status_code == 200 and visitor.post(path).status_code == 404
    with tenant_scope(world.ours.programme.pk):
        assert Hint.objects.count() == 0


@pytest.mark.parametrize("limit", ["0", "-5", "1e3", "nan", "1_000", "٣", "", "9999999999", "1,5", "abc"])
def test_a_budget_is_a_plain_number(world: World, home: Home, sign_in: Any, limit: str) -> None:
    answer = sign_in(world.ours.occupant).post(
        "/p/tilleuls/home/hints/", {"kind": "energy", "usage": "", "limit": limit}
    )
    assert answer.status_code == 422 and answer.context["form"].errors


def test_water_that_never_stops_is_told_on_the_page_and_weekly_by_mail(
    world: World, home: Home, sign_in: Any
) -> None:
    register = home.registers["cold/volume"]
    end = int(NOW.timestamp()) // 3600 * 3600
    with tenant_scope(world.ours.programme.pk):
        Reading.objects.bulk_create(
            Reading(register=register, at=end - n * 3600, value=1_000_000 - n * 4) for n in range(200)
        )
    client = sign_in(world.ours.occupant)
    page = client.get("/p/tilleuls/home/")
    assert "at least 4.0 l in each of 72 hours, about 96 l a day" in page.context["hints"][0]["text"]
    assert client.post("/p/tilleuls/home/hints/", {"leak": "1"}).status_code == 302
    assert look() == ["Water does not stop: Appartement 101"]
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        assert look() == []
    with tenant_scope(world.ours.programme.pk):
        Occupancy.objects.update(move_in=date(2026, 11, 21))
    assert client.get("/p/tilleuls/home/").context["hints"] == [], "the hours before are somebody else's"
