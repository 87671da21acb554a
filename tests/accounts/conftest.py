"""Counters of tries live in the cache, which the workers of a test run share: each test gets its own corner."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _own_corner_of_the_cache() -> Iterator[None]:
    outer, cache.key_prefix = cache.key_prefix, uuid.uuid4().hex
    yield
    cache.key_prefix = outer
