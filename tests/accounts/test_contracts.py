"""A consumer adds a contract: it must match the utility's record, and a refusal says nothing about it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.cache import cache

from accounts.errors import DomainError
from accounts.models import AuditEntry, Contract, ContractClaim
from accounts.services import contracts
from accounts.tenancy import tenant_scope
from testkit.world import World

RIGHT = {"kind": "contract", "city": "Чита", "number": "02000000", "phone": "9144700000"}


@pytest.fixture
def utility(world: World) -> Any:
    """The utility's records; the housing programme has one of the same number, to be never found."""
    with tenant_scope(world.ours.programme.pk):
        Contract.objects.create(
            kind="contract", number="02000009", city="Чита", holder="X", phone="9144700000"
        )
    with tenant_scope(world.utility.programme.pk):
        Contract.objects.create(**RIGHT, holder="ООО Ромашка")
        Contract.objects.create(
            kind="person", number="123456", city="Чита", holder="Иванов", phone="9144700001"
        )
        yield world.utility


def claim(utility: Any, **changes: str) -> Contract:
    return contracts.contract_claim(actor=utility.actor(utility.consumer), **{**RIGHT, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"phone": "+7 (914) 470-00-00"},
        {"phone": "8 914 470 00 00"},
        {"number": " 0200 0000 "},
        {"city": "  ЧИТА "},
        {"kind": "person", "number": "123456", "phone": "79144700001"},
    ],
)
def test_what_stands_on_the_bill_adds_the_contract(utility: Any, changes: dict[str, str]) -> None:
    contract = claim(utility, **changes)
    held = ContractClaim.objects.get(removed_at=None)
    assert (held.contract, held.user) == (contract, utility.consumer)
    assert AuditEntry.objects.get().action == "contract.claimed"


@pytest.mark.parametrize(
    "changes",
    [
        {"city": "Москва"},
        {"number": "02000001"},
        {"phone": "9144700009"},
        {"kind": "person"},
        {"number": "02000009"},  # stands in another programme
    ],
)
def test_a_refusal_never_says_which_part_was_wrong(utility: Any, changes: dict[str, str]) -> None:
    with pytest.raises(DomainError) as refused:
        claim(utility, **changes)
    assert (refused.value.code, refused.value.data) == ("contract_not_found", {})
    assert not ContractClaim.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": "2000000"}, "number"),
        ({"number": "0200000a"}, "number"),
        ({"number": "٠٢٠٠٠٠٠٠"}, "number"),
        ({"kind": "person", "number": "12-34"}, "number"),
        ({"kind": "firm"}, "kind"),
        ({"phone": "914470000"}, "phone"),
        ({"phone": "+1 914 470 00 00"}, "phone"),
        ({"phone": ""}, "phone"),
    ],
)
def test_what_cannot_be_right_is_said_at_its_field(utility: Any, changes: dict[str, str], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        claim(utility, **changes)
    assert refused.value.data == {"field": field}


def test_adding_twice_is_harmless_and_removing_keeps_the_history(utility: Any) -> None:
    contract = claim(utility)
    claim(utility)
    assert ContractClaim.objects.count() == 1
    actor = utility.actor(utility.consumer)
    contracts.contract_unclaim(actor=actor, contract=contract)
    contracts.contract_unclaim(actor=actor, contract=contract)
    assert ContractClaim.objects.get().removed_at is not None
    claim(utility)
    assert ContractClaim.objects.filter(removed_at=None).count() == 1
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "contract.claimed",
        "contract.unclaimed",
        "contract.claimed",
    ]


def test_guessing_ends_after_ten_tries_even_with_the_right_answer(utility: Any) -> None:
    for number in range(10):
        with pytest.raises(DomainError, match="bill"):
            claim(utility, phone=f"914470010{number}")
    with pytest.raises(DomainError) as refused:
        claim(utility)
    assert refused.value.code == "too_many_attempts"


def test_one_network_address_cannot_guess_with_many_accounts(
    utility: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contracts, "BY_PERSON", contracts.Limit("contract-person", 1000, 60))
    address = f"2001:db8::{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}"
    for number in range(60):
        with pytest.raises(DomainError, match="bill"):
            claim(utility, number=f"0300{number:04}", address=address)
    with pytest.raises(DomainError) as refused:
        claim(utility, address=address)
    assert refused.value.code == "too_many_attempts"


@pytest.mark.parametrize("number", ["02000000", "02000001"])
def test_many_people_together_cannot_guess_one_contract(
    utility: Any, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    """Whether or not there is such a contract; and the next one is not closed by it."""
    monkeypatch.setattr(contracts, "BY_PERSON", contracts.Limit("contract-person", 1000, 60))
    cache.clear()
    for guess in range(20):
        with pytest.raises(DomainError, match="bill"):
            claim(utility, number=number, phone=f"91447002{guess:02}", address=f"2001:db8::{guess}")
    with pytest.raises(DomainError) as refused:
        claim(utility, number=number, address="2001:db8::ffff")
    assert refused.value.code == "too_many_attempts"
    assert claim(utility, kind="person", number="123456", phone="9144700001").number == "123456"


def test_the_list_of_cities_is_the_utilitys(utility: Any) -> None:
    assert contracts.contract_cities() == ["Чита"]
