"""Ways to a simulated bus: in the same process on a virtual clock, over TCP, over a pseudo terminal."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import termios
import threading
import time
import tty
from typing import Protocol

from gateway_sim.simulator.bus import Chunk

SPEEDS = {
    getattr(termios, f"B{rate}"): rate for rate in (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
}  # fmt: skip
POLL = 0.2  # seconds between looks at the stop flag


class Bus(Protocol):
    """What stands behind a port: an M-Bus with its meters, or the one meter below an optical head."""

    def feed(self, data: bytes, baud: int = 2400) -> list[Chunk]: ...

    def quiet(self) -> None: ...


class VirtualTransport:
    """A `Transport` right onto the bus. Time is a number that moves when somebody waits, so a test with time-outs
    and late answers takes no time and always runs the same way."""

    def __init__(self, bus: Bus, baud: int = 2400) -> None:
        self.bus = bus
        self.baud = baud
        self.framing = "8E1"
        self.clock = 0.0
        self.sent: list[bytes] = []
        self._queue: list[tuple[float, Chunk]] = []

    def write(self, data: bytes) -> None:
        self.sent.append(data)
        self.clock += len(data) * 11 / self.baud
        at = self.clock
        for chunk in self.bus.feed(data, self.baud):
            at += chunk.delay + len(chunk.data) * 11 / (chunk.baud or self.baud)
            self._queue.append((at, chunk))
        self._queue.sort(key=lambda entry: entry[0])

    def read(self, timeout: float) -> bytes:
        if self._queue and self._queue[0][0] <= self.clock + timeout:
            at, chunk = self._queue.pop(0)
            self.clock = max(self.clock, at)
            return chunk.heard_at(self.baud)
        self.clock += timeout
        return b""

    def flush_input(self) -> None:
        self._queue = [entry for entry in self._queue if entry[0] > self.clock]

    def set_baud(self, baud: int) -> None:
        self.baud = baud

    def set_framing(self, framing: str) -> None:
        self.framing = framing

    def now(self) -> float:
        return self.clock

    def sleep(self, seconds: float) -> None:
        self.clock += seconds

    def close(self) -> None:
        self._queue.clear()


class _ThreadPort:
    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self._stop = threading.Event()
        self._asked = False
        self._thread = threading.Thread(target=self._run, daemon=True, name="simulated-bus")

    def _run(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """Ask `wait` to return. No lock is taken, so a signal handler may call it at any moment."""
        self._asked = True

    def close(self) -> None:
        self._stop.set()
        self._thread.join(2)

    def wait(self) -> None:
        """Until somebody stops the port."""
        while not self._asked:
            time.sleep(POLL / 2)


class TcpPort(_ThreadPort):
    """Like a serial-to-TCP converter: one master at a time, a newer connection replaces the older one.

    `real_time` makes an answer take as long as it would at `baud`.
    """

    def __init__(
        self, bus: Bus, host: str = "127.0.0.1", port: int = 0, *, baud: int = 2400, real_time: bool = False
    ) -> None:
        super().__init__(bus)
        self.baud = baud
        self.real_time = real_time
        self._listener = socket.create_server((host, port))
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        self._thread.start()

    @property
    def url(self) -> str:
        return f"socket://{self.address[0]}:{self.address[1]}"

    def _run(self) -> None:
        peer: socket.socket | None = None
        while not self._stop.is_set():
            watched = [self._listener] + ([peer] if peer is not None else [])
            ready, _, _ = select.select(watched, [], [], POLL)
            if not ready:
                self.bus.quiet()
            if self._listener in ready:
                if peer is not None:
                    peer.close()
                peer, _ = self._listener.accept()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.bus.quiet()
            elif peer is not None and peer in ready and not self._serve(peer):
                peer.close()
                peer = None
        if peer is not None:
            peer.close()

    def _serve(self, peer: socket.socket) -> bool:
        try:
            data = peer.recv(512)
            if not data:
                return False
            for chunk in self.bus.feed(data, self.baud):
                pause = chunk.delay + (len(chunk.data) * 11 / self.baud if self.real_time else 0.0)
                if pause and self._stop.wait(pause):
                    return False
                peer.sendall(chunk.data)
        except OSError:
            return False
        return True

    def close(self) -> None:
        super().close()
        self._listener.close()


class PtyPort(_ThreadPort):
    """A pseudo terminal; `path` is what the master opens. The rate the master sets can be seen from this side."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self._master, self._slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._thread.start()

    @property
    def url(self) -> str:
        return self.path

    def _baud(self) -> int:
        try:
            return SPEEDS.get(termios.tcgetattr(self._master)[5], 2400)
        except termios.error:
            return 2400

    def _run(self) -> None:
        while not self._stop.is_set():
            ready, _, _ = select.select([self._master], [], [], POLL)
            if not ready:
                self.bus.quiet()
                continue
            try:
                data = os.read(self._master, 512)
            except OSError:  # nobody has the other side open
                time.sleep(0.02)
                continue
            for chunk in self.bus.feed(data, self._baud()):
                if chunk.delay and self._stop.wait(chunk.delay):
                    return
                with contextlib.suppress(OSError):
                    os.write(self._master, chunk.heard_at(self._baud()))

    def close(self) -> None:
        super().close()
        os.close(self._master)
        os.close(self._slave)
