"""Mails about what stands in the building."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership, OutboxMessage, Role
from accounts.outbox import MailNotNeeded, mail_kind
from accounts.services.invitations import membership_secrets
from servers.services.credentials import password_issue


def _server_password(message: OutboxMessage) -> dict[str, Any]:
    """Made at the moment of sending, so that no table ever holds it; a retry makes a new one.

    It goes only to a mailbox of somebody who holds the programme at that moment.
    """
    holders = Membership.objects.filter(programme=message.programme_id, role=Role.ADMINISTRATOR)
    reader = holders.filter(accepted_at__isnull=False, user__email=message.recipient, user__is_active=True)
    if not reader.exists():
        raise MailNotNeeded("this address holds the programme no more")
    password = password_issue(server_id=message.context["server_id"])
    if password is None:
        raise MailNotNeeded("the server has been removed")
    return {"password": password}


mail_kind(
    "server_added",
    subject=lambda context: _("Server %(serial)s added to %(programme)s") % context,
    secrets=_server_password,
)
mail_kind(
    "server_password",
    subject=lambda context: _("New password for server %(serial)s") % context,
    secrets=_server_password,
)


def _occupant_link(message: OutboxMessage) -> dict[str, Any]:
    return {**membership_secrets(message), "from_day": date.fromisoformat(message.context["move_in"])}


mail_kind(
    "occupant_invited",
    subject=lambda context: _("Your consumption in %(dwelling)s, %(programme)s") % context,
    secrets=_occupant_link,
)


def _moment(name: str) -> Callable[[OutboxMessage], dict[str, Any]]:
    """Kept as text in the outbox; the template writes it in the reader's language."""
    return lambda message: {"moment": datetime.fromisoformat(message.context[name])}


mail_kind(
    "server_silent",
    subject=lambda context: _("Server %(description)s is silent, %(programme)s") % context,
    secrets=_moment("since"),
)
mail_kind(
    "server_back",
    subject=lambda context: _("Server %(description)s is back, %(programme)s") % context,
    secrets=_moment("at"),
)
mail_kind(
    "server_twin",
    subject=lambda context: _("Two boxes with one identity: %(description)s, %(programme)s") % context,
)
