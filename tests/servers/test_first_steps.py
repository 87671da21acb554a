"""The first steps of a programme follow what really stands, show only what the reader may do, and can be put away."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Contract, ContractClaim, Role
from accounts.tenancy import tenant_scope
from readings.models import LersProfile
from servers.first_steps import first_steps
from servers.models import Medium, MeteringPoint, Server, Usage
from tariffs.models import Level, ParameterValue
from testkit.world import START, World, join, make_user

pytestmark = pytest.mark.django_db


def seen(client: Any, url: str) -> dict[str, bool]:
    """The labels of the steps on a page, in their order, and whether each is done."""
    page = client.get(url).content.decode()
    found = re.findall(r'<li class="step( done)?[^"]*">.*?class="step-label">([^<]*)<', page, re.DOTALL)
    return {label: bool(done) for done, label in found}


def price(key: str) -> None:
    ParameterValue.objects.create(
        level=Level.ADMINISTRATOR_PROGRAMME, key=key, value="950", valid_from=START.date()
    )


def test_the_steps_of_a_housing_programme(world: World, sign_in: Any) -> None:
    ours = world.ours
    administrator, operator = sign_in(ours.administrator), sign_in(ours.operator)
    ours.programme.memberships.exclude(role=Role.ADMINISTRATOR).delete()
    with tenant_scope(world.theirs.programme.pk):
        price("heating")  # another programme's state is not ours
    assert seen(administrator, "/p/tilleuls/") == dict.fromkeys(
        ["Create a server", "Activate and publish", "Name an operator", "Check the tariffs"], False
    )
    with tenant_scope(ours.programme.pk):
        server = Server.objects.create(serial="W" * 24, description="A", activated_at=START)
        price("heating")
    page = administrator.get("/p/tilleuls/").content.decode()
    assert "The box is connected; publish" in page and f"/p/tilleuls/servers/{server.public_id}/" in page
    with tenant_scope(ours.programme.pk):
        Server.objects.update(published_at=START)
    join(ours.operator, ours.programme, Role.OPERATOR)
    assert seen(operator, "/p/tilleuls/") == {
        "Activate and publish": True, "Invite the occupants": False, "Check the tariffs": True,
    }  # fmt: skip
    assert seen(administrator, "/p/tilleuls/") == {}, "all that the administrator may do is done"


def test_the_steps_of_a_utility(world: World, sign_in: Any) -> None:
    utility = world.utility
    administrator = make_user("head@teplo.example")
    join(administrator, utility.programme, Role.ADMINISTRATOR)
    utility.programme.memberships.filter(role=Role.CONSUMER).delete()
    labels = ["Import the contracts", "Make the metering points", "Check the tariffs", "Say how archives are written",
              "Tell the consumers"]  # fmt: skip
    desk = sign_in(utility.operator)
    assert desk.get("/programmes/").headers["Location"] == "/p/teplo/desk/"
    assert seen(desk, "/p/teplo/desk/") == dict.fromkeys(labels, False)
    with tenant_scope(utility.programme.pk):
        fields = {"number": "02000101", "city": "Чита", "holder": "ООО", "phone": "9145550101"}
        contract = Contract.objects.create(kind="contract", **fields)
        MeteringPoint.objects.create(
            number="101", name="Отопление", medium=Medium.HEAT, usage=Usage.HEATING, contract=contract
        )
        ContractClaim.objects.create(contract=contract, user=utility.consumer)
        LersProfile.objects.create(version=1)
    assert seen(desk, "/p/teplo/desk/") == {label: label not in (labels[2], labels[4]) for label in labels}
    join(utility.consumer, utility.programme, Role.CONSUMER)
    assert seen(desk, "/p/teplo/desk/")[labels[4]] is True
    expected = {"Name an operator": True, labels[2]: False, labels[3]: True}
    assert seen(sign_in(administrator), "/p/teplo/") == expected


def test_steps_are_put_away_by_one_person_and_taken_out_again(world: World, sign_in: Any) -> None:
    ours = world.ours
    administrator, url = sign_in(ours.administrator), "/p/tilleuls/first-steps/"
    answer = administrator.post(url, {"away": "1", "next": "/p/tilleuls/"})
    assert answer.headers["Location"] == "/p/tilleuls/"
    assert seen(administrator, "/p/tilleuls/") == {}
    assert "Show the first steps" in administrator.get("/p/tilleuls/").content.decode()
    assert seen(sign_in(ours.operator), "/p/tilleuls/"), "another person still sees them"
    assert seen(sign_in(world.theirs.administrator), "/p/acacias/")
    answer = administrator.post(url, {"away": "0", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/p/tilleuls/" and seen(administrator, "/p/tilleuls/")


def test_the_steps_cost_two_statements(world: World) -> None:
    for person, side in ((world.ours.administrator, world.ours), (world.utility.operator, world.utility)):
        with tenant_scope(side.programme.pk), CaptureQueriesContext(connection) as asked:
            assert first_steps(side.actor(person)).items
        selects = [one["sql"] for one in asked if "set_config" not in one["sql"] and "SELECT" in one["sql"]]
        assert len(selects) - 1 <= 2, selects  # one more asks who the person is
