"""Readings in monthly partitions: the same rows, refusals and totals, whatever piece they fall into."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.tenancy import tenant_scope, unscoped
from portal.operations.doctor import examine
from readings.models import DayTotal, PeriodClosing, Reading
from readings.partitions import months
from readings.partitions.keeping import Kept, pieces_keep
from readings.partitions.tables import DIVIDED, Piece, divide, is_divided, piece_empty, piece_make, pieces
from readings.services.storing import NewReading, readings_store
from readings.totals.drain import totals_drain, totals_rebuild
from servers.models import Register
from testkit.estate import make_home
from testkit.world import World, make_world

READINGS = DIVIDED[0]
NOW = datetime(2024, 11, 22, 12, tzinfo=UTC)
CUT = date(2024, 12, 1)


def at(year: int, month: int, day: int = 10, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


@pytest.mark.pure
def test_months_meet_without_a_gap() -> None:
    found = list(months.months_between(date(2023, 11, 1), date(2024, 3, 1)))
    assert found == [date(2023, 11, 1), date(2023, 12, 1), date(2024, 1, 1), date(2024, 2, 1)]
    assert [months.month_after(date(2024, 1, 1), count) for count in (-13, -1, 0, 12)] == [
        date(2022, 12, 1), date(2023, 12, 1), date(2024, 1, 1), date(2025, 1, 1)
    ]  # fmt: skip
    for month in found:
        assert months.first_of(months.begin(month)) == month
        assert months.first_of(months.begin(month) - 1) == months.month_after(month, -1)


def test_on_sqlite_nothing_is_divided(db: Any) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the other lane")
    assert pieces_keep() == Kept()
    with pytest.raises(CommandError, match="Only PostgreSQL"):
        call_command("partition", "--divide")


def _register(programme: Any) -> Register:
    home = make_home(programme)
    home.meter("heat", medium="heat", usage="heating", registers=[{"exponent": 0}])
    return home.registers["heat/energy"]


def _store(programme: Any, register: Register, *rows: tuple[int, int]) -> list[str]:
    with tenant_scope(programme.pk):
        new = [NewReading(register.pk, when, value, 1, n) for n, (when, value) in enumerate(rows)]
        return [one.status for one in readings_store(rows=new, source=1, now=timezone.now())]


def _totals(programme: Any) -> list[tuple[int, ...]]:
    totals_drain(programme_id=programme.pk)
    with tenant_scope(programme.pk):
        return sorted(DayTotal.objects.values_list("register_id", "day", "quantity", "seconds", "status"))


def _owner(sql: str) -> list[tuple[Any, ...]]:
    with unscoped(reason="a test looks into the pieces"), connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


def _in_piece(name: str) -> int:
    return int(_owner(f"SELECT count(*) FROM pieces.readings_reading_{name}")[0][0])


def _doctor() -> str:
    (found,) = examine(["months"])
    return f"{found.level}: {found.sentence}"


@pytest.fixture
def divided(postgres: None, db: Any) -> World:
    """Two programmes with readings of three months, then the table is divided under them."""
    world = make_world()
    world.ours.extra["register"], world.theirs.extra["register"] = (
        _register(side.programme) for side in (world.ours, world.theirs)
    )
    for side in (world.ours, world.theirs):
        rows = [(at(2024, month), month * 100) for month in (9, 10, 11)]
        _store(side.programme, side.extra["register"], *rows)
    connection.check_constraints()  # what a test's open transaction would only check at its end
    divide(READINGS, now=at(2024, 11, 22), ahead=2)
    return world


def test_a_table_is_divided_under_its_rows(divided: World) -> None:
    """Across months, late data into the old piece, corrections, totals, walls: all as before."""
    ours, register = divided.ours.programme, divided.ours.extra["register"]
    names = [piece.name.removeprefix("pieces.readings_reading_") for piece in pieces(READINGS)]
    assert names == ["before", "2024_12", "2025_01", "rest"] and is_divided(READINGS)
    assert _in_piece("before") == 6, "no row was moved"

    across = [(at(2024, 8), 700), (at(2024, 11, 30, 23), 1500), (at(2024, 12, 1), 1501), (at(2025, 1), 1600)]
    assert _store(ours, register, *across) == ["accepted"] * 4
    assert _store(ours, register, *across) == ["duplicate"] * 4, "the key holds over all pieces"
    far = (at(2029, 5), 9000)
    assert _store(ours, register, far) == ["accepted"] and _in_piece("rest") == 1
    with time_machine.travel(NOW, tick=False):
        assert (
            _doctor()
            == "look: readings_reading holds rows of 2025-02 or later: a clock somewhere runs ahead."
        )
    assert [_in_piece(name) for name in names[:3]] == [8, 1, 1]

    stood = _totals(ours)
    with tenant_scope(ours.pk):
        totals_rebuild(register_ids=[register.pk])
        whole = list(Reading.objects.filter(register=register).order_by("at").values_list("at", flat=True))
    assert stood == _totals(ours) and whole == sorted(whole) and len(whole) == 8

    assert piece_make(READINGS, date(2029, 5, 1)) and (_in_piece("rest"), _in_piece("2029_05")) == (0, 1)
    assert not piece_make(READINGS, date(2024, 12, 1)) and not piece_make(READINGS, date(2019, 1, 1))
    with time_machine.travel(datetime(2029, 5, 28, tzinfo=UTC), tick=False):
        assert "has no piece for 2029-06: a worker of reports" in _doctor()
    assert _store(ours, register, far) == ["duplicate"]


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("SELECT count(*) FROM pieces.readings_reading_before", "permission denied"),
        ("SELECT count(*) FROM pieces.readings_reading_2024_12", "permission denied"),
        ("INSERT INTO pieces.readings_reading_rest SELECT * FROM readings_reading LIMIT 1", "permission denied"),
        # a row of another programme, and a register of another programme, by the whole table
        ("INSERT INTO readings_reading (programme_id, register_id, at, value, source, spool, seq, used, received_at) "
         "VALUES ({theirs}, {their_register}, 1733500000, 1, 1, 1, 1, true, now())", "row-level security"),
        ("INSERT INTO readings_reading (programme_id, register_id, at, value, source, spool, seq, used, received_at) "
         "VALUES ({ours}, {their_register}, 1733500000, 1, 1, 1, 1, true, now())", "programme: readings_reading"),
    ],
)  # fmt: skip
def test_the_walls_stand_around_each_piece(divided: World, sql: str, refusal: str) -> None:
    words = {
        "ours": divided.ours.programme.pk,
        "theirs": divided.theirs.programme.pk,
        "their_register": divided.theirs.extra["register"].pk,
    }
    with tenant_scope(divided.ours.programme.pk):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM readings_reading")
            assert cursor.fetchone() == (3,), "the other programme's three are not seen"
        with pytest.raises(DatabaseError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format(**words))


def test_without_its_schema_wall_a_piece_still_shows_nothing(divided: World) -> None:
    _owner("GRANT USAGE ON SCHEMA pieces TO releve_app")
    _owner("GRANT SELECT ON ALL TABLES IN SCHEMA pieces TO releve_app")
    _store(divided.theirs.programme, divided.theirs.extra["register"], (at(2024, 12), 2000))
    with tenant_scope(divided.ours.programme.pk), connection.cursor() as cursor:
        for piece, seen in (("before", 3), ("2024_12", 0)):  # the old table keeps its own policy
            cursor.execute(f"SELECT count(*) FROM pieces.readings_reading_{piece}")
            assert cursor.fetchone() == (seen,)


def test_months_are_made_ahead_and_forgotten_when_they_may(divided: World, settings: Any) -> None:
    """Only what is older than the setting, never what a closed month needs; the totals stay what they were."""
    ours, register = divided.ours.programme, divided.ours.extra["register"]
    rows = [(at(2025, month, day), month * 1000 + day) for month in (1, 2, 3, 4) for day in (1, 15, 28)]
    with time_machine.travel(datetime(2025, 4, 28, tzinfo=UTC), tick=False):
        assert pieces_keep() == Kept(made=6), "February to July"
        _store(ours, register, *rows)
        stood = _totals(ours)
        assert pieces_keep() == Kept(), "it is kept for ever"
        assert _doctor() == "ok: readings_reading has a piece for each month until 2025-08."
        settings.READINGS_KEEP_MONTHS = 3
        with tenant_scope(ours.pk):
            PeriodClosing.objects.create(month=date(2024, 11, 1))
        assert pieces_keep() == Kept(held=1), "before: a closed month needs it"
        assert _in_piece("before") == 6
        with tenant_scope(ours.pk):
            PeriodClosing.objects.all().delete()
        assert pieces_keep() == Kept(emptied=1) and _in_piece("before") == 2, (
            "the last of each register stays"
        )
        settings.READINGS_KEEP_MONTHS = 2
        assert pieces_keep() == Kept(emptied=1) and (_in_piece("2025_01"), _in_piece("2025_02")) == (1, 3)
        assert pieces_keep() == Kept(), "and that is all that is old enough"
        for name in ("2025_04'; --", "2025_08", "rest", "kept"):
            piece = Piece(f"pieces.readings_reading_{name}", None, at(2025, 1))
            with pytest.raises(DatabaseError, match="no piece of"):
                piece_empty(READINGS, piece)
        settings.READINGS_KEEP_MONTHS = 0
        after = [row for row in stood if row[1] >= date(2025, 2, 1).toordinal()]
        with tenant_scope(ours.pk):
            totals_rebuild(register_ids=[register.pk])
        rebuilt = _totals(ours)
    assert [row for row in rebuilt if row[1] >= date(2025, 2, 1).toordinal()] == after, (
        "younger days are untouched"
    )
    assert _store(ours, register, (at(2025, 1, 15), 5)) == ["accepted"], "a place for what comes late"
    connection.check_constraints()
    call_command("migrate", verbosity=0)
    assert len(pieces(READINGS)) == 10, "a migration installs the walls again and leaves the pieces alone"


def test_a_table_that_is_younger_is_not_divided_in_the_past(postgres: None, world: World) -> None:
    register = _register(world.ours.programme)
    _store(world.ours.programme, register, (at(2024, 11), 1))
    with pytest.raises(CommandError, match="2024-11"):
        call_command("partition", "--divide", "--since", "2024-01")
    assert not is_divided(READINGS) and pieces_keep() == Kept()
