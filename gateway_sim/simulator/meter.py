"""One simulated meter: a slave of EN 13757-2 with an application layer that answers from a function of time."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway_sim.mbus import frames
from gateway_sim.mbus.address import Secondary
from gateway_sim.mbus.encode import encode_answer
from gateway_sim.mbus.frames import Frame
from gateway_sim.mbus.header import Header, manufacturer_name
from gateway_sim.mbus.master import BAUD_CI

BAUD_OF_CI = {ci: baud for baud, ci in BAUD_CI.items()}
CI_BUSY = 0x70
FUNCTION = 0x4F  # control field without FCB and FCV

# The telegrams of an answer, each a list of encoded records, made when the answer begins.
Source = Callable[[], Sequence[Sequence[bytes]]]


@dataclass
class Faults:
    """What goes wrong with this meter's answers. Counters count down, so the fault heals by itself."""

    drop_first: int = 0  # silent for the next n requests
    drop: float = 0.0  # then silent with this probability
    bad_checksum: int = 0  # the next n telegrams carry a wrong checksum
    truncate: int = 0  # the next n telegrams are cut in half
    delay: float = 0.0  # seconds an answer comes late
    delay_first: int = -1  # only the next n answers come late; -1: all
    noise: bytes = b""  # put before each answer
    busy: int = 0  # the next n REQ_UD2 get "application busy"
    busy_by_the_letter: bool = False  # "busy" is itself repeated while the FCB stays the same
    stuck_fcb: bool = False  # takes no notice of the FCB: always the first telegram
    wrong_identity: int = 0  # the next n telegrams carry another identification and address


@dataclass
class Answer:
    """Bytes on the wire, `delay` seconds after the request."""

    delay: float
    data: bytes


@dataclass
class SimulatedMeter:
    """`offset_bits`: how much later than others it starts to answer, in bit times."""

    primary: int
    header: Header
    source: Source
    faults: Faults = field(default_factory=Faults)
    baud: int = 2400
    offset_bits: float = 0.0
    random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311  (a fault, no secret)
    selected: bool = False
    access: int = 0
    _fcb: int | None = None
    _at: int = -1
    _telegrams: Sequence[Sequence[bytes]] = ()
    _busy_for: int | None = None

    def matches(self, mask: bytes) -> bool:
        """Selection: eight bytes, F nibbles and FF bytes match anything."""
        if len(mask) < 8:
            return False
        maker = None if mask[4:6] == b"\xff\xff" else manufacturer_name(mask[5] << 8 | mask[4])
        version = None if mask[6] == 0xFF else mask[6]
        medium = None if mask[7] == 0xFF else mask[7]
        return Secondary(mask[3::-1].hex().upper(), maker, version, medium).matches(self.header)

    def answer(self, frame: Frame) -> Answer | None:
        """What this meter does on a frame from the master."""
        if frame.control is None or frame.from_meter:
            return None
        function = frame.control & FUNCTION
        if (
            function == frames.SND_UD & FUNCTION
            and frame.address == frames.ADDRESS_SELECTED
            and frame.ci == 0x52
        ):
            self.selected = self.matches(frame.data)
            if not self.selected:
                return None
            self._restart()
            return self._send(frames.ACK)
        mine = frame.address in (self.primary, frames.ADDRESS_TEST) or (
            frame.address == frames.ADDRESS_SELECTED and self.selected
        )
        if frame.address == frames.ADDRESS_BROADCAST:
            self._obey(frame, function)
            return None
        if not mine:
            return None
        if function == frames.REQ_UD2 & FUNCTION:
            return self._data(frame.control)
        self._obey(frame, function)
        return self._send(frames.ACK)

    def _obey(self, frame: Frame, function: int) -> None:
        if function == frames.SND_NKE:
            self._restart()
            if frame.address in (frames.ADDRESS_SELECTED, frames.ADDRESS_BROADCAST):
                self.selected = False
        elif function == frames.SND_UD & FUNCTION and frame.ci is not None:
            if frame.ci in BAUD_OF_CI:
                self.baud = BAUD_OF_CI[frame.ci]
            elif frame.ci == 0x50:
                self._restart()
            elif frame.ci == 0x51 and frame.data[:2] == b"\x01\x7a" and len(frame.data) == 3:
                self.primary = frame.data[2]

    def _restart(self) -> None:
        self._fcb, self._at, self._telegrams, self._busy_for = None, -1, (), None

    def _data(self, control: int) -> Answer | None:
        fcb = 1 if control & frames.FCB else 0
        valid = bool(control & 0x10)
        repeat = valid and self._fcb == fcb and self._at >= 0
        if self.faults.busy_by_the_letter and self._busy_for == fcb:
            return self._busy()
        if not repeat or self.faults.stuck_fcb:
            self._at = 0 if not valid or self.faults.stuck_fcb else self._at + 1
            if self._at >= len(self._telegrams):
                self._at = 0
            if self._at == 0:
                self._telegrams = self.source()
        self._fcb = fcb if valid else None
        if self.faults.busy:
            self.faults.busy -= 1
            self._busy_for = fcb
            return self._busy()
        self.access = (self.access + 1) & 0xFF
        header = self.header._replace(access_number=self.access)
        address = self.primary
        if self.faults.wrong_identity:
            self.faults.wrong_identity -= 1
            header, address = header._replace(id="99999999"), (self.primary + 1) & 0xFF
        more = self._at + 1 < len(self._telegrams)
        return self._send(encode_answer(address, header, self._telegrams[self._at], more=more), telegram=True)

    def _busy(self) -> Answer | None:
        return self._send(frames.long_frame(frames.RSP_UD, self.primary, CI_BUSY, b"\x08"))

    def _send(self, data: bytes, *, telegram: bool = False) -> Answer | None:
        faults = self.faults
        if faults.drop_first:
            faults.drop_first -= 1
            return None
        if faults.drop and self.random.random() < faults.drop:
            return None
        if telegram and faults.bad_checksum:
            faults.bad_checksum -= 1
            data = data[:-2] + bytes((data[-2] ^ 0x55,)) + data[-1:]
        if telegram and faults.truncate:
            faults.truncate -= 1
            data = data[: len(data) // 2]
        delay = 0.0
        if faults.delay and faults.delay_first:
            delay = faults.delay
            faults.delay_first -= 1 if faults.delay_first > 0 else 0
        return Answer(delay, faults.noise + data)
