"""Who lives and works in the demo. All names are invented."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from accounts.models import Membership, Programme, Role, User
from servers.models import Dwelling, Occupancy

DEMO_PASSWORD = "releve 2026"  # noqa: S105 - printed on the screen by `make demo`, which refuses to run in production
INSTALLER = "installateur@demo.example"
OPERATOR = "exploitant@demo.example"
OCCUPANT = "camille@demo.example"
CONSUMER = "mir@teplo.example"
DESK = "desk@teplo.example"
PEOPLE = [
    ("administrator", INSTALLER, "/p/demo/servers/"),
    ("operator", OPERATOR, "/p/demo/"),
    ("occupant of 102", OCCUPANT, "/p/demo/home/"),
    ("consumer of heat", CONSUMER, "/p/teplo-demo/contracts/"),
    ("the utility's desk", DESK, "/p/teplo-demo/contracts/"),
]
NEIGHBOURS = {
    "A-101": "C. Roy",
    "A-102": "Camille Renard",
    "A-104": "L. Petit",
    "A-201": "M. Costa",
    "A-202": "J. Weber",
    "A-203": "I. Novak",
    "A-204": "S. Kaya",
}


def person(email: str, name: str, language: str) -> User:
    return User.objects.create_user(email, DEMO_PASSWORD, name=name, language=language)


def member(user: User, programme: Programme, role: str, now: datetime) -> None:
    Membership.objects.create(user=user, programme=programme, role=role, accepted_at=now)


def settle(programme: Programme, dwellings: dict[str, Dwelling], today: date, now: datetime) -> None:
    """Everybody moved in before the seeded year, but 104 changed hands: its days before are not the new one's."""
    for ref, name in NEIGHBOURS.items():
        email = OCCUPANT if ref == "A-102" else f"{ref.lower()}@demo.example"
        user = person(email, name, "fr")
        member(user, programme, Role.OCCUPANT, now)
        moved_in = today - timedelta(days=95 if ref == "A-104" else 420)
        Occupancy.objects.create(dwelling=dwellings[ref], user=user, move_in=moved_in)
    former = person("ancien-104@demo.example", "A. Benali", "fr")
    member(former, programme, Role.OCCUPANT, now)
    Occupancy.objects.create(
        dwelling=dwellings["A-104"],
        user=former,
        move_in=today - timedelta(days=420),
        move_out=today - timedelta(days=95),
    )
