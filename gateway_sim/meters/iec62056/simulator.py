"""A simulated meter with a read-out by IEC 62056-21, in mode A, B or C, with the figures of `meters.plant`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from gateway_sim.field.intervals import netbook_now
from gateway_sim.meters import plant
from gateway_sim.meters.iec62056 import readout
from gateway_sim.simulator.bus import Chunk

DELAY = 0.3
PER_GCAL = {"MWh": Decimal("1.163"), "GJ": Decimal("4.1868"), "Gcal": Decimal(1)}
LETTERS = {"A": "x", "B": "C", "C": "3"}  # of the speed: none, 2400, 2400


def simulator(model: str, **options: str) -> Iec62056Meter:
    return Iec62056Meter(**options)


class Iec62056Meter:
    """`mode`: A, B or C; `unit`: in which it counts heat."""

    def __init__(
        self, *, serial: str = "66195305", now: str = "", empty: str = "", mode: str = "C", unit: str = "MWh",
        seed: str = "0",
    ) -> None:  # fmt: skip
        self.serial = serial
        self.fixed = datetime.fromisoformat(now) if now else None
        self.mode = mode
        self.unit = unit
        self.seed = int(seed)
        self.writes: list[bytes] = []
        self._opened = False
        self._heard = b""

    def now(self) -> datetime:
        return self.fixed or netbook_now()

    def feed(self, data: bytes, baud: int = 300) -> list[Chunk]:
        if baud != 300:
            return []
        self._heard = (self._heard + data)[-64:]
        if self._heard.endswith(b"\x0601:\r\n") or b"\x01W" in self._heard:
            self.writes.append(self._heard)
        if self._heard.endswith((b"/?!\r\n", f"/?{self.serial}!\r\n".encode())):
            return self._open()
        acknowledged = b"\x060" + LETTERS["C"].encode() + b"0\r\n"
        if self._opened and self._heard.endswith(acknowledged):
            self._heard, self._opened = b"", False
            return [Chunk(DELAY, readout.block(self._text()), 2400)]
        return []

    def quiet(self) -> None:
        """A session is kept while the head is silent: the acknowledgement comes after a pause."""

    def _open(self) -> list[Chunk]:
        self._heard, self._opened = b"", True
        ident = f"/LUG{LETTERS[self.mode]}UH50\r\n".encode()
        if self.mode == "A":
            return [Chunk(DELAY, ident + readout.block(self._text()), 300)]
        chunks = [Chunk(DELAY, ident, 300)]
        if self.mode == "B":
            chunks.append(Chunk(1.0, readout.block(self._text()), 2400))
        return chunks

    def _text(self) -> str:
        now = self.now()
        hour = plant.hour_of(now.replace(minute=0, second=0), self.seed)
        counted = plant.totals(now, self.seed)
        heat = plant.decimal(counted.q, 6) * PER_GCAL[self.unit]
        lines = [
            f"6.8({heat:012.3f}*{self.unit})6.26({plant.decimal(counted.v1, 3):010.2f}*m3)9.21({self.serial})",
            f"6.29({plant.decimal(hour.t1, 2)}*C)6.28({plant.decimal(hour.t2, 2)}*C)",
            f"6.30({plant.decimal(hour.t1 - hour.t2, 2)}*K)6.31({counted.hours:07}*h)",
            f"9.36({now:%y-%m-%d%H:%M:%S})6.8*01({heat / 2:012.3f}*{self.unit})",
        ]
        return "\r\n".join(lines) + "!\r\n"
