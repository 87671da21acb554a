"""A simulated СПТ961: three tables that describe themselves, with the figures of `meters.plant`."""

from __future__ import annotations

from datetime import datetime

from gateway_sim.field.errors import BadAnswer
from gateway_sim.field.intervals import after, netbook_now
from gateway_sim.field.model import Kind
from gateway_sim.meters import plant
from gateway_sim.meters.logika import spbus
from gateway_sim.meters.logika.spt961 import DATE, MODEL_TEXT, SERIAL, TABLES, TIME
from gateway_sim.simulator.bus import Chunk

DELAY = 0.2
COLUMNS = [
    ("СП", ""), ("Т1", "'C"), ("Т2", "'C"), ("Р1", "кг/см2"), ("Р2", "кг/см2"), ("V1", "м3"), ("V2", "м3"),
    ("М1", "т"), ("М2", "т"), ("W", "Гкал"), ("Ти", "ч"), ("G1", "т/ч"),
]  # fmt: skip


class Spt961Meter:
    def __init__(
        self,
        *,
        serial: str = "96112",
        now: str = "",
        empty: str = "",
        seed: str = "0",
        text: str = "ТСПТ961.1 v02",
    ) -> None:
        self.serial = serial
        self.fixed = datetime.fromisoformat(now) if now else None
        self.empty = bool(empty)
        self.seed = int(seed)
        self.text = text
        self.writes: list[bytes] = []
        self._heard = b""

    def now(self) -> datetime:
        return self.fixed or netbook_now()

    def feed(self, data: bytes, baud: int = 2400) -> list[Chunk]:
        if baud != 2400:
            return []
        self._heard += data
        try:
            message = spbus.message_of(self._heard)
        except BadAnswer:
            self._heard = b""
            return []
        if message is None:
            return []
        self._heard = b""
        answer = self._answer(message)
        return [Chunk(DELAY, answer)] if answer else []

    def quiet(self) -> None:
        self._heard = b""

    def _answer(self, message: spbus.Message) -> bytes | None:
        address = message.records[0]
        if message.function == spbus.READ:
            return spbus.frame(spbus.READ_ANSWER, [address, self._parameter(address[1])])
        kinds: dict[str, Kind] = {number: kind for kind, number in TABLES.items()}
        kind = kinds.get(address[1])
        if message.function == spbus.TABLE and kind:
            return spbus.frame(spbus.TABLE_ANSWER, [address, *([name, unit] for name, unit in COLUMNS)])
        if message.function == spbus.ROW and kind:
            return spbus.frame(spbus.ROW_ANSWER, [address, *self._row(kind, message.records[1])])
        self.writes.append(bytes([message.function]))
        return None

    def _parameter(self, number: str) -> list[str]:
        known = {
            DATE: [f"{self.now():%d-%m-%y}", "дд-мм-гг"], TIME: [f"{self.now():%H:%M:%S}", "чч:мм:сс"],
            MODEL_TEXT: [self.text, ""], SERIAL: [self.serial, ""],
        }  # fmt: skip
        return known.get(number, ["Нет данных?"])

    def _row(self, kind: Kind, moment: list[str]) -> list[list[str]]:
        day, month, year, hour = (int(part) for part in moment[:4])
        at = datetime(year, month, day, hour)  # noqa: DTZ001
        end = after(kind, at)
        if self.empty or end > self.now() or at < plant.EPOCH:
            return [["Нет данных?"]]
        used = plant.between(at, end, self.seed)
        figures = [
            "4", str(plant.decimal(used.t1, 2)), str(plant.decimal(used.t2, 2)), str(plant.decimal(used.p1, 2)),
            str(plant.decimal(used.p2, 2)), str(plant.decimal(used.v1, 3)), str(plant.decimal(used.v2, 3)),
            str(plant.decimal(used.m1, 3)), str(plant.decimal(used.m2, 3)), str(plant.decimal(used.q, 6)),
            str(used.hours), "1.2",
        ]  # fmt: skip
        return [moment, figures]
