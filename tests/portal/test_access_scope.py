"""An operator of some buildings: what stands in the others is a 404, and no page names it.

The pages are those of the access matrix, so that a new one is tried here as well.
"""

from __future__ import annotations

import html
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.access import PROGRAMME_WIDE
from accounts.checks import views_of
from accounts.models import Membership, Programme, Role, User
from accounts.tenancy import tenant_scope
from servers.models import Building, CommonArea, Dwelling, Occupancy
from testkit.gateway import document
from testkit.matrix import PAGES, Row, Side, make_side
from testkit.world import join, make_user

pytestmark = pytest.mark.django_db
ACCESS = {name: view.access for _route, name, view in views_of()}
HOUSING = {
    name: row
    for name, row in PAGES.items()
    if row.kind == Programme.Kind.HOUSING and Role.OPERATOR in row.roles
}
THINGS = sorted(name for name, row in HOUSING.items() if row.key)
PLACES = [
    name
    for name in THINGS
    if HOUSING[name].key in ("building", "dwelling", "area", "occupancy")
    and "GET" in HOUSING[name].methods
    and not ACCESS[name].permissions <= PROGRAMME_WIDE
]
LISTS = sorted(name for name, row in HOUSING.items() if not row.key and "GET" in row.methods)


@dataclass
class Scoped:
    """`side` holds building A with everything; the operator looks after B alone, which has a dwelling and people."""

    side: Side
    user: User
    client: Client
    own: dict[str, Any]  # of building B, by the keys of the matrix


@pytest.fixture(scope="module")
def scoped(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Scoped]:
    with django_db_blocker.unblock(), transaction.atomic():
        side = make_side("ours-housing", Programme.Kind.HOUSING, serials=("A" * 24, "B" * 24))
        with tenant_scope(side.programme.pk):
            building = Building.objects.create(ref="B", name="Villa Beta")
            dwelling = Dwelling.objects.create(ref="B-1", name="Studio Beta", building=building)
            area = CommonArea.objects.create(ref="B-cellar", name="Cave Beta", building=building)
            tenant = make_user("tenant@beta.example", name="Tenant Beta")
            occupancy = Occupancy.objects.create(
                dwelling=dwelling, user=tenant, name="Tenant Beta", move_in=date(2026, 1, 1)
            )
        user = make_user("scoped@beta.example")
        membership = join(user, side.programme, Role.OPERATOR)
        membership.buildings = [building.pk]
        membership.save()
        client = Client(raise_request_exception=False)
        client.force_login(user)
        own = {"building": building, "dwelling": dwelling, "area": area, "occupancy": occupancy}
        yield Scoped(side, user, client, own)
        transaction.set_rollback(True)


@pytest.fixture
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(client: Client, method: str, name: str, row: Row, side: Side, public_id: str) -> Any:
    url = reverse(name, args=[side.programme.slug, *([public_id] if public_id else [])])
    return client.post(url, row.body(side)) if method == "POST" else client.get(url)


def programme_wide(name: str) -> bool:
    return ACCESS[name].permissions <= PROGRAMME_WIDE


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_of_a_foreign_building_is_a_random_id(name: str, scoped: Scoped, undone: None) -> None:
    row, side = HOUSING[name], scoped.side
    refused = 403 if programme_wide(name) else 404
    for method in row.methods:
        foreign = ask(scoped.client, method, name, row, side, side.ids[row.key])
        nothing = ask(scoped.client, method, name, row, side, str(uuid.uuid4()))
        assert (foreign.status_code, nothing.status_code) == (refused, refused), method
    # the control: without the bounds the same person may
    Membership.objects.filter(user=scoped.user).update(buildings=None)
    method = row.methods[0]
    assert ask(scoped.client, method, name, row, side, side.ids[row.key]).status_code in (200, 302), method


@pytest.mark.parametrize("name", PLACES)
def test_the_own_building_opens(name: str, scoped: Scoped, undone: None) -> None:
    row = HOUSING[name]
    answer = ask(scoped.client, "GET", name, row, scoped.side, str(scoped.own[row.key].public_id))
    assert answer.status_code == 200


def foreign_words(side: Side) -> set[str]:
    """Every name of building A: of itself, its dwellings and areas, and who lives there."""
    (building,) = document()["buildings"]
    places = [building, *building["dwellings"], *building["common_areas"]]
    ids = [side.ids[key] for key in ("building", "dwelling", "neighbour", "area", "occupancy", "server")]
    return {*(place["name"] for place in places), side.people[Role.OCCUPANT].email, *ids}


@pytest.mark.parametrize("name", LISTS)
def test_no_list_or_search_names_the_foreign_building(name: str, scoped: Scoped, undone: None) -> None:
    url = reverse(name, args=[scoped.side.programme.slug])
    if programme_wide(name):
        assert scoped.client.get(url).status_code == 403
        return
    wanted = foreign_words(scoped.side)
    for query in (
        "",
        "?view=dwelling",
        "?q=a",
        "?q=appartement",
        f"?q={scoped.side.people[Role.OCCUPANT].email}",
    ):
        answer = scoped.client.get(url + query)
        assert answer.status_code == 200, query
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        page = html.unescape(content.decode()).replace(query.removeprefix("?q="), "")
        assert {word for word in wanted if word in page} == set(), query


def test_what_the_operator_enters_stays_in_the_own_building(scoped: Scoped, undone: None) -> None:
    url = reverse("occupant_create", args=[scoped.side.programme.slug])
    entry = {"name": "A. Benali", "email": "benali@example.org", "move_in": "2026-02-01"}
    refused = scoped.client.post(url, {**entry, "dwelling": scoped.side.ids["neighbour"]})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["dwelling"])
    taken = scoped.client.post(url, {**entry, "dwelling": str(scoped.own["dwelling"].public_id)})
    assert taken.status_code == 302
    page = scoped.client.get(reverse("occupant_list", args=[scoped.side.programme.slug])).content.decode()
    assert "A. Benali" in page and "Tenant Beta" in page


def test_an_administrator_has_no_bounds(scoped: Scoped, undone: None) -> None:
    join(scoped.user, scoped.side.programme, Role.ADMINISTRATOR)
    url = reverse("building_detail", args=[scoped.side.programme.slug, scoped.side.ids["building"]])
    assert scoped.client.get(url).status_code == 200


def test_the_building_leads_to_its_parameters(scoped: Scoped, undone: None) -> None:
    """The programme's parameters are not theirs, so the menu has no way there."""
    args = [scoped.side.programme.slug, scoped.own["building"].public_id]
    page = scoped.client.get(reverse("building_detail", args=args)).content.decode()
    assert reverse("building_tariff_parameters", args=args) in page
    assert reverse("tariff_parameters", args=args[:1]) not in page
