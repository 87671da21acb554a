"""What can go wrong on an M-Bus. Every error carries a stable `code` for logs, JSON and tests."""

from __future__ import annotations


class MBusError(Exception):
    """Base of all errors of this package; `code` is a word that never changes, the text is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FrameError(MBusError):
    """The envelope (FT 1.2) is broken: length, start, stop, checksum."""


class TelegramError(MBusError):
    """The envelope is right but it holds no answer with records (wrong direction, unknown CI, cut header)."""


class EncodeError(MBusError):
    """A value cannot be written in the coding that was asked for."""


class BusError(MBusError):
    """An exchange on the bus failed."""


class NoAnswer(BusError):
    def __init__(self, message: str = "the meter did not answer") -> None:
        super().__init__("no_answer", message)


class BadAnswer(BusError):
    """Bytes came back but no valid frame in time."""

    def __init__(self, message: str = "the answer is not a valid frame") -> None:
        super().__init__("bad_answer", message)


class WrongMeter(BusError):
    def __init__(self, message: str) -> None:
        super().__init__("wrong_meter", message)


class Collision(BusError):
    def __init__(self, message: str = "several meters answered at once") -> None:
        super().__init__("collision", message)


class MeterBusy(BusError):
    def __init__(self, message: str = "the meter is busy") -> None:
        super().__init__("busy", message)


class ApplicationError(BusError):
    """The meter answered with CI 70h; `error` is its code or None when it gave none."""

    def __init__(self, error: int | None, name: str) -> None:
        super().__init__("application_error", f"the meter reports: {name}")
        self.error = error


class TransportError(BusError):
    def __init__(self, message: str) -> None:
        super().__init__("transport", message)


class AddressError(MBusError):
    def __init__(self, message: str) -> None:
        super().__init__("address", message)
