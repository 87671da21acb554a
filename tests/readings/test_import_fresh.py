"""The first records of a series: SQLite fills the table without a stage, and turns back where a period may stand twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.tenancy import tenant_scope
from readings.models import ArchiveRecord, DayTotal
from testkit.world import World
from tests.readings.archive_kit import lers, make_points, run_import

pytestmark = pytest.mark.django_db

HOURS = [
    (f"2026-01-{15 + n // 24}T{n % 24:02}:00:00", {"T_in": "32.345167", "Q_delta": "0.25"}) for n in range(48)
]
AGAIN = HOURS[40]
OTHER = (HOURS[40][0], {"T_in": "71", "Q_delta": "0.5"})


@pytest.mark.parametrize(
    ("records", "skipped", "rejected"),
    [
        (HOURS, 0, 0),
        ([*HOURS, AGAIN], 1, 0),
        ([*HOURS, OTHER], 0, 1),
        (HOURS[::-1], 0, 0),
        ([*HOURS[24:], *HOURS[:24]], 0, 0),
    ],
    ids=[
        "in order",
        "the same again",
        "another for one hour",
        "newest first",
        "the days the other way round",
    ],
)
def test_each_hour_is_stored_once_in_whatever_order_it_first_comes(
    world: World, tmp_path: Path, records: list[tuple[str, dict[str, str]]], skipped: int, rejected: int
) -> None:
    programme = world.utility.programme
    make_points(programme)
    path = tmp_path / "first.xml"
    path.write_bytes(lers(records))
    for turn in range(2):
        _, (report,) = run_import(programme.slug, path)
        (interval,) = report["points"][0]["intervals"]
        accepted = 48 if turn == 0 else 0
        assert [interval[name] for name in ("in_file", "accepted", "skipped", "rejected")] == [
            len(records), accepted, skipped + 48 - accepted, rejected
        ]  # fmt: skip
        assert [issue["code"] for issue in report["issues"]] == ["duplicate_record"] * rejected
    with tenant_scope(programme.pk):
        stored = list(ArchiveRecord.objects.values_list("t_in", "q_delta"))
        totals = DayTotal.objects.filter(register__ref="Q_delta").values_list("quantity", "seconds")
        assert stored == [(32.345167, 0.25)] * 48  # the nearest double, not the one beside it
        assert list(totals) == [(6_000_000, 86_400)] * 2


def test_two_points_that_take_turns_in_a_file_are_each_counted_whole(world: World, tmp_path: Path) -> None:
    programme = world.utility.programme
    make_points(programme)
    blocks = [
        lers(HOURS[half * 24 : half * 24 + 24], number=number, system=None).partition(b"<lersData>")[2]
        for half in (0, 1)
        for number in ("101", "102")
    ]
    path = tmp_path / "turns.xml"
    path.write_bytes(
        b"<lersData>" + b"".join(block.removesuffix(b"</lersData>") for block in blocks) + b"</lersData>"
    )
    _, (report,) = run_import(programme.slug, path)
    told = [
        (point["number"], one["accepted"], one["start"][:13], one["end"][:13])
        for point in report["points"]
        for one in point["intervals"]
    ]
    assert told == [(number, 48, "2026-01-15T00", "2026-01-17T00") for number in ("101", "102")]
