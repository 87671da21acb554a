"""The cache of a machine without Redis: files, as Django's, except that nothing is thrown out before its time.

Django's file cache drops entries at random above a number of them. Counters of tries lie here, and whoever fills the
cache could so make theirs forgotten: 1,000 guesses from 200 addresses got in that way. Here only what has expired
goes, looked for at every thousandth write. And a counter that is counted on keeps its end, as on Redis: Django would
begin five minutes anew, whatever the limit's own time.
"""

from __future__ import annotations

import contextlib
import pickle
import random
import time
from pathlib import Path
from typing import Any

from django.core.cache.backends.filebased import FileBasedCache

SWEEP_EVERY = 1000


class FileCache(FileBasedCache):
    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Raises `ValueError` where nothing is counted yet. Two at once may count as one."""
        value = self.get(key, version=version)
        if value is None:
            raise ValueError(key)
        ends = self._ends(key, version)
        self.set(key, value + delta, None if ends is None else max(ends - time.time(), 0), version)
        return int(value + delta)

    def _ends(self, key: str, version: int | None) -> float | None:
        """When an entry goes, in epoch seconds; None is never. A file that went meanwhile has ended."""
        name = self._key_to_file(key, version)  # type: ignore[attr-defined]
        try:
            with Path(name).open("rb") as file:
                ends: Any = pickle.load(file)  # noqa: S301 - the portal's own file, in a folder of its own
        except (FileNotFoundError, EOFError):
            return 0
        return None if ends is None else float(ends)

    def _cull(self) -> None:
        if random.randrange(SWEEP_EVERY) == 0:  # noqa: S311
            self.sweep()

    def sweep(self) -> None:
        """Delete the files whose time has passed."""
        for name in self._list_cache_files():  # type: ignore[attr-defined]
            with contextlib.suppress(FileNotFoundError), Path(name).open("rb") as file:
                self._is_expired(file)  # type: ignore[attr-defined]  # it deletes such a file itself
