"""A portal double and a spool of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.delivery import Deliverer
from gateway_sim.agent.spool import Measurement, Spool
from tests.gateway_sim.agent.portal_double import TOKEN, Portal

START = datetime(2026, 11, 22, tzinfo=UTC)
Truth = dict[tuple[str, str, str], str]


@pytest.fixture
def portal() -> Iterator[Portal]:
    with Portal() as portal:
        yield portal


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool.sqlite3")
    yield spool
    spool.close()


@pytest.fixture
def fill() -> Callable[..., Truth]:
    """Puts readings first … first+count-1 into a spool; returns the truth as the portal should have it."""

    def put(spool: Spool, count: int, *, first: int = 0, momentary: bool = False) -> Truth:
        truth = {}
        for n in range(first, first + count):
            when = START + timedelta(seconds=60 * n)
            m = Measurement(f"m{n % 5}", "energy", f"{n}.000", momentary)
            spool.add([m], taken_at=when)
            truth[(m.meter, m.register, when.strftime("%Y-%m-%dT%H:%M:%SZ"))] = m.value
        return truth

    return put


@pytest.fixture
def deliverer(portal: Portal, spool: Spool) -> Deliverer:
    return Deliverer(spool, PortalClient(portal.url, TOKEN, timeout=5))
