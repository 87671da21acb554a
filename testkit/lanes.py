"""`make test`: the lanes side by side, each with its own servers, and one verdict.

- `sqlite`: database tests on SQLite with the file doorbell;
- `pure`: what needs no database, once;
- `postgres`: the same database tests on a throw-away PostgreSQL with a throw-away Redis;
- `journeys`: the browser's, on PostgreSQL and Redis; they wait more than they work.
"""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANES = {
    "journeys": ("postgres", "e2e"),
    "sqlite": ("sqlite", "not e2e and not pure"),
    "pure": ("sqlite", "pure"),
    "postgres": ("postgres", "not e2e and not pure"),
}
OK = (0, 5)  # 5: no test of that kind
OURS = ("accounts", "benchmarks", "gateway_sim", "portal", "readings", "servers", "tariffs", "testkit")


def _compile() -> None:
    """Once for all: the tests start a hundred processes, and each would compile half a second for itself."""
    for folder in OURS:
        compileall.compile_dir(ROOT / folder, quiet=2)


def _start(lane: str, log: Path) -> subprocess.Popen[bytes]:
    database, marked = LANES[lane]
    command = [sys.executable, "-m", "pytest", "-q", "--durations=5", "-m", marked, *sys.argv[1:]]
    environment = {**os.environ, "RELEVE_LANE": database}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is compiled is for those who start later
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=log.open("wb"), stderr=subprocess.STDOUT
    )


def main() -> int:
    started = time.monotonic()
    folder = ROOT / "var" / "test-logs"
    folder.mkdir(parents=True, exist_ok=True)
    logs = {lane: folder / f"{lane}.log" for lane in LANES}
    _compile()
    running = {lane: _start(lane, log) for lane, log in logs.items()}
    failed: list[str] = []
    while running:
        for lane in [lane for lane, process in running.items() if process.poll() is not None]:
            broken = running.pop(lane).returncode not in OK
            text = logs[lane].read_text(encoding="utf-8", errors="replace")
            print(f"== {lane} ({time.monotonic() - started:.0f} s) {'FAILED' if broken else 'ok'}")
            print(text if broken else "\n".join(text.splitlines()[-3:]), flush=True)
            failed += [lane] * broken
        time.sleep(0.1)
    verdict = f"failed: {', '.join(failed)}" if failed else "green"
    print(f"== all lanes: {time.monotonic() - started:.0f} s; {verdict}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
