"""What a row of the table says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Programme, Role
from testkit.matrix.side import ROLES, Side

Body = Callable[[Side], dict[str, Any]]


def _nothing(side: Side) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Row:
    """A page under /p/<slug>/. `hidden` names, by role, an object of the same programme which that role may not see."""

    roles: frozenset[str]
    methods: tuple[str, ...] = ("GET",)
    key: str = ""
    body: Body = _nothing
    kind: str = Programme.Kind.HOUSING
    hidden: dict[str, str] = field(default_factory=dict)


ADMIN, OPERATOR, OCCUPANT, CONSUMER = (frozenset({role}) for role in ROLES)
STAFF = ADMIN | OPERATOR
FORM = ("GET", "POST")
POST = ("POST",)
UTILITY: dict[str, Any] = {"kind": Programme.Kind.UTILITY}
ADDRESS: Body = lambda side: {"email": "fresh@example.org", "email_again": "fresh@example.org"}  # noqa: E731
HIDDEN_POINT = {Role.CONSUMER.value: "other_point"}
HIDDEN_CONTRACT = {Role.CONSUMER.value: "other_contract"}
HIDDEN_ENTRY = {Role.CONSUMER.value: "other_entry"}
HIDDEN_APPLICATION = {Role.CONSUMER.value: "other_application"}
HIDDEN_JOB = {Role.CONSUMER.value: "other_job"}
