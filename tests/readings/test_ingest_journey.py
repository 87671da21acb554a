"""From a box that nobody has heard of to a line of the export, through the wire and the jobs only."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from accounts.tenancy import tenant_scope
from readings import api
from readings.models import ParkedReading, Reading
from testkit.world import World
from tests.readings.gateway_world import Box, item, make_box

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    api._limit.forget()
    with time_machine.travel(NOW, tick=False):
        yield


def register(ref: str, **fields: Any) -> dict[str, Any]:
    return {"ref": ref, "quantity": "energy", "unit": "kWh", "kind": "cumulative", "shared": True, **fields}


def publish(box: Box, revision: int, *registers: dict[str, Any], serial: str = "12345678") -> None:
    document = {
        "revision": revision,
        "buildings": [
            {"ref": "A", "name": "Bâtiment A", "dwellings": [{"ref": "A-101", "name": "101"}], "common_areas": []}
        ],
        "meters": [
            {
                "ref": "m1", "place": "A-101", "medium": "electricity", "usage": "sockets",
                "manufacturer": "ABB", "serial": serial, "registers": list(registers),
            }
        ],
        "devices": [],
    }  # fmt: skip
    answer = Client().put(
        "/api/v1/publication",
        data=json.dumps(document),
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {box.token}",
    )
    assert answer.status_code == 202, answer.content


def exported(slug: str, serial: str) -> list[list[str]]:
    out = io.StringIO()
    call_command(
        "export_totals", f"--programme={slug}", "--by=day", "--from=2026-11-20", "--to=2026-11-22", stdout=out
    )
    return [row[1:] for row in csv.reader(io.StringIO(out.getvalue())) if row[0] == serial]


def test_readings_before_their_publication_are_counted_after_it(world: World, run_jobs: Any) -> None:
    box = make_box(world.ours.programme)
    items = [
        item(n, f"2026-11-{20 + n % 3}T00:00:00+01:00", f"{n}.5", register=ref)
        for n, ref in enumerate(("t1", "t1", "t1", "t2", "t2", "t2", "hidden"))
    ]
    assert set(box.statuses(*items)) == {"accepted"}
    publish(
        box,
        1,
        register("t1", tariff_index=1),
        register("t2", tariff_index=2),
        register("hidden", shared=False),
    )
    run_jobs()
    with tenant_scope(box.programme.pk):
        assert Reading.objects.count() == 6
        assert not ParkedReading.objects.exists()
    assert box.statuses(*items) == ["duplicate"] * 6 + ["rejected not_shared"]
    serial = box.server.serial
    assert exported("tilleuls", serial) == [
        ["m1", "t1", "energy", "kWh", "1", "2026-11-20", "1.000", "measured"],
        ["m1", "t1", "energy", "kWh", "1", "2026-11-21", "1.000", "measured"],
        ["m1", "t2", "energy", "kWh", "2", "2026-11-20", "1.000", "measured"],
        ["m1", "t2", "energy", "kWh", "2", "2026-11-21", "1.000", "measured"],
    ]
    assert exported("acacias", serial) == []


def test_a_meter_exchanged_by_publication_goes_on_under_its_ref(world: World, run_jobs: Any) -> None:
    box = make_box(world.ours.programme)
    publish(box, 1, register("e"))
    run_jobs()
    box.send(item(1, "2026-11-20T00:00:00+01:00", "100", register="e"))
    box.send(item(2, "2026-11-21T00:00:00+01:00", "105", register="e"))
    publish(box, 2, register("e"), serial="99999999")
    run_jobs()
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        assert box.statuses(item(3, "2026-11-22T12:30:00Z", "0.5", register="e")) == ["accepted"]
        assert box.statuses(item(4, "2026-11-22T00:00:00+01:00", "109", register="e")) == ["accepted"]  # late
        run_jobs()
    assert [row[5:] for row in exported("tilleuls", box.server.serial)] == [
        ["2026-11-20", "5.000", "measured"], ["2026-11-21", "4.000", "measured"],
    ]  # fmt: skip
