"""A simulated СПТ94x: asleep until sixteen FF, then M4 or 4L, with the figures of `meters.plant`."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from gateway_sim.field.intervals import after, netbook_now
from gateway_sim.field.model import Kind
from gateway_sim.meters import plant
from gateway_sim.meters.logika import frames, tables, tags
from gateway_sim.meters.logika.legacy import FUNCTIONS, logika_bytes
from gateway_sim.meters.logika.m4 import DATE, DEVICE_TEXT, RECORD_TYPES, SERIAL, TIME
from gateway_sim.meters.logika.simulator961 import Spt961Meter
from gateway_sim.simulator.bus import Chunk

IDENTS = {
    "spt941.20": "922980", "spt941.10": "922910", "spt942": "542a01", "spt943": "542b0a", "spt943.old": "542b03",
    "spt944": "542c00",
}  # fmt: skip
WRITING = {0x77, 0x4F}
DELAY = 0.1
MOST_ANSWERED = 49  # values in one answer, however many were asked for
Answered = tuple[int, bytes]


def simulator(model: str, **options: str) -> Spt94 | Spt961Meter:
    return Spt961Meter(**options) if model == "spt961" else Spt94(model, **options)


class Spt94:
    """`now`: the clock; `password`: asks for one; `empty`: no archives yet; `ident`: another answer to 3F."""

    def __init__(
        self, model: str, *, serial: str = "12345", now: str = "", empty: str = "", password: str = "",
        seed: str = "0", ident: str = "",
    ) -> None:  # fmt: skip
        self.model = model
        self.ident = bytes.fromhex(ident or IDENTS[model])
        self.serial = serial
        self.fixed = datetime.fromisoformat(now) if now else None
        self.empty = bool(empty)
        self.password = bool(password)
        self.seed = int(seed)
        self.baud = 2400
        self.circuit = 1
        self.open = False
        self.writes: list[bytes] = []
        self._awake = False
        self._waking = b""
        self._heard = b""

    def now(self) -> datetime:
        return self.fixed or netbook_now()

    def feed(self, data: bytes, baud: int = 2400) -> list[Chunk]:
        self._waking = (self._waking + data)[-len(frames.WAKE) - len(data) :]
        if frames.WAKE in self._waking:
            self.baud, self._awake, self.open, self._heard = 2400, True, False, b""
            data = self._waking.split(frames.WAKE)[-1].lstrip(b"\xff")
            self._waking = b""
        if baud != self.baud or not self._awake or not data:
            return []
        self._heard += data
        answer = self._extended() if self._is_m4() else None
        answer = answer or self._short()
        return [Chunk(DELAY, answer)] if answer else []

    def quiet(self) -> None:
        self._heard = b""

    def _is_m4(self) -> bool:
        return self.model in tables.M4_TABLES

    # ---- short frames

    def _short(self) -> bytes | None:
        asked = frames.find_short(self._heard, frames.ANY, dict.fromkeys(
            (frames.SESSION, frames.RAM, frames.FLASH, *FUNCTIONS.values(), *WRITING), 4))  # fmt: skip
        if asked is None:
            return None
        self._heard = b""
        if asked.function == frames.SESSION:
            self.open, self.circuit = True, asked.data[0] or 1
            return frames.short(frames.ANY, frames.SESSION, self.ident)
        if asked.function in WRITING:
            self.writes.append(asked.data)
            return None
        if not self.open or self._is_m4():
            return None
        if self.password:
            return frames.short(frames.ANY, frames.ERROR, b"\x04")
        data = self._memory(asked.data) if asked.function == frames.RAM else self._legacy_record(asked)
        return frames.short(frames.ANY, *((asked.function, data) if data else (frames.ERROR, b"\x03")))

    def _legacy_record(self, asked: frames.Answer) -> bytes:
        kinds: dict[int, Kind] = {number: kind for kind, number in FUNCTIONS.items()}
        year, month, day, hour = asked.data
        try:
            stamp = datetime(1900 + year, month, day, hour)  # noqa: DTZ001
        except ValueError:
            return b""
        known = self._figures(kinds[asked.function], stamp)
        if known is None:
            return b""
        table = tables.LEGACY_TABLES[self.model]
        floats = b"".join(logika_bytes(known.get(name, Decimal(0))) for name in table.record)
        return (b"\0\0\0\x04" + floats).ljust(table.size, b"\xff")

    def _memory(self, asked: bytes) -> bytes:
        address, count = int.from_bytes(asked[:2], "little"), asked[2]
        now = self.now()
        if address == tables.CLOCK_ADDRESS.get(self.model):
            return bytes([now.year - 2000, now.month, now.day, now.hour, now.minute, now.second])
        table = tables.LEGACY_TABLES[self.model]
        if address not in table.current.values() or count != table.current_size:
            return b"\xff" * count
        known = self._now_values()
        floats = b"".join(logika_bytes(known.get(name, Decimal(0))) for name in table.current_fields)
        return (b"\0\0\0\x04" + floats).ljust(count, b"\xff")

    # ---- extended frames

    def _extended(self) -> bytes | None:
        heard = self._heard
        if len(heard) < 4 or heard[2] != frames.EXTENDED:
            return None
        number = heard[3]
        asked = frames.find_extended(heard, frames.ANY, number)
        if asked is None:
            return None
        self._heard = b""
        if not self.open:
            return None
        function, data = self._m4(asked.function, asked.data)
        answer = frames.extended(frames.ANY, number, function, data)
        if asked.function == frames.SPEED:
            self.baud = next(baud for baud, code in frames.SPEEDS.items() if code == asked.data[0])
        return answer

    def _m4(self, function: int, data: bytes) -> Answered:
        if self.password and function != frames.SESSION:
            return frames.ERROR, b"\x04"
        if function == frames.SESSION:
            return function, self.ident
        if function == frames.SPEED:
            return function, b""
        if function == frames.READ:
            asked = [tags.parameter_of(tag) for tag in tags.decode(data)]
            return function, b"".join(self._parameter(*one) for one in asked[:MOST_ANSWERED])
        if function == frames.ARCHIVE:
            return self._archive(tags.decode(data))
        if function in WRITING:
            self.writes.append(data)
        return frames.ERROR, b"\x00"

    def _parameter(self, channel: int, number: int) -> bytes:
        now = self.now()
        if number == DATE:
            return tags.encode(tags.DATE, bytes([now.day, now.month, now.year - 2000, now.isoweekday()]))
        if number == TIME:
            return tags.encode(tags.TIME, bytes([0, now.second, now.minute, now.hour]))
        if number == DEVICE_TEXT:
            return tags.text_tag(tables.MODELS[self.model].title)
        if number == SERIAL:
            return tags.text_tag(self.serial)
        table = tables.M4_TABLES[self.model]
        known = self._now_values()
        if number in table.current and table.current[number] in known:
            return tags.number_tag(known[table.current[number]])
        if number in table.totals:
            counted = self._names(plant.totals(now, self.seed + self._circuit_of(channel)))
            return tags.number_tag(counted[table.totals[number]], tags.MIXED)
        return tags.encode(tags.NULL, b"")

    def _archive(self, asked: list[tags.Tag]) -> Answered:
        channel, record_type = asked[0].data[2], asked[0].data[3]
        kinds: dict[int, Kind] = {number: kind for kind, number in RECORD_TYPES.items()}
        at = tags.moment_of(asked[1])
        kind = kinds.get(record_type)
        table = tables.M4_TABLES[self.model]
        if at is None or kind is None or (table.by_channel and channel not in table.record):
            return frames.ERROR, b"\x02"
        self.circuit = channel or 1
        known = self._figures(kind, at)
        if known is None:
            return frames.ARCHIVE, tags.encode(tags.MOMENT, b"") + tags.encode(tags.SEQUENCE, b"")
        return frames.ARCHIVE, self._pair(at, self._sequence(known, table)) + self._pair(after(kind, at), b"")

    def _pair(self, at: datetime, sequence: bytes) -> bytes:
        return tags.moment(at) + tags.encode(tags.SEQUENCE, sequence)

    def _sequence(self, known: dict[str, Decimal], table: tables.M4Table) -> bytes:
        fields = table.fields(self.circuit)
        return b"".join(
            tags.number_tag(known[name]) if name in known else tags.encode(tags.NULL, b"") for name in fields
        )

    # ---- figures

    def _circuit_of(self, channel: int) -> int:
        return max(0, channel - 1)

    def _figures(self, kind: Kind, stamp: datetime) -> dict[str, Decimal] | None:
        """An hour's record is stamped with its end, a day's and a month's with themselves."""
        start = stamp - timedelta(hours=1) if kind == "hour" else stamp
        end = after(kind, start)
        if self.empty or end > self.now() or start < plant.EPOCH:
            return None
        return self._names(plant.between(start, end, self.seed + self.circuit - 1))

    def _now_values(self) -> dict[str, Decimal]:
        now = self.now().replace(minute=0, second=0, microsecond=0)
        return self._names(plant.between(now, now + timedelta(hours=1), self.seed))

    def _names(self, sums: plant.Sum) -> dict[str, Decimal]:
        return {
            "t1": plant.decimal(sums.t1, 2), "t2": plant.decimal(sums.t2, 2),
            "dt": plant.decimal(sums.t1 - sums.t2, 2), "tx": Decimal(5),
            "P1": plant.decimal(sums.p1, 2), "P2": plant.decimal(sums.p2, 2),
            "V1": plant.decimal(sums.v1, 3), "V2": plant.decimal(sums.v2, 3), "V3": Decimal(0),
            "M1": plant.decimal(sums.m1, 3), "M2": plant.decimal(sums.m2, 3), "M3": Decimal(0),
            "Q": plant.decimal(sums.q, 6), "Ти": Decimal(sums.hours),
        }  # fmt: skip
