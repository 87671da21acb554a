"""The bus master: one exchange at a time, each with one deadline.

What a bus gets wrong and what is done about it:
- silence or a damaged answer: the same request again, with the same frame count bit (FCB), so a meter that
  did answer repeats itself instead of going on;
- a late answer: the input is emptied before each request, the address and identity of an answer are checked,
  and a telegram that only repeats the one before is not taken for the next;
- noise and echo: the frame reader skips what is no frame, and frames that go *to* a meter are our own;
- "application busy": wait, ask again, and after a few times begin anew;
- a broken TCP connection: the transport opens it again, the request counts as unanswered.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable

from gateway_sim.mbus import frames
from gateway_sim.mbus.address import Secondary, parse_address
from gateway_sim.mbus.decode import APPLICATION_ERRORS, BUSY, decode_parsed
from gateway_sim.mbus.errors import (
    ApplicationError,
    BadAnswer,
    BusError,
    Collision,
    MBusError,
    MeterBusy,
    NoAnswer,
    TransportError,
    WrongMeter,
)
from gateway_sim.mbus.frames import Frame
from gateway_sim.mbus.records import Telegram
from gateway_sim.mbus.transport import Transport, wire_time

LONGEST_FRAME = 261
# An E5 behind more bytes than this that were no frame is a byte of a broken telegram, not an acknowledgement.
NOISE_BEFORE_ACK = 4
BAUD_CI = {300: 0xB8, 600: 0xB9, 1200: 0xBA, 2400: 0xBB, 4800: 0xBC, 9600: 0xBD, 19200: 0xBE, 38400: 0xBF}
CI_SELECT = 0x52
CI_RESET = 0x50

Judge = Callable[[Frame], BusError | None]


class Master:
    """`retries` are repeats after the first try; `timeout` is how long a meter may take before its answer begins,
    in seconds (EN 13757-2 allows 330 bit times + 50 ms; TCP converters and slow meters need more)."""

    def __init__(
        self,
        transport: Transport,
        *,
        retries: int = 2,
        timeout: float = 0.8,
        idle_gap: float = 0.25,
        busy_wait: float = 1.0,
        max_telegrams: int = 32,
    ) -> None:
        self.transport = transport
        self.retries = retries
        self.timeout = timeout
        self.idle_gap = idle_gap
        self.busy_wait = busy_wait
        self.max_telegrams = max_telegrams
        self.requests = 0
        self._fcb: dict[int | str, int] = {}
        self._reader = frames.FrameReader()

    # ---- reading -------------------------------------------------------------------------------------------

    def read(self, address: str) -> list[Telegram]:
        """All telegrams of a meter's answer. `address` as a site file writes it. Raises `MBusError`."""
        target = parse_address(address)
        if isinstance(target, Secondary):
            self.select(target)
            return self._read_all(frames.ADDRESS_SELECTED, target, str(target))
        with contextlib.suppress(BusError):  # a few old meters ignore SND_NKE: then the FCB goes on
            self.reset(target, retries=0)
        return self._read_all(target, None, target)

    def _read_all(self, address: int, expected: Secondary | None, meter: int | str) -> list[Telegram]:
        telegrams: list[Telegram] = []
        while len(telegrams) < self.max_telegrams:
            try:
                telegram = self._request_data(address, expected, meter, telegrams[-1] if telegrams else None)
            except _Repeated:
                return telegrams  # the meter is stuck; `more_follows` of the last one tells that parts are missing
            if len(telegrams) > 1 and _same_data(telegram, telegrams[0]):
                return telegrams  # went round: everything has been seen
            telegrams.append(telegram)
            if not telegram.more_follows:
                break
        return telegrams

    def _request_data(
        self, address: int, expected: Secondary | None, meter: int | str, last: Telegram | None
    ) -> Telegram:
        """REQ_UD2 until there is a good answer to it. The FCB moves on only then."""
        judge = functools.partial(_judge_data, address, expected, last)
        for busy in range(self.retries + 2):
            fcb = self._fcb.get(meter, 1)
            request = frames.short_frame(frames.REQ_UD2 | (frames.FCB if fcb else 0), address)
            telegram = decode_parsed(self.exchange(request, judge))
            error = telegram.application_error
            if error is None:
                self._fcb[meter] = fcb ^ 1
                return telegram
            if error != BUSY:
                self._fcb[meter] = fcb ^ 1
                raise ApplicationError(error, APPLICATION_ERRORS.get(error, f"error {error}"))
            self.transport.sleep(self.busy_wait * (busy + 1))
            if busy and last is None:
                # A meter that takes the same FCB by the letter repeats its "busy" for ever: begin anew.
                with contextlib.suppress(BusError):
                    self._begin_again(address, expected)
        raise MeterBusy

    def _begin_again(self, address: int, expected: Secondary | None) -> None:
        if expected is not None:
            self.select(expected)
        else:
            self.reset(address, retries=0)

    def reset(self, address: int, *, retries: int | None = None) -> None:
        """SND_NKE: the meter's link layer starts again, the next REQ_UD2 has FCB 1."""
        self.exchange(frames.short_frame(frames.SND_NKE, address), _judge_ack, retries=retries)
        self._fcb[address] = 1

    # ---- secondary addresses -------------------------------------------------------------------------------

    def select(self, target: Secondary, *, retries: int | None = None) -> None:
        """Select the meters that match; every other meter is deselected. Two that match collide later."""
        request = frames.long_frame(frames.SND_UD, frames.ADDRESS_SELECTED, CI_SELECT, target.mask())
        self.exchange(request, _judge_ack, retries=retries)
        self._fcb[str(target)] = 1

    def deselect(self) -> None:
        with contextlib.suppress(BusError):
            self.exchange(frames.short_frame(frames.SND_NKE, frames.ADDRESS_SELECTED), _judge_ack, retries=0)

    def probe(self, address: int, expected: Secondary | None = None) -> Telegram:
        """One REQ_UD2 with few words: who is there? `Collision` when something answers but nothing valid."""
        request = frames.short_frame(frames.REQ_UD2 | frames.FCB, address)
        judge = functools.partial(_judge_data, address, expected, None)
        try:
            return decode_parsed(self.exchange(request, judge, retries=1))
        except (BadAnswer, NoAnswer, WrongMeter) as error:
            # Something acknowledged before: two acknowledgements sent together read as one clean E5, and only
            # the answers that follow collide. Taking this for silence would lose the whole branch of a search.
            raise Collision from error

    # ---- settings ------------------------------------------------------------------------------------------

    def switch_baud(self, address: int, baud: int) -> None:
        """Make a meter speak at another rate and go along. Back at the old rate if it does not answer there."""
        old = self.transport.baud
        request = frames.long_frame(frames.SND_UD, address, BAUD_CI[baud])
        self.exchange(request, _judge_ack)
        self.transport.set_baud(baud)
        try:
            self.reset(address)
        except BusError:
            self.transport.set_baud(old)
            raise

    def reset_application(self, address: int) -> None:
        self.exchange(frames.long_frame(frames.SND_UD, address, CI_RESET), _judge_ack)
        self._fcb[address] = 1

    def close(self) -> None:
        self.transport.close()

    # ---- one exchange --------------------------------------------------------------------------------------

    def exchange(self, request: bytes, judge: Judge, *, retries: int | None = None) -> Frame:
        """Send until an answer passes `judge` (None is a pass), at most 1 + retries times. Raises the error of the
        last try: `NoAnswer`, `BadAnswer`, what the judge said, or `TransportError`."""
        tries = 1 + (self.retries if retries is None else retries)
        failure: BusError = NoAnswer()
        for attempt in range(tries):
            try:
                return self._once(request, judge)
            except TransportError as error:
                failure = error
                if attempt + 1 < tries:
                    self.transport.sleep(self.timeout)
            except BusError as error:
                failure = error
        raise failure

    def _once(self, request: bytes, judge: Judge) -> Frame:
        transport, reader = self.transport, self._reader
        reader.clear()
        transport.flush_input()
        transport.write(request)
        self.requests += 1
        begin_by = transport.now() + wire_time(transport, len(request)) + self.timeout
        end_by = begin_by + wire_time(transport, LONGEST_FRAME)
        wait_until = begin_by
        received = 0
        refusal: BusError | None = None
        while True:
            left = wait_until - transport.now()
            data = transport.read(left) if left > 0 else b""
            if data:
                received += len(data)
                wait_until = min(end_by, max(begin_by, transport.now() + self.idle_gap))
            for frame in reader.feed(data) if data else reader.flush():
                if not frame.from_meter:
                    received -= len(frame.raw)  # our own request, echoed by the converter
                    continue
                if frame.is_ack and reader.skipped > NOISE_BEFORE_ACK:
                    continue
                verdict = judge(frame)
                if verdict is None:
                    return frame
                if isinstance(verdict, _Repeated) or refusal is None:
                    refusal = verdict
            if not data or transport.now() >= end_by:
                if refusal is not None:
                    raise refusal
                raise BadAnswer if received > 0 else NoAnswer


