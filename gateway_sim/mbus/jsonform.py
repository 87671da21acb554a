"""A telegram as the JSON of `decode` (design: the vocabulary and shape stay stable)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from gateway_sim.mbus.records import Record, Telegram, Value


def value_text(value: Value) -> str | None:
    """Decimals in full, without exponent; dates and times in ISO 8601; None where nothing could be read."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value


def record_form(record: Record) -> dict[str, Any]:
    return {
        "function": record.function,
        "storage": record.storage,
        "tariff": record.tariff,
        "subunit": record.subunit,
        "quantity": record.quantity,
        "unit": record.unit,
        "value": value_text(record.value),
        "flags": list(record.flags),
    }


def telegrams_form(telegrams: Sequence[Telegram]) -> dict[str, Any]:
    """One answer: the header of its first telegram, the records of all, `more_follows` of the last."""
    header = telegrams[0].header
    return {
        "header": {
            "id": header.id,
            "manufacturer": header.manufacturer,
            "version": header.version,
            "medium": header.medium,
            "access_number": header.access_number,
            "status": header.status,
        },
        "records": [record_form(record) for telegram in telegrams for record in telegram.records],
        "more_follows": telegrams[-1].more_follows,
    }
