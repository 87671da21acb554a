"""From the meter's wall clock to epoch seconds, and back.

A stamp in a file is local time without a zone. Its `wall` is the same clock read as if it were UTC, in seconds:
an integer that sorts, spools and compares cheaply. Where a clock is put back, a stamp happens twice: the first
record of an hour archive that carries it is the first pass, a repeated one the second (Chita repeated two hours
on 26 October 2014). A stamp that the clock skipped never was; `epoch` says so with None.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from servers.models import MeteringPoint

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall clocks carry no zone
_DAY = 86_400
_REMEMBERED = 50_000


def wall_of(stamp: datetime) -> int:
    """Whole seconds of a naive stamp, counted as if it were UTC."""
    span = stamp - EPOCH
    return span.days * _DAY + span.seconds


def stamp_of(wall: int) -> datetime:
    return EPOCH + timedelta(seconds=wall)


def point_zone(point: MeteringPoint) -> ZoneInfo:
    """The zone of a metering point: its own, else its building's, else its programme's."""
    building = point.building_id and point.building
    own = point.time_zone or (building.time_zone if building else "")
    return ZoneInfo(own) if own else point.programme.zone


class WallClock:
    """One zone, with what it found out about each day remembered."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        # local day since 1970 -> its offset, None where the clock is put forward or back; filled as days are met
        self.plain_days: dict[int, int | None] = {}

    def _offset(self, wall: int, fold: int = 0) -> int:
        offset = stamp_of(wall).replace(tzinfo=self.zone, fold=fold).utcoffset()
        assert offset is not None
        return offset.days * _DAY + offset.seconds

    def _plain_offset(self, wall: int) -> int | None:
        """The offset of the whole local day, or None on a day when the clock is put forward or back."""
        day = wall // _DAY
        try:
            return self.plain_days[day]
        except KeyError:
            pass
        start = day * _DAY
        seen = {self._offset(at, fold) for at in (start, start + _DAY) for fold in (0, 1)}
        if len(self.plain_days) > _REMEMBERED:
            self.plain_days.clear()
        self.plain_days[day] = found = seen.pop() if len(seen) == 1 else None
        return found

    def steady_offset(self, at: int) -> int | None:
        """Seconds east of UTC all through the local day that begins at `at`; None if its clock is changed."""
        return self._plain_offset(self.wall(at))

    def passes(self, wall: int) -> tuple[int, ...]:
        """The instants at which the local clock showed `wall`: none, one, or two in order."""
        plain = self._plain_offset(wall)
        if plain is not None:
            return (wall - plain,)
        first, second = self._offset(wall, 0), self._offset(wall, 1)
        if first == second:
            return (wall - first,)
        if (
            first < second
        ):  # zoneinfo answers the offset before the jump with fold 0: the clock skipped `wall`
            return ()
        return (wall - first, wall - second)

    def period_start(self, wall: int) -> int:
        """The first instant of a local day or month whose midnight may be skipped or repeated."""
        plain = self._plain_offset(wall)
        return wall - (self._offset(wall) if plain is None else plain)

    def wall(self, at: int) -> int:
        offset = datetime.fromtimestamp(at, self.zone).utcoffset()
        assert offset is not None
        return at + offset.days * _DAY + offset.seconds

    def iso(self, at: int) -> str:
        """Local time with its offset."""
        return datetime.fromtimestamp(at, self.zone).isoformat()

    def day_start(self, day: date) -> int:
        return self.period_start(wall_of(datetime(day.year, day.month, day.day)))  # noqa: DTZ001

    def day_of(self, at: int) -> date:
        return (EPOCH + timedelta(seconds=self.wall(at))).date()


def as_utc(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
