"""The second step: apps, passkeys, recovery codes; who must have one; asking again; the list of browsers."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from accounts.models import BrowserSession, OutboxMessage
from testkit.factors import SecurityKey, code_of, options_in, set_up_app, wrong_code
from testkit.people import mails_to, visitor
from testkit.world import PASSWORD, World, join

pytestmark = pytest.mark.django_db
NOON = "2026-11-22T12:00:10Z"


def enter(client: Any, person: Any, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/", {"login": person.email, "password": password, **more})


def is_in(client: Any) -> bool:
    return "_auth_user_id" in client.session


def test_an_app_is_asked_after_the_password_and_its_code_works_once(world: World) -> None:
    person, client = world.ours.operator, visitor()
    with time_machine.travel(NOON, tick=False) as clock:
        enter(client, person)
        secret, codes = set_up_app(client)
        assert len(set(codes)) == 10
        stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
        assert secret not in stored and not any(code in stored for code in codes)
        assert "factor_pending" not in client.session

        first = visitor()
        assert enter(first, person, next="/p/tilleuls/occupants/").url == "/sign-in/second-step/"
        assert not is_in(first)
        assert first.get("/p/tilleuls/occupants/").status_code == 302
        assert "Second step" in first.get("/sign-in/second-step/").content.decode()
        assert (
            not is_in(first)
            and first.post("/sign-in/second-step/", {"code": wrong_code(secret)}).status_code == 422
        )
        before = first.session.session_key
        done = first.post("/sign-in/second-step/", {"code": code_of(secret)})
        assert (done.url, is_in(first)) == ("/p/tilleuls/occupants/", True)
        assert first.session.session_key != before

        cache.clear()  # a flush of the cache does not bring a used code back
        second = visitor()
        enter(second, person)
        second.post("/sign-in/second-step/", {"code": code_of(secret)})
        assert not is_in(second)
        clock.shift(30)
        second.post("/sign-in/second-step/", {"code": code_of(secret)})
        assert is_in(second)
        clock.shift(120)
        third = visitor()
        enter(third, person)
        third.post("/sign-in/second-step/", {"code": code_of(secret, ahead=-3)})  # older than its neighbours
        assert not is_in(third)


def test_a_recovery_code_works_once_and_is_told_by_mail(world: World) -> None:
    person, client = world.ours.operator, visitor()
    enter(client, person)
    _secret, codes = set_up_app(client)
    for code, gets_in in ((codes[0], True), (codes[0], False), (f" {codes[1][:5]} {codes[1][5:]}", True)):
        other = visitor()
        enter(other, person)
        other.post("/sign-in/second-step/", {"code": code})
        assert is_in(other) == gets_in
    told = [mail.subject for mail in mails_to(person.email)]
    assert told.count("Relevé – A recovery code was used to sign in") == 2
    assert "Relevé – An authenticator app was set up" in told
    body = mails_to(person.email)[0].body
    assert "(UTC+01:00)" in body  # the programme's zone, with its distance to UTC
    renewed = client.post("/account/security/recovery-codes/").content.decode()
    assert codes[2] not in renewed
    other = visitor()
    enter(other, person)
    other.post("/sign-in/second-step/", {"code": codes[2]})
    assert not is_in(other)


def test_codes_cannot_be_guessed(world: World) -> None:
    person, client = world.ours.operator, visitor()
    enter(client, person)
    secret, _codes = set_up_app(client)
    for _again in range(5):
        other = visitor()
        enter(other, person)
        other.post("/sign-in/second-step/", {"code": wrong_code(secret)})
    other = visitor()
    enter(other, person)
    refused = other.post("/sign-in/second-step/", {"code": code_of(secret)})
    assert not is_in(other)
    assert "Too many attempts" in refused.content.decode()


def test_without_the_password_there_is_no_second_step(world: World) -> None:
    client = visitor()
    assert client.get("/sign-in/second-step/").url == "/"
    assert client.post("/sign-in/second-step/", {"code": "123456"}).url == "/"
    person, owner = world.ours.operator, visitor()
    enter(owner, person)
    secret, _codes = set_up_app(owner)
    enter(client, person)
    person.is_active = False
    person.save()
    client.post("/sign-in/second-step/", {"code": code_of(secret)})
    assert not is_in(client)


def test_a_passkey_signs_in_by_itself_and_for_its_person_and_site_only(world: World, settings: Any) -> None:
    settings.SITE_URL = "https://releve.example"
    person, client, key = world.ours.operator, visitor(), SecurityKey()
    enter(client, person)
    page = client.get("/account/security/passkeys/add/")
    no_finger = {"name": "Key", "credential": SecurityKey().create(options_in(page), verified=False)}
    assert "was not accepted" in client.post("/account/security/passkeys/add/", no_finger).content.decode()
    page = client.get("/account/security/passkeys/add/")
    done = client.post(
        "/account/security/passkeys/add/", {"name": "My <key>", "credential": key.create(options_in(page))}
    )
    assert "Your recovery codes" in done.content.decode()
    assert "My &lt;key&gt;" in client.get("/account/security/").content.decode()

    def sign_in(change: Any = None, **more: Any) -> Any:
        other = visitor()
        answer = key.get(other.get("/sign-in/passkey/options/").json(), **more)
        other.post("/sign-in/passkey/", {"credential": change(answer) if change else answer})
        return other

    assert is_in(sign_in())
    assert not is_in(sign_in(verified=False))
    assert not is_in(sign_in(origin="https://evil.example"))
    assert not is_in(sign_in(lambda answer: answer.replace('"signature": "', '"signature": "AA')))
    for broken in (
        "",
        "[]",
        "{}",
        '{"response": 1}',
        "{" * 9000,
        '{"response": {"userHandle": "AA"}}',
        "x" * 30_000,
    ):
        assert not is_in(sign_in(lambda _answer, broken=broken: broken))
    replayed, first = visitor(), visitor()
    answer = key.get(first.get("/sign-in/passkey/options/").json())
    first.post("/sign-in/passkey/", {"credential": answer})
    replayed.get("/sign-in/passkey/options/")
    replayed.post("/sign-in/passkey/", {"credential": answer})
    assert is_in(first) and not is_in(replayed)

    second = visitor()  # as the second step after the password
    enter(second, person)
    second.post(
        "/sign-in/second-step/", {"credential": key.get(options_in(second.get("/sign-in/second-step/")))}
    )
    assert is_in(second)
    passkey = Authenticator.objects.get(type="webauthn")
    url = f"/account/security/passkeys/{passkey.data['public_id']}/remove/"
    stranger = visitor()
    stranger.force_login(world.theirs.operator)
    assert stranger.post(url).status_code == 404
    assert client.post(url).status_code == 302
    assert not Authenticator.objects.exists()  # its recovery codes went with it
    assert not is_in(sign_in())


def test_staff_without_a_factor_reach_nothing_where_one_is_required(world: World, settings: Any) -> None:
    settings.MFA_REQUIRED_OF_STAFF = True
    client = visitor()
    for person, path in (
        (world.ours.operator, "/p/tilleuls/occupants/"),
        (world.ours.administrator, "/p/tilleuls/account/"),
    ):
        client = visitor()
        enter(client, person)
        assert client.get(path).url == "/account/security/?required=1"
        assert client.post(path).status_code == 302
        assert "signs in with a second factor" in client.get("/account/security/?required=1").content.decode()
        set_up_app(client)
        assert client.get(path).status_code == 200
    client.post("/account/security/app/remove/")  # the last one gone, the door is closed again
    assert client.get(path).url == "/account/security/?required=1"
    occupant = visitor()
    enter(occupant, world.ours.occupant)
    assert occupant.get("/p/tilleuls/my-consumption/").status_code in (200, 404)


def test_asking_again_loses_nothing_that_was_typed(world: World, settings: Any) -> None:
    settings.CONFIRM_AFTER_SECONDS = 300
    person = world.ours.administrator
    with time_machine.travel(NOON, tick=False) as clock:
        client = visitor()
        enter(client, person)
        assert client.get("/p/tilleuls/account/email/").status_code == 200
        clock.shift(301)
        assert client.get("/account/email/").url == "/account/confirm/?next=%2Faccount%2Femail%2F"
        new = {"email": "new@tilleuls.example", "email_again": "new@tilleuls.example"}
        asked = client.post("/account/email/", new)
        page = asked.content.decode()
        assert 'name="email" value="new@tilleuls.example"' in page
        assert not OutboxMessage.objects.exists()
        carried = {"confirm-next": "/account/email/", "confirm-again": "1", **new}
        wrong = client.post("/account/confirm/", {**carried, "confirm-password": "wrong 1234"})
        assert wrong.status_code == 422 and "new@tilleuls.example" in wrong.content.decode()
        right = client.post("/account/confirm/", {**carried, "confirm-password": PASSWORD})
        assert (right.status_code, right.url) == (307, "/account/email/")
        assert client.post(right.url, {**carried, "confirm-password": PASSWORD}).status_code == 302
        assert OutboxMessage.objects.get().recipient == "new@tilleuls.example"
        evil = client.post(
            "/account/confirm/", {"confirm-next": "https://evil.example/", "confirm-password": PASSWORD}
        )
        assert evil.url == "/account/security/"
        clock.shift(301)
        for _again in range(6):
            client.post("/account/confirm/", {"confirm-password": "wrong 1234"})
        client.post("/account/confirm/", {"confirm-password": PASSWORD})
        assert client.get("/account/email/").status_code == 302  # the tries are used up


def test_what_is_worth_asking_again_for_asks() -> None:
    from accounts.checks import views_of

    asking = {name for _route, name, view in views_of() if getattr(view, "confirmed", False)}
    assert asking >= {
        "account_email", "own_email", "server_password", "server_replace", "app_add", "app_remove", "passkey_add",
        "passkey_remove", "recovery_renew", "data_export",
    }  # fmt: skip


def test_browsers_are_listed_and_ended_and_the_table_holds_no_cookie(world: World) -> None:
    person = world.ours.operator
    firefox = visitor(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"})
    phone = visitor(
        headers={"user-agent": "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36"}
    )
    other = visitor()
    for client, who in ((firefox, person), (phone, person), (other, world.theirs.operator)):
        enter(client, who)
        client.get("/programmes/")
    page = firefox.get("/account/security/").content.decode()
    assert "Firefox on Windows" in page and "Chrome on Android" in page and "this browser" in page
    assert "2001:db8:" in page and "/48" in page and "::1" not in page
    cookies = [client.cookies["sessionid"].value for client in (firefox, phone, other)]
    stored = repr(list(BrowserSession.objects.values_list()))
    assert not any(cookie in stored for cookie in cookies)
    handle_of_other = BrowserSession.objects.get(user=world.theirs.operator).pk
    firefox.post(f"/account/security/browsers/{handle_of_other}/end/")
    assert other.get("/account/security/").status_code == 200  # not theirs to end
    assert (
        visitor().get("/account/security/", headers={"cookie": f"sessionid={handle_of_other}"}).status_code
        == 302
    )
    firefox.post("/account/security/browsers/end/")
    assert phone.get("/account/security/").status_code == 302
    assert firefox.get("/account/security/").status_code == 200


def test_a_session_of_staff_ends_by_itself(world: World, settings: Any) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        idle, busy, occupant = visitor(), visitor(), visitor()
        for client, person in (
            (idle, world.ours.operator), (busy, world.ours.operator), (occupant, world.ours.occupant),
        ):  # fmt: skip
            enter(client, person)
            client.get("/account/")
        for _again in range(11):
            clock.shift(3600)
            assert busy.get("/account/").status_code == 200
        assert idle.get("/account/").status_code == 302
        clock.shift(3 * 3600 - 60)
        assert busy.get("/account/").status_code == 302  # twelve hours, however busy
        assert occupant.get("/account/").status_code == 200
        clock.shift(15 * 24 * 3600)
        assert occupant.get("/account/").status_code == 302


def test_who_becomes_staff_while_signed_in_gets_the_session_of_staff(world: World) -> None:
    person = world.ours.occupant
    with time_machine.travel(NOON, tick=False) as clock:
        client = visitor()
        enter(client, person)
        client.get("/account/")
        clock.shift(24 * 3600)
        assert client.get("/account/").status_code == 200  # the control: an occupant's day passes
        join(person, world.ours.programme, "operator")
        clock.shift(600)
        assert client.get("/p/tilleuls/occupants/").status_code in (200, 302)
        clock.shift(600)
        assert client.get("/account/").status_code == 302  # a day is more than the twelve hours of staff
