"""A simulated MULTICAL 601 or 602 below an optical head: KMP in, KMP out, the figures of `meters.plant`."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway_sim.field.errors import BadAnswer
from gateway_sim.field.intervals import netbook_now
from gateway_sim.meters import plant
from gateway_sim.meters.kamstrup import kmp
from gateway_sim.meters.kamstrup.simulator66 import Text66
from gateway_sim.simulator.bus import Chunk

TYPES = {"multical601": 0x0001, "multical602": 0x0010, "multical402": 0x0402}  # the last two are made up
HEAT, VOLUME, MASS, DEGREE, HOURS, NUMBER = 12, 40, 44, 37, 46, 51
LOG_DEPTH = {kmp.DAY_LOG: 460, kmp.MONTH_LOG: 36}
WRITING = {0x09, 0x11}
DELAY = 0.05


def simulator(model: str, **options: str) -> Kmp | Text66:
    return Text66(**options) if model == "multical66" else Kmp(model, **options)


class Kmp:
    """`now`: the meter's clock (ISO), else the machine's; `top`: type of the top module, 0 for none;
    `empty`: its logs hold nothing yet; `baud`: the speed it listens at."""

    def __init__(
        self, model: str = "multical601", *, serial: str = "6512345", now: str = "", top: str = "11",
        empty: str = "", seed: str = "0",
    ) -> None:  # fmt: skip
        self.type = TYPES[model]
        self.short = model == "multical402"  # two bytes where they do
        self.serial = int(serial)
        self.fixed = datetime.fromisoformat(now) if now else None
        self.top = int(top)
        self.empty = bool(empty)
        self.seed = int(seed)
        self.writes: list[bytes] = []  # SetClock and PutRegister, if anybody sent one
        self._heard = b""

    def now(self) -> datetime:
        return self.fixed or netbook_now()

    def feed(self, data: bytes, baud: int = 1200) -> list[Chunk]:
        if baud != 1200:
            return []
        self._heard += data
        try:
            body = kmp.unframe(self._heard, kmp.TO_METER)
        except BadAnswer:
            self._heard = b""
            return []
        if body is None:
            return []
        self._heard = b""
        answer = self._answer(body[0], body[1], body[2:])
        if answer is None:
            return []
        return [Chunk(DELAY, kmp.frame(kmp.FROM_METER, body[0], body[1], answer))]

    def quiet(self) -> None:
        self._heard = b""

    def _answer(self, destination: int, command: int, data: bytes) -> bytes | None:
        if command in WRITING:
            self.writes.append(data)
            return None
        if command == kmp.HOUR_LOG:
            return self._hours(data) if destination == kmp.TOP_MODULE and self.top else None
        if destination != kmp.METER:
            return None
        if command == kmp.GET_TYPE:
            return self.type.to_bytes(2, "big") + b"\x05\x01"
        if command == kmp.GET_SERIAL:
            return self.serial.to_bytes(4, "big")
        if command == kmp.GET_REGISTER:
            numbers = [int.from_bytes(data[place : place + 2], "big") for place in range(1, len(data), 2)]
            return b"".join(self._register(number) for number in numbers)
        if command in LOG_DEPTH:
            return self._log(command, data)
        return None

    # ---- registers

    def _register(self, number: int) -> bytes:
        known = self._now_values().get(number)
        if known is None:
            return b""
        unit, places, value = known
        size = 2 if self.short and value < 0x10000 else 4
        head = number.to_bytes(2, "big") + bytes([unit, size, 0x40 | places if places else 0])
        return head + value.to_bytes(size, "big")

    def _now_values(self) -> dict[int, tuple[int, int, int]]:
        """Register → unit, decimal places, whole number."""
        now = self.now()
        hour = plant.hour_of(now.replace(minute=0, second=0, microsecond=0), self.seed)
        counted = plant.totals(now, self.seed)
        return {
            1003: (kmp.YYMMDD, 0, _yymmdd(now)),
            1002: (kmp.HHMMSS, 0, now.hour * 10_000 + now.minute * 100 + now.second),
            157: (NUMBER, 0, self.top),
            1004: (HOURS, 0, counted.hours),
            60: (HEAT, 3, counted.q // 1000),
            68: (VOLUME, 2, counted.v1 // 10),
            69: (VOLUME, 2, counted.v2 // 10),
            72: (MASS, 2, counted.m1 // 10),
            73: (MASS, 2, counted.m2 // 10),
            86: (DEGREE, 2, hour.t1),
            87: (DEGREE, 2, hour.t2),
            89: (38, 2, hour.t1 - hour.t2),
        }

    # ---- logs

    def _log(self, log: int, data: bytes) -> bytes:
        register, first = int.from_bytes(data[:2], "big"), max(1, int.from_bytes(data[2:4], "big"))
        count = max(1, data[4]) if len(data) > 4 else 16
        ends = [self._end(log, first + place) for place in range(count)]
        known = [self._logged(log, register, at) for at in ends]
        if not known or any(one is None for one in known):
            return b"\xff\xff"
        unit, places, size = known[0][:3]  # type: ignore[index]
        values = b"".join((0 if self.empty else one[3]).to_bytes(size, "big") for one in known if one)
        return register.to_bytes(2, "big") + bytes([unit, size, 0x40 | places if places else 0]) + values

    def _end(self, log: int, index: int) -> datetime:
        """The day a record is of, or the first of the month at whose beginning it was taken."""
        today = self.now().replace(hour=0, minute=0, second=0, microsecond=0)
        if log == kmp.DAY_LOG:
            return today - timedelta(days=index)
        month = today.year * 12 + today.month - index
        return datetime(month // 12, month % 12 + 1, 1)  # noqa: DTZ001

    def _logged(self, log: int, register: int, at: datetime) -> tuple[int, int, int, int] | None:
        """Unit, places, bytes and number of a register in the record of `at`."""
        if register == 1003:
            return kmp.YYMMDD, 0, 4, _yymmdd(at)
        if log == kmp.DAY_LOG:
            figures, size = plant.between(at, at + timedelta(days=1), self.seed), 2
        else:
            figures, size = plant.totals(at, self.seed), 4
        known = _columns(figures).get(register)
        if known is None or (log == kmp.MONTH_LOG and known[0] == DEGREE):
            return None
        return known[0], known[1], size, known[2]

    def _hours(self, data: bytes) -> bytes:
        register = int.from_bytes(data[:2], "big")
        newest = self.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        if data[2:6] != b"\xff\xff\xff\xff":
            asked = datetime(2000 + data[2], data[3], data[4], data[5])  # noqa: DTZ001
            newest = min(newest, asked)
        unit, places, rows = NUMBER, 0, []
        for place in range(24):
            at = newest - timedelta(hours=place)
            known = {
                186: (NUMBER, 0, at.year % 100 * 100 + at.month),
                187: (NUMBER, 0, at.day * 100 + at.hour),
            }
            known |= _columns(plant.between(at, at + timedelta(hours=1), self.seed), fine=True)
            if register not in known:
                return b"\xff\xff"
            unit, places, value = known[register]
            rows.append((b"\x00" if self.empty else b"\xff") + value.to_bytes(4, "big"))
        return register.to_bytes(2, "big") + bytes([unit, 4, 0x40 | places if places else 0]) + b"".join(rows)


def _columns(figures: plant.Sum, *, fine: bool = False) -> dict[int, tuple[int, int, int]]:
    """Register → unit, places, number. A day's two bytes hold coarser steps than an hour's four."""
    heat, cubic = (6, 1) if fine else (3, 1000), (3, 1) if fine else (2, 10)
    return {
        60: (HEAT, heat[0], figures.q // heat[1]),
        68: (VOLUME, cubic[0], figures.v1 // cubic[1]),
        69: (VOLUME, cubic[0], figures.v2 // cubic[1]),
        72: (MASS, cubic[0], figures.m1 // cubic[1]),
        73: (MASS, cubic[0], figures.m2 // cubic[1]),
        86: (DEGREE, 2, figures.t1),
        87: (DEGREE, 2, figures.t2),
    }


def _yymmdd(at: datetime) -> int:
    return at.year % 100 * 10_000 + at.month * 100 + at.day
