"""`make bench`: each figure beside its target; exit 1 if one is missed.

`python -m benchmarks.run [NAME …]` measures only the modules of `benchmarks/figures` with these names.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.frame import Bound, Figure, Measured, measure, row, table

FIGURES = Path(__file__).with_name("figures")


def figures(names: list[str]) -> Iterator[Figure | Measured | Bound]:
    known = sorted(module.name for module in pkgutil.iter_modules([str(FIGURES)]))
    for name in names or known:
        if name not in known:
            raise SystemExit(f"bench: there is no figure {name!r}; there are {', '.join(known)}")
        yield from importlib.import_module(f"benchmarks.figures.{name}").figures()


def main() -> int:
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, Linux {platform.release()}\n"
    )
    print(table([]), flush=True)
    measured = []
    for one in figures(sys.argv[1:]):
        measured.append(measure(one) if isinstance(one, Figure) else one)
        print(row(measured[-1].line()), flush=True)
    missed = [one.line()[0] for one in measured if not one.met]
    print(f"\n{'missed: ' + ', '.join(missed) if missed else 'all met'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
