"""The account of a programme and of a person: addresses, passwords, and handing over."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AuditEntry, Membership, Role, User
from accounts.tenancy import tenant_scope
from testkit.people import CHOSEN, link_for, mails_to, new_password, text_of, twice, visitor
from testkit.world import PASSWORD, World, join, make_user

PAGES = ["/p/tilleuls/account/", "/p/tilleuls/account/email/", "/p/tilleuls/account/password/"]
OWN_PAGES = ["/account/", "/account/email/", "/account/password/"]
NEW = "successor@new.example"


def actions(programme: Any) -> list[str]:
    with tenant_scope(programme.pk):
        return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("path", PAGES)
def test_who_may_open_the_programmes_account(world: World, sign_in: Any, path: str) -> None:
    assert sign_in(world.ours.administrator).get(path).status_code == 200
    assert visitor().get(path).headers["Location"].startswith("/?next=")
    assert sign_in(world.theirs.administrator).get(path).status_code == 404
    assert sign_in(world.theirs.administrator).post(path, twice(NEW)).status_code == 404
    for wrong_role in (world.ours.operator, world.ours.occupant):
        assert sign_in(wrong_role).get(path).status_code == 403
        assert sign_in(wrong_role).post(path, twice(NEW)).status_code == 403
    assert sign_in(world.ours.administrator).delete(path).status_code == 405


@pytest.mark.parametrize("path", OWN_PAGES)
def test_everybody_has_an_own_account(world: World, sign_in: Any, path: str) -> None:
    for person in (world.ours.occupant, world.utility.consumer):
        page = sign_in(person).get(path)
        assert page.status_code == 200
    assert visitor().get(path).headers["Location"].startswith("/?next=")
    assert sign_in(world.ours.occupant).delete(path).status_code == 405


def test_the_menu_leads_each_to_the_own_account(world: World, sign_in: Any) -> None:
    assert 'href="/p/tilleuls/account/"' in sign_in(world.ours.administrator).get(PAGES[0]).content.decode()
    page = sign_in(world.utility.consumer).get("/account/").content.decode()
    assert 'href="/account/"' in page
    assert "consumer@teplo.example" in page


def test_a_link_is_kept_out_of_logs_also_when_it_is_quoted(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("gunicorn.access")
    for line in (
        "GET /account/email/confirm/s3cret-Token_1/ HTTP/1.1",
        "GET /?next=%2Faccount%2Femail%2Fconfirm%2Fs3cret-Token_1%2F HTTP/1.1",
        'GET /static/x.css "http://127.0.0.1:8000/?next=%2Fpassword%2Freset%2Fs3cret-Token_1%2F"',
        "GET /activate/s3cret-Token_1 HTTP/1.1",
    ):
        log.warning("%(r)s 200", {"r": line})
    assert "s3cret" not in caplog.text
    assert caplog.text.count("…") == 4
    assert caplog.text.count("200") == 4


def test_the_address_of_a_programme_is_kept_and_grey_fields_stay(world: World, sign_in: Any) -> None:
    client = sign_in(world.ours.administrator)
    lines = {
        "address_line_1": "3 rue des Tilleuls",
        "address_line_2": "Bât. B",
        "postal_code": "67700",
        "town": "Saverne",
        "country": "France",
    }
    stolen = {"name": "Les Acacias", "email": NEW, "slug": "acacias", "kind": "utility", "activated_at": ""}
    assert client.post(PAGES[0], {**lines, **stolen}).status_code == 302
    programme = world.ours.programme
    programme.refresh_from_db()
    assert {field: getattr(programme, field) for field in lines} == lines
    assert (programme.name, programme.slug, programme.kind) == ("Les Tilleuls", "tilleuls", "housing")
    assert programme.activated_at is not None
    world.ours.administrator.refresh_from_db()
    assert world.ours.administrator.email == "administrator@tilleuls.example"
    assert client.post(PAGES[0], lines).status_code == 302  # nothing new, nothing to write down
    assert actions(programme) == ["programme.account_changed"]
    world.theirs.programme.refresh_from_db()
    assert world.theirs.programme.town == ""


def test_too_long_an_address_is_refused_at_its_field(world: World, sign_in: Any) -> None:
    page = sign_in(world.ours.administrator).post(PAGES[0], {"town": "x" * 81})
    assert list(page.context["form"].errors) == ["town"]
    assert "Les Tilleuls" in page.content.decode()


def hand_over(world: World, sign_in: Any, email: str = NEW) -> tuple[Any, str]:
    client = sign_in(world.ours.administrator)
    assert client.post(PAGES[1], twice(email)).status_code == 302
    return client, link_for(email)


def test_handing_over_ends_the_old_holders_sessions_and_starts_the_new_ones(
    world: World, sign_in: Any
) -> None:
    other_session = sign_in(world.ours.administrator)
    client, link = hand_over(world, sign_in)
    assert client.get(PAGES[0]).status_code == 200  # nothing changes before the link is followed
    successor = visitor()
    page = successor.get(link)
    assert "Les Tilleuls" in page.content.decode()
    assert not User.objects.filter(email=NEW).exists()
    assert successor.post(link, new_password()).status_code == 302
    assert successor.get(PAGES[0]).status_code == 200
    for old in (client, other_session):
        assert old.get(PAGES[0]).headers["Location"].startswith("/?next=")
        assert old.get("/programmes/").headers["Location"].startswith("/?next=")
    # by the programme's name the new holder signs in; the old one is a stranger
    by_name = visitor()
    assert by_name.post("/", {"login": "Les Tilleuls", "password": CHOSEN}).status_code == 302
    assert by_name.get(PAGES[0]).status_code == 200
    old_holder = User.objects.get(pk=world.ours.administrator.pk)
    assert sign_in(old_holder).get(PAGES[0]).status_code == 404
    holders = Membership.objects.filter(programme=world.ours.programme, role=Role.ADMINISTRATOR)
    assert [holder.user.email for holder in holders] == [NEW]
    for address in (NEW, world.ours.administrator.email):
        assert "Les Tilleuls" in mails_to(address)[-1].body
        assert NEW in mails_to(address)[-1].body
    assert actions(world.ours.programme)[-2:] == ["administrator.handed_over", "administrator.accepted"]
    assert visitor().get(link).status_code == 410


def test_handing_over_leaves_the_old_holders_other_programmes_alone(world: World, sign_in: Any) -> None:
    old = world.ours.administrator
    join(old, world.theirs.programme, Role.OPERATOR)
    _client, link = hand_over(world, sign_in)
    successor = visitor()
    successor.post(link, new_password())
    assert successor.get("/p/acacias/").status_code == 404
    assert visitor().post("/", {"login": old.email, "password": PASSWORD}).status_code == 302
    assert list(old.memberships.values_list("programme__slug", flat=True)) == ["acacias"]


def test_a_known_person_takes_over_with_the_own_password(world: World, sign_in: Any) -> None:
    known = world.theirs.operator
    _client, link = hand_over(world, sign_in, known.email)
    successor = sign_in(known)
    assert b'type="password"' not in successor.get(link).content
    assert successor.post(link).status_code == 302
    assert successor.get(PAGES[0]).status_code == 200
    assert User.objects.get(pk=known.pk).check_password(PASSWORD)


def test_only_the_latest_hand_over_counts(world: World, sign_in: Any) -> None:
    _client, first = hand_over(world, sign_in, "first@new.example")
    _client, second = hand_over(world, sign_in, "second@new.example")
    assert visitor().get(first).status_code == 410
    assert visitor().post(second, new_password()).status_code == 302
    assert visitor().post(first, new_password()).status_code == 410


def test_the_same_or_an_unequal_address_is_refused(world: World, sign_in: Any) -> None:
    for path in (PAGES[1], OWN_PAGES[1]):
        client = sign_in(world.ours.administrator)
        same = client.post(path, twice("Administrator@tilleuls.example"))
        assert list(same.context["form"].errors) == ["email"]
        unequal = client.post(path, {"email": NEW, "email_again": "x" + NEW})
        assert list(unequal.context["form"].errors) == ["email_again"]
    assert mails_to(NEW) == []


def test_a_persons_own_new_address(world: World, sign_in: Any) -> None:
    person = world.ours.occupant
    client, other_browser = sign_in(person), sign_in(person)
    assert client.post(OWN_PAGES[1], twice(NEW)).status_code == 302
    link = link_for(NEW)
    # a stranger to whom the mail went by mistake can do nothing with it, signed out or in
    assert visitor().post(link).headers["Location"].startswith("/?next=")
    assert sign_in(world.ours.operator).post(link).status_code == 410
    assert (
        visitor().post(link.replace("/account/email/confirm/", "/activate/"), new_password()).status_code
        == 410
    )
    assert client.get(link).status_code == 200
    person.refresh_from_db()
    assert person.email == "occupant@tilleuls.example"
    assert client.post(link).headers["Location"] == "/account/"
    person.refresh_from_db()
    assert person.email == NEW
    assert client.get("/account/").status_code == 200
    assert other_browser.get("/account/").status_code == 302
    assert client.post(link).status_code == 410
    assert len(mails_to("occupant@tilleuls.example")) == 1


def test_an_address_somebody_has_is_not_told_to_the_asker(world: World, sign_in: Any) -> None:
    person = world.ours.occupant
    answers = []
    for email in (world.theirs.operator.email, "nobody@new.example"):
        client = sign_in(person)
        answer = client.post(OWN_PAGES[1], twice(email))
        answers.append((answer.status_code, text_of(client.get(OWN_PAGES[1])).replace(email, "…")))
    assert answers[0] == answers[1]
    client = sign_in(person)
    client.post(OWN_PAGES[1], twice(world.theirs.operator.email))
    refused = client.post(link_for(world.theirs.operator.email))
    assert refused.status_code == 410
    person.refresh_from_db()
    assert person.email == "occupant@tilleuls.example"


@pytest.mark.parametrize("path", [PAGES[2], OWN_PAGES[2]])
def test_a_new_password_ends_the_other_sessions_only(world: World, sign_in: Any, path: str) -> None:
    person = world.ours.administrator
    client, other = sign_in(person), sign_in(person)
    before = client.cookies["sessionid"].value
    wrong = client.post(path, {"current": "wrong 1234", **new_password()})
    assert list(wrong.context["form"].errors) == ["current"]
    weak = client.post(path, {"current": PASSWORD, **new_password("1234567")})
    assert list(weak.context["form"].errors) == ["password"]
    like_the_address = client.post(path, {"current": PASSWORD, **new_password("administrator1")})
    assert list(like_the_address.context["form"].errors) == ["password"]
    assert mails_to(person.email) == []
    assert client.post(path, {"current": PASSWORD, **new_password()}).status_code == 302
    assert client.get(path).status_code == 200
    assert client.cookies["sessionid"].value != before
    assert other.get(path).headers["Location"].startswith("/?next=")
    (message,) = mails_to(person.email)
    assert CHOSEN not in message.body
    assert visitor().post("/", {"login": person.email, "password": CHOSEN}).status_code == 302


def test_the_current_password_cannot_be_guessed(world: World, sign_in: Any) -> None:
    client = sign_in(world.ours.administrator)
    for _again in range(5):
        client.post(PAGES[2], {"current": "wrong 1234", **new_password()})
    stopped = client.post(PAGES[2], {"current": PASSWORD, **new_password()})
    assert stopped.status_code == 422
    assert User.objects.get(pk=world.ours.administrator.pk).check_password(PASSWORD)


def forget(email: str) -> Any:
    client = visitor()
    answer = client.post("/password/forgotten/", {"email": email})
    page = client.get(answer.headers["Location"])
    return answer.status_code, answer.headers["Location"], text_of(page).replace(email, "…")


def test_a_forgotten_password_is_replaced_by_a_link(world: World, sign_in: Any) -> None:
    person = world.ours.operator
    inside = sign_in(person)
    forget(person.email)
    link = link_for(person.email)
    page = visitor().get(link)
    assert page.headers["Referrer-Policy"] == "strict-origin"
    weak = visitor().post(link, new_password("operator"))
    assert "password" in weak.context["form"].errors
    client = visitor()
    assert client.post(link, new_password()).headers["Location"] == "/"
    assert "_auth_user_id" not in client.session  # the link is no second way in
    assert inside.get("/programmes/").headers["Location"].startswith("/?next=")
    assert visitor().get(link).status_code == 410
    assert visitor().post(link, new_password("Encore 1234")).status_code == 410
    assert visitor().post("/", {"login": person.email, "password": CHOSEN}).status_code == 302
    assert len(mails_to(person.email)) == 2  # the link, and the notice


def test_known_and_unknown_addresses_get_the_same_answer(world: World) -> None:
    invited = make_user("invited@tilleuls.example")
    invited.set_unusable_password()
    invited.save()
    make_user("closed@tilleuls.example", is_active=False)
    emails = (
        world.ours.operator.email,
        "nobody@new.example",
        "invited@tilleuls.example",
        "closed@tilleuls.example",
    )
    assert len({forget(email) for email in emails}) == 1
    assert [len(mails_to(email)) for email in emails] == [1, 0, 0, 0]


def test_a_reset_link_lives_one_day_and_opens_nothing_else(world: World) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        forget(world.ours.operator.email)
        link = link_for(world.ours.operator.email)
        assert visitor().get(link.replace("/password/reset/", "/activate/")).status_code == 410
        clock.shift(dt.timedelta(hours=24, seconds=-1))
        assert visitor().get(link).status_code == 200
        clock.shift(1)
        late = visitor().post(link, new_password())
    assert late.status_code == 410
    assert "/password/forgotten/" in late.content.decode()
    assert User.objects.get(pk=world.ours.operator.pk).check_password(PASSWORD)


def test_a_new_password_or_address_ends_the_links_that_were_asked_for_before(
    world: World, sign_in: Any
) -> None:
    """What somebody else asked for, from a stolen browser or an old mailbox, must not outlive the mending."""
    boss, person = world.ours.administrator, world.ours.occupant
    thief = sign_in(boss)
    thief.post(PAGES[1], twice(NEW))
    stolen = link_for(NEW)
    assert visitor().get(stolen).status_code == 200  # the control
    forget(boss.email)
    assert visitor().post(link_for(boss.email), new_password()).status_code == 302
    assert visitor().post(stolen, new_password("Encore 1234")).status_code == 410
    assert Membership.objects.get(programme=world.ours.programme, role=Role.ADMINISTRATOR).user == boss

    old_mailbox = person.email
    forget(old_mailbox)
    reset = link_for(old_mailbox)
    client = sign_in(person)
    client.post("/account/password/", {"current": PASSWORD, **new_password()})
    assert visitor().get(reset).status_code == 410
    forget(old_mailbox)
    reset = link_for(old_mailbox)
    client.post(OWN_PAGES[1], twice("moved@new.example"))
    assert client.post(link_for("moved@new.example")).status_code == 302
    assert visitor().post(reset, new_password("Encore 1234")).status_code == 410


def test_asking_for_resets_is_limited_alike_for_all(world: World) -> None:
    for email in (world.ours.operator.email, "nobody@new.example"):
        for _again in range(5):
            forget(email)
        stopped = visitor().post("/password/forgotten/", {"email": email})
        assert stopped.status_code == 422
        assert stopped.context["form"].non_field_errors()
    assert len(mails_to(world.ours.operator.email)) == 5


def test_the_language_is_kept_in_the_profile_and_mails_follow_it(world: World, sign_in: Any) -> None:
    """On every browser of the person, whatever that browser asks for; another person's stays."""
    person, other = world.ours.operator, world.theirs.operator
    browser = sign_in(person)
    for wanted, kept in (("ru", "ru"), ("fr", "fr"), ("de", "fr"), ("", "fr")):
        browser.post("/language/", {"language": wanted, "next": "/account/"})
        person.refresh_from_db()
        assert person.language == kept
    page = sign_in(person).get("/account/", HTTP_ACCEPT_LANGUAGE="ru")
    assert page.headers["Content-Language"] == "fr"
    for one in (person, other):
        visitor().post("/password/forgotten/", {"email": one.email})
    spoken = [mails_to(one.email)[-1].extra_headers["Content-Language"] for one in (person, other)]
    assert spoken == ["fr", "en"]
