"""What a bad line does to a good meter, the same for every protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from gateway_sim.simulator.bus import Chunk

LATE = 30.0  # seconds: long after every time-out, so the answer meets the next question


class Device(Protocol):
    """A simulated meter: bytes in, what comes back and when."""

    def feed(self, data: bytes, baud: int = 2400) -> list[Chunk]: ...

    def quiet(self) -> None: ...


def _cut(data: bytes) -> list[Chunk]:
    return [Chunk(0.0, data[: len(data) // 2])]


def _corrupt(data: bytes) -> list[Chunk]:
    middle = len(data) // 2
    return [Chunk(0.0, data[:middle] + bytes([data[middle] ^ 0x11]) + data[middle + 1 :])]


def _stray(data: bytes) -> list[Chunk]:
    return [Chunk(0.0, b"\x00" + data)]


def _silent(_data: bytes) -> list[Chunk]:
    return []


def _late(data: bytes) -> list[Chunk]:
    return [Chunk(LATE, data)]


def _noise(_data: bytes) -> list[Chunk]:
    return [Chunk(0.0, b"\xa5\x5a\x7e")]


def _split(data: bytes) -> list[Chunk]:
    middle = len(data) // 2
    return [Chunk(0.0, data[:middle]), Chunk(0.05, data[middle:])]


FAULTS: dict[str, Callable[[bytes], list[Chunk]]] = {
    "cut": _cut,
    "corrupt": _corrupt,
    "stray": _stray,
    "silent": _silent,
    "late": _late,
    "noise": _noise,
    "split": _split,
}


@dataclass
class FaultyLine:
    """`device` behind a line that sends our bytes back (`echo`) and spoils every `every`-th answer by `fault`.

    `quick`: answers come without the pause that the real meter makes.
    """

    device: Device
    echo: bool = False
    fault: str = ""
    every: int = 3
    quick: bool = False
    answers: int = field(default=0, init=False)

    def feed(self, data: bytes, baud: int = 2400) -> list[Chunk]:
        chunks = [Chunk(0.0, bytes(data))] if self.echo else []
        answer = self.device.feed(data, baud)
        if answer:
            self.answers += 1
        if self.quick:
            answer = [Chunk(0.0, chunk.data, chunk.baud) for chunk in answer]
        if answer and self.fault and self.answers % self.every == 0:
            whole = b"".join(chunk.data for chunk in answer)
            delay = answer[0].delay
            baud_back = answer[0].baud
            answer = [
                Chunk(chunk.delay + delay, chunk.data, baud_back) for chunk in FAULTS[self.fault](whole)
            ]
        return chunks + answer

    def quiet(self) -> None:
        self.device.quiet()
