"""The world of the matrix: a programme with one of everything."""

from __future__ import annotations

from accounts.models import EmailToken, Membership, OutboxMessage, Programme, Role
from accounts.services.tokens import token_mint
from accounts.tenancy import tenant_scope
from testkit.matrix.housing import estate_make
from testkit.matrix.side import ROLES, Side
from testkit.matrix.utility import contracts_make
from testkit.world import join, make_programme, make_user


def make_side(slug: str, kind: str, *, serials: tuple[str, str]) -> Side:
    programme = make_programme(slug.capitalize(), slug, kind=kind)
    people = {role: make_user(f"{role}@{slug}.example", name=role, language="en") for role in ROLES}
    for role, user in people.items():
        join(user, programme, role)
    side = Side(programme, people)
    operator = Membership.objects.get(programme=programme, role=Role.OPERATOR)
    side.ids["operator"] = str(operator.public_id)
    side.ids["mail"] = str(
        OutboxMessage.objects.create(
            programme=programme, kind="programme_created", recipient=f"mail@{slug}.example", state="failed"
        ).public_id
    )
    if kind == Programme.Kind.UTILITY:
        with tenant_scope(programme.pk):
            contracts_make(side)
    else:
        estate_make(side, *serials)
    for name, purpose in (("address", "change_email"), ("reset", "reset_password")):
        side.ids[name] = token_mint(
            purpose=EmailToken.Purpose(purpose), user=people[Role.OCCUPANT], new_email=f"new@{slug}.example"
        )
    return side
