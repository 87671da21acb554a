"""A meter exchange by the operator's page: both indexes, what came since, undoing, and the day of it from hours."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.tenancy import tenant_scope
from readings.archives.totals import recompute
from readings.models import ArchiveRecord, ArchiveSeries, DayTotal, ImportJob, Reading, TotalStatus
from readings.review.exchanges import Indexes, exchange_record, exchange_undo
from readings.totals.drain import totals_drain
from readings.totals.selectors import day_quantities
from servers.models import Meter, MeteringPoint, MeterInstallation, Register
from testkit.world import World
from tests.readings.gateway_world import Box, D, epoch, item, make_box, standing_clock

_clock = standing_clock()


@pytest.fixture
def box(world: World) -> Box:
    return make_box(world.ours.programme)


def by_day(programme_id: int) -> dict[int, int]:
    """Day of the month → the sum over all registers."""
    with tenant_scope(programme_id):
        totals_drain(programme_id=programme_id)
        keys = Register.objects.values_list("pk", flat=True)
        found: dict[int, int] = {}
        for row in day_quantities(keys, date(2026, 11, 1), date(2026, 12, 1)):
            assert row.status == TotalStatus.MEASURED
            found[row.day.day] = found.get(row.day.day, 0) + row.quantity
    return found


def stored(programme_id: int) -> list[tuple[Any, ...]]:
    with tenant_scope(programme_id):
        totals_drain(programme_id=programme_id)
        rows = Reading.objects.order_by("register", "at").values_list("register", "at", "value", "source")
        totals = DayTotal.objects.order_by("register", "day").values_list(
            "register", "day", "quantity", "status"
        )
        return [*rows, *totals, *MeterInstallation.objects.order_by("pk").values_list("pk", "removed_at")]


def test_an_exchange_by_the_page(box: Box, world: World, sign_in: Any) -> None:
    register = box.register(exponent=0)
    box.send(*(item(i, D[i], value) for i, value in enumerate(("1000", "1010", "1020"))))
    # the gateway went on under the same ref before anybody told us: these are the new meter's
    box.send(item(5, D[3], "4"), item(6, D[4], "9"))
    before = stored(box.programme.pk)
    with tenant_scope(box.programme.pk):
        point = MeteringPoint.objects.get()
    desk: Client = sign_in(world.ours.operator)
    url = f"/p/{box.programme.slug}/readings/exchange/{point.public_id}/"
    data = {
        "at": "2026-11-03T12:00",
        "serial": "NEW 1",
        "manufacturer": "KAM",
        "closing_1": "1 024,0",
        "opening_1": "0",
    }
    serial = register.installation.meter.serial
    for wrong, word in (
        ({"closing_1": "1019"}, "cannot be lower"),
        ({"closing_1": "x"}, "cannot have this value"),
        ({"at": "2026-11-23T12:00"}, "not come yet"),
        ({"serial": serial}, "hangs there now"),
        ({"opening_1": ""}, "required"),
        ({"at": "soon"}, "valid date"),
    ):
        refused = desk.post(url, {**data, **wrong})
        assert refused.status_code == 422, wrong
        assert word in refused.content.decode(), wrong
    assert stored(box.programme.pk) == before
    assert desk.post(url, data).status_code == 302
    early = desk.post(url, {**data, "at": "2026-11-02T12:00", "serial": "NEW 2"})
    assert "installed after" in early.content.decode()  # than the second meter
    assert by_day(box.programme.pk) == {1: 10, 2: 10, 3: 8, 4: 5}  # 4 before noon and 4 after it
    box.send(item(7, D[5], "14"))
    assert by_day(box.programme.pk)[5] == 5
    with tenant_scope(box.programme.pk):
        new = Register.objects.exclude(pk=register.pk).get()
        assert Reading.objects.filter(register=new).count() == 4
        assert Reading.objects.get(register=register, value=1024).source == Reading.Source.OPERATOR
    page = desk.get(url).content.decode()
    assert "NEW 1" in page
    assert desk.post(f"{url}undo/").status_code == 302
    with tenant_scope(box.programme.pk):  # as if nobody had said anything
        readings = (
            Reading.objects.filter(at__lt=epoch(D[5]))
            .order_by("at")
            .values_list("register", "at", "value", "source")
        )
        assert list(readings) == before[: len(readings)]
    with tenant_scope(box.programme.pk):
        assert Register.objects.get() == register
        assert MeterInstallation.objects.get().removed_at is None
        assert not Meter.objects.filter(serial="NEW 1").exists()
    assert (
        desk.post(f"{url}undo/").status_code == 302
    )  # there is nothing left to take back: a message, no harm
    assert box.statuses(item(8, D[6], "1100")) == ["accepted"]


def test_sums_are_the_differences_of_the_indexes_whatever_came_when(box: Box, world: World) -> None:
    """Exchange first, readings later, gives the same as readings first."""
    actor = world.ours.actor(world.ours.operator)
    results = []
    for meter, early in (("m1", True), ("m2", False)):
        register = box.register(meter, exponent=0)
        sent = [item(100 * early + i, D[i], v, meter=meter) for i, v in enumerate(("990", "1000", "7", "20"))]
        told = {"at": datetime(2026, 11, 2, 12, tzinfo=UTC), "manufacturer": "", "serial": f"N{meter}"}
        if early:
            box.send(*sent)
        with tenant_scope(box.programme.pk):
            point = register.installation.point
            exchange_record(actor=actor, point=point, indexes={register.pk: Indexes("1005", "2")}, **told)
        if not early:
            box.send(*reversed(sent))
        with tenant_scope(box.programme.pk):
            totals_drain(programme_id=box.programme.pk)
            keys = (
                Register.objects.filter(installation__point=point).order_by("pk").values_list("pk", flat=True)
            )
            rows = day_quantities(keys, date(2026, 11, 1), date(2026, 12, 1))
            results.append([(row.day, row.quantity, row.seconds, row.status) for row in rows])
            assert sum(row.quantity for row in rows) == (1005 - 990) + (20 - 2)
            exchange_undo(actor=actor, point=point)
    assert results[0] == results[1]


def test_the_day_of_an_exchange_from_the_hours_of_both_meters(world: World) -> None:
    utility = world.utility
    with tenant_scope(utility.programme.pk):
        point = MeteringPoint.objects.create(
            number="900", name="P", medium="heat", usage="heating", totals_source="archive"
        )
        job = ImportJob.objects.create(file_name="a", sha256="0" * 64, size=1)
        change = datetime(2026, 11, 3, 1, 30, tzinfo=UTC)  # half past ten in Chita
        stays = [
            MeterInstallation.objects.create(
                meter=Meter.objects.create(serial=serial, medium="heat"), point=point,
                installed_at=since, removed_at=until,
            )
            for serial, since, until in (
                ("A", datetime(2025, 1, 1, tzinfo=UTC), change), ("B", change, None),
            )
        ]  # fmt: skip
        series = [ArchiveSeries.objects.create(point=point, meter=stay.meter, kind="hour") for stay in stays]
        start = int(datetime(2026, 11, 2, 15, tzinfo=UTC).timestamp())  # midnight there

        def hours(which: int, first: int, end: int) -> None:
            ArchiveRecord.objects.bulk_create(
                ArchiveRecord(series=series[which], start=start + h * 3600, q_delta=0.5, import_job=job)
                for h in range(first, end)
            )
            recompute(
                point=point,
                meter_id=stays[which].meter_id,
                first=start + first * 3600,
                last=start + (end - 1) * 3600,
            )

        def counted() -> dict[tuple[str, int], int]:
            rows = DayTotal.objects.values_list("register__installation__meter__serial", "day", "quantity")
            return {(serial, date.fromordinal(day).day): quantity for serial, day, quantity in rows}

        hours(1, 11, 48)  # the new meter's file comes first; its hour ten is missing
        assert counted() == {("B", 4): 12_000_000}
        hours(0, 0, 11)
        assert counted() == {("A", 3): 5_500_000, ("B", 3): 6_500_000, ("B", 4): 12_000_000}
        ArchiveRecord.objects.filter(series=series[0], start=start).delete()
        recompute(point=point, meter_id=stays[0].meter_id, first=start, last=start)
        assert counted() == {("B", 4): 12_000_000}  # an hour short: the day is left open, not made up
