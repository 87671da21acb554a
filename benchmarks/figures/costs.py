"""Pages over a store of 20 million day totals: their SQL beside the bare statement, their queries, and their growth.

An occupant's month, a building of 200 dwellings over 12 months, a programme of 5,000 meters this month against last
year. `BENCH_TOTALS` (20 million) is how many day totals there are; a second store holds a tenth of the days.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from benchmarks.frame import LEAST_ROUNDS, Bound
from benchmarks.house.filling import fill
from benchmarks.house.house import Child, House, house

ROUNDS = max(LEAST_ROUNDS, int(os.environ.get("BENCH_ROUNDS", "5")))
TOTALS = int(os.environ.get("BENCH_TOTALS", "20000000"))
BUILDINGS = 5
METERS = 1000 * BUILDINGS
YEAR = 400  # days: this month, and the same a year ago
PAGES = (
    ("occupant", "an occupant's month"),
    ("operator", "a building of 200 dwellings"),
    ("operator", "a programme of 5,000 meters"),
)
NAMES = ("occupant", "building", "programme")


def figures() -> Iterator[Bound]:
    days = max(YEAR + 1, TOTALS // METERS)
    with ExitStack() as stack:
        homes = [stack.enter_context(house("postgresql")) for _ in range(2)]
        children = [stack.enter_context(home.child()) for home in homes]
        for home, child, of in zip(homes, children, (days, YEAR), strict=True):
            _fill(home, child, of)
        for (who, label), page in zip(PAGES, NAMES, strict=True):
            long, short = _alternating(children, "look", who, page)
            yield from _bounds(label, long, short, days)
        long, short = _alternating(children, "building_months")
        yield from _bounds("200 dwellings over 12 months", long, short, days)


def _alternating(children: list[Child], *question: str) -> tuple[list[Any], list[Any]]:
    """A round of the one store, then one of the other: what else the machine does meets both."""
    rounds = [[child(*question, 1)[0] for child in children] for _turn in range(ROUNDS)]
    return [long for long, _short in rounds], [short for _long, short in rounds]


def _fill(home: House, child: Child, days: int) -> None:
    """Day totals up to today, written by the server itself, day by day as they arrive."""
    programme, first, last = child("estate", BUILDINGS)
    today = datetime.now(UTC).date().toordinal()
    fill(
        home, "readings_daytotal",
        "INSERT INTO readings_daytotal (programme_id, register_id, day, band, quantity, seconds, status) "
        f"SELECT {programme}, r, d, 0, 1000 + (r * 7 + d * 13) % 9000, 86400, 0 "
        f"FROM generate_series({today - days + 1}, {today}) AS d, LATERAL generate_series({first}, {last} + 0 * d) AS r",
    )  # fmt: skip


def _bounds(label: str, long: list[dict], short: list[dict], days: int) -> Iterator[Bound]:
    ms = statistics.median(one["seconds"] for one in long) * 1000
    bare = statistics.median(one["bare"] for one in long) * 1000
    yield Bound(
        f"{label}: its SQL ÷ the bare statement", tuple(one["sql"] / one["bare"] for one in long), 4, "",
        f"{ms:.0f} ms in all", f"{bare:.1f} ms",
    )  # fmt: skip
    scopes = f"and {long[0]['scopes']} that open scopes" if long[0].get("scopes") else ""
    yield Bound(f"{label}: queries", tuple(float(one["queries"]) for one in long), 15, beside=scopes)
    yield Bound(
        f"{label}: {days / 365:.0f} years ÷ 1 year",
        tuple(a["seconds"] / b["seconds"] for a, b in zip(long, short, strict=True)), 1.3,
    )  # fmt: skip
