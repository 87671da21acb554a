"""Meters on one bus: the master's bytes in, the bytes that come back out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway_sim.mbus.frames import FrameReader
from gateway_sim.simulator.meter import SimulatedMeter
from gateway_sim.simulator.wire import superpose


@dataclass
class Chunk:
    """`delay` seconds after the request or the chunk before. `baud`: the speed it is sent at, where
    the meter changes it between question and answer; a port at another speed hears garbage."""

    delay: float
    data: bytes
    baud: int | None = None

    def heard_at(self, baud: int) -> bytes:
        if self.baud in (None, baud):
            return self.data
        return b"\xff" * max(1, len(self.data) * baud // (self.baud or baud) // 2)


class Bus:
    """`echo`: the level converter sends the master's bytes back. `check_baud`: a meter set to another rate than
    the master's hears garbage and stays silent."""

    def __init__(
        self, meters: Iterable[SimulatedMeter], *, echo: bool = False, check_baud: bool = False
    ) -> None:
        self.meters = list(meters)
        self.echo = echo
        self.check_baud = check_baud
        self.requests = 0
        self.collisions = 0
        self._reader = FrameReader()

    def feed(self, data: bytes, baud: int = 2400) -> list[Chunk]:
        """`baud` is the rate the master speaks at; it also turns delays into bits where answers overlap."""
        chunks = [Chunk(0.0, bytes(data))] if self.echo else []
        for frame in self._reader.feed(data):
            if frame.from_meter:
                continue
            self.requests += 1
            answers = []
            for meter in self.meters:
                if self.check_baud and meter.baud != baud:
                    continue
                answer = meter.answer(frame)
                if answer is not None:
                    answers.append((answer.delay * baud + meter.offset_bits, answer.data))
            if not answers:
                continue
            if len(answers) > 1:
                self.collisions += 1
            first = min(offset for offset, _ in answers)
            data_back = superpose([(offset - first, part) for offset, part in answers])
            chunks.append(Chunk(first / baud, data_back))
        return chunks

    def quiet(self) -> None:
        """The line was idle: half a frame from before is no frame any more."""
        self._reader.clear()
