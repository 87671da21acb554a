"""A building of 2,000 dwellings and 8,000 meters: published whole, and its rows written by the barest means."""

from __future__ import annotations

import io
import time
import uuid
from typing import Any

from django.db import connection

from accounts.tenancy import tenant_scope, unscoped
from servers.models import Publication
from servers.services.publication import publication_run, publication_store
from testkit.gateway import make_box, register
from testkit.world import make_programme

TABLES = (
    "servers_building", "servers_dwelling", "servers_meter", "servers_meteringpoint", "servers_meterinstallation",
    "servers_meterref", "servers_register",
)  # fmt: skip
PER_DWELLING = 4


def document(dwellings: int) -> dict[str, Any]:
    numbers = range(dwellings)
    return {
        "revision": 1,
        "buildings": [
            {"ref": "A", "name": "A", "dwellings": [{"ref": f"D{n}", "name": f"Appartement {n}"} for n in numbers]}
        ],
        "meters": [
            {
                "ref": f"m{n}-{k}", "place": f"D{n}", "medium": "heat", "usage": "heating", "manufacturer": "KAM",
                "serial": f"{n:05}{k}", "registers": [register()],
            }
            for n in numbers
            for k in range(PER_DWELLING)
        ],
        "devices": [],
    }  # fmt: skip


def publish(dwellings: int) -> dict[str, float]:
    """Seconds from the stored document to the applied one, in a programme of its own, with the commit."""
    name = uuid.uuid4().hex[:20]
    programme = make_programme(name, name)
    box = make_box(programme, uuid.uuid4().hex[:24].upper())
    whole = document(dwellings)
    began = time.perf_counter()
    with tenant_scope(programme.pk):
        stored = publication_store(server=box.server, activation=1, document=whole)
    with tenant_scope(programme.pk):
        publication_run(public_id=stored.public_id)
    took = time.perf_counter() - began
    with tenant_scope(programme.pk):
        state = Publication.objects.get(pk=stored.pk).state
    if state != Publication.State.DONE:
        raise RuntimeError(f"bench: the publication is {state}")
    return {"seconds": took, "programme": programme.pk}


def bare(programme: int) -> dict[str, float]:
    """The rows of that programme once more: COPY into tables with only a primary key, or executemany on SQLite."""
    with unscoped(reason="the benchmark reads what it wrote"), connection.cursor() as cursor:
        return _copy(cursor, programme) if connection.vendor == "postgresql" else _many(cursor, programme)


def _copy(cursor: Any, programme: int) -> dict[str, float]:
    texts, rows = {}, 0
    for table in TABLES:
        texts[table] = io.StringIO()
        query = f"COPY (SELECT * FROM {table} WHERE programme_id = {int(programme)}) TO STDOUT"
        cursor.copy_expert(query, texts[table])
        rows += texts[table].getvalue().count("\n")
        texts[table].seek(0)
        cursor.execute(f"CREATE TEMP TABLE bare_{table} (LIKE {table}, PRIMARY KEY (id))")
    began = time.perf_counter()
    for table, text in texts.items():
        cursor.copy_expert(f"COPY bare_{table} FROM STDIN", text)
    took = time.perf_counter() - began
    for table in TABLES:
        cursor.execute(f"DROP TABLE bare_{table}")
    return {"seconds": took, "rows": rows}


def _many(cursor: Any, programme: int) -> dict[str, float]:
    found = {}
    for table in TABLES:
        cursor.execute(f"SELECT * FROM {table} WHERE programme_id = {int(programme)}")
        found[table] = cursor.fetchall()
        columns = ", ".join(f"c{n}" for n in range(1, len(found[table][0])))
        cursor.execute(f"CREATE TEMP TABLE bare_{table} (id integer PRIMARY KEY, {columns})")
    raw: Any = connection.connection
    began = time.perf_counter()
    raw.execute("BEGIN")
    for table, rows in found.items():
        marks = ", ".join("?" * len(rows[0]))
        raw.executemany(f"INSERT INTO bare_{table} VALUES ({marks})", rows)
    raw.execute("COMMIT")
    took = time.perf_counter() - began
    for table in TABLES:
        cursor.execute(f"DROP TABLE bare_{table}")
    return {"seconds": took, "rows": sum(map(len, found.values()))}
