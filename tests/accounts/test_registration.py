"""Register a programme, follow the link, choose a password, sign in; and everything that may go wrong on the way."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts import captcha, jobs
from accounts.models import EmailToken, Job, Membership, OutboxMessage, Programme, Role, User
from accounts.services.programmes import purge_unactivated
from accounts.tasks import ask_for_purge
from accounts.tenancy import tenant_scope
from testkit.people import (
    CHOSEN,
    challenge_of,
    fill,
    link_for,
    link_in,
    mails_to,
    new_password,
    text_of,
    twice,
    visitor,
)
from testkit.world import World, make_programme

NAME = "Résidence de l'Île n° 2".replace("n° ", "")
EMAIL = "installer@new.example"


def register(client: Any, name: str = NAME, email: str = EMAIL) -> Any:
    return fill(client, "/register/", name=name, **twice(email))


def test_a_visitor_becomes_the_administrator_of_a_programme(world: World) -> None:
    client = visitor()
    assert register(client, email="Installer@New.example").headers["Location"] == "/mail-sent/"
    programme = Programme.objects.get(name=NAME)
    assert (programme.slug, programme.kind, programme.activated_at) == (
        "residence-de-lile-2",
        "housing",
        None,
    )
    (message,) = mails_to(EMAIL)
    assert NAME in message.body
    link = link_in(message)
    page = client.get(link)
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["Cache-Control"] == "no-store, private"
    assert NAME in html.unescape(page.content.decode())
    opened = client.post(link, new_password())
    assert opened.status_code == 302
    programme.refresh_from_db()
    assert programme.activated_at is not None
    assert client.get(f"/p/{programme.slug}/account/").status_code == 200
    # and again from another browser, by name in any case, and by address
    for login in (NAME.upper(), f"  {NAME} ", EMAIL.upper()):
        other = visitor()
        assert other.post("/", {"login": login, "password": CHOSEN}).headers["Location"] == "/programmes/"
        assert other.get(f"/p/{programme.slug}/account/").status_code == 200


def test_looking_at_the_link_changes_nothing(world: World) -> None:
    register(visitor())
    link = link_for(EMAIL)
    for _again in range(3):
        scanner = visitor()
        assert scanner.get(link).status_code == 200
        assert scanner.head(link).status_code == 200
    assert not EmailToken.objects.exclude(used_at=None).exists()
    assert Programme.objects.get(name=NAME).activated_at is None
    assert visitor().post(link, new_password()).status_code == 302


def test_a_link_works_once(world: World) -> None:
    register(visitor())
    link = link_for(EMAIL)
    assert visitor().post(link, new_password()).status_code == 302
    for again in (visitor().get(link), visitor().post(link, new_password("Autre mot 77"))):
        assert again.status_code == 410
        assert "already" in again.content.decode() or "déjà" in again.content.decode()
    assert User.objects.get(email=EMAIL).check_password(CHOSEN)


def test_a_mail_sent_twice_makes_two_links_and_one_use(world: World, run_jobs: Any) -> None:
    register(visitor())
    mails_to(EMAIL)
    OutboxMessage.objects.filter(recipient=EMAIL).update(state="queued")
    Job.objects.filter(kind="mail").update(state="queued")
    first, second = [link_in(message) for message in mails_to(EMAIL)]
    assert first != second
    assert visitor().post(first, new_password()).status_code == 302
    assert visitor().post(second, new_password()).status_code == 410


def test_a_link_ends_after_seven_days(world: World) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        register(visitor())
        link = link_for(EMAIL)
        clock.shift(dt.timedelta(days=7, seconds=-1))
        assert visitor().get(link).status_code == 200
        clock.shift(1)
        for late in (visitor().get(link), visitor().post(link, new_password())):
            assert late.status_code == 410
            assert "/register/" in late.content.decode()
    assert Programme.objects.get(name=NAME).activated_at is None


def test_an_unknown_link_says_so(world: World) -> None:
    for token in ("x", "x" * 43, "é", "%00"):
        assert visitor().get(f"/activate/{token}/").status_code == 410


def test_no_secret_is_stored_or_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    register(visitor())
    link = link_for(EMAIL)
    secret = link.split("/")[2]
    assert len(secret) == 43
    visitor().post(link, new_password())
    visitor().get(link)  # 410, which Django logs
    visitor(enforce_csrf_checks=True).post(link, new_password())  # 403, which it logs too
    assert "activate/…" in caplog.text
    assert secret not in caplog.text
    rows = [*OutboxMessage.objects.values(), *EmailToken.objects.values(), *Job.objects.values()]
    assert secret not in repr(rows)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "LES  tilleuls"}, "name"),  # exists, without regard to case and spaces
        ({"name": "a" * 81}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "-.-"}, "name"),
        ({"name": "Les_Tilleuls"}, "name"),
        ({"name": "<b>Les Ormes</b>"}, "name"),
        ({"name": "Ormes\x00"}, "name"),
        ({"email": "no-address"}, "email"),
        ({"email_again": "other@new.example"}, "email_again"),
        ({"captcha": "chat chien"}, "captcha"),
        ({"captcha": ""}, "captcha"),
    ],
)
def test_a_refusal_stands_at_its_field_and_stores_nothing(
    world: World, data: dict[str, str], field: str
) -> None:
    before = (Programme.objects.count(), User.objects.count())
    page = fill(visitor(), "/register/", **{"name": "Les Ormes", **twice(EMAIL), **data})
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert len(page.context["form"].errors[field]) == 1
    assert (Programme.objects.count(), User.objects.count()) == before
    assert not OutboxMessage.objects.exists()


def test_of_two_who_want_one_name_at_once_the_second_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.services import programmes

    def somebody_was_faster(name: str) -> str:
        make_programme(name.upper(), "faster")
        return "slower"

    monkeypatch.setattr(programmes, "slug_for", somebody_was_faster)
    page = register(visitor())
    assert list(page.context["form"].errors) == ["name"]
    assert Programme.objects.filter(name_key=Programme.key_of(NAME)).count() <= 1
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("name", ["a" * 80, "Дом № 7".replace("№ ", ""), "Kœnig’s Haus 3.2", "東京 1"])
def test_names_of_any_language_are_taken(world: World, name: str) -> None:
    assert register(visitor(), name=name).status_code == 302
    assert Programme.objects.filter(name=name).exists()


def test_two_names_with_one_address_part_live_side_by_side(world: World) -> None:
    register(visitor(), name="Tilleuls")  # /p/tilleuls/ is taken by Les Tilleuls
    assert Programme.objects.get(name="Tilleuls").slug.startswith("tilleuls-")


def test_a_known_and_an_unknown_address_get_the_same_answer(world: World) -> None:
    known = world.theirs.operator.email
    pages = []
    for number, email in enumerate((known, "nobody@new.example")):
        client = visitor()
        answer = register(client, name=f"Programme {number}", email=email)
        page = client.get(answer.headers["Location"])
        pages.append((answer.status_code, answer.headers["Location"], text_of(page).replace(email, "…")))
    assert pages[0] == pages[1]
    assert len(mails_to(known)) == len(mails_to("nobody@new.example")) == 1


def test_a_known_person_confirms_without_a_new_password_and_is_not_let_in_by_the_link(world: World) -> None:
    person = world.theirs.operator
    register(visitor(), name="Deuxième", email=person.email)
    link = link_for(person.email)
    client = visitor()
    assert b'type="password"' not in client.get(link).content
    answer = client.post(link, new_password("Pirate 1234"))
    assert answer.headers["Location"].startswith("/?next=")
    assert "_auth_user_id" not in client.session
    password = person.password
    person.refresh_from_db()
    assert person.password == password
    programme = Programme.objects.get(name="Deuxième")
    assert programme.activated_at is not None
    assert Membership.objects.get(programme=programme, user=person).accepted_at is not None


@pytest.mark.parametrize("password", ["abc 12", "motdepasse", "1234567", "password1", "x1" * 65, ""])
def test_a_weak_password_is_refused_and_the_link_stays_good(world: World, password: str) -> None:
    register(visitor())
    link = link_for(EMAIL)
    page = visitor().post(link, new_password(password))
    assert page.status_code == 422
    assert "password" in page.context["form"].errors
    assert not User.objects.get(email=EMAIL).has_usable_password()
    unequal = visitor().post(link, {"password": CHOSEN, "password_again": CHOSEN + "!"})
    assert list(unequal.context["form"].errors) == ["password_again"]
    assert visitor().post(link, new_password("Жилой дом 7")).status_code == 302


def test_the_host_header_gets_into_no_mail(world: World, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://releve.example"
    client = visitor(headers={"host": "evil.example"})
    register(client)
    (message,) = mails_to(EMAIL)
    whole = message.body + message.alternatives[0].content
    assert "evil" not in whole
    assert "https://releve.example/activate/" in whole


def test_the_question_counts_once_and_ends(world: World) -> None:
    client = visitor()
    data = {"name": "Un", **twice(EMAIL)}
    challenge = challenge_of(client.get("/register/"))
    answered = {"challenge": challenge, "captcha": captcha.solution(challenge)}
    # a mistake elsewhere does not use it up
    assert client.post("/register/", {**data, **answered, "email_again": "x@y.example"}).status_code == 422
    assert client.post("/register/", {**data, **answered}).status_code == 302
    replay = client.post("/register/", {**data, **answered, "name": "Deux"})
    assert list(replay.context["form"].errors) == ["captcha"]
    assert challenge_of(replay) != challenge
    with time_machine.travel(timezone.now(), tick=False) as clock:
        challenge = challenge_of(client.get("/register/"))
        answered = {"challenge": challenge, "captcha": captcha.solution(challenge)}
        clock.shift(captcha.LIFETIME + 1)
        late = client.post("/register/", {**data, **answered, "name": "Deux"})
    assert list(late.context["form"].errors) == ["captcha"]
    forged = client.post(
        "/register/", {**data, "name": "Deux", "challenge": "eyJ3IjpbXX0:x:y", "captcha": "x"}
    )
    assert list(forged.context["form"].errors) == ["captcha"]


@pytest.mark.parametrize("language", ["fr", "ru", "en"])
def test_the_question_is_asked_and_answered_in_each_language(world: World, language: str) -> None:
    from django.utils import translation

    challenge = captcha.challenge_make()
    with translation.override(language):
        asked, answer = captcha.question(challenge), captcha.solution(challenge)
    assert all(word in asked for word in answer.split(" "))
    assert captcha.is_right(challenge, f"  {answer.upper()}. ".replace(" ", ", ", 3))
    assert not captcha.is_right(challenge, " ".join(reversed(answer.split(" "))))
    assert not captcha.is_right(challenge, "")


def test_asking_without_end_is_stopped(world: World) -> None:
    client = visitor()
    for _again in range(30):
        client.post("/register/", {"name": "x"})
    stopped = register(client)
    assert stopped.status_code == 422
    assert stopped.context["form"].non_field_errors()
    assert not OutboxMessage.objects.exists()
    assert register(visitor()).status_code == 302  # from elsewhere it goes on


def test_what_is_not_activated_in_time_is_purged_and_nothing_else(
    world: World, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "fresh_connections", lambda: None)  # the test's own connection stays open
    with time_machine.travel(timezone.now(), tick=False) as clock:
        register(visitor())
        register(visitor(), name="De gens connus", email=world.theirs.operator.email)
        link = link_for(EMAIL)
        with_data = make_programme(
            "Avec données", "avec-donnees", activated_at=None, created_at=timezone.now()
        )
        from servers.models import Building

        with tenant_scope(with_data.pk):
            Building.objects.create(ref="B", name="B")
        clock.shift(dt.timedelta(days=7, seconds=-1))
        assert purge_unactivated() == 0
        register(visitor(), name="Plus jeune", email="young@new.example")
        clock.shift(2)
        ask_for_purge()
        ask_for_purge()  # one waiting job is enough
        assert Job.objects.filter(kind="purge_unactivated").count() == 1
        run_jobs()
        names = set(Programme.objects.values_list("name", flat=True))
        assert names == {"Les Tilleuls", "Les Acacias", "Тепло", "Avec données", "Plus jeune"}
        assert not User.objects.filter(email=EMAIL).exists()
        assert User.objects.filter(email=world.theirs.operator.email).exists()
        assert Membership.objects.filter(role=Role.ADMINISTRATOR).count() == 3
        assert visitor().get(link).status_code == 410
        # the name is free again
        assert register(visitor(), email="second@new.example").status_code == 302


def test_a_failure_while_registering_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.services import invitations

    def broken(**kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(invitations, "mail_enqueue", broken)
    client = visitor(raise_request_exception=False)
    assert register(client).status_code == 500
    assert not Programme.objects.filter(name=NAME).exists()
    assert not User.objects.filter(email=EMAIL).exists()
    assert mail.outbox == []
