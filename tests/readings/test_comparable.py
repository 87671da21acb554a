"""An average comparable dwelling tells nothing of one neighbour: at least five of them, for each usage too."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from readings.overview.comparable import DAY, average_of
from readings.overview.uses import Use

pytestmark = pytest.mark.pure
MONTH = 30


def neighbours(count: int, **more: F) -> dict[int, Use]:
    """Dwelling 0 is one's own; each neighbour used its own number of kWh to heat."""
    uses = {pk: Use({"heating": F(10 * pk)}, {"cold_water": F(pk)}, MONTH * DAY) for pk in range(count + 1)}
    uses[1].usages.update(more)
    return uses


@pytest.mark.parametrize(("count", "heating"), [(4, None), (5, F(30)), (6, F(35))])
def test_five_others_or_none(count: int, heating: F | None) -> None:
    average = average_of(0, neighbours(count), {}, MONTH)
    assert (average.usages["heating"] if average else None) == heating


def test_whoever_is_hardly_known_does_not_count() -> None:
    uses = neighbours(5)
    uses[3].seconds = MONTH * DAY * 9 // 10 - 1
    assert average_of(0, uses, {}, MONTH) is None


def test_a_usage_of_fewer_than_five_is_not_told_and_not_in_the_sum() -> None:
    """The only cooled dwelling of seven: neither its kWh nor the total gives it away."""
    plain, cooled = (average_of(0, neighbours(7, **more), {}, MONTH) for more in ({}, {"cooling": F(99)}))
    assert plain == cooled
    uses = neighbours(7)
    for pk in range(1, 6):
        uses[pk].usages["cooling"] = F(7)
    shared = average_of(0, uses, {}, MONTH)
    assert shared is not None and shared.usages["cooling"] == 5, "35 kWh over all seven"


def test_by_area_the_known_areas_have_to_be_five_too() -> None:
    """Five of six areas known: per m² of those, 150 kWh on 500 m² brought to 50 m²; with four, the plain average."""
    areas: dict[int, int | None] = {0: 500_000, 6: None, **dict.fromkeys(range(1, 6), 1_000_000)}
    average = average_of(0, neighbours(6), areas, MONTH)
    assert average is not None and (average.dwellings, average.by_area, average.usages["heating"]) == (
        5,
        True,
        15,
    )
    average = average_of(0, neighbours(6), {**areas, 5: None}, MONTH)
    assert average is not None and (average.dwellings, average.by_area, average.usages["heating"]) == (
        6,
        False,
        35,
    )
