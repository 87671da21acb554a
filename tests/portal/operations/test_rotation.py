"""A change of SECRET_KEY puts nobody out: not a person, not a box, not a second factor. See docs/operations.md."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.factors.adapter import seal, unseal
from accounts.models import EmailToken
from accounts.services.tokens import token_find, token_mint
from testkit.gateway import OTHER_SERIAL, make_box

OLD, NEW = "old-" + "k" * 60, "new-" + "k" * 60
RESET = EmailToken.Purpose.RESET_PASSWORD


@pytest.fixture
def keyed(settings: Any) -> Any:
    """keyed(present, *older) sets the keys that the portal runs with."""

    def choose(present: str, *older: str) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = present, list(older)

    choose(OLD)
    return choose


def is_in(client: Client) -> bool:
    return bool(client.get(reverse("own_account")).status_code == 200)


def test_nobody_is_put_out_by_a_new_key(world: Any, sign_in: Any, keyed: Any) -> None:
    person, idle = world.ours.occupant, sign_in(world.ours.operator)
    client, box = sign_in(person), make_box(world.ours.programme)
    quiet = make_box(world.ours.programme, OTHER_SERIAL, "Never heard of meanwhile")
    totp = Authenticator.objects.create(user=person, type="totp", data={"secret": seal("JBSWY3DP")})
    link = token_mint(purpose=RESET, user=person)
    assert is_in(client) and is_in(idle)

    keyed(NEW, OLD)
    assert is_in(client)
    assert box.post("/heartbeat", {}).status_code == 200
    assert token_find(secret=link, purposes=frozenset({RESET})).user == person
    call_command("rekey", verbosity=0)

    keyed(NEW)
    assert is_in(client), "who came back meanwhile stays signed in"
    assert box.post("/heartbeat", {}).status_code == 200
    totp.refresh_from_db()
    assert unseal(totp.data["secret"]) == "JBSWY3DP"
    # the control: what was not used while both keys were known is of the old one only
    assert not is_in(idle) and quiet.post("/heartbeat", {}).status_code == 401
