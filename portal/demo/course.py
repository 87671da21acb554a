"""How much the demo consumes on a day: smooth seasons plus a repeatable day-to-day variation, all invented."""

from __future__ import annotations

import math
from datetime import date
from hashlib import blake2b

from portal.demo.estate import Line


def _noise(key: str, day: date) -> float:
    """Between −1 and 1, always the same for one key and day."""
    digest = blake2b(f"{key}/{day.isoformat()}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**31 - 1


def outdoor_temperature(day: date) -> float:
    season = math.cos((day.timetuple().tm_yday - 20) / 365.25 * 2 * math.pi)
    return 11.5 - 9.0 * season + 3.0 * _noise("weather", day)


def _need(pattern: str, day: date, key: str) -> float:
    """In the register's unit a day, for a dwelling of share 1."""
    outside = outdoor_temperature(day)
    wobble = 1 + 0.25 * _noise(key, day)
    weekend = 1.25 if day.weekday() >= 5 else 1.0
    heating = max(0.0, 16.5 - outside) * 1.15 * wobble
    hot_water = 0.095 * wobble * weekend
    return {
        "heating": heating,
        "heating_volume": heating / (1.163 * 14),
        "hot_water_volume": hot_water,
        "hot_water_energy": hot_water * 1.163 * 43,
        "cold_water_volume": 0.17 * wobble * weekend,
        "sockets_off_peak": 1.7 * wobble,
        "sockets_peak": 3.1 * wobble * weekend,
        "other": 1.4 * wobble,
        "cooling": max(0.0, outside - 19.0) * 1.6 * wobble,
        "boiler_gas": max(0.3, (16.5 - outside) * 0.9) * wobble,
        "hall": 2.6 * wobble,
    }[pattern]


def steps_of_day(line: Line, key: str, day: date) -> int:
    """Steps of the register's resolution counted on `day`; 0 for an instantaneous register."""
    if line.kind == "instantaneous":
        return 0
    return round(_need(line.pattern, day, key) * line.share * 10**-line.exponent)


def value_of_day(line: Line, day: date) -> int:
    """The value an instantaneous register shows on `day`, in steps."""
    return round((45.0 - 0.9 * (outdoor_temperature(day) - 5)) * 10**-line.exponent)
