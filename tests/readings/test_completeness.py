"""How much of each day there is, what a gateway still holds, and what it lost: page, export and heartbeat."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.tenancy import tenant_scope
from readings.totals.drain import totals_drain
from servers.models import Building, Dwelling, LostSpan, MeteringPoint
from testkit.gateway import call
from testkit.queries import page_queries
from testkit.world import World
from tests.readings.gateway_world import Box, D, item, make_box, standing_clock

NOW = datetime(2026, 11, 11, 11, tzinfo=UTC)


_clock = standing_clock(NOW)


@pytest.fixture
def box(world: World) -> Box:
    box = make_box(world.ours.programme)
    with tenant_scope(box.programme.pk):
        building = Building.objects.create(ref="A", name="Tilleuls")
        for name in ("full", "gap", "none"):
            dwelling = Dwelling.objects.create(building=building, ref=name, name=f"Home {name}")
            box.meter(name, dwelling=dwelling)
    for name in ("full", "gap", "none"):
        box.register(name, exponent=0)
    box.send(*(item(i, D[i], str(i), meter="full") for i in range(11)))
    box.send(*(item(20 + i, D[i], str(i), meter="gap") for i in (0, 1, 2, 7, 8, 9)))
    with tenant_scope(box.programme.pk):
        totals_drain(programme_id=box.programme.pk)
    return box


def export(client: Any, box: Box, query: str = "") -> dict[str, list[str]]:
    answer = client.get(f"/p/{box.programme.slug}/readings/export/?kind=csv{query}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return {row[1]: row[4:] for row in csv.reader(io.StringIO(text))}


def test_the_month_of_each_meter(box: Box, world: World, sign_in: Any) -> None:
    client = sign_in(world.ours.operator)
    rows = export(client, box)
    assert rows["Place"][:3] == ["Completeness, %", "2026-11-01", "2026-11-02"]
    assert rows["Home full"][:12] == ["100", *["100"] * 10, ""]
    # five days between two readings are estimated, and the last day has nothing yet
    assert rows["Home gap"][:11] == ["40", "100", "100", "0", "0", "0", "0", "0", "100", "100", "0"]
    assert rows["Home none"][:11] == ["0", *["0"] * 10]
    beat = {
        "agent": "t", "spool": {"pending": 1234, "oldest": "2026-11-10T09:00:00Z"},
        "missing": [{"meter": "none", "from": D[3], "to": D[4]}],
    }  # fmt: skip
    assert call("POST", "/heartbeat", beat, token=box.token).status_code == 200
    with tenant_scope(box.programme.pk):
        points = {one.dwelling.name: one for one in MeteringPoint.objects.select_related("dwelling")}
    asked = page_queries(client, f"/p/{box.programme.slug}/readings/")
    assert len(asked) <= 15, asked
    page = client.get(f"/p/{box.programme.slug}/readings/").content.decode()
    assert page.index("Home none") < page.index("Home gap") < page.index("Home full")  # the worst first
    leads = f"/p/{box.programme.slug}/readings/of-point/{points['Home gap'].public_id}/?month=2026-11"
    for word in (leads, ": lost", "1,234", "Home none · ", "estimated", "nothing"):
        assert word in page, word
    with tenant_scope(box.programme.pk):
        building = Building.objects.get()
        other = Building.objects.create(ref="B", name="Other")
    assert "Home gap" in export(client, box, f"&building={building.public_id}")
    assert "Home gap" not in export(client, box, f"&building={other.public_id}")
    assert "Home gap" not in export(client, box, "&medium=gas")
    assert "Home gap" in export(client, box, "&month=../../etc")  # nonsense is the running month


def test_losses_are_told_again_and_stored_once(box: Box, world: World) -> None:
    gap = {"meter": "gap", "from": "2026-11-04T00:00:00Z", "to": "2026-11-05T00:00:00Z"}
    longer = {**gap, "to": "2026-11-06T00:00:00Z"}
    for missing in ([gap], [gap, gap], [longer], [longer, {"meter": "gap"}], []):
        assert call("POST", "/heartbeat", {"missing": missing}, token=box.token).status_code == 200
    with tenant_scope(box.programme.pk):
        rows = list(LostSpan.objects.order_by("since").values_list("since", "until"))
    assert rows == [
        (datetime(1970, 1, 1, tzinfo=UTC), None),
        (datetime(2026, 11, 4, tzinfo=UTC), datetime(2026, 11, 6, tzinfo=UTC)),
    ]
    with tenant_scope(world.theirs.programme.pk):
        assert not LostSpan.objects.exists()


def test_an_operator_of_other_buildings_sees_none_of_it(box: Box, world: World, sign_in: Any) -> None:
    with tenant_scope(box.programme.pk):
        other = Building.objects.create(ref="B", name="Other")
    world.ours.programme.memberships.filter(user=world.ours.operator).update(buildings=[other.pk])
    rows = export(sign_in(world.ours.operator), box)
    assert list(rows) == ["Place"]
