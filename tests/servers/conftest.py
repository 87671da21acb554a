"""The small estate in two programmes, on a Sunday morning in November 2026."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from testkit.world import World
from tests.servers.estate_world import NOW, Estate, stand


@pytest.fixture
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def estate(world: World) -> Estate:
    """Of our housing programme; the other one has the same."""
    stand(world.theirs, "THEIRS")
    return stand(world.ours, "OURS")
