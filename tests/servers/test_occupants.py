"""Occupants: invited, corrected, moved out and removed by the operator; and whom that concerns."""

from __future__ import annotations

import html
import uuid
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.models import AuditEntry, EmailToken, Membership, OutboxMessage, User
from accounts.services.invitations import membership_accept
from accounts.tenancy import tenant_scope
from servers.models import Dwelling, Occupancy
from testkit.people import CHOSEN, link_in, mails_to, new_password
from testkit.world import World
from tests.servers.estate_world import NOW, Estate

LIST = "/p/tilleuls/occupants/"
CREATE = f"{LIST}create/"
NEW = "nina@novak.example"
pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def operator(estate: Estate, world: World, sign_in: Any) -> Client:
    client: Client = sign_in(world.ours.operator)
    return client


@pytest.fixture
def roy(world: World, estate: Estate) -> Occupancy:  # lives in 101 since March
    return occupancies(world)[0]


def occupancies(world: World, housing: str = "ours") -> list[Occupancy]:
    with tenant_scope(getattr(world, housing).programme.pk):
        return list(Occupancy.objects.select_related("user", "dwelling").order_by("pk"))


def entry(estate: Estate, number: str = "102", **other: str) -> dict[str, str]:
    return {
        "dwelling": str(estate.dwellings[number].public_id),
        "name": "Nina Novak",
        "email": NEW,
        "move_in": "2026-11-01",
        "move_out": "",
        **other,
    }


def shown(response: Any) -> str:
    assert response.status_code in (200, 422), response.status_code
    return " ".join(html.unescape(response.content.decode()).split())


def of(occupancy: Occupancy, deed: str = "") -> str:
    return f"{LIST}{occupancy.public_id}/{deed}"


def actions(world: World) -> list[str]:
    with tenant_scope(world.ours.programme.pk):
        return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


# who may open what

GET_PAGES = ("", "move-out/", "remove/")
ALL_PAGES = (*GET_PAGES, "invite/")


def test_signed_out_people_are_sent_to_sign_in(roy: Occupancy) -> None:
    for path in [LIST, CREATE, *(of(roy, deed) for deed in ALL_PAGES)]:
        for answer in (Client().get(path), Client().post(path)):
            assert (answer.status_code, answer.headers["Location"][:7]) == (302, "/?next="), path


@pytest.mark.parametrize("role", ["administrator", "occupant"])
def test_only_operators_see_and_change_occupants(
    role: str, roy: Occupancy, world: World, sign_in: Any
) -> None:
    client = sign_in(getattr(world.ours, role))
    for path in [LIST, CREATE, *(of(roy, deed) for deed in GET_PAGES)]:
        assert client.get(path).status_code == 403, path
    for deed in ALL_PAGES:
        assert client.post(of(roy, deed)).status_code == 403, deed
    assert len(occupancies(world)) == 1


def test_a_stranger_gets_404(roy: Occupancy, world: World, sign_in: Any) -> None:
    stranger = sign_in(world.theirs.operator)
    for path in [LIST, CREATE, *(of(roy, deed) for deed in ALL_PAGES)]:
        assert (stranger.get(path).status_code, stranger.post(path).status_code) == (404, 404), path


def test_an_occupancy_of_another_programme_is_404_as_a_random_one(operator: Client, world: World) -> None:
    (theirs,) = occupancies(world, "theirs")
    for deed in ALL_PAGES:
        for public_id in (theirs.public_id, uuid.uuid4(), "not-a-uuid"):
            assert operator.post(f"{LIST}{public_id}/{deed}").status_code == 404, (deed, public_id)
    (after,) = occupancies(world, "theirs")
    assert (after.move_in, after.move_out) == (theirs.move_in, theirs.move_out)


def test_wrong_methods_are_refused(operator: Client, roy: Occupancy) -> None:
    assert operator.post(LIST).status_code == 405
    assert operator.get(of(roy, "invite/")).status_code == 405
    for path in (CREATE, of(roy), of(roy, "move-out/"), of(roy, "remove/")):
        assert operator.put(path).status_code == 405, path


# the list


def test_the_list_shows_who_lives_where(operator: Client) -> None:
    page = shown(operator.get(LIST))
    for text in ("Roy OURS", "occupant@tilleuls.example", "Appartement 101", "1 Mar 2026", "active"):
        assert text in page, text
    assert "THEIRS" not in page and "acacias" not in page


