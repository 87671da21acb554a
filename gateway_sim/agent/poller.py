"""One bus: read its meters every so often, and put what they say into the spool.

A meter that does not answer, a cable that is pulled out or an answer that cannot be read costs that reading
and nothing else; it stands in the gap list.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway_sim.agent.clock import Clock
from gateway_sim.agent.normalise import identity_fault, measurements
from gateway_sim.agent.spool import Measurement, Spool, SpoolError
from gateway_sim.agent.telegrams import frames_of
from gateway_sim.mbus.errors import MBusError
from gateway_sim.mbus.records import Telegram
from gateway_sim.site import Bus, Meter

BROKEN_TIMES = 2  # a line that fails twice in a row is left alone until the next round


class Reader(Protocol):
    """An open bus."""

    def read(self, address: str) -> Sequence[Telegram]: ...

    def close(self) -> None: ...


class Notes:
    """Says a thing once, and again only when it changed or had gone meanwhile."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._said: dict[str, str] = {}
        self._lock = threading.Lock()

    def say(self, about: str, text: str) -> None:
        with self._lock:
            if self._said.get(about) == text:
                return
            self._said[about] = text
        self._write(text)

    def over(self, about: str, text: str = "") -> None:
        """The matter is settled; `text` is said if there was one."""
        with self._lock:
            known = self._said.pop(about, None)
        if known is not None and text:
            self._write(text)


@dataclass
class Round:
    """What one pass over a bus brought."""

    meters: int = 0
    answered: int = 0
    rows: int = 0


class Poller:
    def __init__(
        self,
        bus: Bus,
        meters: Sequence[Meter],
        *,
        open_bus: Callable[[Bus], Reader],
        spool: Spool,
        clock: Clock,
        notes: Notes,
        stop: threading.Event,
        telegrams: bool = False,
    ) -> None:
        self.bus = bus
        self.meters = meters
        self.spool = spool
        self.clock = clock
        self.notes = notes
        self.stop = stop
        self.telegrams = telegrams
        self._open = open_bus
        self._reader: Reader | None = None
        self._broken = 0  # how often in a row the line itself failed in this round

    def close(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            try:
                reader.close()
            except (OSError, MBusError):
                return

    def run(self, interval: float, done: Callable[[], None]) -> None:
        """Rounds until `stop`; the beat comes from the monotonic clock, so a step of the time of day makes
        no hole and no double. A round that took too long leaves out the beats it missed."""
        due = self.clock.monotonic()
        while not self.stop.is_set():
            self.safe_round()
            done()
            now = self.clock.monotonic()
            due += interval * max(1, int((now - due) // interval) + (now > due))
            self.stop.wait(max(0.0, due - now))
        self.close()

    def safe_round(self) -> Round:
        """A round that whatever goes wrong on a bus cannot turn into the end of the agent."""
        try:
            return self.round()
        except Exception as error:  # noqa: BLE001
            text = f"bus {self.bus.name}: {type(error).__name__}: {error}"
            self.notes.say(f"bus {self.bus.name}", text)
            self.close()
            return Round(meters=len(self.meters))

    def round(self) -> Round:
        """Read every meter of the bus once."""
        result = Round(meters=len(self.meters))
        self._broken = 0
        for meter in self.meters:
            if self.stop.is_set():
                break
            if self._broken >= BROKEN_TIMES:
                self._missed(meter)
                continue
            rows = self._meter(meter)
            result.rows += rows
            result.answered += rows > 0
        return result

    def _meter(self, meter: Meter) -> int:
        subject = f"meter {meter.ref}"
        try:
            if self._reader is None:
                self._reader = self._open(self.bus)
            telegrams = list(self._reader.read(meter.address))
        except MBusError as error:
            if error.code == "transport":
                return self._line_failed(meter, str(error))
            return self._silent(meter, f"{subject}: {error} ({error.code})")
        except OSError as error:
            return self._line_failed(meter, error.strerror or str(error))
        self._broken = 0
        self.notes.over(f"bus {self.bus.name}", f"bus {self.bus.name}: works again")
        mono = self.clock.monotonic()
        fault = identity_fault(meter, telegrams)
        if fault:
            return self._silent(meter, f"{fault}: not delivered")
        found, faults = measurements(meter, telegrams)
        for register in meter.registers:
            mark = f"meter {meter.ref}, register {register.ref}"
            said = next((text for text in faults if text.startswith(f"{mark}: ")), "")
            if said:
                self.notes.say(mark, said)
            else:
                self.notes.over(mark, f"{mark}: values again")
        if not found:
            return self._silent(meter, f"{subject}: the answer holds nothing to deliver")
        self.notes.over(subject, f"{subject}: answers again")
        return self._store(meter, mono, found, frames_of(meter, telegrams) if self.telegrams else "")

    def _store(self, meter: Meter, mono: float, found: list[Measurement], frames: str) -> int:
        now = self.clock.at(mono)
        try:
            self.spool.add(found, taken_at=now, boot=self.clock.boot, mono=mono, frames=frames)
            if now is not None:
                self.spool.heard(meter.ref, now)
        except SpoolError as error:
            self.notes.say("spool", f"{error}: a reading of meter {meter.ref} is lost")
            return 0
        self.notes.over("spool", "the spool takes readings again")
        return len(found)

    def _line_failed(self, meter: Meter, text: str) -> int:
        """Not the meter but the line: it is opened anew, once in this round; then the next round tries."""
        self.close()
        self._broken += 1
        self.notes.say(f"bus {self.bus.name}", f"bus {self.bus.name}: {text}")
        return self._missed(meter)

    def _silent(self, meter: Meter, text: str) -> int:
        self.notes.say(f"meter {meter.ref}", text)
        return self._missed(meter)

    def _missed(self, meter: Meter) -> int:
        now = self.clock.now()
        try:
            if now is not None:
                self.spool.silent(meter.ref, now)
        except SpoolError as error:
            self.notes.say("spool", f"{error}")
        return 0
