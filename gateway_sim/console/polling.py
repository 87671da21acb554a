"""The one poll that runs: a thread, its progress and its journal. An optical head reads one meter at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from gateway_sim.console import texts
from gateway_sim.console.store import PointCard, Store
from gateway_sim.field.call_in import CallInTransport
from gateway_sim.field.driver import models
from gateway_sim.field.journal import PollJournal
from gateway_sim.field.lers_file import Point
from gateway_sim.field.line import Line
from gateway_sim.field.model import Kind
from gateway_sim.field.poll import PollRequest, PollResult, poll
from gateway_sim.mbus.errors import TransportError
from gateway_sim.mbus.transport import Transport, open_transport

CALL_IN = "call"


@dataclass
class Running:
    """A poll, under way or over."""

    point_id: str
    kinds: tuple[Kind, ...]
    start: datetime
    end: datetime
    language: str = "ru"
    journal: PollJournal = field(init=False)
    stop: threading.Event = field(default_factory=threading.Event)
    done: int = 0
    total: int = 0
    result: PollResult | None = None
    failure: str = ""
    over: bool = False

    def __post_init__(self) -> None:
        self.journal = PollJournal(
            translate=texts.sayer(self.language), fault=lambda code: texts.fault(code, self.language)
        )

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


class Polls:
    """`connect` opens the line of a point; tests give another."""

    def __init__(
        self, store: Store, connect: Callable[[PointCard, Running], Transport] | None = None
    ) -> None:
        self.store = store
        self.connect = connect or self._connect
        self.latest: Running | None = None
        self._lock = threading.Lock()

    def start(
        self, card: PointCard, kinds: tuple[Kind, ...], start: datetime, end: datetime, language: str = "ru"
    ) -> Running | None:
        """None while another poll is under way."""
        with self._lock:
            if self.latest is not None and not self.latest.over:
                return None
            self.latest = running = Running(card.id, kinds, start, end, language=language)
        threading.Thread(target=self._run, args=(card, running), daemon=True, name="poll").start()
        return running

    def _run(self, card: PointCard, running: Running) -> None:
        try:
            self._poll(card, running)
        except TransportError as error:
            running.failure = f"{texts.fault('port', running.language)} {error}"
            running.journal.fail(running.failure)
        except Exception as error:  # noqa: BLE001 a driver's fault must not leave the page waiting for ever
            running.failure = f"{type(error).__name__}: {error}"
            running.journal.fail(running.failure)
        finally:
            running.over = True

    def _poll(self, card: PointCard, running: Running) -> None:
        if card.password:
            running.journal.secrets.append(card.password.encode())
        line = Line(self.connect(card, running), stop=running.stop, journal=running.journal)

        def progress(done: int, total: int) -> None:
            running.done, running.total = done, total

        try:
            now = datetime.now().replace(microsecond=0)  # noqa: DTZ005 local, as the meter's clock
            request = PollRequest(
                card.meter_settings(), Point(card.number, card.name, card.place, card.system), running.kinds,
                running.start, running.end, self.store.folder,
            )  # fmt: skip
            running.result = poll(request, line, journal=running.journal, now=now, progress=progress)
        finally:
            line.close()
        self._remember(card, running.result.path, now)

    def _remember(self, card: PointCard, path: Path | None, now: datetime) -> None:
        current = self.store.point(card.id)
        if current is not None and path is not None:
            self.store.save_point(replace(current, last_file=path.name, last_poll=f"{now:%Y-%m-%dT%H:%M:%S}"))

    def _connect(self, card: PointCard, running: Running) -> Transport:
        info = models()[card.model]
        baud = card.baud or info.baud
        if card.connection == CALL_IN:
            running.journal.say(
                "Waiting for a converter on TCP port {port}.", port=self.store.parameters.tcp_port
            )
            return CallInTransport(self.store.parameters.tcp_port, baud, info.framing, stop=running.stop)
        port = card.connection or self.store.parameters.serial_port
        if not port:
            raise TransportError(texts.sayer(running.language)("No serial port is set in the parameters."))
        return open_transport(port, baud, info.framing, card.flow)
