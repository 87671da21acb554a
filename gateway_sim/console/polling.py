"""The one poll that runs: a thread, its progress and its journal. An optical head reads one meter at a time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateway_sim.console import texts
from gateway_sim.console.faults import fault_text
from gateway_sim.console.store import PointCard, Store
from gateway_sim.field.call_in import CallInTransport
from gateway_sim.field.driver import check_settings, models
from gateway_sim.field.errors import WrongSettings
from gateway_sim.field.intervals import netbook_now
from gateway_sim.field.journal import PollJournal
from gateway_sim.field.lers_file import Point
from gateway_sim.field.line import Line
from gateway_sim.field.model import Kind
from gateway_sim.field.poll import PollRequest, PollResult, poll, writable
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
    progress: dict[Kind, tuple[int, int]] = field(default_factory=dict)  # records read, of how many
    result: PollResult | None = None
    failure: str = ""
    over: bool = False

    def __post_init__(self) -> None:
        self.journal = PollJournal(
            translate=texts.sayer(self.language), fault=lambda code: fault_text(code, self.language)
        )


class Polls:
    """`connect` opens the line of a point; tests give another."""

    def __init__(
        self, store: Store, connect: Callable[[PointCard, Running], Transport] | None = None
    ) -> None:
        self.store = store
        self.connect = connect or self._connect
        self.latest: Running | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(
        self, card: PointCard, kinds: tuple[Kind, ...], start: datetime, end: datetime, language: str = "ru"
    ) -> Running | None:
        """None while another poll is under way."""
        with self._lock:
            if self.latest is not None and not self.latest.over:
                return None
            self.latest = running = Running(card.id, kinds, start, end, language=language)
            self._thread = threading.Thread(target=self._run, args=(card, running), daemon=True, name="poll")
            self._thread.start()
        return running

    def end(self, patience: float = 20.0) -> None:
        """The console is closed: the poll stops as by its button, and writes what it has."""
        with self._lock:
            thread, running = self._thread, self.latest
        if thread is not None and running is not None:
            running.stop.set()
            thread.join(patience)

    def _run(self, card: PointCard, running: Running) -> None:
        try:
            self._poll(card, running)
        except OSError as error:
            reason = f"{self.store.folder}: {error.strerror or error}"
            running.failure = texts.sayer(running.language)(
                "The folder cannot be used: {reason}", reason=reason
            )
            running.journal.fail(running.failure)
        except WrongSettings as error:
            running.failure = fault_text(error.code, running.language)
            running.journal.fail_by(error)
        except TransportError as error:
            running.failure = f"{fault_text('port', running.language)} {error}"
            running.journal.fail(running.failure)
        except Exception as error:  # noqa: BLE001 a driver's fault must not leave the page waiting for ever
            running.failure = f"{type(error).__name__}: {error}"
            running.journal.fail(running.failure)
        finally:
            self._keep_journal(running)
            running.over = True

    def _keep_journal(self, running: Running) -> None:
        with contextlib.suppress(OSError):  # a full disk: the page still has it
            self.store.keep_journal(running.point_id, running.journal.text())

    def _poll(self, card: PointCard, running: Running) -> None:
        if card.password:
            running.journal.secrets.append(card.password.encode())
        check_settings(card.meter_settings())
        writable(self.store.folder)
        line = Line(self.connect(card, running), stop=running.stop, journal=running.journal)

        def progress(kind: Kind, done: int, total: int) -> None:
            running.progress[kind] = (done, total)

        try:
            now = netbook_now()
            request = PollRequest(
                card.meter_settings(), Point(card.number, card.name, card.place, card.system), running.kinds,
                running.start, running.end, self.store.folder, self.store.own_folder,
            )  # fmt: skip
            running.result = poll(request, line, journal=running.journal, now=now, progress=progress)
        finally:
            line.close()
        self._remember(card, running.result.path, now)

    def _remember(self, card: PointCard, path: Path | None, now: datetime) -> None:
        if path is not None:
            self.store.change_point(card.id, last_file=path.name, last_poll=f"{now:%Y-%m-%dT%H:%M:%S}")

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
