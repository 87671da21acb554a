"""Publications: stored at once, judged whole, applied in one piece, history kept."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine

from accounts.models import Job
from accounts.tenancy import tenant_scope, unscoped
from servers.models import (
    Building,
    CommonArea,
    Device,
    Dwelling,
    Meter,
    MeteringPoint,
    MeterInstallation,
    MeterRef,
    Publication,
    Register,
    Server,
)
from testkit.gateway import OTHER_SERIAL, Box, document, make_box, meter, register, run_publications
from testkit.world import World

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
TABLES = (Building, Dwelling, CommonArea, Meter, MeteringPoint, MeterInstallation, MeterRef, Register, Device)


@pytest.fixture
def box(world: World) -> Box:
    return make_box(world.ours.programme)


def counts(world: World) -> dict[str, int]:
    with unscoped(reason="counting what tests made"):
        return {model.__name__: model.objects.count() for model in TABLES}


def snapshot() -> dict[str, list[dict[str, Any]]]:
    with unscoped(reason="comparing before and after"):
        return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


def last(box: Box) -> Publication:
    publication: Publication = Publication.objects.filter(server=box.server).order_by("-pk")[0]
    return publication


def test_a_whole_building_arrives(world: World, box: Box) -> None:
    with time_machine.travel(T0, tick=False):
        assert box.publish(document()) == {"state": "done", "faults": []}
    with tenant_scope(world.ours.programme.pk):
        dwelling = Dwelling.objects.select_related("building", "server").get(ref="A-101")
        assert (dwelling.name, dwelling.floor, dwelling.area_cm2) == ("Appartement 101", 1, 625_000)
        assert (dwelling.building.name, dwelling.server) == ("Bâtiment A", box.server)
        assert CommonArea.objects.get().name == "Hall"
        volume = Register.objects.get(ref="volume")
        assert (volume.unit, volume.exponent, volume.span, volume.max_per_hour) == ("m3", -3, 10**8, 50_000)
        energy = Register.objects.filter(ref="energy").first()
        assert (energy.span, energy.max_per_hour, energy.kind) == (None, 1_000_000, "cumulative")
        installation = MeterInstallation.objects.select_related("point", "meter").get(registers=volume)
        assert (installation.point.dwelling, installation.point.usage) == (dwelling, "water")
        assert (installation.meter.serial, installation.removed_at) == ("20000101", None)
        assert (installation.point.medium, installation.meter.medium) == ("cold_water", "cold_water")
        refs = MeterRef.objects.values_list("ref", "meter__serial", "valid_from", "valid_to").order_by("ref")
        assert ("water-101", "20000101", None, None) in list(refs)
        light = Device.objects.get()
        assert (light.common_area.name, light.commands) == ("Hall", ["on", "off"])
        assert Server.objects.get().published_at == T0
        difference = last(box).difference
        assert difference["dwellings"]["new"]["count"] == 2
        assert difference["meters"]["new"]["items"][0] == {"ref": "heat-101", "name": "10000101"}
        assert Job.objects.filter(kind="parked_replay", key=f"parked:{box.server.pk}").count() == 1
    assert counts(world) == {
        "Building": 1, "Dwelling": 2, "CommonArea": 1, "Meter": 3, "MeteringPoint": 3, "MeterInstallation": 3,
        "MeterRef": 3, "Register": 3, "Device": 1,
    }  # fmt: skip


def test_the_same_revision_twice_is_one_publication(world: World, box: Box) -> None:
    first = box.put("/publication", document())
    again = box.put("/publication", document())
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (202, first.json())
    run_publications()
    before = snapshot()
    assert box.put("/publication", document()).json() == first.json()
    run_publications()
    assert snapshot() == before
    with tenant_scope(world.ours.programme.pk):
        assert Publication.objects.count() == 1
    reused = box.put("/publication", document(devices=[]))
    assert (reused.status_code, reused.json()["code"]) == (409, "revision_reused")
    assert box.publish(document(5))["state"] == "done"
    stale = box.put("/publication", document(4))
    assert (stale.status_code, stale.json()["code"]) == (409, "revision_stale")


def test_the_same_content_under_a_new_revision_changes_nothing(world: World, box: Box) -> None:
    box.publish(document(1))
    before = snapshot()
    assert box.publish(document(2))["state"] == "done"
    assert snapshot() == before
    with tenant_scope(world.ours.programme.pk):
        assert last(box).difference == {}


def changed(**_unused: Any) -> dict[str, Any]:
    return copy.deepcopy(document(2))


def test_an_exchange_by_a_new_serial_keeps_point_and_history(world: World, box: Box) -> None:
    with time_machine.travel(T0, tick=False):
        box.publish(document())
    later = changed()
    later["meters"][0]["serial"] = "99999999"
    moment = T0 + timedelta(days=30)
    with time_machine.travel(moment, tick=False):
        assert box.publish(later)["state"] == "done"
    with tenant_scope(world.ours.programme.pk):
        old, new = MeterInstallation.objects.filter(point__name="heat-101").order_by("installed_at")
        assert (old.meter.serial, old.removed_at) == ("10000101", moment)
        assert (new.meter.serial, new.installed_at, new.removed_at) == ("99999999", moment, None)
        assert old.point_id == new.point_id
        assert new.registers.count() == old.registers.count() == 1
        refs = MeterRef.objects.filter(ref="heat-101").order_by("pk")
        assert [(r.meter.serial, r.valid_from, r.valid_to) for r in refs] == [
            ("10000101", None, moment),
            ("99999999", moment, None),
        ]
        assert last(box).difference == {
            "meters": {
                "exchanged": {
                    "count": 1,
                    "items": [{"ref": "heat-101", "old": "10000101", "new": "99999999"}],
                }
            },
            "registers": {
                "new": {"count": 1, "items": [{"ref": "heat-101/energy", "name": "heat-101/energy (kWh)"}]}
            },
        }


def test_back_to_the_first_meter_is_another_exchange(world: World, box: Box) -> None:
    """Both within one frozen second: periods neither overlap nor shrink to nothing."""
    with time_machine.travel(T0, tick=False):
        box.publish(document())
        for revision, serial in ((2, "99999999"), (3, "10000101")):
            later = document(revision)
            later["meters"][0]["serial"] = serial
            assert box.publish(later)["state"] == "done"
    with tenant_scope(world.ours.programme.pk):
        periods = list(
            MeterInstallation.objects.filter(point__name="heat-101")
            .order_by("installed_at")
            .values_list("meter__serial", "installed_at", "removed_at")
        )
        assert [serial for serial, _start, _end in periods] == ["10000101", "99999999", "10000101"]
        assert all(a[2] is not None and a[1] < a[2] <= b[1] for a, b in pairwise(periods))
        assert MeterRef.objects.filter(ref="heat-101", valid_to=None).get().meter.serial == "10000101"


def test_two_meters_change_places(world: World, box: Box) -> None:
    box.publish(document())
    later = changed()
    later["meters"][0]["serial"], later["meters"][2]["serial"] = "10000102", "10000101"
    assert box.publish(later)["state"] == "done"
    with tenant_scope(world.ours.programme.pk):
        now = MeterInstallation.objects.filter(removed_at=None).values_list(
            "meter__serial", "point__dwelling__ref"
        )
        assert set(now) == {("10000102", "A-101"), ("10000101", "A-102"), ("20000101", "A-101")}
        assert MeteringPoint.objects.count() == 3


def test_a_meter_at_another_place_gets_another_point(world: World, box: Box) -> None:
    box.publish(document())
    later = changed()
    later["meters"][0]["place"] = "A-102"
    box.publish(later)
    with tenant_scope(world.ours.programme.pk):
        points = MeteringPoint.objects.filter(name="heat-101").order_by("pk")
        assert [(p.dwelling.ref, p.retired_at is None) for p in points] == [("A-101", False), ("A-102", True)]
        assert last(box).difference["meters"].keys() == {"moved"}
    back = document(3)
    box.publish(back)
    with tenant_scope(world.ours.programme.pk):  # one point a meter ref and place: the first one goes on
        assert MeteringPoint.objects.filter(name="heat-101").count() == 2
        assert MeteringPoint.objects.get(name="heat-101", retired_at=None).dwelling.ref == "A-101"


def test_what_vanished_is_retired_and_stays(world: World, box: Box) -> None:
    box.publish(document())
    later = changed()
    del later["buildings"][0]["dwellings"][1], later["meters"][2], later["devices"][0]
    later["meters"][1]["registers"] = []
    before = counts(world)
    box.publish(later)
    assert counts(world) == before
    with tenant_scope(world.ours.programme.pk):
        assert Dwelling.objects.get(ref="A-102").retired_at is not None
        assert Device.objects.get().retired_at is not None
        assert set(MeterRef.objects.filter(valid_to=None).values_list("ref", flat=True)) == {"heat-101"}
        assert MeterInstallation.objects.filter(removed_at=None).count() == 1
        found = last(box).difference
        assert {kind: list(change) for kind, change in found.items()} == {
            "dwellings": ["vanished"], "meters": ["vanished"], "devices": ["vanished"],
        }  # fmt: skip
    box.publish(document(3))
    with tenant_scope(world.ours.programme.pk):  # a document that forgot it for a while: all as it was
        assert MeterInstallation.objects.filter(removed_at=None).count() == 3
        assert MeterRef.objects.filter(valid_to=None).count() == 3
        assert Dwelling.objects.filter(retired_at=None).count() == 2
    assert counts(world) == before


def test_an_emptied_building_is_retired(world: World, box: Box) -> None:
    box.publish(document())
    box.publish(document(2, buildings=[], meters=[], devices=[]))
    with tenant_scope(world.ours.programme.pk):
        assert Building.objects.get().retired_at is not None
        assert last(box).difference["buildings"]["vanished"]["count"] == 1


def test_renamed_and_moved_are_told(world: World, box: Box) -> None:
    box.publish(document())
    later = changed()
    later["buildings"][0]["name"] = "Bâtiment Lilas"
    later["buildings"].append(
        {"ref": "B", "name": "B", "dwellings": [later["buildings"][0]["dwellings"].pop()]}
    )
    later["buildings"][0]["dwellings"][0] |= {"name": "Appt 101", "area": None}
    later["meters"][2]["ref"] = "chauffage-102"
    later["devices"][0] |= {"name": "Lampe", "place": "A-101"}
    box.publish(later)
    with tenant_scope(world.ours.programme.pk):
        assert Dwelling.objects.get(ref="A-102").building.ref == "B"
        assert MeteringPoint.objects.count() == 3
        found = {kind: set(changes) for kind, changes in last(box).difference.items()}
        assert found == {
            "buildings": {"renamed", "new"},
            "dwellings": {"renamed", "moved", "changed"},
            "meters": {"renamed"},
            "devices": {"renamed", "moved"},
        }
        items = last(box).difference["dwellings"]["renamed"]["items"]
        assert items == [{"ref": "A-101", "old": "Appartement 101", "new": "Appt 101"}]


@pytest.mark.parametrize(
    "change", [{"unit": "MWh"}, {"exponent": -1}, {"rollover": "1000"}, {"tariff_index": 1}]
)
def test_another_unit_or_step_makes_a_new_register(world: World, box: Box, change: dict[str, Any]) -> None:
    box.publish(document())
    later = changed()
    later["meters"][0]["registers"][0] |= change
    box.publish(later)
    with tenant_scope(world.ours.programme.pk):
        old, new = Register.objects.filter(installation__point__name="heat-101").order_by("pk")
        assert old.retired_at is not None
        assert new.retired_at is None
        assert old.installation_id == new.installation_id
        assert last(box).difference == {
            "registers": {
                "changed": {"count": 1, "items": [{"ref": "heat-101/energy", "old": "kWh", "new": new.unit}]}
            }
        }


def test_only_what_is_shared_arrives(world: World, box: Box) -> None:
    quiet = document()
    quiet["meters"][0]["registers"] = [register(), register("power", "power", "kW", shared=False)]
    quiet["meters"][2]["registers"][0]["shared"] = False
    box.publish(quiet)
    with tenant_scope(world.ours.programme.pk):
        assert set(Meter.objects.values_list("serial", flat=True)) == {"10000101", "20000101"}
        assert set(Register.objects.values_list("ref", flat=True)) == {"energy", "volume"}
        stored = last(box).document["meters"][0]["registers"]
        assert stored[1] == {"ref": "power", "shared": False}
    loud = copy.deepcopy(quiet) | {"revision": 2}
    loud["meters"][0]["registers"][1]["shared"] = True
    box.publish(loud)
    box.publish(copy.deepcopy(quiet) | {"revision": 3})
    with tenant_scope(world.ours.programme.pk):
        power = Register.objects.get(ref="power")
        assert power.retired_at is not None
        assert (power.kind, power.max_per_hour) == ("instantaneous", None)
    box.publish(copy.deepcopy(loud) | {"revision": 4})
    with tenant_scope(world.ours.programme.pk):
        assert Register.objects.get(ref="power").retired_at is None


def test_a_broken_document_is_refused_whole_with_the_path_of_each_fault(world: World, box: Box) -> None:
    box.publish(document())
    before = snapshot()
    broken = changed()
    broken["buildings"][0]["dwellings"][1]["ref"] = "A-101"
    broken["meters"][0] |= {"place": "A-999", "medium": "steam"}
    broken["meters"][1]["registers"][0] |= {"unit": "kWh", "rollover": "1e3"}
    broken["meters"][2]["serial"] = "10000101"
    broken["devices"][0]["commands"] = ["rm -rf /"]
    verdict = box.publish(broken)
    assert verdict["state"] == "refused"
    assert [fault["path"] for fault in verdict["faults"]] == [
        "buildings[0].dwellings[1].ref",
        "meters[0].place",
        "meters[0].medium",
        "meters[1].registers[0].unit",
        "meters[1].registers[0].rollover",
        "meters[2].place",
        "meters[2].serial",
        "devices[0].commands",
    ]
    assert all(fault["message"] for fault in verdict["faults"])
    assert snapshot() == before
    with tenant_scope(world.ours.programme.pk):
        assert last(box).applied_at is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"revision": None}, "revision is missing."),
        ({"revision": "1"}, "revision must be a whole number."),
        ({"revision": True}, "revision must be a whole number."),
        ({"revision": -1}, "revision is too small."),
        ({"revision": 2**63}, "revision is too large."),
        ({"buildings": None}, "buildings is missing."),
        ({"meters": {}}, "meters must be a list."),
        ({"meters": [{"ref": "x"}]}, "meters[0].place is missing."),
        ({"buildings": [{"ref": "A", "name": "A", "dwellings": [{"ref": 5, "name": ""}]}]},
         "buildings[0].dwellings[0].ref must be text."),
        ({"buildings": [{"ref": "A", "name": "A", "dwellings": [{"ref": "5", "name": "", "area": []}]}]},
         "buildings[0].dwellings[0].area must be a number."),
        ({"meters": [{**meter("m", "A-101"), "registers": [{"ref": "r", "shared": "yes"}]}]},
         "meters[0].registers[0].shared must be true or false."),
    ],
)  # fmt: skip
def test_a_document_of_the_wrong_structure_is_400_at_once(
    world: World, box: Box, change: dict[str, Any], sentence: str
) -> None:
    body = {key: value for key, value in document(**change).items() if value is not None}
    answer = box.put("/publication", body)
    assert (answer.status_code, answer.json()) == (400, {"code": "malformed", "message": sentence})
    with tenant_scope(world.ours.programme.pk):
        assert not Publication.objects.exists()


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
