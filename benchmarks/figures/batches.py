"""Gateway batches of 100 readings: the whole HTTP stack beside a bare view, and a full table beside an empty one.

`BENCH_ROWS` (20 million) is how full the full table is.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import psycopg2

from benchmarks.frame import LEAST_ROUNDS, Bound, Measured, rounds_of
from benchmarks.house.bodies import READINGS, batch
from benchmarks.house.house import ROOT, House, house
from testkit.cluster import free_port

ROUNDS = max(LEAST_ROUNDS, int(os.environ.get("BENCH_ROUNDS", "5")))
ROWS = int(os.environ.get("BENCH_ROWS", "20000000"))
CLIENTS = 4
BATCHES = 20  # of each client, each round
REGISTERS = 2000
TABLE = (
    "CREATE TABLE bench_bare (server bigint, register text, at bigint, value numeric, "
    "PRIMARY KEY (server, register, at)); GRANT ALL ON bench_bare TO releve"
)


def figures() -> Iterator[Measured | Bound]:
    with house("postgresql") as home:
        with home.child() as child:
            tokens = child("boxes", CLIENTS)
        yield _through_http(home, tokens)
    with ExitStack() as stack:
        empty, full = (stack.enter_context(house("postgresql")) for _ in range(2))
        yield _into_a_full_table(empty, full)


def _through_http(home: House, tokens: list[str]) -> Measured:
    _as_owner(home, TABLE)
    ours: list[float] = []
    bare: list[float] = []
    with _gunicorn(home, "portal.wsgi") as mine, _gunicorn(home, "benchmarks.house.bare") as floor:
        number = 0
        for turn in range(ROUNDS + 1):
            for side in (0, 1) if turn % 2 else (1, 0):
                took = _send(mine if side else floor, tokens, number)
                if turn:  # the first round only warms both up
                    (ours if side else bare).append(took)
            number += BATCHES
    return rounds_of(
        "batches of 100 over HTTP, 2 processes", ours, bare, "a bare view: token and upsert", 0.4,
        work=CLIENTS * BATCHES, unit="batches",
    )  # fmt: skip


@contextmanager
def _gunicorn(home: House, module: str) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--workers", "2", "--bind", f"127.0.0.1:{port}", "--log-level",
         "warning", f"{module}:application"],
        cwd=ROOT, env={**home.environment, "WORKER": "0"},
    )  # fmt: skip
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/api/v1/readings")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("bench: gunicorn does not answer")


def _send(port: int, tokens: list[str], first: int) -> float:
    """Seconds until each client has sent its batches and read the answers."""
    bodies = [[batch(number) for number in range(first, first + BATCHES)] for _ in tokens]

    def client(which: int) -> None:
        for body in bodies[which]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request(
                "POST", "/api/v1/readings", body,
                {"Authorization": f"Bearer {tokens[which]}", "Content-Type": "application/json"},
            )  # fmt: skip
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200 or text.count(b"accepted") != READINGS:
                raise RuntimeError(f"bench: {answer.status} {text[:200]!r}")
            connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(len(tokens)) as pool:
        list(pool.map(client, range(len(tokens))))
    return time.perf_counter() - began


def _into_a_full_table(empty: House, full: House) -> Bound:
    with empty.child() as one, full.child() as other:
        for child in (one, other):
            child("boxes", 1)
        programme, first, last = other("bulk_registers", REGISTERS)
        each = ROWS // REGISTERS
        _as_owner(
            full,
            "SET session_replication_role = replica; "  # what fills the table is not what is measured
            "INSERT INTO readings_reading (programme_id, register_id, at, value, source, spool, seq, used, received_at, "
            f"marks) SELECT {programme}, r, 1700000000 + 900 * n, n, 1, 1, n, true, now(), 0 "
            f"FROM generate_series({first}, {last}) AS r, generate_series(1, {each}) AS n; "
            "ANALYZE readings_reading",
        )
        ratios = []
        for turn in range(ROUNDS + 1):
            sides = (one, other) if turn % 2 else (other, one)
            took = {child: child("ingest", turn * BATCHES, BATCHES) for child in sides}
            if turn:
                ratios.append(took[other] / took[one])
    return Bound(
        f"a batch into {ROWS / 1e6:g} million rows ÷ into an empty table", tuple(ratios), 1.5, "", "",
        f"{BATCHES} batches of 100 a round",
    )  # fmt: skip


def _as_owner(home: House, sql: str) -> int:
    """Run as the server's superuser, who is nobody that the portal knows."""
    address = home.environment["DATABASE_URL"].replace("releve@", "postgres@", 1)
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0]) if cursor.description else 0
