"""A simulated MULTICAL 66-CDE: listens at 300, answers at 1200, with the figures of `meters.plant`."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from gateway_sim.field.intervals import netbook_now
from gateway_sim.meters import plant
from gateway_sim.meters.iec62056 import readout
from gateway_sim.simulator.bus import Chunk

DELAY = 0.4
UNIT_CODES = {"GJ": "2", "kWh": "3", "MWh": "4", "Gcal": "5"}
PER_GCAL = {"GJ": Decimal("4.1868"), "kWh": Decimal(1163), "MWh": Decimal("1.163"), "Gcal": Decimal(1)}


class Text66:
    """`unit`: in which it counts heat; `young`: how many days it has lived; `now`: its clock; `cr`: it wants a
    carriage return behind its commands."""

    def __init__(
        self, *, serial: str = "4712", now: str = "", empty: str = "", unit: str = "Gcal", young: str = "",
        seed: str = "0", cr: str = "",
    ) -> None:  # fmt: skip
        self.serial = serial
        self.fixed = datetime.fromisoformat(now) if now else None
        self.empty = bool(empty)
        self.unit = unit
        self.days = min(60, int(young)) if young else 60
        self.seed = int(seed)
        self.ending = b"\r" if cr else b""
        self.writes: list[bytes] = []
        self._heard = b""

    def now(self) -> datetime:
        return self.fixed or netbook_now()

    def feed(self, data: bytes, baud: int = 300) -> list[Chunk]:
        if baud != 300:
            return []
        self._heard = (self._heard + data)[-16:]
        answers = {
            b"/#1": self._now, b"/#2": self._setup, b"/#5": self._months, b"/#6": self._days, b"/#7": self._hours,
        }  # fmt: skip
        for command, answer in answers.items():
            if self._heard.endswith(command + self.ending):
                self._heard = b""
                lines = answer().encode("ascii").splitlines(keepends=True)
                return [Chunk(DELAY if not place else 0.0, line, 1200) for place, line in enumerate(lines)]
        if self._heard.endswith(b"/?!\r\n"):
            self._heard = b""
            return [Chunk(DELAY, b"/KAM0MC\r\n" + readout.block(self._readout(), arithmetic=True), 300)]
        return []

    def quiet(self) -> None:
        self._heard = b""

    def _heat(self, millionths: int) -> int:
        """In the last digit of the display: thousandths of its unit."""
        return int(plant.decimal(millionths, 6) * PER_GCAL[self.unit] * 1000)

    def _readout(self) -> str:
        counted = plant.totals(self.now(), self.seed)
        heat, volume = Decimal(self._heat(counted.q)).scaleb(-3), Decimal(counted.v1 // 10).scaleb(-2)
        return (
            f"0.0({self.serial:0>11})\r\n6.8({heat:08.3f}*{self.unit})6.26({volume:08.2f}*m3)"
            f"6.31({counted.hours:07}*h)!\r\n"
        )

    def _now(self) -> str:
        counted = plant.totals(self.now(), self.seed)
        hour = plant.hour_of(self.now().replace(minute=0, second=0), self.seed)
        numbers = [
            self._heat(counted.q), counted.v1 // 10, counted.hours, hour.t1, hour.t2, hour.t1 - hour.t2, 31, 79, 93, 0,
        ]  # fmt: skip
        return _line(numbers)

    def _setup(self) -> str:
        code = f"3{UNIT_CODES[self.unit]}119"
        return f"{self.serial:0>11} {_line([0, 0, 0, 0, 0, 0])[:-1]}{code} 1100000 {_date(self.now())} \r"

    def _months(self) -> str:
        lines = [f"{self.serial:0>11} \r"]
        month = self.now().replace(day=1, hour=0, minute=0, second=0)
        for _count in range(31):
            counted = plant.totals(month, self.seed)
            heat, volume = self._heat(counted.q), counted.v1 // 10
            lines.append(
                f"{_date(month)} {_line([heat, volume, 0, 0, 0, 0, 0])}" if not self.empty else _line([0] * 8)
            )
            month = (month - timedelta(days=1)).replace(day=1)
        return "".join(lines)

    def _days(self) -> str:
        today = self.now().replace(hour=0, minute=0, second=0)
        starts = [today - timedelta(days=number) for number in range(1, self.days + 1)]
        return "".join(self._increments(start, timedelta(days=1)) for start in starts)

    def _hours(self) -> str:
        newest = self.now().replace(minute=0, second=0) - timedelta(hours=1)
        starts = [newest - timedelta(hours=number) for number in range(min(960, self.days * 24))]
        return "".join(self._increments(start, timedelta(hours=1)) for start in starts)

    def _increments(self, start: datetime, length: timedelta) -> str:
        if self.empty:
            return _line([0] * 12)
        used = plant.between(start, start + length, self.seed)
        numbers = [self._heat(used.q), used.m1 // 10, used.m2 // 10, 0, 0, 0, 0, used.t1, 0, used.t2, 0]
        return f"{_date(start)} {_line(numbers)}"


def _line(numbers: list[int]) -> str:
    return "".join(f"{number:07} " for number in numbers) + "\r"


def _date(at: datetime) -> str:
    return f"0{at:%y%m%d}"
