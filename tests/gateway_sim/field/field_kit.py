"""A simulated meter, a line to it on a virtual clock, and a poll over both."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway_sim.field.driver import make_simulator, models
from gateway_sim.field.journal import PollJournal
from gateway_sim.field.lers_file import Point
from gateway_sim.field.line import Line
from gateway_sim.field.model import Kind, MeterSettings
from gateway_sim.field.poll import PollRequest, PollResult, poll
from gateway_sim.simulator.faults import FaultyLine
from gateway_sim.simulator.ports import VirtualTransport

NOW = datetime(2026, 11, 3, 10, 20)  # noqa: DTZ001 a meter's clock knows no zone
POINT = Point("101", "Дом 1", "г. Чита, ул. Примерная, 1")


def day(month: int, number: int, hour: int = 0) -> datetime:
    return datetime(2026, month, number, hour)  # noqa: DTZ001


def line_to(
    model: str, *, echo: bool = False, fault: str = "", every: int = 3, stop: threading.Event | None = None,
    journal: PollJournal | None = None, **options: str,
) -> Line:  # fmt: skip
    info = models()[model]
    device = make_simulator(model, **{"now": NOW.isoformat(), **options})
    transport = VirtualTransport(FaultyLine(device, echo, fault, every), info.baud)
    return Line(transport, stop=stop, journal=journal)


def run_poll(
    model: str, folder: Path, kinds: tuple[Kind, ...], start: datetime, end: datetime, *,
    settings: dict[str, Any] | None = None, line: Line | None = None, **line_options: Any,
) -> tuple[PollResult, PollJournal]:  # fmt: skip
    journal = PollJournal()
    line = line or line_to(model, journal=journal, **line_options)
    request = PollRequest(MeterSettings(model, **(settings or {})), POINT, kinds, start, end, folder)
    return poll(request, line, journal=journal, now=NOW), journal
