"""Writes the archive of the demo's heat meter as a LERS XML file (our dialect A), as the field console would.

All values are invented; they follow the weather of `portal.demo.course`, 20 degrees colder for Chita.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from xml.sax.saxutils import escape

from portal.demo.course import outdoor_temperature

DURATIONS = ("Stop", "FlowUnderrun", "FlowOverrun", "TempDiffLow", "NoPower", "Incident")


def _heat_record(start: datetime, hours: int) -> dict[str, str]:
    outside = outdoor_temperature(start.date()) - 20
    swing = start.hour % 5 if hours == 1 else 46 / 24  # a day is what its hours are on average
    supply = 62 - outside * 1.25 + swing * 0.11
    back = 41 - outside * 0.55
    mass = 5.2 * hours
    into, out = mass * supply / 1000, mass * 0.998 * back / 1000
    return {
        "T_in": f"{supply:.2f}", "T_out": f"{back:.2f}", "T_cw": "5", "T_outdoor": f"{outside:.1f}",
        "P_in": "6.1", "P_out": "4.2", "M_in": f"{mass:.3f}", "M_out": f"{mass * 0.998:.3f}",
        "V_in": f"{mass * 1.034:.3f}", "V_out": f"{mass * 1.012:.3f}",
        "Q_in": f"{into:.6f}", "Q_out": f"{out:.6f}", "Q_delta": f"{into - out:.6f}",
        "NormalOperationDuration": str(hours), **{f"{name}Duration": "0" for name in DURATIONS},
    }  # fmt: skip


def _water_record(start: datetime, hours: int) -> dict[str, str]:
    volume = (0.6 if hours == 1 else 14.4) * (1 + 0.2 * (start.day % 3))
    heat = volume * (62 - 5) / 1000
    return {
        "T_in": "62", "T_cw": "5", "P_in": "4.8", "M_in": f"{volume * 0.982:.3f}", "V_in": f"{volume:.3f}",
        "Q_in": f"{heat:.6f}", "Q_delta": f"{heat:.6f}", "NormalOperationDuration": str(hours),
    }  # fmt: skip


def _interval(kind: str, starts: list[datetime], record: object) -> Iterator[str]:
    hours = 24 if kind == "Day" else 1
    yield f"<interval><dataType>{kind}</dataType>"
    yield f"<startDate>{starts[0].isoformat()}</startDate><endDate>{starts[-1].isoformat()}</endDate>"
    for start in starts:
        values = record(start, hours)  # type: ignore[operator]
        yield f"<record><dateTime>{start.isoformat()}</dateTime><attributes>None</attributes>"
        yield "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
        yield "</record>\n"
    yield "</interval>\n"


def archive_xml(
    *, heat: str, hot_water: str, address: str, serial: str, first: date, last: date, hour_days: int
) -> str:
    """Two points (numbers `heat` and `hot_water`) of one meter: day records for [first, last), hours for its last days."""
    days = [
        datetime(first.year, first.month, first.day) + timedelta(days=n)  # noqa: DTZ001 - the file's wall clock
        for n in range((last - first).days)
    ]
    hours = [day + timedelta(hours=n) for day in days[-hour_days:] for n in range(24)]
    parts = ['<?xml version="1.0" encoding="utf-8"?>\n<lersData version="1.0">\n']
    for number, system, record in ((heat, 1, _heat_record), (hot_water, 2, _water_record)):
        parts.append(
            f"<measurePoint><syncNumber>{number}</syncNumber><title>{escape(address)}</title>"
            f"<address>{escape(address)}</address><systemType>{system}</systemType>"
            f"<counterSerialNumber>{escape(serial)}</counterSerialNumber><intervals>\n"
        )
        parts.extend(_interval("Day", days, record))
        parts.extend(_interval("Hour", hours, record))
        parts.append("</intervals></measurePoint>\n")
    parts.append("</lersData>\n")
    return "".join(parts)
