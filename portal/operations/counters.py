"""The files in which the processes of one machine count (prometheus_client's own form), and who tidies them."""

from __future__ import annotations

import os
import time
from pathlib import Path

STALE_SECONDS = 24 * 3600.0


def counters_folder() -> str:
    """Empty where nothing is counted, or by this process alone."""
    return os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")


def counters_tidy() -> None:
    """Forget the files of processes that are long gone: called when the web server starts."""
    folder = counters_folder()
    for path in Path(folder).glob("*.db") if folder else ():
        if time.time() - path.stat().st_mtime > STALE_SECONDS:
            path.unlink(missing_ok=True)


def counters_of_dead(pid: int) -> None:
    """A worker ended: its gauges go, its counts stay, so that totals never fall."""
    if counters_folder():
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(pid)
