"""The tour of the demo: a strip on real pages, for each kind of person, and on no other page."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from portal.tour.stops import ADMINISTRATOR, CONSUMER, DESK, OCCUPANT, OPERATOR, stops_of
from testkit.world import World

pytestmark = pytest.mark.django_db
STRIP = re.compile(r'<aside class="note note-info tour-strip".*?</aside>', re.DOTALL)


def strip(client: Any, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    found = STRIP.search(answer.content.decode())
    return html.unescape(found[0]) if found else ""


def test_each_kind_of_person_has_a_tour(world: World) -> None:
    ours, utility = world.ours, world.utility
    assert stops_of(ours.actor(ours.administrator)) is ADMINISTRATOR
    assert stops_of(ours.actor(ours.operator)) is OPERATOR
    assert stops_of(ours.actor(ours.occupant)) is OCCUPANT
    assert stops_of(utility.actor(utility.consumer)) is CONSUMER
    assert stops_of(utility.actor(utility.operator)) is DESK


def test_the_strip_leads_from_stop_to_stop(world: World, sign_in: Any) -> None:
    client = sign_in(world.ours.operator)
    first = strip(client, "/p/tilleuls/?tour=1")
    assert "1 of 8" in first and 'rel="prev"' not in first and 'href="/p/tilleuls/"' in first
    # no dwelling is published here, so the second stop is passed over
    assert 'href="/p/tilleuls/overview/?tour=3" rel="next"' in first
    last = strip(client, "/p/tilleuls/parameters/days/?tour=8")
    assert 'rel="next"' not in last and "?tour=7" in last
    for number in ("0", "9", "x", "-1", "²", "9" * 5000, "1e1"):
        assert strip(client, f"/p/tilleuls/?tour={number}") == ""
    assert strip(client, "/account/?tour=1") == "", "outside of any programme"


def test_who_may_open_the_list_of_stops(world: World, client: Any, sign_in: Any, settings: Any) -> None:
    url = "/p/tilleuls/tour/"
    assert client.get(url).url.startswith("/?next=")
    ours = world.ours
    assert sign_in(world.theirs.operator).get(url).status_code == 404
    assert sign_in(ours.operator).post(url).status_code == 405
    page = sign_in(ours.occupant).get(url).content.decode()
    assert page.count('<li class="step">') == len(OCCUPANT) and "/p/tilleuls/home/?tour=1" in page
    settings.DEMO = True
    assert "Guided tour" not in sign_in(ours.operator).get("/p/tilleuls/").content.decode(), (
        "not the demo's own"
    )
