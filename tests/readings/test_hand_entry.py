"""Readings typed by hand: the previous value beside the field, a doubt that asks once, one entry for two clicks."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.tenancy import tenant_scope
from readings.imports import closed
from readings.models import DayTotal, HandEntry, Reading, SupersededReading
from readings.totals.drain import totals_drain
from testkit.world import World, make_utility
from tests.readings.archive_kit import make_contract, make_point

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel("2026-02-01T00:00:00Z", tick=True):
        yield


@pytest.fixture
def point(world: World) -> Any:
    with tenant_scope(world.utility.programme.pk):
        contract = make_contract("02000000", world.utility.consumer)
        return make_point("102", medium="hot_water", contract=contract, source="index")


@pytest.fixture
def client(world: World, point: Any, sign_in: Any) -> Client:
    return sign_in(world.utility.consumer)


def enter(client: Client, point: Any, at: str, value: str, **fields: Any) -> Any:
    data = {"at": at, "value_0": value, "token": str(uuid.uuid4()), **fields}
    return client.post(reverse("entry_new", args=["teplo", point.public_id]), data)


def readings(world: World) -> list[int]:
    with tenant_scope(world.utility.programme.pk):
        return list(Reading.objects.order_by("at").values_list("value", flat=True))


def test_two_readings_give_the_days_between_them(world: World, client: Client, point: Any) -> None:
    assert enter(client, point, "2026-01-20T00:00", "100,5").status_code == 302
    answer = enter(client, point, "2026-01-22T00:00", "1 100.5")
    assert answer.status_code == 302
    receipt = client.get(answer.url)
    assert "20260201-H" in receipt.content.decode()
    number = answer.url.rstrip("/").rsplit("/", 1)[1]
    assert client.get(reverse("entry_receipt", args=["teplo", number])).content.startswith(b"%PDF-")
    totals_drain(programme_id=world.utility.programme.pk)
    with tenant_scope(world.utility.programme.pk):
        assert sum(DayTotal.objects.values_list("quantity", flat=True)) == 1_000_000_000
        assert set(Reading.objects.values_list("source", flat=True)) == {Reading.Source.HAND}
        assert AuditEntry.objects.filter(action="reading.entered").count() == 2
    form = client.get(reverse("entry_new", args=["teplo", point.public_id]))
    assert "1,100.5" in form.content.decode()  # the previous value stands beside the field


def test_a_doubled_click_is_one_entry(world: World, client: Client, point: Any) -> None:
    token = str(uuid.uuid4())
    first, second = (enter(client, point, "2026-01-20T00:00", "5", token=token) for _ in range(2))
    assert first.url == second.url
    with tenant_scope(world.utility.programme.pk):
        assert HandEntry.objects.count() == 1


@pytest.mark.parametrize(("at", "value", "code"), [
    ("2026-01-25T00:00", "90", "confirmed"), ("2026-01-19T00:00", "120", "confirmed"),
    ("2026-01-20T09:01", "99999999", "value_0"), ("2026-01-25T00:00", "12,3,4", "value_0"),
    ("2026-01-25T00:00", "-1", "value_0"), ("2026-01-25T00:00", "", "value_0"),
    ("2026-03-25T00:00", "200", "at"), ("25 January", "200", "at"), ("2026-01-20T00:00", "101", "__all__"),
])  # fmt: skip
def test_what_is_unlikely_asks_and_what_is_wrong_refuses(
    world: World, client: Client, point: Any, at: str, value: str, code: str
) -> None:
    enter(client, point, "2026-01-20T00:00", "100")
    if code == "value_0" and value == "99999999":
        with tenant_scope(world.utility.programme.pk):
            Reading.objects.get().register.__class__.objects.update(max_per_hour=50_000_000)
    answer = enter(client, point, at, value)
    assert answer.status_code == 422
    assert code in answer.context["form"].errors
    assert readings(world) == [100_000_000]
    confirmed = enter(client, point, at, value, confirmed="on")
    unlikely = "confirmed" in answer.context["form"].errors
    assert confirmed.status_code == (302 if unlikely else 422)
    assert len(readings(world)) == (2 if unlikely else 1)


def test_a_correction_keeps_the_first_value_in_history(world: World, client: Client, point: Any) -> None:
    answer = enter(client, point, "2026-01-20T00:00", "100")
    number = answer.url.rstrip("/").rsplit("/", 1)[1]
    url = reverse("entry_correct", args=["teplo", number])
    assert url in client.get(answer.url).content.decode()
    token = str(uuid.uuid4())
    for _ in range(2):
        corrected = client.post(url, {"value": "10", "reason": "a digit too many", "token": token})
        assert corrected.status_code == 302
    assert readings(world) == [10_000_000]
    again = client.post(url, {"value": "11", "reason": "again", "token": str(uuid.uuid4())})
    assert again.status_code == 422  # it was corrected since
    assert url not in client.get(answer.url).content.decode()
    with tenant_scope(world.utility.programme.pk):
        assert SupersededReading.objects.get().value == 100_000_000
        assert AuditEntry.objects.get(action="reading.corrected").detail["was"] == 100_000_000


def test_a_closed_period_and_a_point_with_an_archive_take_none(
    world: World, client: Client, point: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closed, "_asked", [lambda _point, first, last: [(first, last + closed.DAY)]])
    assert "at" in enter(client, point, "2026-01-20T00:00", "5").context["form"].errors
    with tenant_scope(world.utility.programme.pk):
        type(point).objects.update(totals_source="archive")
    page = client.get(reverse("entry_new", args=["teplo", point.public_id])).content.decode()
    assert "value_0" not in page
    assert readings(world) == []


def test_only_the_consumer_and_the_desk_see_it(
    world: World, client: Client, point: Any, sign_in: Any
) -> None:
    answer = enter(client, point, "2026-01-20T00:00", "5")
    other = make_utility("Тепло 2", "other-teplo")
    with tenant_scope(world.utility.programme.pk):
        neighbour = make_point(
            "300", medium="hot_water", serial="9", contract=make_contract("03"), source="index"
        )
    assert sign_in(other.operator).get(answer.url).status_code == 404
    assert sign_in(other.operator).get(answer.url.replace("teplo", "other-teplo")).status_code == 404
    assert enter(client, neighbour, "2026-01-20T00:00", "5").status_code == 404
    assert sign_in(world.utility.operator).get(answer.url).status_code == 200
