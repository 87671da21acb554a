"""FT 1.2 link layer of EN 13757-2: build frames, check one frame strictly, find frames in a byte stream."""

from __future__ import annotations

from dataclasses import dataclass

from gateway_sim.mbus.errors import FrameError

ACK = b"\xe5"
START_SHORT = 0x10
START_LONG = 0x68
STOP = 0x16

# Control field: PRM (40h) marks the primary station, FCB 20h and FCV 10h belong to it alone.
SND_NKE = 0x40
SND_UD = 0x53
REQ_UD2 = 0x5B
REQ_UD1 = 0x5A
RSP_UD = 0x08
FCB = 0x20
PRM = 0x40

ADDRESS_SELECTED = 0xFD
ADDRESS_TEST = 0xFE  # every meter answers
ADDRESS_BROADCAST = 0xFF  # every meter listens, none answers


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; `ci` is None in a short frame, and an acknowledgement has `control` None as well."""

    control: int | None
    address: int = 0
    ci: int | None = None
    data: bytes = b""
    raw: bytes = b""

    @property
    def is_ack(self) -> bool:
        return self.control is None

    @property
    def from_meter(self) -> bool:
        return self.control is None or not self.control & PRM


def short_frame(control: int, address: int) -> bytes:
    return bytes((START_SHORT, control, address, (control + address) & 0xFF, STOP))


def long_frame(control: int, address: int, ci: int, data: bytes = b"") -> bytes:
    """`data` may hold up to 252 bytes (L counts C, A and CI too)."""
    body = bytes((control, address, ci)) + data
    if len(body) > 0xFF:
        raise FrameError("length", f"{len(data)} bytes of user data do not fit into one frame")
    return bytes((START_LONG, len(body), len(body), START_LONG)) + body + bytes((sum(body) & 0xFF, STOP))


def parse_frame(raw: bytes) -> Frame:
    """One whole frame and nothing else, or `FrameError` whose code names the first fault."""
    if raw == ACK:
        return Frame(control=None, raw=raw)
    if not raw:
        raise FrameError("empty", "no bytes")
    if raw[0] == START_SHORT:
        return _parse_short(raw)
    if raw[0] != START_LONG:
        raise FrameError("start", f"a frame starts with 68, 10 or E5, not {raw[0]:02X}")
    if len(raw) < 4:
        raise FrameError("length", "the frame ends inside its head")
    length = raw[1]
    if length != raw[2]:
        raise FrameError("length", f"the two length fields differ: {length} and {raw[2]}")
    if raw[3] != START_LONG:
        raise FrameError("start", f"the second start byte is {raw[3]:02X}, not 68")
    if length < 3:
        raise FrameError("length", f"a length of {length} leaves no room for C, A and CI")
    if len(raw) != length + 6:
        what = "cut" if len(raw) < length + 6 else "followed by other bytes"
        raise FrameError("length", f"the frame is {what}: {len(raw)} bytes instead of {length + 6}")
    if raw[-1] != STOP:
        raise FrameError("stop", f"the stop byte is {raw[-1]:02X}, not 16")
    if sum(raw[4:-2]) & 0xFF != raw[-2]:
        raise FrameError("checksum", f"the checksum is {raw[-2]:02X}, not {sum(raw[4:-2]) & 0xFF:02X}")
    return Frame(raw[4], raw[5], raw[6], raw[7:-2], raw)


def _parse_short(raw: bytes) -> Frame:
    if len(raw) != 5:
        raise FrameError("length", f"a short frame has 5 bytes, not {len(raw)}")
    if raw[4] != STOP:
        raise FrameError("stop", f"the stop byte is {raw[4]:02X}, not 16")
    if (raw[1] + raw[2]) & 0xFF != raw[3]:
        raise FrameError("checksum", f"the checksum is {raw[3]:02X}, not {(raw[1] + raw[2]) & 0xFF:02X}")
    return Frame(raw[1], raw[2], None, b"", raw)


class FrameReader:
    """Bytes in, frames out, over any cut of the stream. Bytes that start no valid frame are skipped one by
    one (`skipped` counts them), so noise before a frame or a broken frame never hides the next one.

    The buffer never holds more than one frame (261 bytes) of undecided bytes, so an endless stream of noise
    costs constant memory and linear time.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.skipped = 0

    def clear(self) -> None:
        self._buffer.clear()
        self.skipped = 0

    @property
    def pending(self) -> int:
        """Bytes that wait for the rest of a frame."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        buffer = self._buffer
        buffer += data
        frames: list[Frame] = []
        at = 0
        end = len(buffer)
        while at < end:
            size = _frame_size(buffer, at, end)
            if size == 0:  # not decided yet
                break
            if size > 0:
                if end - at < size:
                    break
                try:
                    frames.append(parse_frame(bytes(buffer[at : at + size])))
                except FrameError:
                    size = -1
                else:
                    at += size
                    continue
            at += 1
            self.skipped += 1
        del buffer[:at]
        return frames

    def flush(self) -> list[Frame]:
        """No more bytes will come: give up the frame begun at the front and look for whole ones behind it."""
        frames: list[Frame] = []
        while self._buffer:
            del self._buffer[0]
            self.skipped += 1
            frames += self.feed(b"")
        return frames


def _frame_size(buffer: bytearray, at: int, end: int) -> int:
    """Size of the frame that starts at `at`, 0 when more bytes must come first, -1 when none can start here."""
    first = buffer[at]
    if first == ACK[0]:
        return 1
    if first == START_SHORT:
        return 5
    if first != START_LONG:
        return -1
    have = end - at
    if have >= 2 and buffer[at + 1] < 3:
        return -1
    if have >= 3 and buffer[at + 1] != buffer[at + 2]:
        return -1
    if have >= 4 and buffer[at + 3] != START_LONG:
        return -1
    return buffer[at + 1] + 6 if have >= 4 else 0