def test_an_empty_list_says_what_to_do(operator: Client, world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        Occupancy.objects.all().delete()
    page = shown(operator.get(LIST))
    assert "No occupant" in page and f'href="{CREATE}"' in page
    with tenant_scope(world.ours.programme.pk):
        Dwelling.objects.update(retired_at=NOW)
    page = shown(operator.get(LIST))
    assert "no dwelling has been published yet" in page and CREATE not in page


@pytest.mark.parametrize("q", ["roy", "OCCUPANT@tilleuls", "batiment a", "appartement 101"])
def test_search_finds_name_address_and_dwelling(operator: Client, q: str) -> None:
    assert "Roy OURS" in shown(operator.get(LIST, {"q": q}))


def test_search_and_choice_leave_the_others_out(operator: Client, estate: Estate, roy: Occupancy) -> None:
    operator.post(CREATE, entry(estate, name="Élise Weber"))
    operator.post(of(roy, "move-out/"), {"move_out": "2026-11-10"})
    page = shown(operator.get(LIST, {"q": "elise"}))
    assert "Élise Weber" in page and "Roy OURS" not in page
    assert "Roy OURS" not in shown(operator.get(LIST, {"show": "now"}))
    past = shown(operator.get(LIST, {"show": "past"}))
    assert "Roy OURS" in past and "moved out" in past and "Élise" not in past
    assert "No occupant matches “xyz”." in shown(operator.get(LIST, {"q": "xyz"}))


def test_a_long_list_comes_in_pages(operator: Client, world: World, estate: Estate) -> None:
    with tenant_scope(world.ours.programme.pk):
        for n in range(60):
            person = User.objects.create(email=f"p{n}@x.example")
            Occupancy.objects.create(
                dwelling=estate.dwellings["102"], user=person, name=f"Person {n}", move_in=date(2026, 1, 1)
            )
    page = shown(operator.get(LIST, {"page": "2", "q": "person"}))
    assert "Page 2 of 2" in page and "Person 59" in page and "Person 12<" not in page


# inviting


def test_an_operator_invites_an_occupant_who_chooses_a_password(
    operator: Client, estate: Estate, world: World
) -> None:
    answer = operator.post(CREATE, entry(estate, email="Nina@Novak.example"))
    assert (answer.status_code, answer.headers["Location"]) == (302, LIST)
    made = occupancies(world)[-1]
    assert (made.dwelling.ref, made.name, made.move_in, made.move_out) == (
        "A-102",
        "Nina Novak",
        date(2026, 11, 1),
        None,
    )
    assert (made.user.email, made.user.name, made.user.has_usable_password()) == (NEW, "Nina Novak", False)
    page = shown(operator.get(LIST))
    assert f"An invitation is on its way to {NEW}." in page and "invited" in page
    (message,) = mails_to(NEW)
    for text in ("Les Tilleuls", "Appartement 102", "1 novembre 2026"):
        assert text in message.body and text in message.alternatives[0].content, text
    assert "30" in message.body
    visitor = Client()
    link = link_in(message)
    assert visitor.post(link, new_password()).status_code == 302
    page = shown(operator.get(LIST, {"q": "nina"}))
    assert "active" in page and "invited" not in page
    assert f"/p/tilleuls/dwellings/{made.dwelling.public_id}/" in page
    assert Client().post("/", {"login": NEW, "password": CHOSEN}).status_code == 302


def test_the_link_works_for_thirty_days(operator: Client, estate: Estate) -> None:
    operator.post(CREATE, entry(estate))
    link = link_in(mails_to(NEW)[0])
    token = EmailToken.objects.get(user__email=NEW)
    assert (token.expires_at - NOW).days == 30
    with time_machine.travel(token.expires_at, tick=False):
        assert Client().post(link, new_password()).status_code == 410


def test_the_outbox_holds_no_secret(operator: Client, estate: Estate) -> None:
    operator.post(CREATE, entry(estate))
    stored = OutboxMessage.objects.get(kind="occupant_invited")
    assert "link" not in stored.context and stored.context["dwelling"] == "Appartement 102"


def test_several_people_may_share_a_dwelling(operator: Client, estate: Estate, world: World) -> None:
    operator.post(CREATE, entry(estate, "101"))
    assert [o.dwelling.ref for o in occupancies(world)] == ["A-101", "A-101"]
    page = shown(operator.get("/p/tilleuls/?q=101"))
    assert "Roy OURS, Nina Novak" in page


@pytest.mark.parametrize(
    ("move_in", "move_out"),
    [("2026-03-01", ""), ("2026-01-01", ""), ("2026-01-01", "2026-03-02"), ("2026-11-01", "2026-11-02")],
)
def test_the_same_person_twice_on_the_same_days_is_refused(
    operator: Client, estate: Estate, world: World, move_in: str, move_out: str
) -> None:
    email = world.ours.occupant.email
    before = (len(mail.outbox), OutboxMessage.objects.count(), actions(world))
    page = shown(operator.post(CREATE, entry(estate, "101", email=email, move_in=move_in, move_out=move_out)))
    assert "This person already lives in this dwelling on some of these days." in page
    assert len(occupancies(world)) == 1
    assert (len(mail.outbox), OutboxMessage.objects.count(), actions(world)) == before


def test_the_same_person_may_come_back_or_rent_another(
    operator: Client, estate: Estate, world: World
) -> None:
    email = world.ours.occupant.email
    earlier = entry(estate, "101", email=email, move_in="2026-01-01", move_out="2026-03-01")
    assert operator.post(CREATE, earlier).status_code == 302
    assert operator.post(CREATE, entry(estate, "102", email=email)).status_code == 302
    assert len(occupancies(world)) == 3


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"move_out": "2026-11-01"}, "The move-out must be after the move-in."),
        ({"move_out": "2026-10-31"}, "The move-out must be after the move-in."),
        ({"move_in": "0001-01-01"}, "Give a day between 1970 and 2099."),
        ({"move_out": "9999-12-31"}, "Give a day between 1970 and 2099."),
        ({"move_in": "soon"}, "Enter a valid date."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"name": "  "}, "This field is required."),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"dwelling": "not-a-uuid"}, "Choose a dwelling from the list."),
        ({"dwelling": str(uuid.uuid4())}, "Choose a dwelling from the list."),
    ],
)
def test_a_wrong_entry_gets_a_sentence_and_changes_nothing(
    operator: Client, estate: Estate, world: World, wrong: dict[str, str], sentence: str
) -> None:
    assert sentence in shown(operator.post(CREATE, entry(estate, **wrong)))
    assert len(occupancies(world)) == 1
    assert not User.objects.filter(email=NEW).exists() and not OutboxMessage.objects.exists()


