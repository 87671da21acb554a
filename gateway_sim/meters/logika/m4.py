"""The M4 dialect: extended frames with a number of their own, tagged values, archives by date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from gateway_sim.field.errors import BadAnswer, Refused, WrongMeter
from gateway_sim.field.intervals import netbook_now
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, Record, Values, now_records
from gateway_sim.field.units import by_setting
from gateway_sim.meters.logika import frames, tables, tags
from gateway_sim.meters.logika.refusals import checked

DEVICE_TEXT, SERIAL, TIME, DATE = 8224, 8256, 1024, 1025
MOST_PARAMETERS = 24  # in one request: more are answered in part, without a word
NOTHING_THERE = (2, 3)  # refusals of a date that the archive does not reach
RECORD_TYPES: dict[Kind, int] = {"hour": 0, "day": 1, "month": 3}


class M4:
    def __init__(self, line: Line, settings: MeterSettings, address: int, reopen: Callable[[], None]) -> None:
        self.line = line
        self.settings = settings
        self.address = address
        self.reopen = reopen
        self.table = tables.M4_TABLES[settings.model]
        self._number = 0

    def identify(self, title: str, ident: bytes) -> Identity:
        self._request(frames.SESSION, bytes(4))
        self._go_faster()
        text, serial = self._read([(0, DEVICE_TEXT), (0, SERIAL)])
        number = (serial.text or str(serial.number or "")).lstrip("0")
        expected = self.settings.serial.lstrip("0")
        if expected and number and number != expected:
            raise WrongMeter(
                f"meter {number} is on the line, {expected} was expected", found=number, expected=expected
            )
        return Identity(self.settings.model, text.text or title, number, f"{ident[2]:02X}")

    def _go_faster(self) -> None:
        """Option `speed`: the meter changes first, then the port. After ten idle seconds both are back."""
        speed = int(self.settings.options.get("speed", "0") or 0)
        if speed in frames.SPEEDS and speed != self.line.transport.baud:
            self._request(frames.SPEED, bytes([frames.SPEEDS[speed], 0, 0, 0]))
            self.line.set_speed(speed)

    def clock(self) -> datetime | None:
        date, time = self._read([(0, DATE), (0, TIME)])
        return tags.clock_of(date, time)

    def current(self) -> list[Record]:
        at = self.clock() or netbook_now()
        channel = self.table.value_channel(self.settings.heat_input)
        names = {**self.table.current, **self.table.totals}
        found = self._read([(channel, number) for number in names])
        by_number = dict(zip(names, found, strict=True))
        return now_records(
            at,
            self._values({n: by_number[k] for k, n in self.table.current.items()}),
            self._values({n: by_number[k] for k, n in self.table.totals.items()}),
        )

    def archive(self, kind: Kind, start: datetime, end: datetime, shift: timedelta) -> Iterator[Record]:
        """From date to date, as each answer names the next one there is."""
        at: datetime | None = _first_stamp(kind, start) + shift
        while at is not None and at < end + shift:
            found, following = self._archive_answer(kind, at)
            for stamp, fields in found:
                yield Record(kind, stamp - shift, self._values(fields), missing=not fields)
            at = following if following is not None and following > at else None

    def _archive_answer(
        self, kind: Kind, at: datetime
    ) -> tuple[list[tuple[datetime, dict[str, tags.Tag]]], datetime | None]:
        """Records by their stamp, and the date at which to go on; None where the archive ends."""
        channel = self.table.archive_channel(self.settings.heat_input)
        question = tags.encode(
            tags.OCTETS, bytes([0xFF, 0xFF, channel, RECORD_TYPES[kind], 1])
        ) + tags.moment(at)
        try:
            answer = tags.decode(self._request(frames.ARCHIVE, question))
        except Refused as error:
            if error.data.get("error") not in NOTHING_THERE:
                raise
            return [], None
        if len(answer) % 2:
            raise BadAnswer("an archive answer has a date without a record")
        found, following = [], None
        for moment, record in zip(answer[::2], answer[1::2], strict=True):
            stamp = tags.moment_of(moment)
            following = stamp
            if stamp is not None and record.data:
                names = self.table.fields(self.settings.heat_input)
                found.append((stamp, dict(zip(names, tags.decode(record.data), strict=False))))
        if any(stamp < at for stamp, _fields in found):
            raise BadAnswer("the record of another date came")
        return found, following

    def _values(self, fields: dict[str, tags.Tag]) -> Values:
        values: Values = {}
        for name, tag in fields.items():
            parameter, number = tables.sdk_name(name, self.settings), tag.number
            if parameter is not None and number is not None:
                values[parameter] = by_setting(parameter, number, self.settings)
        return values

    def _read(self, wanted: list[tuple[int, int]]) -> list[tags.Tag]:
        """The values in the order asked for. A meter that answers with fewer is asked again for the rest."""
        found: list[tags.Tag] = []
        while len(found) < len(wanted):
            batch = wanted[len(found) : len(found) + MOST_PARAMETERS]
            question = b"".join(tags.parameter(channel, number) for channel, number in batch)
            answer = tags.decode(self._request(frames.READ, question))
            if not answer or len(answer) > len(batch):
                raise BadAnswer("the meter answered with another number of values")
            found += answer
        return found

    def _request(self, function: int, data: bytes) -> bytes:
        self._number = self._number % 255 + 1
        number = self._number

        def parse(heard: bytes) -> bytes | None:
            answer = frames.find_extended(heard, self.address, number)
            if answer is None:
                return None
            if checked(answer).function != function:
                raise BadAnswer("the answer belongs to another question")
            return answer.data

        request = frames.extended(self.address, number, function, data)
        return self.line.ask(request, parse, before_repeat=self.reopen)


def _first_stamp(kind: Kind, start: datetime) -> datetime:
    return start.replace(day=1, hour=0) if kind == "month" else start
