"""One programme of the matrix, with a person a role."""

from __future__ import annotations

from dataclasses import dataclass, field

from accounts.models import Programme, Role, User

ROLES: tuple[str, ...] = (Role.ADMINISTRATOR, Role.OPERATOR, Role.OCCUPANT, Role.CONSUMER)


@dataclass
class Side:
    """One programme with a person a role and one of everything; `ids` are public ids by a short name."""

    programme: Programme
    people: dict[str, User]
    ids: dict[str, str] = field(default_factory=dict)
    token: str = ""  # of its server
    serial: str = ""
    waiting: tuple[str, str] = ("", "")  # serial and password of a server that is not activated yet
