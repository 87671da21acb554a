"""Whom the portal tells about a server."""

from __future__ import annotations

from typing import Any

from accounts.models import Membership, Programme, Role, User
from accounts.outbox import mail_enqueue
from servers.models import CommonArea, Dwelling, Server
from servers.serials import serial_grouped


def operators_of(server: Server) -> list[User]:
    """The operators of the programme; where it has none yet, its administrator."""
    accepted = Membership.objects.filter(programme_id=server.programme_id, accepted_at__isnull=False)
    for role in (Role.OPERATOR, Role.ADMINISTRATOR):
        members = accepted.filter(role=role).select_related("user").order_by("pk")
        reached = [member for member in members if member.user.is_active and _looks_after(member, server)]
        if people := [member.user for member in reached]:
            return people
    return []


def _looks_after(member: Membership, server: Server) -> bool:
    """An operator of some buildings hears of the servers that publish something there."""
    if member.role != Role.OPERATOR or member.buildings is None:
        return True
    return any(
        model.objects.filter(server=server, building__in=member.buildings).exists()
        for model in (Dwelling, CommonArea)
    )


def staff_of(server: Server) -> list[User]:
    """Administrator and operators, each once."""
    accepted = Membership.objects.filter(
        programme_id=server.programme_id,
        accepted_at__isnull=False,
        role__in=[Role.ADMINISTRATOR, Role.OPERATOR],
    )
    members = accepted.select_related("user").order_by("pk")
    reached = [member for member in members if member.user.is_active and _looks_after(member, server)]
    return list({member.user_id: member.user for member in reached}.values())


def tell_operators(*, kind: str, server: Server, **context: Any) -> None:
    _tell(operators_of(server), kind, server, context)


def tell_staff(*, kind: str, server: Server, **context: Any) -> None:
    _tell(staff_of(server), kind, server, context)


def _tell(people: list[User], kind: str, server: Server, context: dict[str, Any]) -> None:
    programme = Programme.objects.get(pk=server.programme_id)
    for user in people:
        mail_enqueue(
            kind=kind,
            recipient=user.email,
            language=user.language,
            programme_id=programme.pk,
            context={
                "server": str(server.public_id),
                "serial": serial_grouped(server.serial),
                "description": server.description,
                "programme": programme.name,
                "slug": programme.slug,
                "zone": str(programme.zone),
                **context,
            },
        )
