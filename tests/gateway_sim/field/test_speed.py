"""Speed is changed where a meter wants it: on a pseudo terminal, by the speed that the client really set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway_sim.field.driver import make_simulator, models
from gateway_sim.field.line import Line
from gateway_sim.field.poll import PollResult
from gateway_sim.mbus.transport import SerialTransport, open_transport
from gateway_sim.simulator.ports import PtyPort
from tests.gateway_sim.field.field_kit import NOW, day, run_poll

pytestmark = [pytest.mark.pure, pytest.mark.slow]
SWITCHING = {
    "multical66": ("day", {}),  # asks at 300, listens at 1200
    "iec62056": ("current", {}),  # identification at 300, data at 2400
    "spt943": ("day", {"options": {"speed": "9600"}}),  # agreed with the meter
}


class DeafPort(SerialTransport):
    """A port that keeps its first speed, as a transparent modem does."""

    def set_baud(self, baud: int) -> None:
        self.baud = baud


@contextmanager
def pty(model: str) -> Iterator[str]:
    port = PtyPort(make_simulator(model, now=NOW.isoformat()))
    try:
        yield port.url
    finally:
        port.close()


def poll_at(line: Line, model: str, folder: Path) -> PollResult:
    kind, settings = SWITCHING[model]
    try:
        result, _journal = run_poll(
            model,
            folder,
            (kind,),
            day(10, 30),
            day(11, 1),
            settings=settings,
            line=line,  # type: ignore[arg-type]
        )
    finally:
        line.close()
    return result


@pytest.mark.parametrize("model", SWITCHING)
def test_the_port_goes_along_with_the_meter(model: str, tmp_path: Path) -> None:
    info = models()[model]
    with pty(model) as url:
        result = poll_at(Line(open_transport(url, info.baud, info.framing)), model, tmp_path)
    assert result.error is None and result.path is not None


@pytest.mark.parametrize("model", ["iec62056"])
def test_a_port_that_cannot_change_hears_garbage(model: str, tmp_path: Path) -> None:
    """The control: the same poll through a port that only says that it changed."""
    info = models()[model]
    with pty(model) as url:
        transport = DeafPort(url, info.baud, info.framing)
        transport.open()
        result = poll_at(Line(transport, retries=0), model, tmp_path)
    assert result.error is not None and result.path is None
