"""The two roles of a production's database, made by docs/operations/roles.sql on a PostgreSQL of the tests."""

from __future__ import annotations

import os
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

SCRIPT = Path(__file__).resolve().parents[1] / "docs" / "operations" / "roles.sql"


@dataclass(frozen=True)
class Roles:
    """Two addresses of one new database: of who owns its tables, and of who serves it."""

    owner: str
    web: str


def two_roles(address: str) -> Roles:
    """On the server of `address`, whose superuser is let in without a password, as in every lane."""
    server, name = urlsplit(address), f"two_{uuid.uuid4().hex[:8]}"
    words = {"database": name, "owner": f"{name}_owner", "web": f"{name}_web"}
    subprocess.run(
        ["psql", "-q", "-h", str(server.hostname), "-p", str(server.port), "-U", "postgres", "postgres",
         *(word for key, value in words.items() for word in ("-v", f"{key}={value}")), "-f", str(SCRIPT)],
        env={**os.environ, "OWNER_PASSWORD": "owns it all", "WEB_PASSWORD": "it's a password"},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    at = f"{server.hostname}:{server.port}/{name}"
    return Roles(
        owner=f"postgres://{words['owner']}:owns%20it%20all@{at}",
        web=f"postgres://{words['web']}:it%27s%20a%20password@{at}",
    )
