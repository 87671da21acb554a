"""What a publication changed, in a form that a page can show and a database can keep."""

from __future__ import annotations

from typing import Any

KINDS = ("buildings", "dwellings", "common_areas", "meters", "registers", "devices")
CHANGES = ("new", "renamed", "moved", "exchanged", "changed", "vanished")
SHOWN = 100  # of one kind and change; the count is always whole


class Difference:
    """`add("dwellings", "renamed", ref="A-101", old="101", new="Appartement 101")`"""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, dict[str, Any]]] = {}

    def add(self, kind: str, change: str, **entry: Any) -> None:
        assert kind in KINDS
        assert change in CHANGES
        found = self._found.setdefault(kind, {}).setdefault(change, {"count": 0, "items": []})
        found["count"] += 1
        if len(found["items"]) < SHOWN:
            found["items"].append(entry)

    def as_json(self) -> dict[str, Any]:
        """{kind: {change: {"count", "items": [{"ref", "name"?, "old"?, "new"?}]}}}, empty when nothing changed."""
        return self._found
