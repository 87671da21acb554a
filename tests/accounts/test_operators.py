"""Operators: named by address, readdressed, removed; consumers join by themselves; the command makes programmes."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AuditEntry, EmailToken, Membership, OutboxMessage, Programme, Role, User
from accounts.services import invitations
from accounts.services.attempts import Limit
from accounts.services.invitations import membership_invite
from accounts.services.programmes import purge_unactivated
from accounts.tenancy import tenant_scope
from servers.models import Building
from testkit.people import fill, link_for, link_in, mails_to, new_password, text_of, twice, visitor
from testkit.world import World

LIST = "/p/tilleuls/operators/"
NEW = "exploitant@new.example"


def operators_of(world: World) -> set[tuple[str, bool]]:
    return {
        (membership.user.email, membership.accepted_at is not None)
        for membership in Membership.objects.filter(programme=world.ours.programme, role=Role.OPERATOR)
    }


def own(world: World) -> Membership:
    return Membership.objects.get(programme=world.ours.programme, role=Role.OPERATOR)


@pytest.mark.parametrize("page", ["", "{id}/change/", "{id}/remove/"])
def test_who_may_open_the_pages(world: World, sign_in: Any, page: str) -> None:
    path = LIST + page.format(id=own(world).public_id)
    assert sign_in(world.ours.administrator).get(path).status_code == 200
    assert visitor().get(path).headers["Location"].startswith("/?next=")
    assert sign_in(world.ours.administrator).delete(path).status_code == 405
    for person, status in (
        (world.theirs.administrator, 404),
        (world.ours.operator, 403),
        (world.ours.occupant, 403),
    ):
        assert sign_in(person).get(path).status_code == status
        assert sign_in(person).post(path, twice(NEW)).status_code == status
    assert operators_of(world) == {("operator@tilleuls.example", True)}


def test_a_foreign_a_random_and_a_broken_id_are_the_same_404(world: World, sign_in: Any) -> None:
    client = sign_in(world.ours.administrator)
    foreign = Membership.objects.get(programme=world.theirs.programme, role=Role.OPERATOR).public_id
    not_operator = Membership.objects.get(programme=world.ours.programme, role=Role.OCCUPANT).public_id
    for page in ("change", "remove"):
        bodies = set()
        for public_id in (foreign, not_operator, uuid.uuid4(), "no-uuid"):
            for answer in (
                client.get(f"{LIST}{public_id}/{page}/"),
                client.post(f"{LIST}{public_id}/{page}/"),
            ):
                assert answer.status_code == 404
                bodies.add(text_of(answer).replace(str(public_id), "…"))
        assert len(bodies) == 1
    assert Membership.objects.filter(role=Role.OPERATOR).count() == 3


def test_an_operator_is_named_accepts_the_notice_and_is_active(
    world: World, sign_in: Any, settings: Any
) -> None:
    settings.LEGAL_NOTICE = "Éditeur : la régie."
    client = sign_in(world.ours.administrator)
    assert client.post(LIST, twice(NEW)).headers["Location"] == LIST
    assert (NEW, False) in operators_of(world)
    (message,) = mails_to(NEW)
    assert "Les Tilleuls" in message.body
    assert "Éditeur : la régie." in message.body
    link = link_in(message)
    person = visitor()
    assert "Éditeur : la régie." in person.get(link).content.decode()
    without = person.post(link, new_password())
    assert list(without.context["form"].errors) == ["legal"]
    assert person.post(link, {**new_password(), "legal": "on"}).status_code == 302
    assert operators_of(world) == {("operator@tilleuls.example", True), (NEW, True)}
    assert person.get(LIST).status_code == 403  # a member, without this right
    assert person.get("/p/acacias/account/").status_code == 404
    page = client.get(LIST).content.decode()
    assert NEW in page
    with tenant_scope(world.ours.programme.pk):
        assert list(AuditEntry.objects.order_by("pk").values_list("action", "actor__email")) == [
            ("operator.invited", "administrator@tilleuls.example"),
            ("operator.accepted", NEW),
        ]


def test_naming_again_sends_a_new_link_and_an_active_one_is_refused(world: World, sign_in: Any) -> None:
    client = sign_in(world.ours.administrator)
    for _again in range(2):
        assert client.post(LIST, twice(NEW)).status_code == 302
    assert len({link_in(message) for message in mails_to(NEW)}) == 2
    refused = client.post(LIST, twice("Operator@tilleuls.example"))
    assert list(refused.context["form"].errors) == ["email"]
    assert mails_to("operator@tilleuls.example") == []


def test_another_address_takes_the_place_at_once(world: World, sign_in: Any) -> None:
    inside = sign_in(world.ours.operator)
    client = sign_in(world.ours.administrator)
    path = f"{LIST}{own(world).public_id}/change/"
    same = client.post(path, twice("operator@tilleuls.example"))
    assert list(same.context["form"].errors) == ["email"]
    assert client.post(path, twice(NEW)).headers["Location"] == LIST
    assert operators_of(world) == {(NEW, False)}
    assert inside.get(LIST).status_code == 404
    assert visitor().post(link_for(NEW), {**new_password(), "legal": "on"}).status_code == 302
    assert operators_of(world) == {(NEW, True)}


def test_a_removed_operator_is_out_and_a_withdrawn_invitation_is_dead(world: World, sign_in: Any) -> None:
    inside = sign_in(world.ours.operator)
    client = sign_in(world.ours.administrator)
    client.post(LIST, twice(NEW))
    link = link_for(NEW)
    client.post(LIST, twice(NEW))  # a second mail, not sent yet
    for membership in list(Membership.objects.filter(programme=world.ours.programme, role=Role.OPERATOR)):
        path = f"{LIST}{membership.public_id}/remove/"
        assert client.get(path).status_code == 200
        assert Membership.objects.filter(pk=membership.pk).exists()
        assert client.post(path).headers["Location"] == LIST
    assert inside.get(LIST).status_code == 404
    assert visitor().post(link, {**new_password(), "legal": "on"}).status_code == 410
    assert len(mails_to(NEW)) == 1  # the second mail is not sent
    assert OutboxMessage.objects.filter(recipient=NEW, state="failed").count() == 1
    assert not EmailToken.objects.filter(user__email=NEW).exists()
    assert Membership.objects.filter(programme=world.theirs.programme, role=Role.OPERATOR).exists()


def test_an_occupants_invitation_lives_thirty_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service that the page of occupants calls, with a mail of its own."""
    membership_invite(
        programme=world.ours.programme,
        email="Locataire@new.example",
        role=Role.OCCUPANT,
        mail_kind="programme_created",  # any mail that takes its link from membership_secrets
        context={"dwelling": "101"},
        invited_by=world.ours.operator,
    )
    link = link_for("locataire@new.example")
    token = EmailToken.objects.get()
    assert token.purpose == EmailToken.Purpose.ACCEPT_OCCUPANT
    assert (token.expires_at - token.created_at).days in (29, 30)
    assert visitor().post(link, new_password()).status_code == 302
    assert Membership.objects.get(user__email="locataire@new.example").accepted_at is not None


