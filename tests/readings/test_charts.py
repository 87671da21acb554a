"""The charts' geometry: what a reader sees must follow from the numbers, whatever the numbers are."""

from decimal import Decimal
from itertools import pairwise

import pytest

from readings.charts.lines import MOST_ROWS, line_chart, sparkline
from readings.charts.shapes import Bar, Point, Series, Usage, nice_ticks, stacked_bars

pytestmark = pytest.mark.pure

USAGES = (Usage("heating", "Heating"), Usage("hot_water", "Hot water"))


def day(n, heating=None, hot_water=None, **more):
    values = {k: v for k, v in (("heating", heating), ("hot_water", hot_water)) if v is not None}
    return Bar(label=str(n), title=f"{n} October", values=values or None, **more)


def wide(chart):
    return next(view for view in chart.views if view.name == "wide")


def height(segment):
    return float(segment.rect.height)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 19.1, "0 5 10 15 20"),
        (0, 1, "0 0.2 0.4 0.6 0.8 1.0"),
        (0, 0.3, "0.0 0.1 0.2 0.3"),
        (0, 38214, "0 10000 20000 30000 40000"),
        (-3, 12, "-5 0 5 10 15"),
        (19.2, 21.4, "19.0 19.5 20.0 20.5 21.0 21.5"),
        (0, 0, "0 0.2 0.4 0.6 0.8 1.0"),
    ],
)
def test_ticks_are_round_and_enclose_the_values(low, high, expected):
    assert [float(t) for t in nice_ticks(low, high)] == [float(t) for t in expected.split()]


def test_ticks_refuse_what_is_not_a_number():
    with pytest.raises(ValueError, match="finite"):
        nice_ticks(0, float("inf"))


@pytest.mark.parametrize("scale", [10.0**n for n in range(-6, 10)])
def test_few_ticks_at_any_scale(scale):
    for factor in (1, 1.5, 3.3, 4.999, 9.99):
        ticks = nice_ticks(0, factor * scale)
        assert 2 <= len(ticks) <= 6
        assert float(ticks[-1]) >= factor * scale * 0.999999


def test_heights_are_proportional_and_parts_touch():
    view = wide(stacked_bars([day(1, 6, 4), day(2, Decimal("3"), Decimal("2"))], USAGES))
    first, second = view.bars
    assert height(first.segments[0]) == pytest.approx(2 * height(second.segments[0]), abs=0.2)
    assert height(first.segments[0]) == pytest.approx(1.5 * height(first.segments[1]), abs=0.2)
    lower, upper = first.segments
    assert float(upper.rect.y) + height(upper) == pytest.approx(float(lower.rect.y), abs=0.11)
    assert float(lower.rect.y) + height(lower) == pytest.approx(float(view.zero), abs=0.11)


def test_missing_is_an_empty_place_and_estimated_is_hatched():
    chart = stacked_bars(
        [day(1, 5, 1), day(2, 4, 1, state="estimated", note="estimated"), day(3), day(4, 0, 0)], USAGES
    )
    measured, estimated, missing, zero = wide(chart).bars
    assert (measured.hatch, len(estimated.hatch)) == ((), 1)
    assert float(estimated.hatch[0].height) == pytest.approx(sum(map(height, estimated.segments)), abs=0.2)
    assert (missing.state, missing.segments) == ("missing", ())
    assert (zero.state, zero.segments) == ("measured", ()), "a measured zero is not a missing day"
    assert (chart.has_estimated, chart.has_missing, chart.is_empty) == (True, True, False)
    assert [row.state for row in chart.rows] == ["measured", "estimated", "missing", "measured"]
    assert chart.rows[2].cells == ("", "") and chart.rows[3].cells == ("0", "0")
    assert "(estimated)" in estimated.segments[0].title


def test_texts_of_the_caller_are_used_as_they_are():
    bar = day(1, 3.84, total="5,7 kWh", texts={"heating": "3,8 kWh"})
    chart = stacked_bars([bar], USAGES, number=lambda v: f"{v} x", unit="kWh")
    assert wide(chart).bars[0].segments[0].title == "1 October, Heating: 3,8 kWh"
    assert wide(chart).bars[0].title == "1 October: 5,7 kWh"
    assert wide(chart).ticks[0].label.endswith(" x")


@pytest.mark.parametrize("days", [[], [day(1)], [day(n) for n in range(1, 32)]])
def test_nothing_to_draw_is_said(days):
    chart = stacked_bars(days, USAGES)
    assert chart.is_empty
    assert all(not bar.segments for view in chart.views for bar in view.bars)
    assert len(wide(chart).ticks) >= 2


def test_all_zero_draws_an_axis_and_no_bar():
    chart = stacked_bars([day(n, 0, 0) for n in range(3)], USAGES)
    assert not chart.is_empty
    assert [t.label for t in wide(chart).ticks][:2] == ["0", "0.2"]


def test_one_bar_stays_a_bar():
    assert float(wide(stacked_bars([day(1, 3)], USAGES)).bars[0].place.width) <= 64


def test_366_bars_stay_inside_and_keep_few_labels():
    chart = stacked_bars([day(n, n % 7 + 1, 2) for n in range(366)], USAGES)
    for view in chart.views:
        last = view.bars[-1].place
        assert float(last.x) + float(last.width) <= view.width + 0.1
        assert float(view.bars[0].place.x) >= float(view.left)
        assert 2 <= len(view.labels) <= 20
        assert not any(s.title for bar in view.bars for s in bar.segments)
        assert all(bar.title for bar in view.bars)


