"""A mail that still waits when what it allows has ended: it is not sent, or what stands in it opens nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from accounts import outbox
from accounts.jobs import run_due_jobs
from accounts.models import EmailToken, OutboxMessage, User
from servers.models import ServerCredential
from testkit.gateway import make_server
from testkit.people import CHOSEN, link_for, link_in, mails_to, new_password, twice, visitor
from testkit.world import PASSWORD, World

EMAIL, PASSWORD_PAGE = "/p/tilleuls/account/email/", "/p/tilleuls/account/password/"
CHANGE = {"current": PASSWORD, "password": CHOSEN, "password_again": CHOSEN}


def waiting() -> list[str]:
    return sorted(OutboxMessage.objects.filter(state="queued").values_list("kind", flat=True))


def test_a_new_password_takes_back_the_links_that_were_asked_for_before(world: World, sign_in: Any) -> None:
    person, bystander = world.ours.administrator, world.theirs.administrator
    client = sign_in(person)
    client.post(EMAIL, twice("thief@new.example"))
    client.post("/account/email/", twice("thief@own.example"))
    for address in (person.email, bystander.email):
        visitor().post("/password/forgotten/", {"email": address})
    assert waiting() == ["address_prove", "password_forgotten", "password_forgotten", "programme_handed_over"]
    assert client.post(PASSWORD_PAGE, CHANGE).status_code == 302
    run_due_jobs()
    assert [message.to for message in mail.outbox if "/password/reset/" in message.body] == [
        [bystander.email]
    ]
    assert mails_to("thief@new.example") == mails_to("thief@own.example") == []
    unsent = OutboxMessage.objects.filter(state="failed")
    assert all(message.not_needed for message in unsent)
    assert len(unsent) == 3
    page = client.get("/p/tilleuls/mails/")
    assert b"thief@new.example" in page.content  # its people see that it did not go


def test_the_address_given_last_is_the_only_one_that_is_written_to(world: World, sign_in: Any) -> None:
    client = sign_in(world.ours.administrator)
    for email in ("typo@new.example", "right@new.example"):
        client.post(EMAIL, twice(email))
        client.post("/account/email/", twice(f"own-{email}"))
    for prefix in ("", "own-"):
        assert mails_to(f"{prefix}typo@new.example") == []
        assert link_for(f"{prefix}right@new.example")


def test_a_mail_that_was_given_up_is_not_sent_again_to_a_former_address(world: World, sign_in: Any) -> None:
    client = sign_in(world.ours.administrator)
    client.post(EMAIL, twice("typo@new.example"))
    typo = OutboxMessage.objects.filter(recipient="typo@new.example")
    typo.update(state="failed", error="SMTPException")
    client.post(EMAIL, twice("right@new.example"))
    url = f"/p/tilleuls/mails/{typo.get().public_id}/retry/"
    for person in (world.ours.administrator, world.ours.operator):
        sign_in(person).post(url)
    assert mails_to("typo@new.example") == []


def test_a_link_that_was_made_just_before_it_was_taken_back_opens_nothing(
    world: World, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has made the link and talks to the mail server while the password is changed."""
    person, client = world.ours.administrator, sign_in(world.ours.administrator)
    visitor().post("/password/forgotten/", {"email": person.email})
    send = outbox._render_and_send

    def meanwhile(*args: Any) -> None:
        monkeypatch.setattr(outbox, "_render_and_send", send)
        assert client.post(PASSWORD_PAGE, CHANGE).status_code == 302
        send(*args)

    monkeypatch.setattr(outbox, "_render_and_send", meanwhile)
    (message,) = [one for one in mails_to(person.email) if "/password/reset/" in one.body]
    assert visitor().get(link_in(message)).status_code == 410


def test_the_former_holder_is_sent_no_servers_password_and_keeps_none(world: World, sign_in: Any) -> None:
    old = world.ours.administrator
    _box, read = make_server(world.ours.programme, "B" * 24)
    _other, theirs = make_server(world.theirs.programme, "D" * 24)
    client = sign_in(old)
    client.post(EMAIL, twice("successor@new.example"))
    link = link_for("successor@new.example")
    for serial in ("C" * 24, "E" * 24):
        client.post("/p/tilleuls/servers/create/", {"serial": serial, "description": serial[0]})
    # one was overlooked by whoever takes mails back: it asks again who holds the programme
    late = OutboxMessage.objects.filter(kind="server_added", context__serial__startswith="E")
    page = visitor()
    assert b"Passwords of servers" in page.get(link).content
    assert page.post(link, new_password()).status_code == 302
    assert late.update(state="queued", error="") == 1
    run_due_jobs()
    assert not [one for one in mail.outbox if one.to == [old.email] and "server" in one.subject.lower()]
    for serial, password, status in (("B" * 24, read, 401), ("D" * 24, theirs, 201)):
        asked = {"serial": serial, "password": password}
        assert visitor().post("/api/v1/activation", asked, "application/json").status_code == status
    ended = ServerCredential.objects.filter(programme=world.ours.programme)
    assert set(ended.values_list("password_digest", flat=True)) == {None}


def test_a_closed_account_opens_no_link(world: World, sign_in: Any) -> None:
    """Neither its own, nor one that makes it somebody."""
    closed = world.theirs.operator
    visitor().post("/password/forgotten/", {"email": closed.email})
    reset = link_for(closed.email)
    sign_in(world.ours.administrator).post(EMAIL, twice(closed.email))
    take_over = link_for(closed.email)
    visitor().post("/password/forgotten/", {"email": closed.email})
    User.objects.filter(pk=closed.pk).update(is_active=False)
    for link in (reset, take_over):
        assert visitor().get(link).status_code == 410
        assert visitor().post(link, new_password()).status_code == 410
    count = EmailToken.objects.count()
    run_due_jobs()
    assert EmailToken.objects.count() == count
    assert world.ours.programme.memberships.get(role="administrator").user == world.ours.administrator