def test_a_consumer_joins_a_utility(world: World) -> None:
    client = visitor()
    page = client.get("/p/teplo/join/")
    assert page.status_code == 200
    assert fill(client, "/p/teplo/join/", **twice(NEW)).headers["Location"] == "/mail-sent/"
    link = link_for(NEW)
    assert not Membership.objects.get(user__email=NEW).accepted_at
    assert client.post(link, new_password()).status_code == 302
    membership = Membership.objects.get(user__email=NEW)
    assert (membership.programme, membership.role) == (world.utility.programme, Role.CONSUMER)
    assert membership.accepted_at is not None
    assert client.get("/p/teplo/operators/").status_code == 403


def test_a_join_nobody_confirmed_is_forgotten_after_seven_days(world: World) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for email in (NEW, world.ours.operator.email):
            fill(visitor(), "/p/teplo/join/", **twice(email))
        link = link_for(NEW)
        clock.shift(dt.timedelta(days=7, seconds=1))
        purge_unactivated()
        assert visitor().get(link).status_code == 410
    assert not User.objects.filter(email=NEW).exists()
    assert User.objects.filter(email=world.ours.operator.email).exists()
    consumers = Membership.objects.filter(role=Role.CONSUMER).values_list("user__email", flat=True)
    assert list(consumers) == [world.utility.consumer.email]


def test_joining_answers_alike_and_only_utilities_have_the_page(world: World) -> None:
    answers = set()
    for email in (NEW, world.utility.consumer.email, world.ours.operator.email):
        client = visitor()
        answer = fill(client, "/p/teplo/join/", **twice(email))
        page = text_of(client.get(answer.headers["Location"])).replace(email, "…")
        answers.add((answer.status_code, answer.headers["Location"], page))
    assert len(answers) == 1
    for slug in ("tilleuls", "no-such"):
        assert visitor().get(f"/p/{slug}/join/").status_code == 404
        assert visitor().post(f"/p/{slug}/join/", twice(NEW)).status_code == 404
    assert visitor().put("/p/teplo/join/").status_code == 405
    world.utility.programme.activated_at = None
    world.utility.programme.save()
    assert visitor().get("/p/teplo/join/").status_code == 404


def command(*args: str) -> dict[str, Any]:
    out = StringIO()
    call_command("create_programme", *args, "--json", stdout=out)
    made: dict[str, Any] = json.loads(out.getvalue())
    return made


def test_the_command_makes_a_utility_and_invites(world: World) -> None:
    made = command(
        "--name=Теплосеть Читы", "--slug=teploset", "--kind=utility", "--administrator=chef@new.example",
        "--operator=desk1@new.example", "--operator=desk2@new.example", "--time-zone=Asia/Chita",
    )  # fmt: skip
    assert made["slug"] == "teploset"
    assert made["activated"] is False
    programme = Programme.objects.get(slug="teploset")
    assert (programme.kind, programme.currency, programme.time_zone) == ("utility", "RUB", "Asia/Chita")
    assert visitor().get("/p/teploset/join/").status_code == 404  # not before somebody answers for it
    assert visitor().post(link_for("chef@new.example"), new_password()).status_code == 302
    assert visitor().get("/p/teploset/join/").status_code == 200
    assert len(mails_to("desk1@new.example")) == len(mails_to("desk2@new.example")) == 1