def test_a_dwelling_of_another_programme_or_retired_is_no_choice(
    operator: Client, estate: Estate, world: World
) -> None:
    with tenant_scope(world.theirs.programme.pk):
        foreign = str(Dwelling.objects.get(ref="A-102").public_id)
    with tenant_scope(world.ours.programme.pk):
        Dwelling.objects.filter(ref="A-110").update(retired_at=NOW)
    for wanted in (foreign, str(estate.dwellings["110"].public_id)):
        page = shown(operator.post(CREATE, entry(estate, dwelling=wanted)))
        assert "Choose a dwelling from the list." in page
        assert f'value="{wanted}"' not in page
    assert len(occupancies(world)) == 1


def test_from_a_dwelling_the_form_knows_it_already(operator: Client, estate: Estate) -> None:
    wanted = estate.dwellings["102"].public_id
    assert f'<option value="{wanted}" selected>' in shown(operator.get(f"{CREATE}?dwelling={wanted}"))
    assert "selected>Appartement" not in shown(operator.get(f"{CREATE}?dwelling=%00"))


def test_a_name_known_elsewhere_is_neither_shown_nor_changed(
    operator: Client, estate: Estate, world: World
) -> None:
    elsewhere = world.theirs.occupant
    operator.post(CREATE, entry(estate, email=elsewhere.email, name="Nina Novak"))
    page = shown(operator.get(LIST))
    assert "Nina Novak" in page and elsewhere.name not in page
    elsewhere.refresh_from_db()
    assert elsewhere.name == "Occupant acacias"


# changing, moving out, removing


