"""СПТ941, 942, 943 and 944 through the optical head or RS-232: M4, and the older frames of 4L.

Known from the maker's documents and captured sessions: frames, identification, M4 tags, records of 941.20,
943 and 943 rev. 3, RAM of 943 and 942. Taken over without a capture: СПТ944. The meter's units of heat and
pressure are a setting that these drivers do not read: options `heat_unit` (Gcal, GJ, MWh) and `pressure_unit`
(kgf/cm², MPa, bar) say them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from gateway_sim.field.errors import NotSupported, WrongMeter
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, Record
from gateway_sim.meters.logika import frames, tables
from gateway_sim.meters.logika.legacy import Legacy
from gateway_sim.meters.logika.m4 import M4
from gateway_sim.meters.logika.refusals import checked

MODELS = tables.MODELS
SLOW_WAKE = 0.02  # seconds between the wake-up bytes that СПТ942 wants
PAUSE_AFTER_WAKE = 1.0  # seconds; the newer ones would be content with less


def driver(line: Line, settings: MeterSettings) -> Spt:
    return Spt(line, settings)


class Spt:
    """Opens the session, learns from three bytes who answers, and hands over to the right dialect."""

    def __init__(self, line: Line, settings: MeterSettings) -> None:
        self.line = line
        self.settings = settings
        self.address = int(settings.address) if settings.address.strip() else frames.ANY
        self.start_speed = line.transport.baud
        line.first = max(line.first, 3.0)
        self._dialect: M4 | Legacy | None = None

    @property
    def dialect(self) -> M4 | Legacy:
        if self._dialect is None:
            self.identify()
        assert self._dialect is not None
        return self._dialect

    def wake(self) -> None:
        """The meter listens for a session only after sixteen FF; a session may have ended, its speed with it."""
        self.line.set_speed(self.start_speed)
        self.line.write(frames.WAKE, between=SLOW_WAKE if self.settings.model == "spt942" else 0.0)
        self.line.wait(PAUSE_AFTER_WAKE)

    def open_session(self) -> bytes:
        """The three bytes that say who answers."""
        channel = self.settings.heat_input if self.settings.model == "spt943.old" else 0
        request = frames.short(self.address, frames.SESSION, bytes([channel, 0, 0, 0]))
        self.wake()

        def parse(heard: bytes) -> bytes | None:
            answer = frames.find_short(heard, self.address, {frames.SESSION: 3, frames.ERROR: 1})
            return None if answer is None else checked(answer).data

        return self.line.ask(request, parse, before_repeat=self.wake)

    def identify(self) -> Identity:
        ident = self.open_session()
        found = tables.model_of(ident)
        wanted = self.settings.model
        if found is None:
            old = ident[:2] == tables.OLD_941
            title = "a СПТ941 of 1998 to 2000, which no driver reads," if old else "an unknown meter"
            raise WrongMeter(f"{title} answers ({ident.hex(' ').upper()})", found=ident.hex(" ").upper())
        if found != wanted:
            title = tables.MODELS[found].title
            raise WrongMeter(
                f"{title} is on the line, {tables.MODELS[wanted].title} was expected",
                found=found, expected=wanted,
            )  # fmt: skip
        make = M4 if found in tables.M4_TABLES else Legacy
        self._dialect = make(self.line, self.settings, self.address, self.reopen)
        return self._dialect.identify(tables.MODELS[found].title, ident)

    def reopen(self) -> None:
        """Before a repeat: the session may have timed out."""
        self.open_session()

    def clock(self) -> datetime | None:
        return self.dialect.clock()

    def current(self) -> list[Record]:
        return self.dialect.current()

    def archive(self, kind: Kind, start: datetime, end: datetime) -> Iterator[Record]:
        if kind not in ("hour", "day", "month"):
            if kind == "totals" and isinstance(self.dialect, M4):
                return (record for record in self.dialect.current() if record.kind == "totals")
            raise NotSupported(f"the meter has no archive of kind {kind}")
        return (
            record
            for record in self.dialect.archive(kind, start, end, stamp_shift(kind, self.settings))
            if start <= record.at < end
        )

    def close(self) -> None:
        """A session ends by itself after a minute."""
        self.line.set_speed(self.start_speed)


def stamp_shift(kind: Kind, settings: MeterSettings) -> timedelta:
    """From the start of an interval to the stamp of its record."""
    ends = settings.options.get("hour_stamp", "end") == "end"
    return timedelta(hours=1) if kind == "hour" and ends else timedelta()
