"""Geometry of charts that the server draws: pure Python, no Django, no colours.

The caller brings numbers and texts that are already formatted for the reader; what comes back are shapes
whose coordinates are *texts* with a decimal point ("34.5"), because a template in a French page would write
a float as 34,5. Colours, fonts and hatching are the stylesheet's. A day without data is an empty dashed
place and never a bar of height zero; an estimated one is hatched; both are told in words as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

Number = int | float | Decimal
State = Literal["measured", "estimated", "missing", "flagged", "future"]
NumberText = Callable[[Decimal], str]

WIDTH = 720
MANY_BARS = 62  # above this, parts of a bar carry no title of their own: 366 days would weigh 300 kB


@dataclass(frozen=True, slots=True)
class Usage:
    """One layer of the bars. `key` is a usage of the tokens: heating, hot_water, cooling, sockets, other, water."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One day (or month). `values` by usage key; an absent key is no consumption, no values at all is `missing`.

    A `future` day (or one that the reader may not see) keeps its place and shows nothing. `hatched` names the
    usages that are estimated; without it the whole of an estimated bar is hatched.
    """

    label: str
    title: str
    values: Mapping[str, Number] | None
    texts: Mapping[str, str] | None = None
    total: str = ""
    state: State = "measured"
    note: str = ""
    href: str = ""
    hatched: frozenset[str] = frozenset()

    @property
    def is_missing(self) -> bool:
        return self.state == "missing" or not self.values


@dataclass(frozen=True, slots=True)
class Rect:
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Segment:
    rect: Rect
    usage: str
    title: str


@dataclass(frozen=True, slots=True)
class BarShape:
    title: str
    state: State
    place: Rect
    segments: tuple[Segment, ...]
    hatch: tuple[Rect, ...]
    href: str


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    label: str
    label_at: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class View:
    """One drawing of the chart: "wide" for a desk, "narrow" for a phone, so that letters stay readable."""

    name: str
    width: int
    height: int
    left: str
    right: str
    top: str
    bottom: str
    zero: str
    ticks: tuple[Tick, ...]
    labels: tuple[Tick, ...]
    bars: tuple[BarShape, ...] = ()
    lines: tuple[LineShape, ...] = ()
    dense: bool = False  # bars too thin for a gap and an outline of their own


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table twin: one text a column, in the order of the chart's usages or series."""

    title: str
    cells: tuple[str, ...]
    total: str
    state: State
    note: str


@dataclass(frozen=True, slots=True)
class Chart:
    views: tuple[View, ...]
    keys: tuple[Usage, ...]
    rows: tuple[Row, ...]
    is_empty: bool
    has_estimated: bool = False
    has_missing: bool = False
    has_flagged: bool = False
    has_links: bool = False  # then the drawing is a group of links, not one image


@dataclass(frozen=True, slots=True)
class Point:
    """`at` is a position on the axis (epoch seconds, or any count); `value` None is a gap."""

    at: Number
    value: Number | None
    title: str = ""
    text: str = ""
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    key: str
    label: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Dot:
    x: str
    y: str
    title: str
    flagged: bool


