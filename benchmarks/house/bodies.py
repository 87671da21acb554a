"""What a gateway posts, as text; no Django, so that the one who sends it needs none."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

READINGS = 100
SINCE = datetime(2026, 11, 1, tzinfo=UTC)


def batch(number: int) -> bytes:
    """The `number`th batch of a server: each of its meters once, at a moment of its own."""
    at = (SINCE + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")
    items = [
        {"seq": number * READINGS + meter, "meter": f"m{meter}", "register": "energy", "taken_at": at,
         "value": str(1000 + number)}
        for meter in range(READINGS)
    ]  # fmt: skip
    return json.dumps({"batch": str(uuid.uuid4()), "items": items}).encode()
