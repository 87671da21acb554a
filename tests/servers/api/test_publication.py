"""Publications: stored at once, judged whole, applied in one piece, history kept."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine

from accounts.models import Job
from accounts.tenancy import tenant_scope
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
from testkit.gateway import Box, document, make_box, meter, register, run_publications
from testkit.world import World
from tests.servers.publication_kit import counts, last, snapshot

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def box(world: World) -> Box:
    return make_box(world.ours.programme)


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


def test_faults_are_told_in_the_language_of_whoever_asks(world: World, box: Box) -> None:
    data = document()
    data["meters"][0]["place"] = "nowhere"
    job = box.put("/publication", data).json()["job"]
    run_publications()
    told = {
        language: box.request("GET", f"/publication/{job}", **{"Accept-Language": language}).json()["faults"]
        for language in ("en", "fr", "ru")
    }
    assert {faults[0]["path"] for faults in told.values()} == {"meters[0].place"}
    assert told["en"][0]["message"].startswith("There is no dwelling or common area “nowhere”")
    assert len({faults[0]["message"] for faults in told.values()}) == 3
