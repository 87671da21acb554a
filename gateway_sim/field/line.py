"""One exchange on the line of a heat meter: send, gather until the answer is whole, try again.

What a line gets wrong and what is done about it, for every driver alike:
- echo of an optical head: an exact copy of the request in front of the answer is cut off;
- a late answer: the input is emptied before each request, and the driver's `parse` checks that the answer
  belongs to the question;
- silence, a cut or damaged frame, stray bytes: the request is repeated after a pause;
- a line that never falls silent: what is longer than any answer may be is none;
- somebody pressed stop: `Stopped` before the next request, never in the middle of one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from gateway_sim.field.errors import BadAnswer, FieldError, NoAnswer, PortFailed, Stopped
from gateway_sim.mbus.errors import TransportError
from gateway_sim.mbus.transport import Transport, wire_time

T = TypeVar("T")
DOUBT = 60.0  # seconds: how late an answer may still come, over the slowest of converters
MOST = 4_096  # bytes of one answer; the longest frame of any protocol here has 1,024
Parse = Callable[[bytes], "T | None"]
"""Everything received so far in, the answer out; None: more must come; `BadAnswer`: it never will be one."""


class Journal(Protocol):
    def sent(self, data: bytes) -> None: ...

    def received(self, data: bytes) -> None: ...


class Line:
    """`first` seconds until an answer begins, `gap` seconds of silence that end it, `pause` before a repeat."""

    def __init__(
        self,
        transport: Transport,
        *,
        first: float = 2.0,
        gap: float = 0.3,
        pause: float = 0.2,
        retries: int = 3,
        stop: threading.Event | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.transport = transport
        self.first = first
        self.gap = gap
        self.pause = pause
        self.retries = retries
        self.stop = stop or threading.Event()
        self.journal = journal
        self.requests = 0
        self.repeats = 0
        self._repeated_at: float | None = None

    def set_speed(self, baud: int, framing: str | None = None) -> None:
        """The port's own speed, and framing such as 8N1 where it changes. Waits until what was sent is out."""
        if framing is not None and framing != self.transport.framing:
            self.transport.set_framing(framing)
        if baud != self.transport.baud:
            self.transport.set_baud(baud)

    def write(self, data: bytes, *, between: float = 0.0) -> None:
        """Bytes that nobody answers: a wake-up. `between`: seconds of pause after each of them."""
        for part in [data[place : place + 1] for place in range(len(data))] if between else [data]:
            self._guard(lambda part=part: self.transport.write(part))  # type: ignore[misc]
            if between:
                self.wait(between)
        if self.journal:
            self.journal.sent(data)

    def wait(self, seconds: float) -> None:
        self.transport.sleep(seconds)

    def empty(self) -> None:
        self._guard(self.transport.flush_input)

    def ask(
        self,
        request: bytes,
        parse: Parse[T],
        *,
        first: float | None = None,
        gap: float | None = None,
        retries: int | None = None,
        after_sending: Callable[[], None] | None = None,
        before_repeat: Callable[[], None] | None = None,
        final: Callable[[bytes], T] | None = None,
        most: int = MOST,
    ) -> T:
        """Send `request` until `parse` is content, at most 1 + `retries` times. Raises the last try's error.

        `after_sending` switches the port for the answer, `before_repeat` brings meter and port back (wake-up).
        `final` reads an answer that only silence ends; `most` is how many bytes an answer may have. A
        `FieldError` of `parse` other than `BadAnswer` and `NoAnswer` is the meter's word and ends the matter.
        """
        tries = 1 + (self.retries if retries is None else retries)
        for attempt in range(tries):
            if self.stop.is_set():
                raise Stopped
            if attempt:
                self.repeated()
                self.wait(self.pause)
                if before_repeat:
                    before_repeat()
            try:
                begin = self.first if first is None else first
                return self._once(request, parse, begin, gap or self.gap, after_sending, final, most)
            except (BadAnswer, NoAnswer):
                if attempt + 1 == tries:
                    raise
        raise AssertionError("unreachable")

    def ask_surely(self, request: bytes, parse: Parse[T], **more: Any) -> T:
        """For answers that do not say all of what they answer: once a request had to be repeated, its late answer
        may still come and be taken for the next one's, so for a minute two equal answers in a row are wanted."""
        answer: T = self.ask(request, parse, **more)
        if self._repeated_at is None or self.transport.now() - self._repeated_at > DOUBT:
            return answer
        for _attempt in range(self.retries + 2):
            self.wait(self.gap)
            if more.get("before_repeat"):
                more["before_repeat"]()
            again: T = self.ask(request, parse, **more)
            if again == answer:
                return again
            answer = again
        raise BadAnswer("the meter answers the same question differently each time")

    def repeated(self) -> None:
        """A request is about to be sent again: its first answer may still come."""
        self.repeats += 1
        self._repeated_at = self.transport.now()

    def _once(
        self,
        request: bytes,
        parse: Parse[T],
        first: float,
        gap: float,
        after_sending: Callable[[], None] | None,
        final: Callable[[bytes], T] | None,
        most: int,
    ) -> T:
        self.empty()
        self.write(request)
        self.requests += 1
        until = self.transport.now() + wire_time(self.transport, len(request)) + first
        if after_sending:
            # a port's own word that everything is out comes early behind USB converters
            self.wait(wire_time(self.transport, len(request)))
            after_sending()
        return self._gather(request, parse, until, gap, final, most)

    def listen(self, parse: Parse[T], *, first: float, gap: float | None = None, most: int = MOST) -> T:
        """What the meter sends of its own accord after the last answer."""
        return self._gather(b"", parse, self.transport.now() + first, gap or self.gap, None, most)

    def _gather(
        self,
        request: bytes,
        parse: Parse[T],
        until: float,
        gap: float,
        final: Callable[[bytes], T] | None,
        most: int,
    ) -> T:
        """Read until `parse` is content, `until` has passed, or the line has been silent for `gap` seconds."""
        transport = self.transport
        heard = b""
        while True:
            left = until - transport.now()
            data = self._read(left) if left > 0 else b""
            if not data:
                answer = _without_echo(heard, request)
                if answer and final:
                    return final(answer)
                raise (BadAnswer if answer else NoAnswer)
            if self.stop.is_set():
                raise Stopped
            heard += data
            if len(heard) > most + len(request):
                raise BadAnswer("the line does not fall silent")
            answer = _without_echo(heard, request)
            if answer:
                result = parse(answer)
                if result is not None:
                    return result
                until = max(until, transport.now() + gap)

    def _read(self, seconds: float) -> bytes:
        data = self._guard(lambda: self.transport.read(seconds))
        if data and self.journal:
            self.journal.received(data)
        return data

    def _guard(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except TransportError as error:
            raise PortFailed(str(error)) from error

    def close(self) -> None:
        self.transport.close()

    def told(self) -> Transport:
        """The port itself, for a driver with an exchange of its own: what passes is in the journal all the same."""
        return cast(Transport, _Told(self.transport, self.journal)) if self.journal else self.transport


class _Told:
    def __init__(self, transport: Transport, journal: Journal) -> None:
        self._transport = transport
        self._journal = journal

    def write(self, data: bytes) -> None:
        self._transport.write(data)
        self._journal.sent(data)

    def read(self, timeout: float) -> bytes:
        data = self._transport.read(timeout)
        if data:
            self._journal.received(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def _without_echo(heard: bytes, request: bytes) -> bytes:
    """What is left when the head sent our own bytes back first; nothing while they are still coming."""
    if heard.startswith(request):
        return heard[len(request) :]
    return b"" if request.startswith(heard) else heard


__all__ = ["FieldError", "Journal", "Line", "Parse"]
