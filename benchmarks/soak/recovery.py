"""Nothing lost with the machine, and no further back than the mistake: a backup restored, and a moment gone back to.

    python -m benchmarks.soak.recovery [--rows 10000000]

1. *Backup and restore*: that many readings behind the walls of a programme, `manage.py backup` while a writer goes on,
   `manage.py restore` into an empty database; every table by its sum. Control: one reading is changed in the copy.
2. *A point in time*: a base backup and archived changes; readings, a marked moment, then everything deleted by
   mistake; a new cluster goes back to the moment. Control: one that goes to the end, and has the mistake too.

PostgreSQL with its ordinary care for the disk (fsync on). Ends with 1 on a miss.
"""

from __future__ import annotations

import argparse
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psycopg2

from testkit.servers import free_port, postgres_binaries

ROOT = Path(__file__).resolve().parents[2]
FILL = """
import django; django.setup()
from testkit.matrix import make_side
make_side("soak", "housing", serials=("A" * 24, "B" * 24))
"""
COLUMNS = "programme_id, register_id, at, value, source, spool, seq, used, received_at, marks"


class Cluster:
    """A throw-away PostgreSQL of its own in `folder`, run as `postgres` where we are root."""

    def __init__(self, folder: Path) -> None:
        binaries = postgres_binaries()
        assert binaries is not None, "PostgreSQL is not installed"
        self.folder, self.binaries, self.port = folder, Path(binaries), free_port()
        self.user: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self.user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}

    def tool(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.binaries / name, *arguments], capture_output=True, text=True, check=False, **self.user
        )
        assert done.returncode == 0, f"{name}: {done.stderr[-1000:]}"

    def make(self) -> None:
        self.tool(
            "initdb",
            "-D",
            f"{self.folder}/data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        )

    def start(self, *, archive: Path | None = None) -> None:
        options = [f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c shared_buffers=512MB"]
        if archive is not None:
            options.append(f"-c archive_mode=on -c archive_command='cp %p {archive}/%f'")
        # pg_ctl's own log is a file: its children keep what they are given open
        command = [self.binaries / "pg_ctl", "-D", f"{self.folder}/data", "-w", "-t", "120", "-l", f"{self.folder}/log",
                   "-o", " ".join(options), "start"]  # fmt: skip
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        done = subprocess.run(command, check=False, **quiet, **self.user)
        assert done.returncode == 0, (self.folder / "log").read_text()[-2000:]

    def stop(self, how: str = "immediate") -> None:
        subprocess.run([self.binaries / "pg_ctl", "-D", f"{self.folder}/data", "-w", "-m", how, "stop"],
                       check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.user)  # fmt: skip

    def connect(self, database: str = "postgres") -> Any:
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=database)
        connection.autocommit = True
        return connection

    def run(self, sql: str, database: str = "postgres") -> list[Any]:
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


def manage(database: str, cluster: Cluster, home: Path, *words: str, script: str = "") -> str:
    environment = {
        **os.environ, "RELEVE_MODE": "local", "RELEVE_VAR": str(home), "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "testserver", "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": f"postgres://releve@127.0.0.1:{cluster.port}/{database}",
    }  # fmt: skip
    environment.pop("REDIS_URL", None)
    command = [sys.executable, "-c", script] if script else [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def backup_and_restore(cluster: Cluster, home: Path, rows: int) -> bool:
    for statement in ("CREATE ROLE releve_app", "CREATE ROLE releve_all", "CREATE ROLE releve LOGIN",
                      "GRANT releve_app TO releve",
                      "CREATE DATABASE one OWNER releve", "CREATE DATABASE two OWNER releve"):  # fmt: skip
        cluster.run(statement)
    manage("one", cluster, home / "one", "migrate", "-v", "0")
    manage("one", cluster, home / "one", script=FILL)
    _readings(cluster, rows)
    ended = threading.Event()
    writer = threading.Thread(target=_write_on, args=(cluster, ended))
    writer.start()
    since = time.monotonic()
    try:
        told = manage("one", cluster, home / "one", "backup", str(home / "backups"))
    finally:
        ended.set()
        writer.join()
    taken = time.monotonic() - since
    (folder,) = (home / "backups").iterdir()
    size = sum(path.stat().st_size for path in folder.iterdir())
    since = time.monotonic()
    done = manage("two", cluster, home / "two", "restore", str(folder))
    restored = time.monotonic() - since
    (count,) = cluster.run("SELECT count(*) FROM readings_reading", "two")[0]
    whole = _sum(cluster, "two")
    cluster.run(
        "UPDATE readings_reading SET value = value + 1 WHERE ctid = (SELECT ctid FROM readings_reading LIMIT 1)",
        "two",
    )
    control = _sum(cluster, "two") != whole
    held = "each table with its sum" in done and count >= rows and control
    print(
        f"| backup and restore | {count:,} readings | {'0' if held else 'FAILED'} | seen: one reading changed: {control} | "
        f"backup {taken:.0f} s ({size / 1e6:.0f} MB) while a writer went on, restore with all sums "
        f"{restored:.0f} s | {told.split(': ')[1].splitlines()[0]} |"
    )
    return held


def _readings(cluster: Cluster, rows: int) -> None:
    """Quarter hours of one register after the other, as a year of gateways leaves them."""
    ((programme, register),) = cluster.run(
        "SELECT programme_id, id FROM servers_register ORDER BY id LIMIT 1", "one"
    )
    cluster.run(
        f"INSERT INTO readings_reading ({COLUMNS}) SELECT {programme}, {register}, 1000000000 + 60 * n, n, 0, 0, n, "
        f"true, now(), 0 FROM generate_series(1, {rows}) n",
        "one",
    )


def _write_on(cluster: Cluster, ended: threading.Event) -> None:
    """Readings that arrive while the backup is taken: in the sums or not, but never by half."""
    connection = cluster.connect("one")
    with connection.cursor() as cursor:
        at = 10
        while not ended.wait(0.01):
            at += 1
            cursor.execute(
                f"INSERT INTO readings_reading ({COLUMNS}) SELECT programme_id, id, %s, 1, 0, 0, 1, true, now(), 0 "
                "FROM servers_register ORDER BY id DESC LIMIT 1",
                [at],
            )
    connection.close()


def _sum(cluster: Cluster, database: str) -> str:
    (found,) = cluster.run(
        "SELECT sum(hashtextextended(t::text, 0))::text FROM readings_reading t", database
    )[0]
    return str(found)


def point_in_time(home: Path, rows: int) -> bool:
    archive = home / "wal"
    archive.mkdir(mode=0o777)
    archive.chmod(0o777)
    first = _in(home, "first")
    first.make()
    first.start(archive=archive)
    first.run("CREATE TABLE kept (at bigint PRIMARY KEY, value bigint)")
    first.run(f"INSERT INTO kept SELECT n, n * 7 FROM generate_series(1, {rows}) n")
    first.tool("pg_basebackup", "-h", "127.0.0.1", "-p", str(first.port), "-U", "postgres", "-D", f"{first.folder}/base",
               "-X", "stream", "-c", "fast")  # fmt: skip
    first.run(f"INSERT INTO kept SELECT n, n * 7 FROM generate_series({rows + 1}, {2 * rows}) n")
    wanted = first.run("SELECT count(*), sum(value) FROM kept")
    first.run("SELECT pg_create_restore_point('before the mistake')")
    first.run("DELETE FROM kept")
    first.run("SELECT pg_switch_wal()")
    time.sleep(2)
    first.stop()  # the machine is gone
    found = {}
    for name, target in (("back", "before the mistake"), ("control", "")):
        since = time.monotonic()
        cluster = _in(home, name)
        shutil.copytree(first.folder / "base", cluster.folder / "data")
        settings = f"restore_command = 'cp {archive}/%f %p'\nrecovery_target_action = 'promote'\n"
        settings += f"recovery_target_name = '{target}'\n" if target else ""
        (cluster.folder / "data" / "postgresql.auto.conf").write_text(settings)
        (cluster.folder / "data" / "recovery.signal").touch()
        _own(cluster)
        cluster.start()
        while cluster.run("SELECT pg_is_in_recovery()")[0][0]:
            time.sleep(0.1)
        found[name] = (cluster.run("SELECT count(*), sum(value) FROM kept"), time.monotonic() - since)
        cluster.stop()
    held = found["back"][0] == wanted and found["control"][0] != wanted
    print(
        f"| a point in time | {2 * rows:,} rows, then all deleted | {'0' if held else 'FAILED'} | "
        f"{found['control'][0][0][0]} rows: goes on to the end | back in {found['back'][1]:.1f} s | |"
    )
    return held


def _in(home: Path, name: str) -> Cluster:
    folder = home / name
    folder.mkdir()
    folder.chmod(0o755)
    return Cluster(folder)


def _own(cluster: Cluster) -> None:
    if cluster.user:
        for path in (cluster.folder, *cluster.folder.rglob("*")):
            os.chown(path, cluster.user["user"], cluster.user["group"])
    (cluster.folder / "data").chmod(0o700)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.recovery", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    rows = parser.parse_args().rows
    home = Path(tempfile.mkdtemp(prefix="releve-recovery-", dir="/tmp"))
    home.chmod(0o755)
    cluster = _in(home, "portal")
    print("| fault | put in | lost or altered | control | time | |\n|---|---|---|---|---|---|", flush=True)
    try:
        cluster.make()
        cluster.start()
        held = backup_and_restore(cluster, home, rows)
        cluster.stop()
        return 0 if point_in_time(home, max(rows // 50, 1000)) and held else 1
    finally:
        cluster.stop()
        for name in ("first", "back", "control"):
            if (home / name / "data" / "postmaster.pid").exists():
                Cluster(home / name).stop()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
