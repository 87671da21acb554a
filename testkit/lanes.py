"""`make test`: the lanes side by side, each with its own servers, and one verdict.

- `sqlite`: database tests on SQLite with the file doorbell, and the pure tests, once;
- `postgres`: the same database tests on a throw-away PostgreSQL with a throw-away Redis;
- then the browser journeys, on PostgreSQL and Redis.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANES = {
    "sqlite": [["-m", "not e2e"]],
    "postgres": [["-m", "not e2e"], ["-m", "e2e"]],
}
OK = (0, 5)  # 5: no test of that kind


def _start(lane: str, chosen: list[str], log: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "RELEVE_LANE": lane}
    command = [sys.executable, "-m", "pytest", "-q", "--durations=5", *chosen, *sys.argv[1:]]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=log.open("wb"), stderr=subprocess.STDOUT
    )


def main() -> int:
    started = time.monotonic()
    folder = ROOT / "var" / "test-logs"
    folder.mkdir(parents=True, exist_ok=True)
    waiting = {lane: list(steps) for lane, steps in LANES.items()}
    running: dict[str, tuple[subprocess.Popen[bytes], Path, float]] = {}
    failed: list[str] = []
    while waiting or running:
        for lane in list(waiting):
            if lane not in running:
                step = waiting[lane].pop(0)
                log = folder / f"{lane}-{'e2e' if step[-1] == 'e2e' else 'tests'}.log"
                running[lane] = (_start(lane, step, log), log, time.monotonic())
        for lane, (process, log, since) in list(running.items()):
            if process.poll() is None:
                continue
            del running[lane]
            if not waiting[lane]:
                del waiting[lane]
            text = log.read_text(encoding="utf-8", errors="replace")
            broken = process.returncode not in OK
            name = f"{log.stem} ({time.monotonic() - since:.0f} s)"
            print(f"== {name} {'FAILED' if broken else 'ok'}")
            print(text if broken else "\n".join(text.splitlines()[-3:]), flush=True)
            if broken:
                failed.append(log.stem)
        time.sleep(0.1)
    print(
        f"== all lanes: {time.monotonic() - started:.0f} s; {'failed: ' + ', '.join(failed) if failed else 'green'}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
