"""A converter that calls in: a GPRS modem or TCP bridge beside the meter opens the connection to us."""

from __future__ import annotations

import socket
import threading
import time

from gateway_sim.mbus.errors import TransportError

TICK = 0.2


class CallInTransport:
    """Waits on a TCP port until a converter calls, then is a line to its meter. The converter keeps its own speed.

    Raises `TransportError` when nobody calls within `patience` seconds, or when `stop` is set meanwhile.
    """

    def __init__(
        self, port: int, baud: int, framing: str, *, host: str = "0.0.0.0",  # noqa: S104 the converter is elsewhere
        patience: float = 300.0, stop: threading.Event | None = None,
    ) -> None:  # fmt: skip
        self.baud = baud
        self.framing = framing
        try:
            with socket.create_server((host, port)) as listener:
                listener.settimeout(TICK)
                self._peer = _caller(listener, time.monotonic() + patience, stop)
        except OSError as error:
            raise TransportError(f"cannot listen on TCP port {port}: {error.strerror or error}") from error
        self._peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def write(self, data: bytes) -> None:
        try:
            self._peer.settimeout(10)
            self._peer.sendall(data)
        except OSError as error:
            raise TransportError(f"the converter hung up: {error}") from error

    def read(self, timeout: float) -> bytes:
        try:
            self._peer.settimeout(max(timeout, 0.001))
            data = self._peer.recv(4096)
        except TimeoutError:
            return b""
        except OSError as error:
            raise TransportError(f"the converter hung up: {error}") from error
        if not data:
            raise TransportError("the converter hung up")
        return data

    def flush_input(self) -> None:
        self._peer.setblocking(False)
        try:
            while self._peer.recv(4096):
                pass
        except (BlockingIOError, OSError):
            return

    def set_baud(self, baud: int) -> None:
        self.baud = baud

    def set_framing(self, framing: str) -> None:
        self.framing = framing

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def close(self) -> None:
        self._peer.close()


def _caller(listener: socket.socket, until: float, stop: threading.Event | None) -> socket.socket:
    while time.monotonic() < until:
        if stop is not None and stop.is_set():
            raise TransportError("the poll was stopped before a converter called")
        try:
            return listener.accept()[0]
        except TimeoutError:
            continue
    raise TransportError("no converter called")
