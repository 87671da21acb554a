"""Publications of several servers and programmes, of replaced boxes, and of jobs that gave up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from accounts.tenancy import tenant_scope
from servers.models import Building, Dwelling, Meter, MeterInstallation, MeterRef
from testkit.gateway import OTHER_SERIAL, Box, document, make_box, meter, run_publications
from testkit.world import World
from tests.servers.publication_kit import counts, snapshot


@pytest.fixture
def box(world: World) -> Box:
    return make_box(world.ours.programme)


def test_two_servers_of_a_programme_share_a_building_and_leave_each_other_alone(
    world: World, box: Box
) -> None:
    other = make_box(world.ours.programme, OTHER_SERIAL, "Serveur Rose")
    box.publish(document())
    own = document(1, meters=[meter("elec-101", "A-101", "30000101", medium="electricity", usage="sockets")])
    own["buildings"][0]["dwellings"] = [
        {"ref": "A-101", "name": "another name"},
        {"ref": "A-201", "name": "201"},
    ]
    own["buildings"][0]["common_areas"], own["devices"] = [], []
    assert other.publish(own)["state"] == "done"
    with tenant_scope(world.ours.programme.pk):
        assert Building.objects.count() == 1
        shared = Dwelling.objects.get(ref="A-101")
        assert (shared.name, shared.server) == ("Appartement 101", box.server)
        assert Dwelling.objects.get(ref="A-201").server == other.server
    other.publish(own | {"revision": 2, "buildings": [], "meters": []})
    with tenant_scope(world.ours.programme.pk):  # it retires what was its own, no more
        assert set(Dwelling.objects.filter(retired_at=None).values_list("ref", flat=True)) == {
            "A-101",
            "A-102",
        }
        assert MeterRef.objects.filter(valid_to=None).count() == 3
        assert Building.objects.get().retired_at is None
    stolen = document(3, devices=[], meters=[meter("mine", "A-101", "10000101")])
    verdict = other.publish(stolen)
    assert [fault["path"] for fault in verdict["faults"]] == ["meters[0].serial"]


def test_the_heir_of_a_removed_server_takes_its_estate_over(world: World, box: Box) -> None:
    from servers.services.boxes import server_remove

    box.publish(document())
    with tenant_scope(world.ours.programme.pk):
        server_remove(actor=world.ours.actor(world.ours.administrator), server=box.server)
    heir = make_box(world.ours.programme, OTHER_SERIAL)
    before = counts(world)
    assert heir.publish(document())["state"] == "done"
    after = counts(world)
    assert after.pop("MeterRef") == 2 * before.pop("MeterRef")
    assert after.pop("Device") == 2 * before.pop("Device")
    assert after == before
    with tenant_scope(world.ours.programme.pk):
        assert set(Dwelling.objects.values_list("server_id", flat=True)) == {heir.server.pk}
        assert set(MeterRef.objects.filter(valid_to=None).values_list("server_id", flat=True)) == {
            heir.server.pk
        }


def test_two_programmes_with_the_same_refs_and_serials_do_not_meet(world: World, box: Box) -> None:
    theirs = make_box(world.theirs.programme, OTHER_SERIAL)
    job = box.put("/publication", document()).json()["job"]
    run_publications()
    assert theirs.publish(document())["state"] == "done"
    for programme in (world.ours.programme, world.theirs.programme):
        with tenant_scope(programme.pk):
            assert Meter.objects.count() == 3
    before = snapshot()
    assert theirs.publish(document(2, buildings=[], meters=[], devices=[]))["state"] == "done"
    with tenant_scope(world.ours.programme.pk):
        assert MeterInstallation.objects.filter(removed_at=None).count() == 3
    assert {row["id"] for row in before["Meter"]} == {row["id"] for row in snapshot()["Meter"]}
    assert box.get(f"/publication/{job}").status_code == 200
    foreign = theirs.get(f"/publication/{job}")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
    assert theirs.get("/publication/5").status_code == 404


def test_a_replaced_box_counts_its_revisions_anew(world: World, box: Box) -> None:
    from servers.services.boxes import server_replace
    from servers.services.credentials import password_issue, server_activate

    box.publish(document(7))
    with tenant_scope(world.ours.programme.pk):
        server_replace(
            actor=world.ours.actor(world.ours.administrator), server=box.server, serial=OTHER_SERIAL
        )
        password = password_issue(server_id=box.server.pk)
    assert box.post("/heartbeat", {}).status_code == 401  # the old box is out
    assert password is not None
    new = Box(box.programme, box.server, server_activate(serial=OTHER_SERIAL, password=password).token)
    before = snapshot()
    assert new.publish(document(1))["state"] == "done"
    assert snapshot() == before


def test_a_job_that_gave_up_is_told_and_can_be_asked_for_again(
    world: World, box: Box, monkeypatch: Any
) -> None:
    def broken(**_kwargs: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("servers.services.publication.devices_apply", broken)
        job = box.put("/publication", document()).json()["job"]
        with time_machine.travel(datetime.now(UTC), tick=False) as clock:
            for _ in range(3):
                run_publications()
                clock.shift(600)
    verdict = box.get(f"/publication/{job}").json()
    assert verdict["state"] == "refused"
    assert counts(world)["Dwelling"] == 0
    assert box.publish(document())["state"] == "done"


def test_a_large_estate_takes_few_statements(
    world: World, box: Box, django_assert_max_num_queries: Any
) -> None:
    def estate(revision: int, dwellings: int) -> dict[str, Any]:
        rows = [{"ref": f"D{i}", "name": f"Appartement {i}"} for i in range(dwellings)]
        meters = [meter(f"m{i}-{k}", f"D{i}", f"{i:04}{k}") for i in range(dwellings) for k in range(4)]
        building = {"ref": "A", "name": "A", "dwellings": rows}
        return {"revision": revision, "buildings": [building], "meters": meters, "devices": []}

    assert box.put("/publication", estate(1, 150), zipped=True).status_code == 202
    with django_assert_max_num_queries(80):
        run_publications()
    assert counts(world)["Register"] == 600
    box.put("/publication", estate(2, 150), zipped=True)
    with django_assert_max_num_queries(60):
        run_publications()
