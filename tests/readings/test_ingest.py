"""`POST /api/v1/readings`: what a gateway sends, what it is told, and what stands in the table afterwards."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import jobs
from accounts.models import Job
from accounts.tenancy import tenant_scope
from readings.models import DayTotal, IngestBatch, ParkedReading, Reading, SupersededReading, TouchedSpan
from readings.services.decisions import reading_reject
from readings.totals.drain import totals_drain
from servers.models import Meter, MeterInstallation, MeterRef, Register
from testkit.world import World
from tests.readings.gateway_world import NOW, Box, body, epoch, item, make_box, rows, standing_clock

_clock = standing_clock()


@pytest.fixture
def box(world: World) -> Box:
    box = make_box(world.ours.programme)
    box.register()
    make_box(world.theirs.programme).register()
    return box


def lost(box: Box) -> list[tuple[int, int]]:
    with tenant_scope(box.programme.pk):
        return list(SupersededReading.objects.order_by("seq").values_list("value", "seq"))


T1, T2 = "2026-11-22T10:00:00Z", "2026-11-22T11:00:00+01:00"  # the same instant
T3 = "2026-11-22T11:00:00Z"


def test_readings_are_stored_exactly(box: Box) -> None:
    assert box.statuses(item(1, T1, "12.3455"), item(2, T3, "13")) == ["accepted", "accepted"]
    assert rows(box) == [(epoch(T1), 12346, 1, True), (epoch(T3), 13000, 2, True)]
    with tenant_scope(box.programme.pk):
        box.server.refresh_from_db()
        assert box.server.last_sync_at == NOW
        assert TouchedSpan.objects.values_list("t0", "t1").get() == (epoch(T1), epoch(T3))
        assert (
            Reading.objects.filter(spool=1).count() == 2
        )  # the activation's number, where the body has none
    assert Job.objects.filter(kind="totals", programme=box.programme, due_at__gt=NOW).count() == 1


def test_a_batch_sent_twice_gives_the_same_answer_and_no_new_row(box: Box) -> None:
    batch = str(uuid.uuid4())
    first = box.send(item(1, T1, "1"), item(2, "x", "2"), batch=batch)
    for _ in range(20):
        assert box.send(item(1, T1, "1"), item(2, "x", "2"), batch=batch) == first
    assert len(rows(box)) == 1
    with tenant_scope(box.programme.pk):
        assert IngestBatch.objects.count() == 1
        assert TouchedSpan.objects.count() == 1
    other = box.post({"batch": batch, "items": [item(1, T1, "2")]})
    assert (other.status_code, other.json()["code"]) == (422, "batch_reused")
    assert rows(box)[0][1] == 1000


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2)])
@pytest.mark.parametrize("together", [True, False])
def test_the_highest_number_stands_in_any_order(box: Box, order: tuple[int, ...], together: bool) -> None:
    items = [item(seq, T1, str(seq)) for seq in order]
    answers = box.statuses(*items) if together else [box.statuses(one)[0] for one in items]
    assert rows(box) == [(epoch(T1), 3000, 3, True)]
    assert lost(box) == [(1000, 1), (2000, 2)]
    assert answers[order.index(3)] == ("accepted" if order.index(3) == 0 and not together else "corrected")
    if not together:  # nothing changes when all come again
        assert [box.statuses(one)[0] for one in items] == [
            "duplicate" if seq == 3 else "duplicate superseded" for seq in order
        ]
        assert lost(box) == [(1000, 1), (2000, 2)]


def test_a_newer_spool_wins_over_higher_numbers(box: Box) -> None:
    box.send(item(900, T1, "1"), spool="0000000005")
    assert box.statuses(item(1, T1, "2"), spool="0000000006") == ["corrected"]
    assert box.statuses(item(901, T1, "3"), spool="0000000005") == ["duplicate superseded"]
    assert rows(box) == [(epoch(T1), 2000, 1, True)]


def test_the_same_value_again_lifts_its_number(box: Box) -> None:
    box.send(item(1, T1, "1"))
    assert box.statuses(item(9, T1, "1.0")) == ["duplicate"]
    assert box.statuses(item(5, T1, "2")) == ["duplicate superseded"]  # as if 1@9 had come alone
    assert rows(box) == [(epoch(T1), 1000, 9, True)]


def test_an_operators_decision_survives_resends(box: Box) -> None:
    box.send(item(1, T1, "1"))
    with tenant_scope(box.programme.pk):
        reading_reject(register_id=Register.objects.get().pk, at=epoch(T1))
    box.send(item(1, T1, "1"))
    box.send(item(2, T1, "1"))
    assert rows(box) == [(epoch(T1), 1000, 2, False)]
    box.send(item(3, T1, "4"))  # another value has not been judged
    assert rows(box) == [(epoch(T1), 4000, 3, True)]
    with tenant_scope(box.programme.pk):
        Reading.objects.update(source=Reading.Source.OPERATOR, value=5000)
    assert box.statuses(item(4, T1, "6")) == ["duplicate superseded"]
    assert rows(box)[0][1] == 5000


def test_repeats_inside_a_batch(box: Box) -> None:
    assert box.statuses(
        item(1, T1, "1"), item(1, T1, "1"), item(1, T3, "9"), item(2, T2, "1.000"),
    ) == ["accepted", "duplicate", "rejected seq_reused", "duplicate"]  # fmt: skip
    assert rows(box) == [(epoch(T1), 1000, 2, True)]


def test_a_token_reaches_its_own_servers_meters_only(world: World, box: Box) -> None:
    theirs = make_box(world.theirs.programme)
    neighbour = make_box(world.ours.programme)
    theirs.register("theirs")
    neighbour.register("next")
    assert box.statuses(item(1, T1, "1", meter="theirs"), item(2, T1, "1", meter="next")) == ["accepted"] * 2
    assert rows(box) == rows(theirs) == []  # parked: unknown to this server, whoever else may know them
    assert theirs.statuses(item(1, T1, "7", meter="theirs")) == ["accepted"]
    assert [row[1] for row in rows(theirs)] == [7000]
    assert rows(box) == []


def test_two_programmes_with_the_same_refs_and_batch_uuid(world: World, box: Box) -> None:
    other = make_box(world.theirs.programme)
    other.register()
    batch = str(uuid.uuid4())
    box.send(item(1, T1, "1"), batch=batch)
    other.send(item(1, T1, "2"), batch=batch)
    assert [row[1] for row in rows(box)] == [1000]
    assert [row[1] for row in rows(other)] == [2000]


def test_a_ref_is_resolved_by_the_time_of_the_reading(box: Box) -> None:
    """An exchange at 10:30: another meter stands behind the same ref from then on."""
    change = NOW - timedelta(hours=1, minutes=30)
    with tenant_scope(box.programme.pk):
        old = Register.objects.get()
        MeterRef.objects.update(valid_to=change)
        old.installation.removed_at = change
        old.installation.save()
    new = box.register()
    with tenant_scope(box.programme.pk):
        MeterRef.objects.filter(valid_to=None).update(valid_from=change)
        new.installation.installed_at = change
        new.installation.save()
    box.send(item(1, T1, "500"), item(2, T3, "0.5"))
    with tenant_scope(box.programme.pk):
        assert Reading.objects.get(register=old).value == 500_000
        assert Reading.objects.get(register=new).value == 500


def test_two_servers_may_publish_one_meter_under_two_refs(world: World, box: Box) -> None:
    neighbour = make_box(world.ours.programme)
    with tenant_scope(box.programme.pk):
        meter = MeterRef.objects.get(server=box.server).meter
        MeterRef.objects.create(server=neighbour.server, ref="x9", meter=meter)
    assert box.statuses(item(1, T1, "1"), item(2, T3, "2", meter="x9")) == ["accepted", "accepted"]
    assert [row[1] for row in rows(box)] == [1000]  # x9 is the neighbour's word: parked here
    assert neighbour.statuses(item(1, T3, "2", meter="x9")) == ["accepted"]
    assert [row[1] for row in rows(box)] == [1000, 2000]


def test_a_changed_unit_takes_over_from_its_day(box: Box) -> None:
    change = NOW - timedelta(hours=1, minutes=30)
    with tenant_scope(box.programme.pk):
        old = Register.objects.get()
        Register.objects.update(created_at=NOW - timedelta(days=9), retired_at=change)
    new = box.register(unit="MWh", exponent=-6, created_at=change)
    box.send(item(1, T1, "500"), item(2, T3, "0.5"))
    with tenant_scope(box.programme.pk):
        assert Reading.objects.get(register=old).value == 500_000
        assert Reading.objects.get(register=new).value == 500_000
        assert Reading.objects.get(register=new).at == epoch(T3)


def test_instantaneous_values_are_stored_and_not_totalled(box: Box) -> None:
    box.register(ref="temp", quantity="temperature", unit="C", exponent=-1, kind="instantaneous")
    assert box.statuses(item(1, T1, "-3.26", register="temp")) == ["accepted"]
    assert rows(box) == [(epoch(T1), -33, 1, True)]
    with tenant_scope(box.programme.pk):
        totals_drain(programme_id=box.programme.pk)  # the rules look at it, no total is made of it
        assert not TouchedSpan.objects.exists()
        assert not DayTotal.objects.exists()


def test_a_hundred_readings_cost_few_queries(box: Box) -> None:
    for number in range(20):
        box.register(f"q{number}")
    items = [
        item(n, f"2026-11-2{n // 20 % 2}T0{n // 40}:00:00Z", str(n), meter=f"q{n % 20}") for n in range(100)
    ]
    box.send(item(1000, T1, "1"))
    with CaptureQueriesContext(connection) as seen:
        assert set(box.statuses(*items)) == {"accepted"}
    work = [
        q["sql"]
        for q in seen.captured_queries
        if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
    ]
    work = [sql for sql in work if "set_config" not in sql and "servercredential" not in sql]
    assert len(work) <= 6, work
    assert len(rows(box)) == 101


@pytest.mark.django_db(transaction=True)
def test_eight_posts_of_one_batch_at_once(world: World) -> None:
    """One row set and one answer, whoever comes first."""
    box = make_box(world.ours.programme)
    box.register()
    sent = body(items=[item(n, f"2026-11-22T{n:02}:00:00Z", str(n)) for n in range(10)])
    start = threading.Barrier(8)
    answers: list[tuple[int, bytes]] = []

    def post() -> None:
        try:
            start.wait()
            answer = box.post(sent)
            answers.append((answer.status_code, answer.content))
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert answers[0][0] == 200
    assert len(rows(box)) == 10
    with tenant_scope(box.programme.pk):
        assert IngestBatch.objects.count() == 1
        assert TouchedSpan.objects.count() == 1
        assert not ParkedReading.objects.exists()


@pytest.mark.parametrize("order", [("5", "7"), ("7", "5")])
def test_two_values_under_one_number_stand_alike_in_any_order(box: Box, order: tuple[str, str]) -> None:
    for value in order:
        box.send(item(1, T1, value))
    assert rows(box) == [(epoch(T1), 7000, 1, True)]
    assert lost(box) == [(5000, 1)]


def test_a_meter_that_took_anothers_place_has_no_reading_before(box: Box) -> None:
    """A clock that lost its time would else put years of another meter under this one."""
    with tenant_scope(box.programme.pk):
        new = Register.objects.get().installation
        new.installed_at = NOW - timedelta(days=5)
        new.save(update_fields=["installed_at"])
        point = new.point
        meter = Meter.objects.create(serial="older", manufacturer="", medium=point.medium)
        MeterInstallation.objects.create(
            meter=meter, point=point, installed_at=NOW - timedelta(days=900), removed_at=new.installed_at
        )
    answers = box.statuses(item(1, "2026-11-17T00:00:00Z", "1"), item(2, "2024-06-01T00:00:00Z", "1"))
    assert answers[0] == "accepted"
    assert [row[0] for row in rows(box)] == [epoch("2026-11-17T00:00:00Z")]
    assert answers[1] != "corrected"


def test_a_batch_needs_no_redis(box: Box, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the cache nor the doorbell answers: stored, answered, and the totals' job waits for the sweep."""

    def nobody_there(*args: Any, **more: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(jobs.current_app, "send_task", nobody_there)
    there = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:9/0"}
    settings.CACHES = {"default": there}
    with pytest.raises(redis.ConnectionError):  # the control: it is really away
        cache.get("anything")
    assert box.statuses(item(1, T1, "1")) == ["accepted"]
    assert Job.objects.filter(kind="totals", state=Job.State.QUEUED).exists()
