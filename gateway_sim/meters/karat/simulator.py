"""A simulated КАРАТ-307 and ЭЛЬФ-04: Modbus in, Modbus out, the figures of `meters.plant`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from gateway_sim.field.intervals import after, netbook_now
from gateway_sim.field.model import Kind
from gateway_sim.meters import modbus, plant
from gateway_sim.meters.floats import float32_bytes
from gateway_sim.meters.karat import elf, karat307
from gateway_sim.simulator.bus import Chunk

DELAY = 0.05
CODES = (0x11, 0x12, 0x21, 0x22, 0x31, 0x32, 0x41, 0x42, 0x51, 0xB0, 0xD3)


def simulator(model: str, **options: str) -> ModbusMeter:
    return Karat307(**options) if model == "karat307" else Elf04(**options)


class ModbusMeter:
    """`password`: every request is refused for one."""

    baud = 9600

    def __init__(
        self, *, serial: str = "30712", now: str = "", empty: str = "", password: str = "", seed: str = "0"
    ) -> None:
        self.serial = serial
        self.fixed = datetime.fromisoformat(now) if now else None
        self.empty = bool(empty)
        self.password = bool(password)
        self.seed = int(seed)
        self.selected: bytes = b""
        self.writes: list[bytes] = []
        self._heard = b""

    def now(self) -> datetime:
        return self.fixed or netbook_now()

    def feed(self, data: bytes, baud: int = 9600) -> list[Chunk]:
        if baud != self.baud:
            return []
        self._heard += data
        asked = modbus.request_of(self._heard)
        if asked is None or asked[0] != 1:
            return []
        self._heard = b""
        _address, function, body = asked
        if self.password:
            return [Chunk(DELAY, modbus.frame(1, function | 0x80, b"\x07"))]
        register, count = int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")
        if function == modbus.WRITE:
            return self._write(register, body)
        answer = self._registers(register)
        if answer is None:
            return [Chunk(DELAY, modbus.frame(1, function | 0x80, b"\x02"))]
        answer = answer[: count * 2].ljust(count * 2, b"\xff")
        return [Chunk(DELAY, modbus.frame(1, function, bytes([len(answer)]) + answer))]

    def quiet(self) -> None:
        self._heard = b""

    def _write(self, register: int, body: bytes) -> list[Chunk]:
        if register != self.selecting:
            self.writes.append(body)
            return [Chunk(DELAY, modbus.frame(1, modbus.WRITE | 0x80, b"\x04"))]
        self.selected = body[5:]
        return [Chunk(DELAY, modbus.frame(1, modbus.WRITE, body[:4]))]

    selecting = 0

    def _registers(self, register: int) -> bytes | None:
        raise NotImplementedError

    def _sums(self, kind: Kind, at: datetime) -> plant.Sum | None:
        end = after(kind, at)
        if self.empty or end > self.now() or at < plant.EPOCH:
            return None
        return plant.between(at, end, self.seed)


class Karat307(ModbusMeter):
    selecting = karat307.REQUEST_DATE

    def _registers(self, register: int) -> bytes | None:
        now = self.now()
        if register == karat307.SERIAL:
            return self.serial.encode().ljust(32, b"\0")
        if register == karat307.VERSION:
            return b"307 V1.2".ljust(16, b"\0")
        if register == karat307.CLOCK:
            year = now.year.to_bytes(2, "little")
            return bytes([now.second, now.minute, now.hour, now.day, now.isoweekday(), now.month]) + year
        if register == karat307.CONFIGURATION:
            return bytes([len(CODES), *CODES, 0xFF])
        if register == karat307.CURRENT:
            hour = now.replace(minute=0, second=0)
            return self._floats(plant.between(hour, after("hour", hour), self.seed))
        for kind, base in karat307.ARCHIVES.items():
            if register == base:
                return self._archive(kind)
        return None

    def _archive(self, kind: Kind) -> bytes:
        hour, day, month, year = self.selected
        at = datetime(2000 + year, month, day, hour)  # noqa: DTZ001
        sums = self._sums(kind, at)
        if sums is None:
            return b"\xff" * 240
        return bytes(13) + bytes([0, hour, day, month, year]) + self._floats(sums)

    def _floats(self, sums: plant.Sum) -> bytes:
        figures = (
            plant.decimal(sums.v1, 3), plant.decimal(sums.v2, 3), plant.decimal(sums.m1, 3), plant.decimal(sums.m2, 3),
            plant.decimal(sums.t1, 2), plant.decimal(sums.t2, 2), plant.decimal(sums.p1, 2), plant.decimal(sums.p2, 2),
            plant.decimal(sums.q, 6), Decimal(sums.hours * 60),
        )  # fmt: skip
        below_minimum = (sums.hours * 5).to_bytes(4, "little")  # five minutes an hour, as whole minutes
        return b"".join(float32_bytes(figure) for figure in figures) + below_minimum


class Elf04(ModbusMeter):
    selecting = elf.SELECT

    def _registers(self, register: int) -> bytes | None:
        now = self.now()
        if register == elf.CLOCK:
            return bytes([now.year % 100, now.month, now.day, now.hour, now.minute, now.second | 0x80])
        if register == elf.RECORD:
            return self._record()
        return None

    def _record(self) -> bytes:
        year, month, day, hour = self.selected[:4]
        kinds = {code: kind for kind, code in elf.TYPES.items()}
        kind = kinds[self.selected[7]]
        at = datetime(2000 + year, month, day, hour)  # noqa: DTZ001
        sums = plant.between(at, after("hour", at)) if kind == "current" else self._sums(kind, at)
        if sums is None:
            return b"\0" * 244
        circuit = b"\0\0\0\0" + b"".join(_swapped(figure) for figure in self._figures(sums))
        return self.selected[:4] + circuit + bytes(5 * elf.CIRCUIT)

    def _figures(self, sums: plant.Sum) -> list[Decimal]:
        heat = plant.decimal(sums.q, 6)
        return [
            Decimal(sums.hours), heat * 2, heat, plant.decimal(sums.v1, 3), plant.decimal(sums.v2, 3),
            plant.decimal(sums.t1, 2), plant.decimal(sums.t2, 2), plant.decimal(sums.p1, 2), plant.decimal(sums.p2, 2),
        ]  # fmt: skip


def _swapped(figure: Decimal) -> bytes:
    data = float32_bytes(figure, ">")
    return data[2:4] + data[0:2]
