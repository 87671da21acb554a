"""Where the app of the estate tells which buildings there are: operators are named here, buildings stand there.

register_buildings(provider)   # from ServersConfig.ready(); called in the programme's scope
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class BuildingChoice:
    pk: int
    public_id: str
    name: str


_providers: list[Callable[[], Sequence[BuildingChoice]]] = []


def register_buildings(provider: Callable[[], Sequence[BuildingChoice]]) -> None:
    if provider not in _providers:
        _providers.append(provider)


def building_choices() -> list[BuildingChoice]:
    """The standing buildings of the programme in scope, as people count; none in a programme that has none yet."""
    return [choice for provider in _providers for choice in provider()]


def building_names(keys: Sequence[int] | None, choices: Sequence[BuildingChoice]) -> list[str]:
    """The names behind an operator's keys; empty for who looks after the whole programme."""
    wanted = set(keys or ())
    return [choice.name for choice in choices if choice.pk in wanted]
