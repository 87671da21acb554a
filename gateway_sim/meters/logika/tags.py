"""The tagged values inside M4 messages: `tag length value`, lengths of 80h and more in 8N + N bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway_sim.field.errors import BadAnswer
from gateway_sim.meters.floats import float32, float32_bytes

OCTETS, NULL, TEXT, SEQUENCE = 0x04, 0x05, 0x16, 0x30
UNSIGNED, SIGNED, FLOAT, MIXED = 0x41, 0x42, 0x43, 0x44
ACK, TIME, DATE, MOMENT, PARAMETER, FLAGS, FAULT = 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x55


@dataclass(frozen=True)
class Tag:
    kind: int
    data: bytes

    @property
    def number(self) -> Decimal | None:
        """A number of any of the numeric kinds; None for an absent or a doubtful one."""
        if self.kind == UNSIGNED and self.data:
            return Decimal(int.from_bytes(self.data, "little"))
        if self.kind == SIGNED and self.data:
            return Decimal(int.from_bytes(self.data, "little", signed=True))
        if self.kind == FLOAT and len(self.data) == 4:
            return float32(self.data)
        if self.kind == MIXED and len(self.data) == 8:
            part = float32(self.data[4:])
            return None if part is None else int.from_bytes(self.data[:4], "little", signed=True) + part
        return None

    @property
    def text(self) -> str:
        return self.data.decode("cp1251", "replace").strip("\0 ") if self.kind == TEXT else ""


def encode(kind: int, data: bytes) -> bytes:
    if len(data) < 0x80:
        return bytes([kind, len(data)]) + data
    size = len(data).to_bytes((len(data).bit_length() + 7) // 8, "big")
    return bytes([kind, 0x80 | len(size)]) + size + data


def decode(data: bytes) -> list[Tag]:
    """All tags of a message or of a sequence. `BadAnswer` for a cut one."""
    tags = []
    place = 0
    while place < len(data):
        kind, size, place = _head(data, place)
        value = data[place : place + size]
        if len(value) < size:
            raise BadAnswer("a tag is cut")
        tags.append(Tag(kind, value))
        place += size
    return tags


def _head(data: bytes, place: int) -> tuple[int, int, int]:
    head = data[place : place + 2]
    if len(head) < 2:
        raise BadAnswer("a tag is cut")
    kind, size = head
    place += 2
    if size & 0x80:
        count = size & 0x7F
        if count > 4:
            raise BadAnswer("a tag is longer than a message")
        size = int.from_bytes(data[place : place + count], "big")
        place += count
    return kind, size, place


def parameter(channel: int, number: int) -> bytes:
    return encode(PARAMETER, bytes([channel]) + number.to_bytes(2, "little"))


def parameter_of(tag: Tag) -> tuple[int, int]:
    return tag.data[0], int.from_bytes(tag.data[1:3], "little")


def moment(at: datetime) -> bytes:
    """YY MM DD HH MM SS and milliseconds."""
    return encode(MOMENT, bytes([at.year - 2000, at.month, at.day, at.hour, at.minute, at.second, 0, 0]))


def moment_of(tag: Tag) -> datetime | None:
    """Its trailing parts may be cut; None for the empty one that ends an archive, or an impossible one."""
    parts = list(tag.data[:6])
    if tag.kind != MOMENT or len(parts) < 2:
        return None
    year, month, day, hour, minute, second = (parts + [1, 0, 0, 0][len(parts) - 2 :])[:6]
    try:
        return datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None


def clock_of(date: Tag, time: Tag) -> datetime | None:
    """DD MM YY DW and 1/256 s, SS, MM, HH."""
    if date.kind != DATE or time.kind != TIME or len(date.data) < 3 or len(time.data) < 4:
        return None
    day, month, year = date.data[:3]
    _part, second, minute, hour = time.data[:4]
    try:
        return datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None


def number_tag(value: Decimal, kind: int = FLOAT) -> bytes:
    if kind == UNSIGNED:
        whole = int(value)
        return encode(kind, whole.to_bytes(max(1, (whole.bit_length() + 7) // 8), "little"))
    if kind == MIXED:
        whole = int(value)
        return encode(kind, whole.to_bytes(4, "little", signed=True) + float32_bytes(value - whole))
    return encode(kind, float32_bytes(value))


def text_tag(text: str) -> bytes:
    return encode(TEXT, text.encode("cp1251", "replace"))
