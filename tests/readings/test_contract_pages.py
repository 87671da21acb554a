"""Contracts of a utility: finding one's own, adding and removing it, and what the desk sees."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Contract, ContractClaim
from accounts.tenancy import tenant_scope
from servers.models import Meter, MeteringPoint
from testkit.world import World, make_utility
from tests.readings.archive_kit import make_contract, make_point

pytestmark = pytest.mark.django_db
LIST = reverse("contract_list", args=["teplo"])
ADD = reverse("contract_add", args=["teplo"])


@pytest.fixture
def contract(world: World) -> Contract:
    """Ours with a heat meter, beside somebody else's in the same utility and one in another."""
    with tenant_scope(world.utility.programme.pk):
        mine = make_contract("02005235", world.utility.consumer, address="Столярова, 14а")
        make_point("101", contract=mine, address="ул. Столярова, 14а")
        make_contract("02009999")
    other = make_utility("Энерго", "energo")
    with tenant_scope(other.programme.pk):
        make_contract("07000000", other.consumer)
    return mine


def url(name: str, contract: Contract, slug: str = "teplo") -> str:
    return reverse(name, args=[slug, contract.public_id])


def claims(world: World) -> int:
    with tenant_scope(world.utility.programme.pk):
        return ContractClaim.objects.filter(user=world.utility.consumer, removed_at=None).count()


def test_a_consumer_sees_their_own_contracts_only(world: World, contract: Contract, sign_in: Any) -> None:
    page = sign_in(world.utility.consumer).get(LIST).content.decode()
    assert "02005235" in page
    assert "02009999" not in page
    assert "07000000" not in page


def test_an_empty_list_says_what_to_do(world: World, sign_in: Any) -> None:
    assert ADD in sign_in(world.utility.consumer).get(LIST).content.decode()


def test_a_contract_is_added_by_what_stands_on_the_bill(world: World, sign_in: Any) -> None:
    with tenant_scope(world.utility.programme.pk):
        made = make_contract("02005235")
    client = sign_in(world.utility.consumer)
    typed = {"kind": "contract", "city": "Чита", "number": "02005235", "phone": "+7 (999) 123-45-67"}
    for wrong in ({"number": "02005236"}, {"phone": "9990000000"}, {"kind": "person"}, {"number": "12"}):
        answer = client.post(ADD, typed | wrong)
        assert answer.status_code == 422
        assert answer.context["form"].errors
        assert claims(world) == 0
    assert client.post(ADD, typed | {"city": "Париж"}).status_code == 422
    answer = client.post(ADD, typed)
    assert (answer.status_code, answer.url) == (302, url("contract_detail", made))
    assert client.post(ADD, typed).status_code == 302
    assert claims(world) == 1


def test_the_contracts_page_has_a_card_a_heat_meter(world: World, contract: Contract, sign_in: Any) -> None:
    with tenant_scope(world.utility.programme.pk):
        Meter.objects.filter(serial="00000001").update(verified_until=date(2028, 12, 1))
        MeteringPoint.objects.filter(number="101").update(admitted_until=date(2026, 11, 1))
        point = MeteringPoint.objects.get(number="101")
    with time_machine.travel("2026-11-22T00:00:00Z"):
        page = sign_in(world.utility.consumer).get(url("contract_heat_meters", contract))
    text = page.content.decode()
    (card,) = page.context["cards"]
    assert [chip.kind for chip in card["chips"]] == ["ok", "bad"]
    assert "12.2028" in text
    assert "ул. Столярова, 14а" in text
    assert "00000001" in text
    assert url("point_detail", point) in text
    assert url("contract_remove", contract) in text


def test_a_removed_contract_is_gone_with_its_meters_and_can_come_back(
    world: World, contract: Contract, sign_in: Any
) -> None:
    client = sign_in(world.utility.consumer)
    with tenant_scope(world.utility.programme.pk):
        point = MeteringPoint.objects.get(number="101")
    assert client.get(url("contract_remove", contract)).status_code == 200
    assert claims(world) == 1
    assert client.post(url("contract_remove", contract)).url == LIST
    assert claims(world) == 0
    for name, thing in (
        ("contract_detail", contract),
        ("contract_remove", contract),
        ("point_detail", point),
    ):
        assert client.get(url(name, thing)).status_code == 404
    with tenant_scope(world.utility.programme.pk):
        assert Contract.objects.filter(pk=contract.pk).exists()


def test_the_desk_sees_all_and_searches_in_any_case(world: World, contract: Contract, sign_in: Any) -> None:
    client = sign_in(world.utility.operator)
    assert client.get(LIST).content.decode().count("ГСК «Мир»") == 2
    for query, found in (
        ("гск МИР", ("02005235", "02009999")),
        ("СТОЛЯРОВА", ("02005235",)),
        ("9999", ("02009999",)),
        ("zzz", ()),
    ):
        page = client.get(LIST, {"q": query})
        numbers = tuple(c.number for c in page.context["page"])
        assert numbers == found, query
    detail = client.get(url("contract_detail", contract)).content.decode()
    assert url("contract_remove", contract) not in detail


@pytest.mark.parametrize("name", ["contract_list", "contract_add", "contract_detail", "contract_remove"])
def test_who_may_open_a_page(world: World, contract: Contract, sign_in: Any, name: str) -> None:
    one = name in ("contract_detail", "contract_remove")
    path = url(name, contract) if one else reverse(name, args=["teplo"])
    assert sign_in(world.utility.consumer).get(path).status_code == 200
    out = Client().get(path)
    assert (out.status_code, out.url.startswith("/?next=")) == (302, True)
    assert sign_in(world.ours.administrator).get(path).status_code == 404  # a stranger
    desk = sign_in(world.utility.operator).get(path).status_code
    assert desk == (403 if name in ("contract_add", "contract_remove") else 200)
    method = "put" if name in ("contract_add", "contract_remove") else "post"
    assert getattr(sign_in(world.utility.consumer), method)(path).status_code == 405
    if one:
        client = sign_in(world.utility.consumer)
        assert client.get(path.replace(str(contract.public_id), "no-uuid")).status_code == 404
        with tenant_scope(world.utility.programme.pk):
            foreign = Contract.objects.get(number="02009999")
        assert client.get(url(name, foreign)).status_code == 404
