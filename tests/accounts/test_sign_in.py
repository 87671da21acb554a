"""The front door: who gets in, what a refusal says, and where one lands."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.landing import landing_url
from accounts.models import Role
from testkit.people import text_of, visitor
from testkit.world import PASSWORD, World, join, make_user


def enter(client: Any, login: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/", {"login": login, "password": password, **more})


def signed_in(client: Any) -> bool:
    return "_auth_user_id" in client.session


def test_the_page_has_the_seeds_words_and_links(world: World) -> None:
    page = visitor(headers={"accept-language": "en"}).get("/").content.decode()
    for words in ("Programme name or e-mail", "Password", "Forgotten password?", "Sign in"):
        assert words in page
    assert "No programme yet? You can register here" in page
    assert f'href="{reverse("register")}"' in page
    assert f'href="{reverse("password_forgotten")}"' in page


@pytest.mark.parametrize("login", ["les tilleuls", "Administrator@Tilleuls.example ", "LES  TILLEULS"])
def test_by_programme_name_or_address(world: World, login: str) -> None:
    client = visitor()
    assert enter(client, login).headers["Location"] == "/programmes/"
    assert client.session["_auth_user_id"] == str(world.ours.administrator.pk)


def test_the_session_is_a_new_one(world: World) -> None:
    client = visitor()
    client.get("/mail-sent/")
    session = client.session
    session["mail_sent"] = {"email": "x@y.example", "days": 7}
    session.save()
    client.cookies["sessionid"] = session.session_key
    enter(client, world.ours.operator.email)
    assert signed_in(client)
    assert client.cookies["sessionid"].value != session.session_key


def test_every_refusal_is_the_same(world: World) -> None:
    make_user("closed@tilleuls.example", is_active=False)
    invited = make_user("invited@tilleuls.example")
    invited.set_unusable_password()
    invited.save()
    pages = set()
    for login in (
        world.ours.operator.email,  # known, wrong password
        "nobody@new.example",
        "Les Tilleuls",
        "No such programme",
        "invited@tilleuls.example",
        "closed@tilleuls.example",
    ):
        client = visitor()
        page = enter(client, login, "wrong 1234")
        assert not signed_in(client)
        pages.add((page.status_code, text_of(page).replace(login.lower(), "…").replace(login, "…")))
    assert len(pages) == 1


def test_every_refusal_costs_one_hash(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash is nearly all of the time a refusal takes: one for each, and nobody can measure who is known."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    invited = make_user("invited@tilleuls.example")
    invited.set_unusable_password()
    invited.save()
    encode, costs = MD5PasswordHasher.encode, []
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *args: costs.append(1) or encode(self, *args)
    )
    for login in (world.ours.operator.email, "nobody@new.example", "Les Tilleuls", "No such", invited.email):
        costs.clear()
        enter(visitor(), login, "wrong 1234")
        assert len(costs) == 1, login


def test_a_closed_account_stays_out_and_one_closed_later_is_out_at_once(world: World) -> None:
    person = world.ours.administrator
    inside = visitor()
    enter(inside, person.email)
    assert inside.get("/p/tilleuls/account/").status_code == 200
    person.is_active = False
    person.save()
    assert inside.get("/p/tilleuls/account/").status_code == 302
    client = visitor()
    assert enter(client, person.email).headers["Location"] == "/"
    assert not signed_in(client)


@pytest.mark.parametrize(
    "bad",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "https://testserver@evil.example/",
        "\t//evil.example",
        "programmes",
    ],
)
def test_nobody_is_sent_to_another_site(world: World, bad: str) -> None:
    assert enter(visitor(), world.ours.operator.email, next=bad).headers["Location"] == "/programmes/"
    inside = visitor()
    inside.force_login(world.ours.operator)
    assert inside.get("/", {"next": bad}).headers["Location"] == "/programmes/"


def test_the_page_asked_for_opens_after_signing_in(world: World) -> None:
    client = visitor()
    sent_away = client.get("/p/tilleuls/operators/?a=1")
    assert sent_away.headers["Location"] == "/?next=%2Fp%2Ftilleuls%2Foperators%2F%3Fa%3D1"
    page = client.get(sent_away.headers["Location"]).content.decode()
    assert 'name="next" value="/p/tilleuls/operators/?a=1"' in page
    answer = enter(client, "Les Tilleuls", next="/p/tilleuls/operators/?a=1")
    assert answer.headers["Location"] == "/p/tilleuls/operators/?a=1"


def test_csrf_is_enforced(world: World) -> None:
    client = visitor(enforce_csrf_checks=True)
    assert enter(client, world.ours.operator.email).status_code == 403
    client.force_login(world.ours.operator)
    assert client.post("/sign-out/").status_code == 403


def test_guessing_is_stopped_also_for_the_right_password(world: World, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key", "login": "30/m/ip"}
    for _again in range(5):
        enter(visitor(), "Les Tilleuls", "wrong 1234")
    client = visitor()
    stopped = enter(client, world.ours.administrator.email)
    assert not signed_in(client)
    assert stopped.context["form"].non_field_errors()
    # the others still get in
    assert enter(visitor(), world.ours.operator.email).status_code == 302


def test_signing_out_is_a_post_and_ends_the_session(world: World) -> None:
    client = visitor()
    client.force_login(world.ours.operator)
    old = client.cookies["sessionid"].value
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/"
    client.cookies["sessionid"] = old
    assert client.get("/programmes/").status_code == 302


def test_one_programme_opens_at_once_and_several_are_a_choice(world: World, sign_in: Any) -> None:
    person = world.ours.occupant
    home = landing_url(world.ours.programme, Role.OCCUPANT)
    answer = sign_in(person).get("/programmes/")
    if home != "/programmes/":  # the page of occupants belongs to another app
        assert answer.headers["Location"] == home
    join(person, world.theirs.programme, Role.ADMINISTRATOR)
    page = sign_in(person).get("/programmes/").content.decode()
    assert "Les Tilleuls" in page
    assert "Les Acacias" in page
    assert "Тепло" not in page
    admin_home = landing_url(world.theirs.programme, Role.ADMINISTRATOR)
    assert f'href="{admin_home}"' in page
    assert admin_home.startswith("/p/acacias/")


def test_what_is_not_accepted_or_not_activated_is_no_choice(world: World, sign_in: Any) -> None:
    person = make_user("lone@new.example")
    membership = join(person, world.ours.programme, Role.OPERATOR)
    membership.accepted_at = None
    membership.save()
    join(person, world.theirs.programme, Role.OPERATOR)
    world.theirs.programme.activated_at = None
    world.theirs.programme.save()
    page = sign_in(person).get("/programmes/")
    assert page.status_code == 200
    assert page.context["places"] == []


def test_visitors_are_asked_to_sign_in(world: World) -> None:
    assert visitor().get("/programmes/").headers["Location"] == "/?next=%2Fprogrammes%2F"
    assert visitor().post("/programmes/").status_code == 405
    assert visitor().put("/").status_code == 405


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(world: World, client: Any) -> None:
    for page, then in (
        ("http://testserver/p/tilleuls/periods/?page=2", "/?next=%2Fp%2Ftilleuls%2Fperiods%2F%3Fpage%3D2"),
        ("http://elsewhere.example/x/", "/?next=%2Fp%2Ftilleuls%2Fperiods%2Fclose%2F"),
    ):
        answer = client.post("/p/tilleuls/periods/close/", headers={"Referer": page})
        assert answer.url == then
