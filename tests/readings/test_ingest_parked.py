"""Readings of meters that nobody has published: kept, placed later, or forgotten when they are not to be shared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.jobs import job_enqueue
from accounts.models import Job
from accounts.tenancy import tenant_scope
from readings.batches import parked
from readings.models import ParkedReading, Reading, TouchedSpan
from servers.models import Publication
from testkit.world import World
from tests.readings.gateway_world import NOW, Box, item, make_box, standing_clock

T1, T2 = "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"


_clock = standing_clock()


@pytest.fixture
def box(world: World) -> Box:
    return make_box(world.ours.programme)


def publish(box: Box, revision: int, state: str = "done", **shared: bool) -> None:
    """A document that names register "energy" of each meter."""
    meters = [
        {"ref": ref, "registers": [{"ref": "energy", "shared": is_shared}]}
        for ref, is_shared in shared.items()
    ]
    with tenant_scope(box.programme.pk):
        Publication.objects.create(
            server=box.server, revision=revision, body_sha256="", document={"meters": meters}, state=state
        )


def waiting(box: Box) -> list[tuple[str, str]]:
    with tenant_scope(box.programme.pk):
        return list(ParkedReading.objects.order_by("pk").values_list("meter_ref", "value"))


def values(box: Box) -> list[int]:
    with tenant_scope(box.programme.pk):
        return list(Reading.objects.order_by("at").values_list("value", flat=True))


def replay(box: Box, run_jobs: Any) -> None:
    """As the publication's own job does when it has been applied."""
    job_enqueue(kind="parked_replay", ref=str(box.server.pk), programme_id=box.programme.pk)
    assert run_jobs() >= 1


def test_an_unknown_meter_is_accepted_and_parked(box: Box) -> None:
    assert box.statuses(item(1, T1, "1.5"), item(2, T2, "NaN")) == ["accepted", "rejected bad_value"]
    assert box.statuses(item(1, T1, "1.5")) == ["duplicate"]
    assert waiting(box) == [("m1", "1.5")]
    assert values(box) == []


def test_a_publication_places_what_was_parked(box: Box, run_jobs: Any) -> None:
    box.send(item(1, T1, "1.5"), item(2, T2, "2.5"), item(3, T2, "9", meter="m2"))
    box.register()
    publish(box, 1, m1=True)
    replay(box, run_jobs)
    assert values(box) == [1500, 2500]
    assert waiting(box) == [("m2", "9")]
    with tenant_scope(box.programme.pk):
        assert TouchedSpan.objects.count() == 1
    replay(box, run_jobs)
    assert values(box) == [1500, 2500]


def test_a_parked_correction_stands_by_its_number(box: Box, run_jobs: Any) -> None:
    box.send(item(5, T1, "5"))
    box.register()
    box.send(item(7, T1, "7"))
    replay(box, run_jobs)
    assert values(box) == [7000]


def test_what_is_published_but_not_shared_is_forgotten(box: Box, run_jobs: Any) -> None:
    box.send(item(1, T1, "1"), item(2, T1, "2", meter="m2"))
    publish(box, 1, m1=False)
    replay(box, run_jobs)
    assert waiting(box) == [("m2", "2")]
    assert box.statuses(item(3, T2, "3")) == ["rejected not_shared"]
    assert values(box) == []


def test_an_unknown_register_of_a_known_meter(box: Box, run_jobs: Any) -> None:
    box.register()
    publish(box, 1, m1=True)
    assert box.statuses(item(1, T1, "1", register="nope")) == ["rejected unknown_register"]
    publish(box, 2, "queued", m1=True)  # it may be just about to become known
    assert box.statuses(item(2, T1, "1", register="nope")) == ["accepted"]
    assert waiting(box) == [("m1", "1")]
    with tenant_scope(box.programme.pk):
        Publication.objects.update(state="done")
    replay(box, run_jobs)
    assert waiting(box) == []


def test_parked_rows_are_capped(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parked, "CAP", 2)
    items = [item(n, f"2026-11-22T0{n}:00:00Z", "1") for n in range(3)]
    assert box.statuses(*items) == ["accepted", "accepted", "rejected unknown_meter"]
    assert box.statuses(item(9, T1, "1")) == ["rejected unknown_meter"]
    assert len(waiting(box)) == 2


def test_parking_looks_again_by_itself(box: Box, run_jobs: Any) -> None:
    """A publication that was applied between our look and our commit would otherwise leave the row for ever."""
    box.send(item(1, T1, "1"))
    box.send(item(2, T2, "2"))
    assert Job.objects.filter(kind="parked_replay").count() == 1
    box.register()
    with time_machine.travel(NOW + timedelta(seconds=61), tick=False):
        run_jobs()
    assert values(box) == [1000, 2000]


def test_a_large_heap_is_placed_in_pieces(box: Box, run_jobs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parked, "CHUNK", 3)
    start = NOW - timedelta(days=1)
    box.send(*(item(n, (start + timedelta(minutes=n)).isoformat(), str(n)) for n in range(10)))
    with tenant_scope(box.programme.pk):
        ParkedReading.objects.filter(seq=4).update(value="9" * 20)  # too large for any register
    box.register()
    replay(box, run_jobs)
    assert values(box) == [n * 1000 for n in range(10) if n != 4]
    assert waiting(box) == []
