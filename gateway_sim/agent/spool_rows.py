"""What goes into the spool and what comes out, and the checksum of a row."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass
from typing import Any


class SpoolError(Exception):
    """Nothing was stored or taken out; the message says why."""


class SpoolDamaged(SpoolError):
    """The file is damaged; the next call sets it aside and saves what is sound."""


class SpoolFull(SpoolError):
    """There is no room and nothing that the rule allows to drop."""


@dataclass(frozen=True)
class Measurement:
    """`value` is decimal text in the register's unit; `momentary` values are the first to go when full."""

    meter: str
    register: str
    value: str
    momentary: bool = False


@dataclass(frozen=True)
class Row:
    seq: int
    meter: str
    register: str
    taken_at: str
    value: str


@dataclass(frozen=True)
class Telegram:
    """What a meter answered when its readings were taken; `frames` in hexadecimal, separated by commas."""

    meter: str
    taken_at: str
    frames: str


@dataclass(frozen=True)
class Batch:
    uuid: str
    epoch: str
    rows: tuple[Row, ...]
    telegrams: tuple[Telegram, ...] = ()

    def body(self) -> bytes:
        """The body of `POST /api/v1/readings`; the same bytes every time."""
        items = [
            {"seq": r.seq, "meter": r.meter, "register": r.register, "taken_at": r.taken_at, "value": r.value}
            for r in self.rows
        ]
        document: dict[str, Any] = {"batch": self.uuid, "spool": self.epoch, "items": items}
        if self.telegrams:
            document["telegrams"] = [asdict(telegram) for telegram in self.telegrams]
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Result:
    """The portal's word on one row."""

    seq: int
    status: str
    code: str = ""


def checksum(
    seq: int, meter: str, register: str, taken_at: str | None, value: str, boot: str, mono: float
) -> int:
    text = "\x1f".join((str(seq), meter, register, taken_at or "", value, boot, repr(mono)))
    return zlib.crc32(text.encode())
