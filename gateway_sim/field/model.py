"""What a driver reads. Moments are naive: the meter's own clock, in whose time the archive is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

Kind = Literal["hour", "day", "month", "totals", "current"]
KINDS: tuple[Kind, ...] = ("hour", "day", "month", "totals", "current")
Values = dict[str, Decimal]
"""By SDK parameter name (T_in, V_in, Q_delta, …) in the units of the archive file: °C, m³, t, kgf/cm², Gcal, h."""


@dataclass(frozen=True)
class Identity:
    """What the meter says of itself. `model` is the name of its driver's model that was really found."""

    model: str
    title: str
    serial: str = ""
    firmware: str = ""
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """One archive record. `at` is the start of its hour, day or month; of totals, the moment they were true.

    `missing`: the meter says that it has nothing for this interval. `bad`: parameters that the meter itself
    doubts. `attributes`: names of the SDK's record flags.
    """

    kind: Kind
    at: datetime
    values: Values = field(default_factory=dict)
    missing: bool = False
    bad: frozenset[str] = frozenset()
    attributes: tuple[str, ...] = ()
    note: str = ""


def now_records(at: datetime, measured: Values, counted: Values) -> list[Record]:
    """What a meter measures at `at`, and what it has counted until then."""
    return [Record("current", at, measured), Record("totals", at, counted, attributes=("CurrentTotals",))]


@dataclass(frozen=True)
class MeterSettings:
    """How one meter is reached and what it should be. `address` as the model writes it; `serial` empty: any meter.

    `heat_input`, `supply`, `return_` choose what a meter of several circuits reads for this point (1-based).
    """

    model: str
    address: str = ""
    serial: str = ""
    password: str = ""
    baud: int | None = None
    timeout: float | None = None
    heat_input: int = 1
    supply: int = 1
    return_: int = 2
    options: dict[str, str] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)  # SDK parameter → the meter's own name of the value
    registers: dict[str, int] = field(
        default_factory=dict
    )  # SDK parameter → register, where a model takes it


@dataclass(frozen=True)
class ModelInfo:
    """A meter model in lists and files. `code` is the SDK's DeviceModel number, 0 where it has none."""

    name: str  # of the driver, on the command line and in settings: multical601
    title: str  # as its owner calls it: MULTICAL 601
    code: int
    baud: int
    framing: str  # 8N1, 8N2, 7E1 …
    kinds: tuple[Kind, ...]
    address: str = ""  # the default address; empty: the protocol has none, or the meter answers without
    addresses: tuple[int, int] | None = None  # the least and the greatest; None: see `address_is_text`
    address_is_text: bool = False  # with neither, the protocol has no address
    protocol: str = ""  # what people call it
    experimental: bool = False
    circuits: int = 1  # heat inputs to choose from; with one, the number that a point has is not looked at
    note: str = ""
    tells_clock: bool = True
    tells_serial: bool = True
    cells: tuple[str, ...] = ()  # values of the meter that a parameter can be bound to
    channels: bool = False  # the numbers of the supply and the return pipe are looked at
    takes_registers: bool = False
    options: tuple[str, ...] = ()  # names of `MeterSettings.options` that the model knows
