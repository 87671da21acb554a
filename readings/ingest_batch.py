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
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

MAX_BYTES = 4 << 20  # of the unpacked body: 10,000 items of 400 bytes. On the wire it is 1 MiB at most
MAX_ITEMS = 10_000
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
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadBatch(Exception):
    """The batch as a whole is refused, by `code`: malformed or too_large."""

    def __init__(self, code: str, part: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.part = part  # the part of the body that is wrong


@dataclass(frozen=True, slots=True)
class Item:
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


def parse_batch(body: bytes, *, now: int) -> Batch:
    """`body` is unpacked JSON, `now` the server's clock in epoch seconds."""
    if len(body) > MAX_BYTES:
        raise BadBatch("too_large")
    document = _json(body)
    if not isinstance(document, dict):
        raise BadBatch("malformed")
    name, items = document.get("batch"), document.get("items")
    if not isinstance(name, str) or not _UUID.fullmatch(name):
        raise BadBatch("malformed", "batch")
    if not isinstance(items, list):
        raise BadBatch("malformed", "items")
    if len(items) > MAX_ITEMS:
        raise BadBatch("too_large")
    return Batch(
        uuid.UUID(name),
        hashlib.sha256(body).hexdigest(),
        _spool(document.get("spool")),
        tuple(_item(item, now) for item in items),
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


def _item(item: Any, now: int) -> Item:
    seq = item.get("seq") if isinstance(item, dict) else None
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq <= BIGINT:
        raise BadBatch("malformed", "seq")
    meter, register = item.get("meter"), item.get("register")
    if not (_is_ref(meter) and _is_ref(register)):
        return Item(seq, code="bad_ref")
    at = instant(item.get("taken_at"))
    if at is None or at < OLDEST:
        return Item(seq, meter, register, code="bad_time")
    value = item.get("value")
    if at > now + FUTURE_SECONDS:
        kept = value if isinstance(value, str) and _DECIMAL.fullmatch(value) else ""
        return Item(seq, meter, register, at, kept, code="future")
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        return Item(seq, meter, register, at, code="bad_value")
    return Item(seq, meter, register, at, value)


def _is_ref(value: Any) -> bool:
    return isinstance(value, str) and _REF.fullmatch(value) is not None


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
