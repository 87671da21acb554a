"""What each app holds about a person in one programme. All functions run in that programme's scope.

register_personal_data("servers", export=…, erase=…, retain=…)   # from ServersConfig.ready()
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Programme, User

Table = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class PersonalData:
    """`export` gives tables by name, rows of plain values; `erase` takes the person out of rows that stay, and
    tells whether it changed any; `retain` does so for all whose time before `now` is over, and counts them."""

    name: str
    export: Callable[[User, Programme], dict[str, Table]]
    erase: Callable[[User, Programme], None]
    retain: Callable[[Programme, datetime], int]


_holders: dict[str, PersonalData] = {}


def _no_tables(user: User, programme: Programme) -> dict[str, Table]:
    return {}


def _nothing_to_erase(user: User, programme: Programme) -> None:
    return None


def _nothing_to_retain(programme: Programme, now: datetime) -> int:
    return 0


def register_personal_data(
    name: str,
    *,
    export: Callable[[User, Programme], dict[str, Table]] = _no_tables,
    erase: Callable[[User, Programme], None] = _nothing_to_erase,
    retain: Callable[[Programme, datetime], int] = _nothing_to_retain,
) -> None:
    _holders[name] = PersonalData(name, export, erase, retain)


def holders() -> list[PersonalData]:
    return list(_holders.values())
