"""The broker of files, mended: a ring is written aside and renamed, so that no worker ever takes half of one.

kombu's own writes in place; a worker that polls between the opening and the writing reads an empty file, and ends.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        # the order of names is the order of rings; the reader skips what does not end in ".{queue}.msg"
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        part = folder / f"{name}.part"
        part.write_bytes(dumps(payload).encode())
        part.rename(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        while True:
            try:
                return super()._get(queue)
            except ValueError:
                # half a ring, from a disk that was full: it is off the queue, and the sweep rings again
                continue


class Transport(filesystem.Transport):
    Channel = Channel


TRANSPORT_ALIASES["doorbell"] = f"{__name__}:Transport"
