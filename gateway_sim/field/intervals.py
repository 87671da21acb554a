"""Hours, days and months by a meter's own clock, and what time it is on the netbook."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway_sim.field.model import Kind


def netbook_now() -> datetime:
    """The local time of this machine, to the second: archives are kept in local time too."""
    return datetime.now().replace(microsecond=0)  # noqa: DTZ005


def expected(kind: Kind, start: datetime, end: datetime) -> list[datetime]:
    """The starts of all hours, days or months that lie wholly in the period; nothing for totals and current."""
    if kind not in ("hour", "day", "month"):
        return []
    at = start.replace(minute=0, second=0, microsecond=0)
    if kind != "hour":
        at = at.replace(hour=0)
    if kind == "month":
        at = at.replace(day=1)
    if at < start:
        at = after(kind, at)
    found = []
    while after(kind, at) <= end:
        found.append(at)
        at = after(kind, at)
    return found


def after(kind: Kind, at: datetime) -> datetime:
    """The start of the next interval."""
    if kind == "hour":
        return at + timedelta(hours=1)
    if kind == "day":
        return at + timedelta(days=1)
    return (at.replace(day=1) + timedelta(days=32)).replace(day=1)


def runs(kind: Kind, moments: list[datetime]) -> list[tuple[datetime, datetime]]:
    """Neighbours put together: (first, last) of each run."""
    found: list[tuple[datetime, datetime]] = []
    for at in moments:
        if found and after(kind, found[-1][1]) == at:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found


def span(off: timedelta) -> str:
    """-1 d 02:30:00"""
    sign = "-" if off < timedelta() else "+"
    whole = abs(off)
    return f"{sign}{whole.days} d {whole.seconds // 3600:02}:{whole.seconds % 3600 // 60:02}:{whole.seconds % 60:02}"