@dataclass(frozen=True, slots=True)
class LineShape:
    key: str
    label: str
    order: int
    paths: tuple[str, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Spark:
    width: int
    height: int
    paths: tuple[str, ...]
    dots: tuple[Dot, ...]


def plain_number(value: Decimal) -> str:
    """Without a caller's format: 0, 2.5, 1000."""
    return f"{value.normalize():f}".replace("-", "\u2212") if value else "0"


def nice_ticks(low: float, high: float, most: int = 5) -> tuple[Decimal, ...]:
    """Round steps of 1, 2 or 5 times a power of ten that enclose [low, high]; at most `most` intervals.

    Decimals, so that a step of 0.1 is written 0.3 and not 0.30000000000000004.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("a chart needs finite numbers")
    if high <= low:
        low, high = (min(low, 0.0), max(low, 0.0)) if low else (0.0, 1.0)
    power = math.floor(math.log10((high - low) / most))
    for exponent in (power, power + 1, power + 2):
        for factor in (1, 2, 5):
            step = Decimal(factor).scaleb(exponent)
            first = math.floor(Decimal(low) / step + Decimal("1e-9"))
            last = math.ceil(Decimal(high) / step - Decimal("1e-9"))
            if last - first <= most:
                return tuple(step * n for n in range(first, max(last, first + 1) + 1))
    raise AssertionError("three powers of ten always hold a fitting step")


def _n(value: float) -> str:
    text = f"{value:.1f}"
    return "0.0" if text == "-0.0" else text


def _between(left: float, top: float, right: float, bottom: float) -> Rect:
    """Edges are rounded, not sizes: neighbours then share an edge and no hairline shows between them."""
    x, y = round(left, 1), round(top, 1)
    return Rect(_n(x), _n(y), _n(round(right, 1) - x), _n(round(bottom, 1) - y))


@dataclass(frozen=True, slots=True)
class _Frame:
    """The plotting area of one view, and where a value stands in it."""

    name: str
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float

    def y(self, value: float) -> float:
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)

    def ticks(self, values: Sequence[Decimal], number: NumberText) -> tuple[Tick, ...]:
        return tuple(
            Tick(_n(self.y(float(v))), number(v), _n(self.y(float(v)) + 4), anchor="end") for v in values
        )

    def view(
        self,
        ticks: tuple[Tick, ...],
        labels: tuple[Tick, ...],
        bars: tuple[BarShape, ...] = (),
        lines: tuple[LineShape, ...] = (),
        dense: bool = False,
    ) -> View:
        zero = self.y(min(max(0.0, self.low), self.high))
        return View(
            self.name, self.width, self.height, _n(self.left), _n(self.right), _n(self.top), _n(self.bottom),
            _n(zero), ticks, labels, bars, lines, dense,
        )  # fmt: skip


def _frames(ticks: Sequence[Decimal], number: NumberText, width: int) -> tuple[_Frame, _Frame]:
    margin = 14.0 + 7.2 * max(len(number(t)) for t in ticks)  # 7.2: a digit of the 12 px chart font
    low, high = float(ticks[0]), float(ticks[-1])
    return (
        _Frame("wide", width, 250, max(34.0, margin), float(width), 22.0, 216.0, low, high),
        _Frame("narrow", 350, 230, max(30.0, margin), 350.0, 22.0, 198.0, low, high),
    )


def _thin(frame: _Frame, places: Sequence[tuple[float, str]]) -> tuple[Tick, ...]:
    """Every k-th label, so that neighbours keep a gap; the first is always there."""
    if not places:
        return ()
    longest = max(len(text) for _, text in places) * 6.8 + 12
    slot = (frame.right - frame.left) / max(1, len(places))
    needed = max(1, math.ceil(longest / slot))
    step = next((s for s in (1, 2, 5, 10, 15, 30, 60) if s >= needed), needed)
    kept: list[Tick] = []
    taken = -math.inf  # how far the label before reaches
    half = longest / 2 - 6
    for x, text in places[::step]:
        at_end = x + half > frame.width
        left = min(x, frame.right) - (2 * half if at_end else half)
        if left < taken:  # the last one, pushed inside, would lie over its neighbour
            continue
        taken = left + 2 * half
        kept.append(Tick(_n(min(x, frame.right)), text, _n(frame.bottom + 20), "end" if at_end else "middle"))
    return tuple(kept)


def stacked_bars(
    days: Sequence[Bar],
    usages: Sequence[Usage],
    *,
    number: NumberText = plain_number,
    unit: str = "",
    width: int = WIDTH,
) -> Chart:
    """Bars stacked by usage: positive parts upward from zero, negative ones (a correction) downward.

    `number` writes the axis; `unit` completes the titles of parts that bring no text of their own. `width` is
    that of the desk's drawing: 720 beside another card, 1080 where the chart has the page's whole width.
    """
    tops = [sum(v for v in _values(d, usages) if v > 0) for d in days]
    depths = [sum(v for v in _values(d, usages) if v < 0) for d in days]
    ticks = nice_ticks(min(depths, default=0.0), max(tops, default=0.0))
    views = tuple(
        _bar_view(frame, days, usages, ticks, number, unit) for frame in _frames(ticks, number, width)
    )
    rows = tuple(
        Row(
            day.title,
            tuple("" if day.is_missing else _text(day, usage.key, number) for usage in usages),
            "" if day.is_missing else day.total,
            "missing" if day.is_missing else day.state,
            day.note,
        )
        for day in days
        if day.state != "future"
    )
    return Chart(
        views,
        tuple(usages),
        rows,
        is_empty=all(day.is_missing for day in days),
        has_estimated=any(day.state == "estimated" and not day.is_missing for day in days),
        has_missing=any(day.is_missing and day.state != "future" for day in days),
        has_links=any(day.href for day in days),
    )


def _values(day: Bar, usages: Sequence[Usage]) -> list[float]:
    return [] if day.is_missing else [float((day.values or {}).get(usage.key, 0)) for usage in usages]


def _text(day: Bar, key: str, number: NumberText, unit: str = "") -> str:
    if day.texts and key in day.texts:
        return day.texts[key]
    value = (day.values or {}).get(key)
    if value is None:
        return ""
    return f"{number(Decimal(str(value)))} {unit}".strip()


def _bar_view(
    frame: _Frame,
    days: Sequence[Bar],
    usages: Sequence[Usage],
    ticks: Sequence[Decimal],
    number: NumberText,
    unit: str,
) -> View:
    slot = (frame.right - frame.left) / max(1, len(days))
    dense = slot < 5
    width = slot if dense else min(slot * 0.82, 64.0)  # a single bar does not fill the whole chart
    shapes: list[BarShape] = []
    places: list[tuple[float, str]] = []
    for index, day in enumerate(days):
        x = frame.left + slot * index + (slot - width) / 2
        places.append((x + width / 2, day.label))
        place = _between(x, frame.top, x + width, frame.bottom)
        head = ": ".join(part for part in (day.title, day.total) if part)
        title = f"{head} ({day.note})" if day.note else head
        if day.state == "future":
            continue
        if day.is_missing:
            shapes.append(BarShape(title, "missing", place, (), (), day.href))
            continue
        detailed = frame.name == "wide" and len(days) <= MANY_BARS
        segments: list[Segment] = []
        up, down = 0.0, 0.0
        for usage in usages:
            value = float((day.values or {}).get(usage.key, 0))
            if not value:
                continue
            base = up if value > 0 else down
            y0, y1 = frame.y(base), frame.y(base + value)
            if value > 0:
                up += value
            else:
                down += value
            part = f"{day.title}, {usage.label}: {_text(day, usage.key, number, unit)}" if detailed else ""
            rect = _between(x, min(y0, y1), x + width, max(y0, y1))
            segments.append(Segment(rect, usage.key, f"{part} ({day.note})" if part and day.note else part))
        hatch: tuple[Rect, ...] = ()
        if day.state == "estimated" and day.hatched:
            hatch = tuple(segment.rect for segment in segments if segment.usage in day.hatched)
        elif day.state == "estimated" and segments:
            hatch = (_between(x, frame.y(up), x + width, frame.y(down)),)
        shapes.append(BarShape(title, day.state, place, tuple(segments), hatch, day.href))
    if dense:
        shapes = _join_missing(shapes, days)
    return frame.view(frame.ticks(ticks, number), _thin(frame, places), tuple(shapes), dense=dense)


def _join_missing(shapes: Sequence[BarShape], days: Sequence[Bar]) -> list[BarShape]:
    """A run of days without data is one empty place: a hundred dashed slivers would look like a bar."""
    joined: list[BarShape] = []
    first = ""
    for index, (shape, day) in enumerate(zip(shapes, days, strict=True)):
        before = joined[-1] if joined else None
        if shape.state != "missing" or before is None or shapes[index - 1].state != "missing":
            first = day.title
            joined.append(shape)
            continue
        start, own = before.place, shape.place
        width = float(own.x) + float(own.width) - float(start.x)
        place = Rect(start.x, start.y, _n(width), start.height)
        joined[-1] = replace(before, title=f"{first} – {day.title}", place=place, href="")
    return joined
