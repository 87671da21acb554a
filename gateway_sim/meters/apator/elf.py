"""Apator ELF by M-Bus (EN 13757-3): one answer with its number, its clock, its counters and its temperatures.

Scale and unit come with each record. Its own archive commands ("PT01") are known from one program only and are
not used. Experimental until seen on a meter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from gateway_sim.field.errors import BadAnswer, NoAnswer, NotSupported, PortFailed, Stopped, WrongMeter
from gateway_sim.field.intervals import netbook_now
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, ModelInfo, Record, Values, now_records
from gateway_sim.field.units import FACTORS, canonical
from gateway_sim.mbus import errors as mbus_errors
from gateway_sim.mbus.master import Master
from gateway_sim.mbus.records import Record as Sent
from gateway_sim.mbus.records import Telegram

MODELS = {
    "apator_elf": ModelInfo(
        "apator_elf", "Apator ELF", 149, 2400, "8E1", ("totals", "current"), address="1", experimental=True,
        protocol="M-Bus", address_is_text=True,
        note="Values and totals of now; some speak at 300 bits/s.",
    )
}  # fmt: skip
COUNTED = {"energy": "Q_delta", "volume": "V_in", "on_time": "NormalOperationDuration"}
MEASURED = {
    "flow_temperature": "T_in", "return_temperature": "T_out", "temperature_difference": "T_delta",
}  # fmt: skip
UNITS = {"C": "°C", "K": "K", "m3": "m³", "Wh": "Wh"}


def driver(line: Line, settings: MeterSettings) -> ApatorElf:
    return ApatorElf(line, settings)


class ApatorElf:
    def __init__(self, line: Line, settings: MeterSettings) -> None:
        self.line = line
        self.settings = settings
        self.address = settings.address or "1"
        self._records: list[Sent] = []
        self._id = ""

    def identify(self) -> Identity:
        telegrams = self._read()
        header = telegrams[0].header
        self._records = [record for telegram in telegrams for record in telegram.records]
        serial = next(
            (str(r.value) for r in self._records if r.quantity == "fabrication_number" and not r.faulty), header.id or ""
        ).lstrip("0")  # fmt: skip
        wanted = self.settings.serial.lstrip("0")
        if wanted and serial != wanted:
            raise WrongMeter(f"meter {serial} is on the line, {wanted} was expected", found=serial)
        return Identity(
            "apator_elf", f"{header.manufacturer or 'Apator'} ELF", serial, str(header.version or "")
        )

    def clock(self) -> datetime | None:
        for record in self._records:
            if record.quantity == "datetime" and isinstance(record.value, datetime) and not record.storage:
                return record.value
        return None

    def current(self) -> list[Record]:
        at = self.clock() or netbook_now()
        return now_records(at, self._values(MEASURED), self._values(COUNTED))

    def archive(self, kind: Kind, start: datetime, end: datetime) -> Iterator[Record]:
        if kind != "totals":
            raise NotSupported("the archive commands of this meter are not known well enough")
        return (record for record in self.current() if record.kind == "totals")

    def close(self) -> None:
        """The next request to another meter is good-bye enough."""

    def _values(self, names: dict[str, str]) -> Values:
        values: Values = {}
        for record in self._records:
            name = names.get(record.quantity)
            now = not record.storage and not record.tariff and not record.subunit
            if (
                name
                and now
                and name not in values
                and isinstance(record.value, Decimal)
                and not record.faulty
            ):
                number = _in_file_unit(record.value, record.unit)
                if number is not None:
                    values[name] = number
        return values

    def _read(self) -> list[Telegram]:
        """The M-Bus master has its own repeats; its errors become ours."""
        if self.line.stop.is_set():
            raise Stopped
        master = Master(self.line.told(), retries=self.line.retries)
        try:
            telegrams = master.read(self.address)
        except mbus_errors.NoAnswer as error:
            raise NoAnswer(str(error)) from error
        except mbus_errors.TransportError as error:
            raise PortFailed(str(error)) from error
        except mbus_errors.WrongMeter as error:
            raise WrongMeter(str(error)) from error
        except mbus_errors.MBusError as error:
            raise BadAnswer(str(error)) from error
        finally:
            self.line.requests += master.requests
        if not telegrams:
            raise NoAnswer
        return telegrams


def _in_file_unit(value: Decimal, unit: str) -> Decimal | None:
    if unit == "J":
        return canonical(value / 1_000_000, "MJ")
    if unit == "cal":
        return value.scaleb(-9)
    if unit in ("s", "h", "min"):
        return canonical(value, unit)
    name = UNITS.get(unit)
    return canonical(value, name) if name in FACTORS else None
