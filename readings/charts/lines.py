"""Lines over time: an archive parameter, and the small line in a table row. Pure, as `readings.charts.shapes`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise

from readings.charts.shapes import (
    WIDTH,
    Chart,
    Dot,
    LineShape,
    Number,
    NumberText,
    Point,
    Row,
    Series,
    Spark,
    State,
    Usage,
    _Frame,
    _frames,
    _n,
    _thin,
    nice_ticks,
    plain_number,
)

MOST_DOTS = 120  # above this a title on every point would only be in the way
MOST_ROWS = 400  # a longer table twin is a page of its own


def line_chart(
    series: Sequence[Series],
    *,
    labels: Sequence[tuple[Number, str]] = (),
    gap: Number | None = None,
    from_zero: bool = False,
    number: NumberText = plain_number,
    width: int = WIDTH,
) -> Chart:
    """One or more parameters over time; a None value, or a distance of more than `gap`, breaks the line.

    `labels` are (position, text) of the time axis, thinned here. Rows of the table twin are the union of the
    positions, in order; beyond MOST_ROWS the twin is left out and the page links to its own table.
    """
    known = [float(p.value) for s in series for p in s.points if p.value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if from_zero or low == high == 0:
        low, high = min(low, 0.0), max(high, 0.0)
    elif low == high:
        low, high = low - abs(low) * 0.05, high + abs(high) * 0.05
    ticks = nice_ticks(low, high)
    positions = sorted({float(p.at) for s in series for p in s.points} | {float(at) for at, _ in labels})
    start, end = (positions[0], positions[-1]) if positions else (0.0, 1.0)
    span = (end - start) or 1.0
    views = []
    for frame in _frames(ticks, number, width):

        def across(at: Number, frame: _Frame = frame) -> float:
            return frame.left + 6 + (float(at) - start) / span * (frame.right - frame.left - 12)

        shapes = tuple(
            _line(frame, one, order, [(across(p.at), p) for p in one.points], _breaks(one.points, gap))
            for order, one in enumerate(series, start=1)
        )
        axis = _thin(frame, [(across(at), text) for at, text in labels])
        views.append(frame.view(frame.ticks(ticks, number), axis, lines=shapes))
    rows = _rows(series, number)
    return Chart(
        tuple(views),
        tuple(Usage(s.key, s.label) for s in series),
        rows if len(rows) <= MOST_ROWS else (),
        is_empty=not known,
        has_flagged=any(p.flagged for s in series for p in s.points),
        has_missing=any(p.value is None for s in series for p in s.points)
        or any(_breaks(s.points, gap) for s in series),
    )


def _breaks(points: Sequence[Point], gap: Number | None) -> frozenset[int]:
    """Indexes of points that do not continue the point before them though both have values."""
    if gap is None:
        return frozenset()
    pairs = enumerate(pairwise(points), start=1)
    return frozenset(
        i for i, (before, point) in pairs if float(point.at) - float(before.at) > float(gap) * 1.000001
    )


def _line(
    frame: _Frame, one: Series, order: int, placed: Sequence[tuple[float, Point]], broken: frozenset[int]
) -> LineShape:
    runs: list[list[tuple[float, float]]] = [[]]
    dots: list[Dot] = []
    titled = len(placed) <= MOST_DOTS
    for index, (x, point) in enumerate(placed):
        if point.value is None or index in broken:
            runs.append([])
        if point.value is None:
            continue
        y = frame.y(float(point.value))
        runs[-1].append((x, y))
        if point.flagged or titled:
            dots.append(Dot(_n(x), _n(y), _title(one, point), point.flagged))
    shown = {(dot.x, dot.y) for dot in dots}
    for run in runs:  # a value alone between two gaps has no line to be seen by
        if len(run) == 1 and (place := (_n(run[0][0]), _n(run[0][1]))) not in shown:
            dots.append(Dot(*place, "", False))
    return LineShape(one.key, one.label, order, _paths(runs), tuple(dots))


def _title(one: Series, point: Point) -> str:
    text = point.text or plain_number(Decimal(str(point.value)))
    return f"{point.title}, {one.label}: {text}" if point.title else f"{one.label}: {text}"


def _paths(runs: Iterable[Sequence[tuple[float, float]]]) -> tuple[str, ...]:
    return tuple("M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in _lighten(run)) for run in runs if len(run) > 1)


def _lighten(run: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most first, lowest, highest and last of each half pixel: a year of hours looks the same in a tenth."""
    kept: list[tuple[float, float]] = []
    column: list[tuple[float, float]] = []

    def flush() -> None:
        if column:
            chosen = {column[0], column[-1], min(column, key=_height), max(column, key=_height)}
            kept.extend(p for i, p in enumerate(column) if p in chosen and p not in column[:i])
        column.clear()

    for point in run:
        if column and math.floor(point[0] * 2) != math.floor(column[0][0] * 2):
            flush()
        column.append(point)
    flush()
    return kept


def _height(point: tuple[float, float]) -> float:
    return point[1]


def _rows(series: Sequence[Series], number: NumberText) -> tuple[Row, ...]:
    table: dict[float, list[Point | None]] = {}
    for column, one in enumerate(series):
        for point in one.points:
            table.setdefault(float(point.at), [None] * len(series))[column] = point
    rows = []
    for _, points in sorted(table.items()):
        present = [p for p in points if p is not None]
        cells = tuple(
            "" if p is None or p.value is None else p.text or number(Decimal(str(p.value))) for p in points
        )
        missing = all(p.value is None for p in present)
        flagged = any(p.flagged for p in present)
        state: State = "missing" if missing else "flagged" if flagged else "measured"
        rows.append(Row(present[0].title, cells, "", state, ""))
    return tuple(rows)


def sparkline(values: Sequence[Number | None], *, width: int = 98, height: int = 28) -> Spark:
    """Twelve months in a table cell: no axis, gaps stay gaps, the last value has a dot."""
    known = [float(v) for v in values if v is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    step = (width - 8) / max(1, len(values) - 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        share = (float(value) - low) / (high - low) if high > low else 0.5
        runs[-1].append((4 + step * index, 4 + (1 - share) * (height - 8)))
    dots = [run[0] for run in runs if len(run) == 1]
    last = next((run[-1] for run in reversed(runs) if run), None)
    if last and values[-1] is not None and last not in dots:
        dots.append(last)
    return Spark(width, height, _paths(runs), tuple(Dot(_n(x), _n(y), "", False) for x, y in dots))
