"""How many statements a page asks. On PostgreSQL a scope says whom it is for by statements of its own, which carry no
rows; they are left out, so that the number is the same in both lanes."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

OF_A_SCOPE = ("SELECT set_config(", "SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SET ")


def page_queries(client: Any, address: str) -> list[str]:
    """The statements of one GET that answers 200, sessions and permissions included."""
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return [one["sql"] for one in seen if not one["sql"].startswith(OF_A_SCOPE)]