class _Repeated(BusError):
    """The answer is the telegram before once more."""

    def __init__(self) -> None:
        super().__init__("repeated", "the meter repeats its last telegram")


def _judge_ack(frame: Frame) -> BusError | None:
    return None if frame.is_ack else BadAnswer("an acknowledgement was due, a telegram came")


def _judge_data(
    address: int, expected: Secondary | None, last: Telegram | None, frame: Frame
) -> BusError | None:
    if frame.is_ack or frame.ci is None:
        return BadAnswer("a telegram was due, an acknowledgement came")
    if address <= 250 and frame.address != address:
        return WrongMeter(f"meter {frame.address} answered for meter {address}")
    try:
        telegram = decode_parsed(frame)
    except MBusError as error:
        return BadAnswer(f"the telegram cannot be read: {error}")
    if expected is not None and not expected.matches(telegram.header):
        return WrongMeter(f"{telegram.header.secondary} answered for {expected}")
    if last is not None and telegram.application_error is None:
        if telegram.header.id != last.header.id:
            return WrongMeter(f"{telegram.header.id} answered in the middle of {last.header.id}")
        if _same_data(telegram, last):
            return _Repeated()
    return None


def _same_data(one: Telegram, other: Telegram) -> bool:
    """Equal but for the access number, which counts on with every answer."""
    return [r.raw for r in one.records] == [
        r.raw for r in other.records
    ] and one.more_follows == other.more_follows
