"""The cache of a machine without Redis: files, as Django's, except that nothing is thrown out before its time.

Django's file cache drops entries at random above a number of them. Counters of tries lie here, and whoever fills the
cache could so make theirs forgotten: 1,000 guesses from 200 addresses got in that way. Here only what has expired
goes, looked for at every thousandth write.
"""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

from django.core.cache.backends.filebased import FileBasedCache

SWEEP_EVERY = 1000


class FileCache(FileBasedCache):
    def _cull(self) -> None:
        if random.randrange(SWEEP_EVERY) == 0:  # noqa: S311
            self.sweep()

    def sweep(self) -> None:
        """Delete the files whose time has passed."""
        for name in self._list_cache_files():  # type: ignore[attr-defined]
            with contextlib.suppress(FileNotFoundError), Path(name).open("rb") as file:
                self._is_expired(file)  # type: ignore[attr-defined]  # it deletes such a file itself
