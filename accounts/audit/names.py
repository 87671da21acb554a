"""What the things are called that the trace names by public id, and which of them an operator looks after.

Apps further left know them:

    register_names("server", names_of_servers)          # ids -> {id: name}, one query a page
    register_watched(targets_of_buildings)              # actor -> public ids, asked of operators of some buildings
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from accounts.access import Actor
from accounts.models import AuditEntry, Contract

Names = Callable[[Collection[str]], dict[str, str]]
Watched = Callable[[Actor], Iterable[str]]
_names: dict[str, Names] = {}
_watched: list[Watched] = []


def register_names(kind: str, names: Names) -> None:
    _names[kind] = names


def register_watched(targets: Watched) -> None:
    if targets not in _watched:
        _watched.append(targets)


def watched_targets(actor: Actor) -> list[str]:
    return [target for targets in _watched for target in targets(actor)]


def names_for(entries: Collection[AuditEntry]) -> dict[tuple[str, str], str]:
    """{(kind, target): name} for the entries of a page."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.target:
            wanted[entry.target_kind].add(entry.target)
    found: dict[tuple[str, str], str] = {}
    for kind, targets in wanted.items():
        if kind in _names:
            found |= {(kind, target): name for target, name in _names[kind](targets).items()}
    return found


def _contracts(targets: Collection[str]) -> dict[str, str]:
    rows = Contract.objects.filter(public_id__in=targets).values_list("public_id", "number")
    return {str(public_id): number for public_id, number in rows}


register_names("contract", _contracts)
