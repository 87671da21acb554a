"""From a reading that stands out to the operator's decision, by the gateway's API and the operator's pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import AuditEntry
from accounts.tenancy import tenant_scope
from readings.models import Reading, ReviewItem, TotalStatus
from readings.review.frozen import frozen_review
from readings.review.rules import ACCEPTED, BIT, Rule
from readings.services.forgetting import received_forget
from readings.totals.drain import totals_drain, totals_rebuild
from readings.totals.selectors import day_quantities
from servers.models import Register
from testkit.world import World
from tests.readings.gateway_world import NOW, Box, D, epoch, item, make_box, standing_clock

MEASURED, ESTIMATED, DISPUTED = TotalStatus.MEASURED, TotalStatus.ESTIMATED, TotalStatus.DISPUTED


_clock = standing_clock()


@pytest.fixture
def box(world: World) -> Box:
    return make_box(world.ours.programme)


@pytest.fixture
def desk(world: World, sign_in: Any) -> Client:
    client: Client = sign_in(world.ours.operator)
    return client


def open_items(box: Box) -> list[tuple[str, str]]:
    with tenant_scope(box.programme.pk):
        totals_drain(programme_id=box.programme.pk)
        return list(
            ReviewItem.objects.filter(state="open").order_by("at", "rule").values_list("rule", "value")
        )


def days(register: Register) -> dict[int, tuple[int, int]]:
    with tenant_scope(register.programme_id):
        totals_drain(programme_id=register.programme_id)
        found = day_quantities([register.pk], date(2026, 11, 1), date(2026, 12, 1))
        incremental = {row.day.day: (row.quantity, row.status) for row in found}
        totals_rebuild(register_ids=[register.pk])
        rebuilt = day_quantities([register.pk], date(2026, 11, 1), date(2026, 12, 1))
        assert {row.day.day: (row.quantity, row.status) for row in rebuilt} == incremental
    return incremental


def decide(desk: Client, box: Box, **data: str) -> Any:
    with tenant_scope(box.programme.pk):
        found = ReviewItem.objects.get(state="open")
    return desk.post(f"/p/{box.programme.slug}/readings/review/{found.public_id}/", data)


def take_back(desk: Client, box: Box) -> Any:
    with tenant_scope(box.programme.pk):
        found = ReviewItem.objects.exclude(state="open").get()
    return desk.post(f"/p/{box.programme.slug}/readings/review/{found.public_id}/take-back/")


def fallen(box: Box) -> Register:
    """A counter that falls on the 3rd; nothing is lost, the interval is disputed."""
    register = box.register(exponent=0)
    sent = [item(i, D[i], value) for i, value in enumerate(("100", "110", "30", "42"))]
    assert box.statuses(*sent) == ["accepted"] * 4
    assert days(register) == {1: (10, MEASURED), 2: (0, DISPUTED), 3: (12, MEASURED)}
    return register


def test_a_fall_is_put_on_the_list_and_accepted(box: Box, desk: Client, world: World) -> None:
    register = fallen(box)
    assert open_items(box) == [("negative_step", "30")]
    with tenant_scope(box.programme.pk):
        assert Reading.objects.get(register=register, at=epoch(D[2])).marks == BIT[Rule.NEGATIVE_STEP]
    page = desk.get(f"/p/{box.programme.slug}/readings/review/").content.decode()
    assert "Index fell" in page
    assert decide(desk, box, decision="accepted").status_code == 302
    assert days(register) == {1: (10, MEASURED), 2: (0, ESTIMATED), 3: (12, MEASURED)}
    assert open_items(box) == []
    with tenant_scope(box.programme.pk):
        assert Reading.objects.get(register=register, at=epoch(D[2])).marks == ACCEPTED
        told = AuditEntry.objects.get(action="review.accepted")
        assert told.actor == world.ours.operator
    assert box.statuses(item(9, D[2], "30")) == ["duplicate"]  # a resend undoes nothing
    assert days(register)[2] == (0, ESTIMATED)
    assert take_back(desk, box).status_code == 302
    assert days(register)[2] == (0, DISPUTED)
    assert open_items(box) == [("negative_step", "30")]


def test_a_correction_stands_against_resends_until_it_is_taken_back(box: Box, desk: Client) -> None:
    register = fallen(box)
    short = decide(desk, box, decision="corrected", value="120")
    assert short.status_code == 422  # no reason given
    assert "Say why" in short.content.decode()
    for wrong in ("twelve", "1e5", "-5", "nan", "9" * 22):
        assert decide(desk, box, decision="corrected", value=wrong, reason="misread").status_code == 422
    assert decide(desk, box, decision="corrected", value="1 20,0", reason="misread").status_code == 302
    # the reading after it lies below now: that is what stands out
    assert days(register) == {1: (10, MEASURED), 2: (10, MEASURED), 3: (0, DISPUTED)}
    assert box.statuses(item(50, D[2], "31")) == ["duplicate superseded"]
    assert days(register)[2] == (10, MEASURED)
    assert take_back(desk, box).status_code == 302
    assert days(register) == {
        1: (10, MEASURED),
        2: (0, DISPUTED),
        3: (11, MEASURED),
    }  # the newest that was received
    with tenant_scope(box.programme.pk):
        assert Reading.objects.get(register=register, at=epoch(D[2])).source == Reading.Source.GATEWAY


def test_left_out_and_back_again(box: Box, desk: Client) -> None:
    register = box.register(exponent=0)
    box.send(*(item(i, D[i], value) for i, value in enumerate(("100", "900000", "120", "130"))))
    assert open_items(box) == [("spike", "900000")]  # the fall after it only comes back
    assert decide(desk, box, decision="left_out", reason="no such value").status_code == 302
    assert days(register) == {1: (10, MEASURED), 2: (10, MEASURED), 3: (10, MEASURED)}
    assert decide_twice(desk, box) == 422
    assert take_back(desk, box).status_code == 302
    assert open_items(box) == [("spike", "900000")]


def decide_twice(desk: Client, box: Box) -> int:
    """A decision that somebody has made meanwhile is refused, and says so."""
    with tenant_scope(box.programme.pk):
        found = ReviewItem.objects.get()
    answer = desk.post(
        f"/p/{box.programme.slug}/readings/review/{found.public_id}/", {"decision": "accepted"}
    )
    return int(answer.status_code)


def test_late_data_settles_an_item_and_any_order_finds_the_same(box: Box) -> None:
    box.register(exponent=0)
    box.send(item(1, D[1], "100"), item(2, D[3], "90"))
    assert open_items(box) == [("negative_step", "90")]
    box.send(item(3, D[1], "80"))  # a correction by the gateway itself
    assert open_items(box) == []
    box.register("m2", exponent=0)
    late = [item(10 + i, D[i], str(value), meter="m2") for i, value in enumerate((5, 9, 7, 900_000, 30))]
    for one in (late[3], late[0], late[4], late[2], late[1]):
        box.send(one)
        open_items(box)
    assert open_items(box) == [("negative_step", "7"), ("spike", "900000")]


def test_instantaneous_values_and_refused_ones(box: Box, desk: Client) -> None:
    box.register(ref="temp", quantity="temperature", unit="C", exponent=-1, kind="instantaneous")
    box.send(item(1, D[1], "21.5", register="temp"), item(2, D[2], "99", register="temp"))
    assert open_items(box) == [("range", "99.0")]
    assert decide(desk, box, decision="accepted").status_code == 302
    box.register(exponent=0)
    soon = "2026-11-22T12:30:00Z"
    assert box.statuses(item(3, soon, "500"), item(3, soon, "500")) == ["rejected future", "rejected future"]
    assert open_items(box) == [("future", "500")]
    early = decide(desk, box, decision="accepted")
    assert early.status_code == 422  # its time has not come yet
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert decide(desk, box, decision="accepted").status_code == 302
    with tenant_scope(box.programme.pk):
        assert Reading.objects.get(at=epoch(soon)).value == 500


def test_an_unknown_register_is_one_item(box: Box, desk: Client) -> None:
    box.register(exponent=0)
    for seq in range(3):
        assert box.statuses(item(seq, D[seq], "5", register="nobody")) == ["rejected unknown_register"]
    with tenant_scope(box.programme.pk):
        found = ReviewItem.objects.get()
        assert (found.rule, found.count, found.field) == ("unknown_register", 3, "m1/nobody")
    assert decide(desk, box, decision="accepted").status_code == 302
    assert open_items(box) == []


def test_standstills_are_found_once_and_go_when_it_moves(box: Box) -> None:
    register = box.register(quantity="temperature", unit="C", exponent=-1, kind="instantaneous")
    hours = [(NOW - timedelta(hours=h)).isoformat() for h in range(60, 0, -1)]
    box.send(*(item(i, at, "20") for i, at in enumerate(hours)))
    with tenant_scope(box.programme.pk):
        assert (frozen_review(), frozen_review()) == (1, 1)
        assert ReviewItem.objects.get().rule == "frozen"
    box.send(item(99, NOW.isoformat(), "20.5"))
    with tenant_scope(register.programme_id):
        assert frozen_review() == 0
        assert not ReviewItem.objects.exists()


def test_limits_are_the_programmes_own(box: Box, desk: Client, world: World) -> None:
    register = box.register(exponent=0)
    url = f"/p/{box.programme.slug}/readings/limits/"
    assert "Energy" in desk.get(url).content.decode() or "energy" in desk.get(url).content.decode()
    assert desk.get(f"{url}?kind=heat/volume").status_code == 404
    assert desk.post(url, {"kind": "heat/energy", "rate": "x"}).status_code == 422
    assert desk.post(url, {"kind": "heat/energy", "rate": "0,5", "frozen_hours": ""}).status_code == 302
    box.send(item(1, D[1], "100"), item(2, D[2], "112"), item(3, D[3], "125"))
    assert open_items(box) == [("spike", "125")]
    assert days(register) == {2: (12, MEASURED), 3: (13, MEASURED)}  # a limit only flags
    assert desk.post(url, {"kind": "heat/energy", "reset": "1"}).status_code == 302


def test_pages_cost_the_same_for_one_and_for_many(
    box: Box, desk: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        box.register(f"many{number}", exponent=0)
    box.send(*(item(i * 2, D[1], "100", meter=f"many{i}") for i in range(12)))
    box.send(*(item(i * 2 + 1, D[2], "90", meter=f"many{i}") for i in range(12)))
    assert len(open_items(box)) == 12
    with django_assert_max_num_queries(15):
        assert desk.get(f"/p/{box.programme.slug}/readings/review/?rule=negative_step").status_code == 200


def test_old_batches_go_and_undo_keeps_what_it_needs(box: Box, desk: Client, settings: Any) -> None:
    fallen(box)
    box.send(item(60, D[3], "43"))  # a superseded value of a register that nobody corrected
    settings.INGEST_BATCH_KEEP_DAYS, settings.SUPERSEDED_KEEP_DAYS = 30, 60
    assert received_forget(programme_id=box.programme.pk) == (0, 0)
    with time_machine.travel(NOW + timedelta(days=61), tick=False):
        assert received_forget(programme_id=box.programme.pk) == (2, 1)
