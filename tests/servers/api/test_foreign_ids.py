"""Every id that a box may send, replaced by one of another programme: nothing of that programme is read or written."""

from __future__ import annotations

import copy
import itertools
import json
import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.tenancy import tenant_models, tenant_scope, unscoped
from readings.batches.accept import batch_ingest
from servers.models import CommandOrder, Device, Publication, ServerCredential
from servers.services.commands import command_order
from testkit.gateway import OTHER_SERIAL, Box, document, make_box, meter, register, run_publications
from testkit.world import World

LATER = "2026-11-22T06:00:00+00:00"
MOMENT = "2026-11-22T10:15:00+00:00"
# what only the other programme has; a name or serial in one of our answers or rows would be a leak
THEIRS = {
    "revision": 7,
    "buildings": [{
        "ref": "Z", "name": "Chez-eux-Z",
        "dwellings": [{"ref": "Z-901", "name": "Chez-eux-901"}],
        "common_areas": [{"ref": "Z-hall", "name": "Chez-eux-hall"}],
    }],
    "meters": [meter("heat-901", "Z-901", "90000901", registers=[register("secret")])],
    "devices": [{"ref": "siren", "place": "Z-hall", "name": "Chez-eux-siren", "kind": "light", "commands": ["on"]}],
}  # fmt: skip
# what may stand in a field of this name: each id of theirs is tried in each place that it could fit
FOREIGN = {
    "ref": itertools.cycle(("Z", "Z-901", "heat-901", "secret", "siren")),
    "place": itertools.cycle(("Z-901", "Z-hall")),
    "serial": itertools.cycle(("90000901",)),
}


def fields(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if key in FOREIGN:
            yield (*path, key)
        elif isinstance(value, dict | list):
            yield from fields(value, (*path, key))


def rows_of(programme: Any) -> dict[str, list[str]]:
    with unscoped(reason="comparing what another programme has"):
        return {
            model.__name__: [repr(row) for row in model._base_manager.filter(programme=programme).order_by("pk").values()]
            for model in tenant_models()
        }  # fmt: skip


@pytest.fixture
def boxes(world: World) -> tuple[Box, Box]:
    ours, theirs = make_box(world.ours.programme), make_box(world.theirs.programme, OTHER_SERIAL)
    assert theirs.publish(copy.deepcopy(THEIRS))["state"] == "done"
    assert ours.publish(document())["state"] == "done"
    return ours, theirs


@pytest.mark.slow
def test_every_id_of_a_publication_replaced_by_a_foreign_one(world: World, boxes: tuple[Box, Box]) -> None:
    ours, theirs = boxes
    before, told = rows_of(theirs.programme), []
    paths = list(fields(document()))
    assert len(paths) >= 17
    for revision, path in enumerate(paths, start=2):
        data = document(revision)
        where: Any = data
        for key in path[:-1]:
            where = where[key]
        where[path[-1]] = next(FOREIGN[path[-1]])
        answer = ours.put("/publication", data)
        run_publications()
        verdict = ours.get(f"/publication/{answer.json()['job']}").json()
        told.append(verdict["state"])
        if path[-1] == "place":  # a place of theirs is no place
            assert verdict["state"] == "refused"
            assert [fault["path"].rsplit(".")[-1] for fault in verdict["faults"]] == ["place"]
        assert "Chez-eux" not in json.dumps(verdict)
    assert {"done", "refused"} == set(told)
    assert rows_of(theirs.programme) == before
    assert "Chez-eux" not in str(rows_of(ours.programme))


def test_every_id_in_path_and_body_replaced_by_a_foreign_one(world: World, boxes: tuple[Box, Box]) -> None:
    ours, theirs = boxes
    with tenant_scope(theirs.programme.pk):
        device = Device.objects.select_related("server").get()
        placed = command_order(actor=world.theirs.actor(world.theirs.operator), device=device, command="on")
        job = Publication.objects.get().public_id
    before = rows_of(theirs.programme)
    own = ours.get(f"/publication/{uuid.uuid4()}")
    assert (own.status_code, own.content) == (404, ours.get(f"/publication/{job}").content)
    gone = ours.post(f"/commands/{uuid.uuid4()}/result", {"state": "done"})
    foreign = ours.post(f"/commands/{placed.public_id}/result", {"state": "done", "device_state": "on"})
    assert (gone.status_code, gone.content) == (404, foreign.content)
    beat = {
        "devices": [{"device": "siren", "state": "off"}],
        "missing": [{"meter": "heat-901", "from": MOMENT, "to": MOMENT}],
        "instance": str(theirs.server.public_id),
    }
    assert ours.post("/heartbeat", beat).json()["commands"] == []
    scan = {"found": [{"serial": "90000901", "manufacturer": "KAM"}]}
    assert ours.post("/scan", scan).json() == {"new": 1, "waiting": 1, "placed": 0}  # placed there, not here
    batch = {"batch": str(uuid.uuid4()), "items": [
        {"seq": 1, "meter": "heat-901", "register": "secret", "taken_at": MOMENT, "value": "1"},
        {"seq": 2, "meter": "heat-101", "register": "secret", "taken_at": MOMENT, "value": "1"},
    ]}  # fmt: skip
    assert ours.post("/readings", batch).status_code == 200  # they wait for a publication of ours
    assert ours.post("/activation", {"serial": theirs.server.serial, "password": "A" * 30}).status_code == 401
    assert rows_of(theirs.programme) == before
    assert "Chez-eux" not in str(rows_of(ours.programme))
    with tenant_scope(theirs.programme.pk):  # the control: the owner's own box is heard
        assert theirs.post(f"/commands/{placed.public_id}/result", {"state": "done"}).status_code == 200
        assert CommandOrder.objects.get().state == "done"
    assert rows_of(theirs.programme) != before


# `make soak` asks for a thousand, the most of them by what stands behind the wire, which costs a tenth
REPEATS = int(os.environ.get("REPEATS", "200"))


def test_repeats_of_a_batch_add_no_row(boxes: tuple[Box, Box]) -> None:
    ours, _theirs = boxes
    items = [
        {"seq": n, "meter": "heat-101", "register": "energy", "taken_at": f"2026-11-22T0{n}:00:00+00:00", "value": f"{n}.5"}
        for n in range(1, 4)
    ]  # fmt: skip
    batch = {"batch": str(uuid.uuid4()), "items": items}
    first = ours.post("/readings", batch)
    assert [row["status"] for row in first.json()["results"]] == ["accepted"] * 3
    before = {name: len(rows) for name, rows in rows_of(ours.programme).items()}
    body = json.dumps(batch).encode()
    for _ in range(20):  # through the wire
        assert ours.post("/readings", body).content == first.content
    epoch = ServerCredential.objects.get(server_id=ours.server.pk).activation_epoch
    for _ in range(REPEATS - 20):  # and by what stands behind it, which costs a tenth
        assert first.json() == batch_ingest(
            programme_id=ours.programme.pk, server_id=ours.server.pk, activation_epoch=epoch, body=body
        )
    assert {name: len(rows) for name, rows in rows_of(ours.programme).items()} == before
    # the control: the same readings in a batch of its own are duplicates, and one more reading is one more row
    again = ours.post("/readings", {**batch, "batch": str(uuid.uuid4())}).json()["results"]
    assert [row["status"] for row in again] == ["duplicate"] * 3
    more = {"batch": str(uuid.uuid4()), "items": [{**items[0], "seq": 9, "taken_at": LATER, "value": "9"}]}
    ours.post("/readings", more)
    assert {name: len(rows) for name, rows in rows_of(ours.programme).items()}["Reading"] == before[
        "Reading"
    ] + 1
