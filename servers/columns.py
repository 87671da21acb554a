"""Where apps further left (readings) put values into the estate's pages, which know only what stands there.

    register_dwelling_columns(provider)   # from ReadingsConfig.ready()

A provider is asked once a page, with all ids of the page, and answers from as few queries as it can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.access import Actor


@dataclass(frozen=True)
class Column:
    """A heading. `number` aligns to the right; `small` False leaves it out on a phone."""

    label: Any
    number: bool = True
    small: bool = True


@dataclass(frozen=True)
class Cell:
    """Formatted text; `url` leads to where it comes from."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class DwellingColumns:
    """Further columns of a table of dwellings, and their cells by dwelling id (a missing dwelling is empty)."""

    columns: Sequence[Column] = ()
    cells: Mapping[int, Sequence[Cell]] = field(default_factory=dict)


@dataclass(frozen=True)
class LastValue:
    """The last value of a register: formatted with its unit, and when it was read."""

    text: str
    at: datetime


DwellingProvider = Callable[[Actor, Sequence[int]], DwellingColumns]
ValueProvider = Callable[[Actor, Sequence[int]], Mapping[int, LastValue]]

_dwelling_providers: list[DwellingProvider] = []
_value_providers: list[ValueProvider] = []


def register_dwelling_columns(provider: DwellingProvider) -> None:
    """`provider(actor, dwelling_ids)` adds columns to the tables of dwellings."""
    if provider not in _dwelling_providers:
        _dwelling_providers.append(provider)


def register_last_values(provider: ValueProvider) -> None:
    """`provider(actor, register_ids)` gives the last value of each register that has one."""
    if provider not in _value_providers:
        _value_providers.append(provider)


def dwelling_columns(actor: Actor, dwelling_ids: Sequence[int]) -> DwellingColumns:
    """All providers side by side; a dwelling that one of them does not know gets empty cells there."""
    columns: list[Column] = []
    cells: dict[int, list[Cell]] = {pk: [] for pk in dwelling_ids}
    for provider in _dwelling_providers:
        given = provider(actor, dwelling_ids)
        columns += given.columns
        nothing = [Cell("—")] * len(given.columns)
        for pk, row in cells.items():
            row += given.cells.get(pk, nothing)
    return DwellingColumns(columns, cells)


def last_values(actor: Actor, register_ids: Sequence[int]) -> dict[int, LastValue]:
    found: dict[int, LastValue] = {}
    for provider in _value_providers:
        found |= provider(actor, register_ids)
    return found
