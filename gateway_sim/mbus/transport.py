"""The byte stream below the master: a serial line, a TCP converter or anything pyserial has a URL for.

The clock belongs to the transport, so a simulated bus in the same process can run on a virtual one.
"""

from __future__ import annotations

import os
import time
from typing import Any, Protocol

import serial

from gateway_sim.mbus.errors import TransportError

TICK = 0.05  # seconds one blocking read may take
AT_ONCE = 1_024  # bytes of one read; a line that never falls silent must not hold us here
BITS_PER_BYTE = 11  # start, 8 data, parity, stop


class Transport(Protocol):
    baud: int
    framing: str  # 8E1: data bits, parity, stop bits

    def write(self, data: bytes) -> None: ...

    def read(self, timeout: float) -> bytes:
        """What has arrived, as soon as there is something; b"" after `timeout` seconds."""
        ...

    def flush_input(self) -> None:
        """Throw away what came uninvited."""
        ...

    def set_baud(self, baud: int) -> None: ...

    def set_framing(self, framing: str) -> None: ...

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def close(self) -> None: ...


def wire_time(transport: Transport, size: int) -> float:
    """Seconds `size` bytes take on the line."""
    return size * BITS_PER_BYTE / transport.baud


class SerialTransport:
    """A port opened through pyserial, opened again after it broke (a TCP converter restarts, USB is pulled).

    pyserial's timeout is set once, at the opening: on a Linux pty a later change makes glibc return EINVAL as
    soon as a parity is set, because ptys drop PARENB. For the same reason a pty gets no parity.
    """

    def __init__(self, port: str, baud: int, framing: str = "8E1", flow: str = "") -> None:
        self.port = port
        self.baud = baud
        self.framing = framing
        self.flow = flow  # empty, xonxoff or rtscts
        self._serial: serial.Serial | None = None

    def open(self) -> None:
        self._line()

    def _line(self) -> serial.Serial:
        if self._serial is None:
            try:
                self._serial = serial.serial_for_url(
                    self.port,
                    baudrate=self.baud,
                    timeout=TICK,
                    **self._framing_settings(),
                )
            except (OSError, ValueError) as error:  # SerialException is an OSError
                raise TransportError(f"cannot open {self.port}: {error}") from error
        return self._serial

    def write(self, data: bytes) -> None:
        line = self._line()
        try:
            line.write(data)
            line.flush()
        except OSError as error:
            self._broken(error)

    def read(self, timeout: float) -> bytes:
        line = self._line()
        deadline = time.monotonic() + timeout
        try:
            while True:
                data = bytes(line.read(1))
                if data:
                    # a socket tells only that something waits, not how much
                    while len(data) < AT_ONCE and (waiting := line.in_waiting):
                        data += bytes(line.read(waiting))
                    return data
                if time.monotonic() >= deadline:
                    return b""
        except OSError as error:
            self._broken(error)
        return b""

    def flush_input(self) -> None:
        line = self._line()
        try:
            line.reset_input_buffer()
        except OSError as error:
            self._broken(error)

    def set_baud(self, baud: int) -> None:
        self.baud = baud
        if self._serial is not None:
            try:
                self._serial.baudrate = baud
            except (OSError, ValueError) as error:
                self._broken(error)

    def set_framing(self, framing: str) -> None:
        self.framing = framing
        if self._serial is not None:
            self._serial.flush()
            self.close()  # a port that is opened anew takes all three settings at once

    def _framing_settings(self) -> dict[str, Any]:
        bits, parity, stop = self.framing[0], self.framing[1], self.framing[2]
        if is_pty(self.port):
            bits, parity = "8", "N"
        flow = {self.flow: True} if self.flow in ("xonxoff", "rtscts") else {}
        return {"bytesize": int(bits), "parity": parity, "stopbits": int(stop), **flow}

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def close(self) -> None:
        line, self._serial = self._serial, None
        if line is not None:
            try:
                line.close()
            except OSError:  # the other end may be gone; there is nothing left to close then
                return

    def _broken(self, error: Exception) -> None:
        self.close()  # the next use opens the port again
        raise TransportError(f"{self.port} broke: {error}") from error


def is_pty(port: str) -> bool:
    return os.path.realpath(port).startswith("/dev/pts/")


def open_transport(port: str, baud: int = 2400, framing: str = "8E1", flow: str = "") -> Transport:
    """`port` is a device path or a pyserial URL (`socket://host:port`, `rfc2217://host:port`)."""
    transport = SerialTransport(port, baud, framing, flow)
    transport.open()
    return transport
