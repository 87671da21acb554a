"""From the release before to this one: its tables and rows come along, and while the new tables are there already
its code goes on writing. Old code is the tree of a commit, run as it was; the tables are migrated by today's.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
# main as it landed before. Set it anew with each release (docs/operations.md, Upgrades).
BEFORE = "a33c0fa5d3084cbd1ba1cee9661b011ca518709f"
# one of everything, in a programme of each kind
FILL = """
import sys
from testkit.matrix import make_side
for kind, letters in (("housing", sys.argv[1]), ("utility", sys.argv[2])):
    make_side(f"{kind}-{letters[0].lower()}", kind, serials=(letters[0] * 24, letters[1] * 24))
"""
MANAGED = ("django_", "sqlite_", "auth_")  # of Django itself


class Tree:
    """A release's code, on the one database of this test."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root, self.environment = root, environment

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=self.root, env=self.environment, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{self.root}: {done.stderr[-3000:]}{done.stdout[-500:]}"
        return done.stdout

    def fill(self, *letters: str) -> None:
        self.run("-c", f"import django; django.setup()\n{FILL}", *letters)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    postgres = os.environ.get("DATABASE_URL")
    if os.environ.get("UPGRADE") != "1":
        pytest.skip("two releases in turn take half a minute: `make upgrade`, which CI runs")
    found = {
        **os.environ,
        "RELEVE_MODE": "local",
        "RELEVE_VAR": str(tmp_path / "var"),
        "SECRET_KEY": "k" * 60,
    }
    found |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "ALLOWED_HOSTS": "testserver"}
    if postgres:
        import psycopg2

        name = f"upgrade_{os.getpid()}"
        connection = psycopg2.connect(postgres)
        connection.autocommit = True
        connection.cursor().execute(f'CREATE DATABASE "{name}"')
        connection.close()
        found["DATABASE_URL"] = postgres.rpartition("/")[0] + f"/{name}"
        found.pop("REDIS_URL", None)
    return found


@pytest.fixture
def old(tmp_path: Path, environment: dict[str, str]) -> Tree:
    known = subprocess.run(["git", "cat-file", "-e", BEFORE], cwd=ROOT, check=False, capture_output=True)
    if known.returncode:
        pytest.skip(f"the release before ({BEFORE[:7]}) is not in this clone: fetch its history")
    tree = tmp_path / "old"
    tree.mkdir()
    archive = subprocess.run(["git", "archive", BEFORE], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "x"], cwd=tree, input=archive, check=True)
    return Tree(tree, environment)


def rows(environment: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Every table's rows, as texts by column."""
    if address := environment.get("DATABASE_URL"):
        import psycopg2

        connection: Any = psycopg2.connect(address)
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    else:
        import sqlite3

        connection = sqlite3.connect(Path(environment["RELEVE_VAR"]) / "releve.sqlite3")
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    found = {}
    cursor = connection.cursor()
    cursor.execute(names)
    for (table,) in cursor.fetchall():
        if not table.startswith(MANAGED):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            found[table] = [dict(zip(columns, map(repr, row), strict=True)) for row in cursor.fetchall()]
    connection.close()
    return found


def lost(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> list[str]:
    """A sentence for each table whose rows, in the columns that both know, are no longer there."""
    found = []
    for table, held in before.items():
        columns = sorted(set(held[0]) & set(after[table][0])) if held and after.get(table) else []
        now = {tuple(row[c] for c in columns) for row in after.get(table, [])}
        missing = [row for row in held if tuple(row[c] for c in columns) not in now]
        if held and (not columns or missing):
            found.append(f"{table}: {len(missing) or len(held)} of {len(held)} rows")
    return found


def test_rows_come_along_and_the_old_code_goes_on(old: Tree, environment: dict[str, str]) -> None:
    new = Tree(ROOT, environment)
    old.run("manage.py", "migrate", "-v", "0")
    old.fill("AB", "CD")
    before = rows(environment)
    assert sum(map(len, before.values())) > 100 and len(before) > 50

    new.run("manage.py", "migrate", "-v", "0")
    after = rows(environment)
    assert lost(before, after) == []
    new.run("manage.py", "doctor", "--only", "migrations", "--only", "isolation", "--quiet")
    # the minutes in which some processes are of the old release and some of the new
    old.fill("EF", "GH")
    new.fill("IJ", "KL")
    assert lost(before, rows(environment)) == []
    # the control
    before["accounts_programme"][0]["slug"] = "'never'"
    assert lost(before, after) == ["accounts_programme: 1 of 2 rows"]