def test_the_command_can_open_at_once(world: World) -> None:
    made = command("--name=Энергия", "--kind=utility", "--administrator=chef@new.example", "--activated")
    assert made["slug"] == "energiya"
    assert visitor().get("/p/energiya/join/").status_code == 200
    client = visitor()
    assert client.post(link_for("chef@new.example"), new_password()).status_code == 302
    assert client.get("/p/energiya/account/").status_code == 200


@pytest.mark.parametrize(
    "args",
    [
        ["--name=les TILLEULS", "--administrator=a@new.example"],
        ["--name=Neu", "--slug=tilleuls", "--administrator=a@new.example"],
        ["--name=Neu", "--slug=a b", "--administrator=a@new.example"],
        ["--name=Neu", "--administrator=nobody"],
        ["--name=Neu", "--administrator=a@new.example", "--time-zone=Mars/Base"],
        ["--name=Neu", "--administrator=a@new.example", "--time-zone=../etc/passwd"],
        ["--name=Neu", "--administrator=a@new.example", "--currency=EURO"],
        ["--name=" + "x" * 81, "--administrator=a@new.example"],
    ],
)
def test_the_command_refuses_in_one_sentence_and_makes_nothing(world: World, args: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("create_programme", *args)
    assert "\n" not in str(refused.value)
    assert Programme.objects.count() == 3
    assert not User.objects.filter(email="a@new.example").exists()


def test_which_buildings_an_operator_looks_after(world: World, sign_in: Any) -> None:
    with tenant_scope(world.ours.programme.pk):
        alpha, beta = (Building.objects.create(ref=ref, name=f"Bâtiment {ref}") for ref in "AB")
    with tenant_scope(world.theirs.programme.pk):
        foreign = Building.objects.create(ref="Z", name="Zeta")
    client = sign_in(world.ours.administrator)

    def invite(**more: Any) -> Any:
        return client.post(LIST, {**twice(NEW), **more})

    def buildings() -> Any:
        return Membership.objects.get(user__email=NEW, role=Role.OPERATOR).buildings

    assert "Zeta" not in client.get(LIST).content.decode()
    for wrong, field in (
        ({"scope": "some"}, "buildings"),
        ({"scope": "all", "buildings": [str(alpha.public_id)]}, "scope"),
        ({"scope": "some", "buildings": [str(foreign.public_id)]}, "buildings"),
        ({"scope": "some", "buildings": ["no-uuid"]}, "buildings"),
        ({"scope": "few"}, "scope"),
    ):
        assert list(invite(**wrong).context["form"].errors) == [field], wrong
        assert not Membership.objects.filter(user__email=NEW).exists()
    assert invite().status_code == 302 and buildings() is None
    assert invite(buildings=[str(beta.public_id)]).status_code == 302 and buildings() == [beta.pk]
    assert "Bâtiment B" in client.get(LIST).content.decode()
    path = f"{LIST}{Membership.objects.get(user__email=NEW).public_id}/buildings/"
    assert client.get(path).context["form"]["buildings"].value() == [str(beta.public_id)]
    both = {"scope": "some", "buildings": [str(alpha.public_id), str(beta.public_id)]}
    assert client.post(path, both).headers["Location"] == LIST and buildings() == [alpha.pk, beta.pk]
    # a building that stands no longer stays the operator's, and another address takes the buildings over
    with tenant_scope(world.ours.programme.pk):
        Building.objects.filter(pk=beta.pk).update(retired_at=timezone.now())
    client.post(path, {"scope": "some", "buildings": [str(alpha.public_id)]})
    assert buildings() == [alpha.pk, beta.pk]
    client.post(path.replace("buildings", "change"), twice("other@new.example"))
    assert Membership.objects.get(user__email="other@new.example").buildings == [alpha.pk, beta.pk]
    with tenant_scope(world.ours.programme.pk):
        assert AuditEntry.objects.filter(action="operator.buildings_changed").count() == 3


def test_nobody_is_invited_without_end(world: World, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also by removing and naming somebody again and again; other people, and other programmes, go on."""
    monkeypatch.setattr(invitations, "INVITED", Limit("invited", 3, 3600))
    ours, theirs = sign_in(world.ours.administrator), sign_in(world.theirs.administrator)
    for email in ("victim@new.example", " Victim@NEW.example "):
        for _ in range(2):
            answer = ours.post("/p/tilleuls/operators/", twice(email))
    assert answer.status_code == 422
    assert "Too many attempts" in answer.content.decode()
    assert len(mails_to("victim@new.example")) == 3
    assert ours.post("/p/tilleuls/operators/", twice("other@new.example")).status_code == 302
    assert theirs.post("/p/acacias/operators/", twice("victim@new.example")).status_code == 302
