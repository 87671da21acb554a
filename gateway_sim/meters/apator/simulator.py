"""A simulated Apator ELF: the M-Bus slave of `gateway_sim.simulator` with the figures of `meters.plant`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from gateway_sim.field.intervals import netbook_now
from gateway_sim.mbus.encode import encode_record, spread
from gateway_sim.mbus.header import Header
from gateway_sim.meters import plant
from gateway_sim.simulator.bus import Bus, Chunk
from gateway_sim.simulator.meter import SimulatedMeter


def simulator(model: str, **options: str) -> Elf:
    return Elf(**options)


class Elf:
    def __init__(self, *, serial: str = "13579246", now: str = "", empty: str = "", seed: str = "0") -> None:
        self.fixed = datetime.fromisoformat(now) if now else None
        self.serial = serial
        self.seed = int(seed)
        self.writes: list[bytes] = []
        header = Header(id=serial.zfill(8), manufacturer="APA", version=2, medium=4, status=0)
        self._bus = Bus([SimulatedMeter(1, header, self._source)], check_baud=True)

    def now(self) -> datetime:
        return self.fixed or netbook_now()

    def feed(self, data: bytes, baud: int = 2400) -> list[Chunk]:
        return self._bus.feed(data, baud)

    def quiet(self) -> None:
        self._bus.quiet()

    def _source(self) -> Sequence[Sequence[bytes]]:
        now = self.now()
        counted = plant.totals(now, self.seed)
        hour = plant.hour_of(now.replace(minute=0, second=0), self.seed)
        joules = Decimal(counted.q * 41_868 // 10_000_000) * 1_000_000  # whole megajoules
        records = [
            encode_record("fabrication_number", Decimal(self.serial), coding="bcd8"),
            encode_record("datetime", now.replace(second=0), coding="f"),
            encode_record("energy", joules, coding="int32", unit="J", exponent=6),
            encode_record("volume", plant.decimal(counted.v1, 3), coding="int32", unit="m3", exponent=-3),
            encode_record(
                "flow_temperature", plant.decimal(hour.t1, 2), coding="int32", unit="C", exponent=-2
            ),
            encode_record(
                "return_temperature", plant.decimal(hour.t2, 2), coding="int32", unit="C", exponent=-2
            ),
            encode_record("on_time", Decimal(counted.hours * 3600), coding="int32", unit="s", exponent=0),
        ]
        return spread(records, 1)
