"""What every driver offers, and where drivers are found.

A driver is a module below `gateway_sim.meters` with `MODELS: dict[str, ModelInfo]` and `driver(line, settings)`.
Adding one: docs/meter-drivers.md.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

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


def make_driver(line: Line, settings: MeterSettings) -> Driver:
    """The driver of `settings.model`; KeyError if no driver knows it. The port takes the model's speed and framing."""
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
