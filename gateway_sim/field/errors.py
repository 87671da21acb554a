"""What can go wrong while a meter is read on site. `code` is stable; `poll_error` is the SDK's number of PollError."""

from __future__ import annotations


class FieldError(Exception):
    """Base: `code` for machines and tests, the text for people (English; the console translates by `code`)."""

    code = "field"
    poll_error = 25

    def __init__(self, message: str = "", **data: object) -> None:
        super().__init__(message or self.__doc__ or self.code)
        self.data = data


class PortFailed(FieldError):
    """The port cannot be opened or broke."""

    code, poll_error = "port", 1


class NoAnswer(FieldError):
    """The meter does not answer."""

    code, poll_error = "no_answer", 18


class BadAnswer(FieldError):
    """Bytes came back, but no valid answer."""

    code, poll_error = "bad_answer", 16


class Refused(FieldError):
    """The meter refuses the request."""

    code, poll_error = "refused", 16


class NothingThere(FieldError):
    """The meter holds no data for this moment."""

    code, poll_error = "nothing_there", 17


class WrongMeter(FieldError):
    """Another meter is on the line."""

    code, poll_error = "wrong_meter", 13


class PasswordNeeded(FieldError):
    """The meter asks for a password."""

    code, poll_error = "password", 12


class NotSupported(FieldError):
    """This meter has no such archive."""

    code, poll_error = "not_supported", 27


class WrongSettings(FieldError):
    """The settings of the point do not fit the meter's model."""

    code, poll_error = "settings", 1


class FileFailed(FieldError):
    """The file cannot be written."""

    code, poll_error = "file", 253


class DriverFailed(FieldError):
    """The driver met something that it was not made for."""

    code, poll_error = "driver", 25


class Stopped(FieldError):
    """The poll was stopped."""

    code, poll_error = "stopped", 24
