"""The world most tests start from: two housing programmes and a utility, each with people of its own.

Every fixture makes rows in two programmes, so that a page that forgets its scope shows somebody else's row and
the test sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from accounts.access import Actor, actor_of
from accounts.models import Membership, Programme, Role, User

PASSWORD = "compteur 7"
START = datetime(2026, 1, 1, tzinfo=UTC)


def make_user(email: str, **fields: Any) -> User:
    return User.objects.create_user(email, PASSWORD, **{"language": "en", **fields})


def make_programme(name: str, slug: str, *, kind: str = Programme.Kind.HOUSING, **fields: Any) -> Programme:
    defaults: dict[str, Any] = {"activated_at": START, "created_at": START}
    if kind == Programme.Kind.UTILITY:
        defaults |= {"currency": "RUB", "time_zone": "Asia/Chita", "language": "ru"}
    return Programme.objects.create(name=name, slug=slug, kind=kind, **{**defaults, **fields})


def join(user: User, programme: Programme, role: str) -> Membership:
    return Membership.objects.create(user=user, programme=programme, role=role, accepted_at=START)


@dataclass
class Housing:
    """A housing programme with its people. `stranger` programmes are made the same way."""

    programme: Programme
    administrator: User
    operator: User
    occupant: User
    extra: dict[str, Any] = field(default_factory=dict)

    def actor(self, user: User) -> Actor:
        actor = actor_of(user, self.programme)
        assert actor is not None
        return actor


@dataclass
class Utility:
    programme: Programme
    operator: User
    consumer: User

    def actor(self, user: User) -> Actor:
        actor = actor_of(user, self.programme)
        assert actor is not None
        return actor


@dataclass
class World:
    ours: Housing
    theirs: Housing
    utility: Utility


def make_housing(name: str, slug: str) -> Housing:
    programme = make_programme(name, slug)
    people = {
        role: make_user(f"{role}@{slug}.example", name=f"{role.capitalize()} {slug}")
        for role in (Role.ADMINISTRATOR, Role.OPERATOR, Role.OCCUPANT)
    }
    for role, user in people.items():
        join(user, programme, role)
    return Housing(programme, people[Role.ADMINISTRATOR], people[Role.OPERATOR], people[Role.OCCUPANT])


def make_utility(name: str, slug: str) -> Utility:
    programme = make_programme(name, slug, kind=Programme.Kind.UTILITY)
    operator = make_user(f"desk@{slug}.example", name="Desk")
    consumer = make_user(f"consumer@{slug}.example", name="Consumer")
    join(operator, programme, Role.OPERATOR)
    join(consumer, programme, Role.CONSUMER)
    return Utility(programme, operator, consumer)


def make_world() -> World:
    return World(
        ours=make_housing("Les Tilleuls", "tilleuls"),
        theirs=make_housing("Les Acacias", "acacias"),
        utility=make_utility("Тепло", "teplo"),
    )
