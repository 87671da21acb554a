"""Several people at once: one takes a programme over, an address is invited once, a contract is claimed once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection
from django.test import Client

from accounts.models import Contract, ContractClaim, EmailToken, Membership, Role, User
from accounts.services.tokens import token_mint
from accounts.tenancy import tenant_scope
from testkit.people import new_password, twice
from testkit.world import make_world


def _browser(user: User | None = None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def _at_once(calls: list[Callable[[], Any]]) -> Counter[int]:
    """Each call by a thread with a connection of its own; how often which status came."""
    ready, told = threading.Barrier(len(calls)), []

    def go(call: Callable[[], Any]) -> None:
        try:
            ready.wait(30)
            told.append(call().status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return Counter(told)


def test_one_wins_and_the_others_get_a_sentence(transactional_db: Any) -> None:
    world = make_world()
    ours, utility = world.ours, world.utility
    held = Membership.objects.get(programme=ours.programme, role=Role.ADMINISTRATOR)

    def link(number: int) -> Callable[[], Any]:
        secret = token_mint(
            purpose=EmailToken.Purpose.CHANGE_EMAIL, user=held.user, programme=ours.programme, membership=held,
            new_email=f"new{number % 2}@x.example",
        )  # fmt: skip
        client = _browser()
        return lambda: client.post(f"/activate/{secret}/", new_password())

    def invite() -> Callable[[], Any]:
        client = _browser(world.theirs.administrator)
        return lambda: client.post("/p/acacias/operators/", twice("new0@x.example"))

    told = _at_once([*(link(number) for number in range(4)), invite(), invite()])
    assert set(told) <= {302, 410}
    assert told[302] == 3  # both invitations, which are one membership, and one hand-over
    holder = Membership.objects.get(programme=ours.programme, role=Role.ADMINISTRATOR).user
    assert holder.email in ("new0@x.example", "new1@x.example")
    assert User.objects.filter(email="new0@x.example").count() == 1
    invited = Membership.objects.filter(programme=world.theirs.programme, user__email="new0@x.example")
    assert invited.count() == 1

    with tenant_scope(utility.programme.pk):
        Contract.objects.create(
            kind="contract", number="02000007", city="Чита", holder="A", phone="9991234567"
        )
    data = {"kind": "contract", "city": "Чита", "number": "02000007", "phone": "9991234567"}
    url = f"/p/{utility.programme.slug}/contracts/add/"
    browsers = [_browser(utility.consumer) for _ in range(4)]
    assert _at_once([partial(browser.post, url, data) for browser in browsers]) == {302: 4}
    with tenant_scope(utility.programme.pk):
        assert ContractClaim.objects.filter(contract__number="02000007", removed_at=None).count() == 1