def test_thin_bars_leave_no_hairline_between_them():
    for view in stacked_bars([day(n, 5) for n in range(366)], USAGES).views:
        for one, two in pairwise(bar.segments[0].rect for bar in view.bars):
            assert float(one.x) + float(one.width) == pytest.approx(float(two.x), abs=1e-6)


def test_a_long_silence_in_a_year_is_one_empty_place():
    chart = stacked_bars([day(n) if 100 <= n < 110 else day(n, 5) for n in range(366)], USAGES)
    for view in chart.views:
        (silence,) = [bar for bar in view.bars if bar.state == "missing"]
        slot = (float(view.right) - float(view.left)) / 366
        assert view.dense and float(silence.place.width) == pytest.approx(10 * slot, abs=0.3)
        assert silence.title == "100 October – 109 October"
    assert len([row for row in chart.rows if row.state == "missing"]) == 10
    assert not wide(stacked_bars([day(1), day(2), day(3, 4)], USAGES)).dense


def test_a_negative_value_hangs_below_zero():
    view = wide(stacked_bars([day(1, 10, -4), day(2, 5, 5)], USAGES))
    up, down = view.bars[0].segments
    assert float(down.rect.y) == pytest.approx(float(view.zero), abs=0.11)
    assert float(up.rect.y) + height(up) == pytest.approx(float(view.zero), abs=0.11)
    assert float(view.zero) < float(view.bottom)


def test_labels_do_not_run_into_each_other():
    months = [Bar(f"September {n}", f"m{n}", {"heating": 1}) for n in range(12)]
    for view in stacked_bars(months, USAGES).views:
        places = [float(t.at) for t in view.labels]
        assert all(b - a > 11 * 6 for a, b in pairwise(places))


def test_coordinates_are_texts_with_a_point():
    segment = wide(stacked_bars([day(1, 1.5)], USAGES)).bars[0].segments[0]
    for text in (segment.rect.x, segment.rect.y, segment.rect.width, segment.rect.height):
        assert isinstance(text, str) and "." in text and "," not in text


def series(values, **more):
    return Series("heating", "T1", [Point(n, v, f"h{n}", **more) for n, v in enumerate(values)])


def test_a_gap_breaks_the_line():
    whole = wide(line_chart([series([1, 2, 3, 4])])).lines[0]
    broken = wide(line_chart([series([1, 2, None, 3, 4])])).lines[0]
    assert (len(whole.paths), len(broken.paths)) == (1, 2)


def test_a_hole_in_time_breaks_the_line_where_the_caller_says_so():
    points = [Point(at, 5) for at in (0, 3600, 7200, 90000, 93600)]
    one = Series("heating", "T1", points)
    assert len(wide(line_chart([one])).lines[0].paths) == 1
    chart = line_chart([one], gap=3600)
    assert len(wide(chart).lines[0].paths) == 2 and chart.has_missing


def test_a_value_between_two_gaps_is_still_seen():
    points = [Point(n, 5 if n == 150 else None) for n in range(300)]
    assert len(wide(line_chart([Series("heating", "T1", points)])).lines[0].dots) == 1


def test_flagged_points_and_the_table_twin():
    flagged = Series(
        "heating", "T1", [Point(0, 60, "06:00", "60,0"), Point(1, 61, "07:00", "61,0", flagged=True)]
    )
    other = Series("cooling", "T2", [Point(1, 40, "07:00"), Point(2, None, "08:00")])
    chart = line_chart([flagged, other])
    assert [row.cells for row in chart.rows] == [("60,0", ""), ("61,0", "40"), ("", "")]
    assert [row.state for row in chart.rows] == ["measured", "flagged", "missing"]
    assert [dot.flagged for dot in wide(chart).lines[0].dots] == [False, True]
    assert chart.has_flagged


def test_a_year_of_hours_keeps_its_extremes_and_is_light():
    values = [20 + (n % 24) / 10 for n in range(8784)]
    values[4000] = 99
    chart = line_chart([series(values)])
    path = wide(chart).lines[0].paths[0]
    assert path.count("L") < 5700 and len(path) < 70_000
    top = min(float(p.split()[1]) for p in path[1:].split("L"))
    tick = next(float(t.at) for t in wide(chart).ticks if t.label == "100")
    assert top == pytest.approx(tick, abs=4)
    assert len(values) > MOST_ROWS and chart.rows == ()


@pytest.mark.parametrize("values", [[], [None], [7], [0, 0, 0], [7, 7, 7], [-3, -3]])
def test_odd_lines_are_drawn_without_a_fault(values):
    chart = line_chart([series(values)])
    for view in chart.views:
        assert all(0 <= float(dot.y) <= view.height for line in view.lines for dot in line.dots)
    assert chart.is_empty == (not [v for v in values if v is not None])


def test_sparkline():
    assert (sparkline([]).paths, sparkline([None, None]).dots) == ((), ())
    assert len(sparkline([1, 2, None, 3, 4]).paths) == 2
    assert len(sparkline([5]).dots) == 1
    flat = sparkline([5, 5, 5])
    assert len(flat.paths) == 1 and flat.dots[0].y == "14.0"
    assert not sparkline([1, 2, None]).dots, "the last month is not known: no dot"


def test_labels_of_a_crowded_axis_never_lie_over_each_other():
    hours = [Point(hour * 3600, hour % 7, f"{hour % 24:02}:00") for hour in range(72)]
    series = [Series("brand", "Heat", hours)]
    chart = line_chart(series, labels=[(hour * 3600, f"{hour % 24:02}:00") for hour in range(72)])
    for view in chart.views:
        spans = []
        for label in view.labels:
            width = 6.8 * len(label.label)
            left = float(label.at) - (width if label.anchor == "end" else width / 2)
            spans.append((left, left + width))
        assert all(before[1] < after[0] for before, after in pairwise(spans))
