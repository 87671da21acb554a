"""Meters: verification dates, and those that a scan found."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from accounts.tables import table_read
from accounts.tenancy import tenant_scope
from servers.models import FoundMeter, Meter
from testkit.gateway import OTHER_SERIAL, SERIAL, Box, document, make_box, meter
from testkit.world import World

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def box(world: World) -> Box:
    box = make_box(world.ours.programme)
    box.publish(document())
    theirs = make_box(world.theirs.programme, OTHER_SERIAL)
    theirs.publish(document(meters=[meter("heat-101", "A-101", "THEIRS-1")]))
    theirs.post("/scan", {"found": [{"serial": "THEIRS-9"}]})
    return box


def test_verification_dates_are_kept_and_the_due_ones_listed(world: World, box: Box, sign_in: Any) -> None:
    client = sign_in(world.ours.operator)
    with tenant_scope(world.ours.programme.pk):
        serials = list(Meter.objects.order_by("serial").values_list("serial", "public_id"))
    ends = ["2026-02-28", "2026-08-30", "2027-05-01"]
    with time_machine.travel(T0, tick=False):
        for (_serial, public_id), end in zip(serials, ends, strict=True):
            url = f"/p/tilleuls/meters/{public_id}/"
            assert client.post(url, {"verified_on": "2022-01-01", "verified_until": end}).status_code == 302
        assert client.post(url, {"verified_on": "2026-03-02"}).status_code == 422  # not yet
        assert (
            client.post(url, {"verified_on": "2022-01-01", "verified_until": "2021-01-01"}).status_code == 422
        )

        world.ours.programme.time_zone = "Asia/Chita"  # nine hours ahead: its next day begins at 15:00 UTC
        world.ours.programme.save()
        with time_machine.travel(datetime(2026, 3, 1, 16, tzinfo=UTC), tick=False):
            this_morning = {"verified_on": "2026-03-02", "verified_until": ends[2]}
            evening = sign_in(world.ours.operator)
            assert evening.post(url, this_morning).headers["Location"] == url
            assert evening.post(url, {"verified_on": "2026-03-03"}).status_code == 422

        def listed(query: str) -> list[str]:
            page = client.get(f"/p/tilleuls/meters/?{query}").content.decode()
            assert "THEIRS" not in page
            return [serial for serial, _id in serials if serial in page]

        names = [serial for serial, _id in serials]
        assert listed("") == listed("due=nonsense") == names
        assert listed("due=due") == names[:2]  # over, or within six months
        assert listed("due=over") == names[:1]
        assert listed("due=unknown") == []
        assert listed(f"due=all&q={names[2]}") == names[2:]
        page = client.get(url).content.decode()
        leads = re.findall(r'href="(/p/tilleuls/readings/[^"]+)"', page)[-2:]  # its figures, and its exchange
        assert [client.get(link).status_code for link in leads] == [200, 200]
        assert "Record a meter exchange" not in sign_in(world.ours.administrator).get(url).content.decode()
    assert "1 May 2027" in page and "Installations" in page
    assert "Record a meter exchange" in page
    with tenant_scope(world.ours.programme.pk):
        assert Meter.objects.get(serial=names[0]).verified_until == date(2026, 2, 28)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_lists_are_taken_away_as_tables(world: World, box: Box, sign_in: Any, kind: str) -> None:
    """What stands in the list, this programme's only."""
    client, stranger = sign_in(world.ours.operator), sign_in(world.theirs.operator)
    with tenant_scope(world.ours.programme.pk):
        serials = set(Meter.objects.filter(installations__removed_at=None).values_list("serial", flat=True))
    for address, wanted in (("meters/?due=all&", serials), ("servers/?", {SERIAL})):
        table = table_read(
            io.BytesIO(client.get(f"/p/tilleuls/{address}export={kind}").getvalue()), f"a.{kind}"
        )
        assert {row[0] for row in table.rows} == wanted and wanted
        assert stranger.get(f"/p/tilleuls/{address}export={kind}").status_code == 404


def test_what_a_scan_found_waits_for_a_place(world: World, box: Box, sign_in: Any) -> None:
    found = [
        {"address": "7", "serial": "00000077", "manufacturer": "KAM", "medium": "heat"},
        {"address": "8", "serial": "00000088"},
        {"address": "1", "serial": "10000101", "manufacturer": "ELS"},  # published, by another spelling
    ]
    for new in (2, 0):  # the same scan again
        assert box.post("/scan", {"found": found}).json() == {"new": new, "waiting": 2, "placed": 1}
    client = sign_in(world.ours.operator)

    def waiting() -> list[str]:
        page = client.get("/p/tilleuls/meters/found/").content.decode()
        assert "THEIRS" not in page
        return [one["serial"] for one in found if one["serial"] in page]

    assert waiting() == ["00000077", "00000088"]
    with tenant_scope(world.ours.programme.pk):
        one = FoundMeter.objects.get(serial="00000088")
    url = f"/p/tilleuls/meters/found/{one.public_id}/"
    assert client.post(url, {"note": "in the cellar", "dismissed": "on"}).status_code == 302
    assert waiting() == ["00000077"]
    assert box.post("/scan", {"found": found}).json()["waiting"] == 1  # put aside stays put aside
    assert "in the cellar" in client.get("/p/tilleuls/meters/found/?show=aside").content.decode()
    grown = [*document()["meters"], meter("new", "A-102", "77")]
    assert box.publish(document(2, meters=grown))["state"] == "done"
    assert waiting() == []


@pytest.mark.parametrize(
    "found",
    [
        None,
        [{}],
        [{"serial": ""}],
        [{"serial": "a b"}],
        [{"serial": "1", "medium": "steam"}],
        [{"serial": 5}],
    ],
)
def test_a_malformed_scan_is_refused(box: Box, found: Any) -> None:
    answer = box.post("/scan", {"found": found})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
