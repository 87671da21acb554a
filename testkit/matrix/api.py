"""The gateway API."""

from __future__ import annotations

import uuid
from typing import Any

from testkit.gateway import document

READINGS: dict[str, Any] = {
    "batch": str(uuid.uuid4()),
    "items": [{"seq": 1, "meter": "heat-101", "register": "energy", "taken_at": "2026-11-01T10:00:00Z", "value": "5"}],
}  # fmt: skip

# (method, route) -> body and the answer to the right token; `{}` in a route takes the id of `key`
API: dict[tuple[str, str], tuple[Any, int, str]] = {
    ("DELETE", "api/v1/activation"): (None, 200, ""),
    ("POST", "api/v1/activation/resume"): ({}, 200, ""),
    ("POST", "api/v1/activation/token"): ({}, 200, ""),
    ("POST", "api/v1/scan"): ({"found": [{"serial": "00000009"}]}, 200, ""),
    ("PUT", "api/v1/publication"): (document(2), 202, ""),
    ("GET", "api/v1/publication/<job>"): (None, 200, "publication"),
    ("POST", "api/v1/heartbeat"): ({"agent": "test"}, 200, ""),
    ("POST", "api/v1/commands/<command>/result"): ({"state": "done"}, 200, "order"),
    ("POST", "api/v1/readings"): (READINGS, 200, ""),
}
API_OPEN = {  # open to all, and what a GET answers
    "api/v1/openapi.json": 200,
    "api/v1/docs": 200,
    "api/v1/": 404,
    "api/v1/<path:rest>": 404,
}
