"""Which band of the clock an hour belongs to. Hours are local, bands count from 0; intervals are half-open."""

from __future__ import annotations

PEAK, OFF_PEAK = 0, 1


def off_peak_bands(start_hour: int, end_hour: int) -> dict[int, int]:
    """{local hour: band from then on} of a day with off-peak from `start_hour` to `end_hour` (22 and 6: over midnight).

    Hour 0 is always there, because a day is cut at local midnight. Equal hours mean no off-peak at all.
    """
    if not (0 <= start_hour <= 23 and 0 <= end_hour <= 23):
        raise ValueError("hours are 0 to 23")
    if start_hour == end_hour:
        return {0: PEAK}
    bands = {0: OFF_PEAK if start_hour > end_hour else PEAK, start_hour: OFF_PEAK, end_hour: PEAK}
    if start_hour > end_hour == 0:
        bands[0] = PEAK
    return bands
