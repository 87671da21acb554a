"""The body of `POST /api/v1/readings`, judged without a database. Pure: no Django.

What makes the whole batch unreadable (no JSON, no uuid, an item without a number) is a `BadBatch` and nothing
is stored. What is wrong with one item is that item's own `code`, so that one broken value cannot hold up the
thousand behind it in a gateway's spool.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn

MAX_BYTES = 4 << 20  # of the unpacked body: 10,000 items of 400 bytes. On the wire it is 1 MiB at most
MAX_ITEMS = 10_000
MAX_FRAMES = 2 * 1024  # characters of a meter's raw answer: four telegrams as long as M-Bus allows
FUTURE_SECONDS = 300  # a gateway's clock may be this far ahead of ours
OLDEST = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
BIGINT = (1 << 63) - 1
LIMIT = 10**15  # of an index in steps of its resolution: its products stay inside a bigint

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DECIMAL = re.compile(r"(-?)([0-9]{1,20})(?:\.([0-9]{1,18}))?")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_REF = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,64}")
_FRAMES = re.compile(r"(?:[0-9a-fA-F]{2})+(?:,(?:[0-9a-fA-F]{2})+)*")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadBatch(Exception):
    """The batch as a whole is refused, by `code`: malformed or too_large."""

    def __init__(self, code: str, part: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.part = part  # the part of the body that is wrong


class Telegram(NamedTuple):
    """A meter's raw answer at an instant; `frames` in hexadecimal, separated by commas."""

    meter: str
    at: int
    frames: str


class Item(NamedTuple):
    """One reading as it was sent. `code` is empty when it is well formed; `at` is in epoch seconds."""

    seq: int
    meter: str = ""
    register: str = ""
    at: int = 0
    value: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    uuid: uuid.UUID
    sha256: str
    spool: int | None  # the spool's epoch, where the gateway gives one
    items: tuple[Item, ...]
    telegrams: tuple[Telegram, ...] = ()


def parse_batch(body: bytes, *, now: int) -> Batch:
    """`body` is unpacked JSON, `now` the server's clock in epoch seconds."""
    if len(body) > MAX_BYTES:
        raise BadBatch("too_large")
    document = _json(body)
    if not isinstance(document, dict):
        raise BadBatch("malformed")
    name, items, telegrams = (document.get(key) for key in ("batch", "items", "telegrams"))
    if not isinstance(name, str) or not _UUID.fullmatch(name):
        raise BadBatch("malformed", "batch")
    if not isinstance(items, list):
        raise BadBatch("malformed", "items")
    if telegrams is not None and not isinstance(telegrams, list):
        raise BadBatch("malformed", "telegrams")
    if len(items) > MAX_ITEMS or len(telegrams or ()) > MAX_ITEMS:
        raise BadBatch("too_large")
    return Batch(
        uuid.UUID(name),
        hashlib.sha256(body).hexdigest(),
        _spool(document.get("spool")),
        tuple(_items(items, now)),
        tuple(filter(None, map(_telegram, telegrams or ()))),
    )


def _json(body: bytes) -> Any:
    def refuse(name: str) -> NoReturn:
        raise ValueError(name)  # NaN and Infinity are no JSON

    def single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key stands twice")  # which of two values was meant, nobody knows
        return found

    try:
        return json.loads(body.decode("utf-8"), parse_constant=refuse, object_pairs_hook=single)
    except (ValueError, RecursionError):  # also a text that is no UTF-8, and an integer of 5,000 digits
        raise BadBatch("malformed") from None


def _spool(value: Any) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= BIGINT:
        return value
    raise BadBatch("malformed", "spool")


def _items(items: list[Any], now: int) -> Iterator[Item]:
    latest = now + FUTURE_SECONDS
    instants: dict[
        str, int | None
    ] = {}  # most items share their instants and registers: each is looked at once
    refs: dict[str, bool] = {}
    is_ref, is_decimal = _REF.fullmatch, _DECIMAL.fullmatch
    for item in items:
        if type(item) is not dict:
            raise BadBatch("malformed", "seq")
        get = item.get
        seq, meter, register, text, value = (
            get("seq"), get("meter"), get("register"), get("taken_at"), get("value"),
        )  # fmt: skip
        if type(seq) is not int or not 0 <= seq <= BIGINT:  # a bool is no number
            raise BadBatch("malformed", "seq")
        if type(register) is str and register not in refs:
            refs[register] = is_ref(register) is not None
        if type(text) is str and text not in instants:
            instants[text] = instant(text)
        at = instants[text] if type(text) is str else None
        if type(meter) is not str or type(register) is not str or not is_ref(meter) or not refs[register]:
            yield Item(seq, code="bad_ref")
        elif at is None or at < OLDEST:
            yield Item(seq, meter, register, code="bad_time")
        elif type(value) is not str or not is_decimal(value):
            yield Item(seq, meter, register, at, "", "future" if at > latest else "bad_value")
        else:
            yield Item(seq, meter, register, at, value, "future" if at > latest else "")


def _telegram(given: Any) -> Telegram | None:
    """None for one that cannot be kept: it explains a reading, and must never hold one up."""
    if not isinstance(given, dict):
        return None
    meter, frames, at = given.get("meter"), given.get("frames"), instant(given.get("taken_at"))
    if at is None or not isinstance(meter, str) or not _REF.fullmatch(meter):
        return None
    if not isinstance(frames, str) or len(frames) > MAX_FRAMES or not _FRAMES.fullmatch(frames):
        return None
    return Telegram(meter, at, frames.lower())


def instant(value: object) -> int | None:
    """RFC 3339 with an offset, to whole epoch seconds (a fraction is cut off); None for anything else."""
    if not isinstance(value, str) or len(value) > 64 or not _INSTANT.fullmatch(value):
        return None
    try:
        return (datetime.fromisoformat(value.upper()) - _EPOCH) // _SECOND
    except ValueError:
        return None


_SECOND = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC) - _EPOCH


def steps(value: str, exponent: int) -> int | None:
    """A decimal text in steps of 10^exponent. Digits beyond the resolution round half up (towards +∞).

    Integers all the way, so that 0.1 is 0.1; None if the text is no plain decimal.
    """
    matched = _DECIMAL.fullmatch(value)
    if matched is None:
        return None
    sign, whole, part = matched.groups("")
    digits = int(sign + whole + part)
    power = -len(part) - exponent
    if power >= 0:
        return digits * int(10**power)
    unit: int = 10**-power
    return (2 * digits + unit) // (2 * unit)


def index_fault(value: int, *, cumulative: bool, span: int | None) -> str:
    """Why this index cannot stand on this register; empty if it can. It never looks at other readings."""
    if abs(value) >= LIMIT:
        return "too_large"
    if not cumulative:
        return ""
    if value < 0:
        return "negative"
    if span is not None and value >= span:
        return "beyond_rollover"
    return ""
