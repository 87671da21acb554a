"""What every driver offers, and where drivers are found.

A driver is a module below `gateway_sim.meters` with `MODELS: dict[str, ModelInfo]` and `driver(line, settings)`.
Adding one: docs/meter-drivers.md.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

from gateway_sim.field.errors import WrongSettings
from gateway_sim.field.line import Line
from gateway_sim.field.model import Identity, Kind, MeterSettings, ModelInfo, Record
from gateway_sim.simulator.faults import Device

MODULES = (
    "kamstrup.multical601",
    "kamstrup.multical66",
    "logika.spt",
    "logika.spt961",
    "karat.karat307",
    "karat.elf",
    "apator.elf",
    "iec62056.mode_c",
)
ADDRESS = re.compile(r"[0-9A-Za-z.]{1,32}")


class Driver(Protocol):
    """One meter on an open line. Every method may raise `FieldError`; none of them writes to the meter."""

    def identify(self) -> Identity:
        """Wake the meter, learn what it is. Called first. Raises `WrongMeter` if it is not the expected serial."""
        ...

    def clock(self) -> datetime | None:
        """The meter's own time, None if it has none to tell."""
        ...

    def current(self) -> list[Record]:
        """What the meter measures now (kind current) and what it has counted (kind totals, CurrentTotals)."""
        ...

    def archive(self, kind: Kind, start: datetime, end: datetime) -> Iterator[Record]:
        """The records of `start <= at < end`, oldest or newest first, each as soon as it has been read.

        An interval that the meter holds nothing for comes as a record with `missing`. Raises `NotSupported`.
        """
        ...

    def close(self) -> None:
        """Say good-bye where the protocol has it; the line stays open."""
        ...


def models() -> dict[str, ModelInfo]:
    """Every model by its name, in the order of the drivers."""
    return {name: info for module in MODULES for name, info in _module(module).MODELS.items()}


def check_settings(settings: MeterSettings) -> None:
    """Raises `WrongSettings` with `field` (address or heat_input) and, for a number, its bounds."""
    info = models()[settings.model]
    address = settings.address.strip()
    least, most = info.addresses or (0, 0)
    if address and info.addresses and not (_is_number(address) and least <= int(address) <= most):
        raise WrongSettings("the address does not fit", field="address", least=least, most=most)
    if address and info.address_is_text and not ADDRESS.fullmatch(address):
        raise WrongSettings("the address does not fit", field="address")
    if info.circuits > 1 and not 1 <= settings.heat_input <= info.circuits:
        raise WrongSettings("no such heat input", field="heat_input", least=1, most=info.circuits)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def make_driver(line: Line, settings: MeterSettings) -> Driver:
    """The driver of `settings.model`; KeyError if no driver knows it. The port takes the model's speed and framing.

    Raises `WrongSettings`.
    """
    check_settings(settings)
    for name in MODULES:
        module = _module(name)
        info = module.MODELS.get(settings.model)
        if info is not None:
            line.set_speed(settings.baud or info.baud, info.framing)
            if settings.timeout is not None:
                line.first = settings.timeout
            driver: Driver = module.driver(line, settings)
            return driver
    raise KeyError(settings.model)


def make_simulator(model: str, **options: str) -> Device:
    """A simulated meter of `model` for the ports of `gateway_sim.simulator`: `feed(data, baud)` and `quiet()`."""
    for name in MODULES:
        if model in _module(name).MODELS:
            package = name.rpartition(".")[0]
            device: Device = _module(f"{package}.simulator").simulator(model, **options)
            return device
    raise KeyError(model)


def _module(name: str) -> Any:
    return importlib.import_module(f"gateway_sim.meters.{name}")