def test_the_days_are_corrected(operator: Client, roy: Occupancy, world: World) -> None:
    assert 'value="2026-03-01"' in shown(operator.get(of(roy)))
    new = {"name": "C. Roy", "move_in": "2026-02-01", "move_out": "2026-12-01"}
    assert operator.post(of(roy), new).headers["Location"] == LIST
    after = occupancies(world)[0]
    assert (after.name, after.move_in, after.move_out) == ("C. Roy", date(2026, 2, 1), date(2026, 12, 1))
    with tenant_scope(world.ours.programme.pk):
        written = AuditEntry.objects.get(action="occupancy.changed")
    assert written.actor_id == world.ours.operator.pk and written.target == str(roy.dwelling.public_id)
    assert (written.detail["old"]["move_in"], written.detail["new"]["move_in"]) == (
        "2026-03-01",
        "2026-02-01",
    )


def test_a_correction_may_not_run_into_another_stay(
    operator: Client, estate: Estate, roy: Occupancy, world: World
) -> None:
    earlier = entry(estate, "101", email=roy.user.email, move_in="2026-01-01", move_out="2026-03-01")
    operator.post(CREATE, earlier)
    page = shown(operator.post(of(roy), {"name": "Roy", "move_in": "2026-02-28", "move_out": ""}))
    assert "This person already lives in this dwelling on some of these days." in page
    assert occupancies(world)[0].move_in == date(2026, 3, 1)
    page = shown(operator.post(of(roy), {"name": "Roy", "move_in": "2026-03-01", "move_out": "2026-03-01"}))
    assert "The move-out must be after the move-in." in page


def test_moving_out_closes_the_view_and_keeps_the_role(
    operator: Client, roy: Occupancy, world: World
) -> None:
    assert 'value="2026-11-22"' in shown(operator.get(of(roy, "move-out/")))  # today, in the programme's zone
    assert operator.post(of(roy, "move-out/"), {"move_out": "2026-11-22"}).headers["Location"] == LIST
    assert occupancies(world)[0].move_out == date(2026, 11, 22)
    assert "moved out" in shown(operator.get(LIST))
    assert "occupancy.ended" in actions(world)
    # the person keeps their role, and so their own days
    assert Membership.objects.filter(user=roy.user, role="occupant", accepted_at__isnull=False).exists()
    assert "Roy OURS" not in shown(operator.get("/p/tilleuls/"))


def test_a_move_out_before_the_move_in_is_refused(operator: Client, roy: Occupancy, world: World) -> None:
    for day, sentence in (
        ("2026-03-01", "The move-out must be after the move-in."),
        ("", "This field is required."),
    ):
        assert sentence in shown(operator.post(of(roy, "move-out/"), {"move_out": day}))
    assert occupancies(world)[0].move_out is None


def test_the_invitation_is_sent_again_until_it_is_accepted(
    operator: Client, estate: Estate, world: World
) -> None:
    operator.post(CREATE, entry(estate))
    first = link_in(mails_to(NEW)[0])
    made = occupancies(world)[-1]
    assert "Send the invitation again" in shown(operator.get(of(made)))
    assert operator.post(of(made, "invite/")).headers["Location"] == LIST
    second = link_in(mails_to(NEW)[-1])
    assert first != second and Client().get(second).status_code == 200
    membership_accept(membership=Membership.objects.get(user=made.user))
    assert "Send the invitation again" not in shown(operator.get(of(made)))
    sent = len(mails_to(NEW))
    assert "has followed the link already" in shown(operator.post(of(made, "invite/"), follow=True))
    assert len(mails_to(NEW)) == sent


def test_an_entry_by_mistake_is_removed_with_the_invitation(
    operator: Client, estate: Estate, world: World
) -> None:
    operator.post(CREATE, entry(estate))
    link = link_in(mails_to(NEW)[0])
    made = occupancies(world)[-1]
    assert "Nina Novak" in shown(operator.get(of(made, "remove/")))
    assert operator.post(of(made, "remove/")).headers["Location"] == LIST
    assert [o.name for o in occupancies(world)] == ["Roy OURS"]
    assert not Membership.objects.filter(user=made.user).exists()
    assert Client().post(link, new_password()).status_code == 410
    assert "occupancy.removed" in actions(world)


def test_who_has_another_dwelling_keeps_the_role(operator: Client, estate: Estate, world: World) -> None:
    email = world.ours.occupant.email
    operator.post(CREATE, entry(estate, email=email))
    operator.post(of(occupancies(world)[-1], "remove/"))
    assert Membership.objects.filter(user=world.ours.occupant, role="occupant").exists()
    assert len(occupancies(world)) == 1
