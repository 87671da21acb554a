"""Whether each queue has a worker that answers. Signs of life lie in the cache: lost, they are new in 15 seconds."""

from __future__ import annotations

import time

from django.core.cache import cache

KEEP = 24 * 3600


def queue_seen(queue: str) -> None:
    cache.set(f"alive:{queue}", time.time(), KEEP)


def queue_silence(queue: str) -> float | None:
    """Seconds since a worker of this queue was heard of; None if not within a day, or ever."""
    seen = cache.get(f"alive:{queue}")
    return None if seen is None else max(0.0, time.time() - float(seen))
