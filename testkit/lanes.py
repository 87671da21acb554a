"""`make test`: the lanes side by side, four at a time, each with its own servers, and one verdict.

- `sqlite`: database tests on SQLite with the file doorbell;
- `matrix`: those of them that open every page, in the place of the first lane that ends;
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
DATABASE = "not e2e and not pure"
MATRIX = [f"tests/portal/test_{name}.py" for name in ("access_matrix", "odd_text", "extra_fields")]
LANES: dict[str, tuple[str, str, list[str]]] = {
    "journeys": ("postgres", "e2e", []),
    "sqlite": ("sqlite", DATABASE, [f"--ignore={path}" for path in MATRIX]),
    "pure": ("sqlite", "pure", []),
    "postgres": ("postgres", DATABASE, []),
    "matrix": ("sqlite", DATABASE, MATRIX),
}
AT_ONCE = 4
OK = (0, 5)  # 5: no test of that kind
OURS = ("accounts", "benchmarks", "gateway_sim", "portal", "readings", "servers", "tariffs", "testkit")


def _compile() -> None:
    """Once for all: the tests start a hundred processes, and each would compile half a second for itself."""
    for folder in OURS:
        compileall.compile_dir(ROOT / folder, quiet=2)


def _start(lane: str, log: Path) -> subprocess.Popen[bytes]:
    database, marked, files = LANES[lane]
    command = [sys.executable, "-m", "pytest", "-q", "--durations=5", "-m", marked, *files, *sys.argv[1:]]
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
    waiting, running = list(LANES), dict[str, subprocess.Popen[bytes]]()
    failed: list[str] = []
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            lane = waiting.pop(0)
            running[lane] = _start(lane, logs[lane])
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
