"""СПТ961 by СПСеть. Experimental: the frames are the maker's, the tables describe themselves, no capture was seen.

The meter is asked for the description of an archive table (names and units of its columns) and then for its rows
by time, so no list of numbers has to be known. What the columns are called decides which SDK parameter they are;
option `names` (`Т1п=T_in;W=Q_delta`) adds to that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation

from gateway_sim.field.errors import BadAnswer, NotSupported, Refused, WrongMeter
from gateway_sim.field.intervals import expected
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, ModelInfo, Record, Values
from gateway_sim.field.units import canonical
from gateway_sim.meters.logika import spbus, tables

MODELS = {
    "spt961": ModelInfo(
        "spt961", "СПТ961", 5, 2400, "8N1", ("hour", "day", "month"), experimental=True,
        protocol="СПСеть", addresses=(0, 29), channels=True,
        note="Speeds in use: 2400, 57600, 4800, 19200, 9600, 38400, 115200.", options=("names",),
    )
}  # fmt: skip
TABLES: dict[Kind, str] = {"hour": "65530", "day": "65532", "month": "65534"}
DATE, TIME, MODEL_TEXT, SERIAL = "060", "061", "099", "099н01"
TIMEOUT = 15.0
NOTHING = "Нет данных"
UNITS = {
    "гкал": "Gcal", "гдж": "GJ", "мдж": "MJ", "мвт*ч": "MWh", "мвт·ч": "MWh", "квт*ч": "kWh", "т": "t", "кг": "kg",
    "м3": "m³", "м³": "m³", "л": "l", "'c": "°C", "°c": "°C", "с": "°C", "мпа": "MPa", "кпа": "kPa",
    "кг/см2": "kgf/cm²", "кгс/см2": "kgf/cm²", "бар": "bar", "ч": "h", "мин": "min", "": "",
}  # fmt: skip
LATIN = str.maketrans("ТтРМмСАВЕКОХ", "TtPMmCABEKOX")
HEAT = re.compile(r"^(W|Q|dQ|dW)\d*$")


def driver(line: Line, settings: MeterSettings) -> Spt961:
    return Spt961(line, settings)


class Spt961:
    def __init__(self, line: Line, settings: MeterSettings) -> None:
        self.line = line
        self.settings = settings
        address = settings.address.strip()
        self.addresses = (int(address), 0) if address else None
        line.first = max(line.first, TIMEOUT)
        self._columns: dict[Kind, list[tuple[str | None, str]]] = {}

    def identify(self) -> Identity:
        text = self._parameter(MODEL_TEXT)
        if "961" not in text:
            raise WrongMeter(f"the meter calls itself {text or 'nothing'}, not a СПТ961")
        serial = self._serial()
        wanted = self.settings.serial.lstrip("0")
        if wanted and serial and serial != wanted:
            raise WrongMeter(f"meter {serial} is on the line, {wanted} was expected", found=serial)
        return Identity("spt961", text, serial)

    def _serial(self) -> str:
        """Only the newer ones have it."""
        try:
            return self._parameter(SERIAL).lstrip("0")
        except Refused:
            return ""

    def clock(self) -> datetime | None:
        """дд-мм-гг and чч:мм:сс."""
        try:
            return datetime.strptime(f"{self._parameter(DATE)} {self._parameter(TIME)}", "%d-%m-%y %H:%M:%S")  # noqa: DTZ007
        except ValueError:
            return None

    def current(self) -> list[Record]:
        raise NotSupported("which numbers hold the current values is not known")

    def archive(self, kind: Kind, start: datetime, end: datetime) -> Iterator[Record]:
        if kind not in TABLES:
            raise NotSupported(f"the meter has no archive of kind {kind}")
        columns = self._description(kind)
        return (self._row(kind, at, columns) for at in expected(kind, start, end))

    def close(self) -> None:
        """Nothing is kept open."""

    def _description(self, kind: Kind) -> list[tuple[str | None, str]]:
        """SDK name and unit of each column; no name for one that the archive file does not carry."""
        if kind not in self._columns:
            address = ["0", TABLES[kind]]
            records = self._ask(spbus.TABLE, spbus.TABLE_ANSWER, [address])
            self._columns[kind] = [self._column(record) for record in records[1:]]
        return self._columns[kind]

    def _column(self, record: list[str]) -> tuple[str | None, str]:
        name, unit = [*record, "", ""][:2]
        return self.name_of(name), UNITS.get(unit.casefold(), unit)

    def name_of(self, text: str) -> str | None:
        told = dict(
            pair.partition("=")[::2] for pair in self.settings.options.get("names", "").split(";") if pair
        )
        if text in told:
            return told[text]
        latin = text.translate(LATIN)
        if HEAT.match(latin):
            return "Q_delta"
        if latin[:1] in ("T", "t") and latin[1:].isdecimal():
            latin = f"t{latin[1:]}"
        return tables.sdk_name(latin, self.settings) or tables.sdk_name(text, self.settings)

    def _row(self, kind: Kind, at: datetime, columns: list[tuple[str | None, str]]) -> Record:
        address = ["0", TABLES[kind]]
        moment = [str(part) for part in (at.day, at.month, at.year, at.hour)] + ["00", "00"]
        try:
            records = self._ask(spbus.ROW, spbus.ROW_ANSWER, [address, moment])
        except Refused:
            return Record(kind, at, missing=True)
        values: Values = {}
        cells = [cell for record in records[2:] for cell in record]
        for (name, unit), cell in zip(columns, cells, strict=False):
            number = _number(cell)
            if name is not None and number is not None:
                values[name] = canonical(number, unit) if unit else number
        return Record(kind, at, values, missing=not values)

    def _parameter(self, number: str) -> str:
        address = ["0", number]
        records = self._ask(spbus.READ, spbus.READ_ANSWER, [address])
        if len(records) < 2 or not records[1]:
            raise BadAnswer("the answer holds no value")
        if records[1][0].endswith("?"):
            raise Refused(f"the meter refuses: {records[1][0]}")
        return records[1][0]

    def _ask(self, function: int, answer: int, records: list[list[str]]) -> list[list[str]]:
        """The records of the answer to just this question: it repeats the address it was asked for."""

        def parse(heard: bytes) -> list[list[str]] | None:
            message = spbus.message_of(heard)
            if message is None:
                return None
            if message.function != answer or message.records[:1] != records[:1]:
                raise BadAnswer("the answer belongs to another question")
            said = message.records[1][0] if len(message.records) > 1 and message.records[1] else ""
            if said.startswith(NOTHING):
                raise Refused(said)
            if answer == spbus.ROW_ANSWER and _numbers(message.records[1:2]) != _numbers(records[1:2]):
                raise BadAnswer("the row of another moment came")
            return message.records

        return self.line.ask(spbus.frame(function, records, self.addresses), parse)


def _numbers(records: list[list[str]]) -> list[Decimal | None]:
    return [_number(field) for record in records for field in record]


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
