"""What the accounts app itself holds about a person: the account, roles, contracts, traces, mails."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils import timezone

from accounts.models import (
    AuditEntry,
    BrowserSession,
    ContractClaim,
    Membership,
    OutboxMessage,
    Programme,
    User,
)
from accounts.privacy.registry import Table, register_personal_data


def account_tables(user: User) -> dict[str, Table]:
    """What belongs to no programme."""
    mails = OutboxMessage.objects.filter(recipient=user.email).order_by("pk")
    return {
        "account": [
            {
                "email": user.email,
                "name": user.name,
                "language": user.language,
                "since": user.date_joined,
                "last_sign_in": user.last_login,
            }
        ],
        "roles": [
            {
                "programme": one.programme.name,
                "role": one.role,
                "invited": one.created_at,
                "accepted": one.accepted_at,
            }
            for one in Membership.objects.filter(user=user).select_related("programme").order_by("pk")
        ],
        "factors": [
            {"kind": one.type, "since": one.created_at, "last_used": one.last_used_at}
            for one in Authenticator.objects.filter(user=user).order_by("pk")
        ],
        "browsers": [
            {
                "browser": one.browser,
                "system": one.system,
                "network": one.network,
                "since": one.since,
                "seen": one.seen_at,
            }
            for one in BrowserSession.objects.filter(user=user).order_by("since")
        ],
        "mails": [
            {
                "kind": one.kind,
                "to": one.recipient,
                "written": one.created_at,
                "sent": one.sent_at,
                "state": one.state,
            }
            for one in mails
        ],
    }


def _export(user: User, programme: Programme) -> dict[str, Table]:
    deeds = AuditEntry.objects.filter(actor=user).order_by("pk")
    claims = ContractClaim.objects.filter(user=user).select_related("contract").order_by("pk")
    return {
        "deeds": [
            {"at": one.at, "action": one.action, "target_kind": one.target_kind, "target": one.target,
             "detail": json.dumps(one.detail, ensure_ascii=False)}
            for one in deeds
        ],
        "contracts": [
            {"number": one.contract.number, "holder": one.contract.holder, "address": one.contract.address,
             "city": one.contract.city, "phone": one.contract.phone, "since": one.created_at,
             "removed": one.removed_at}
            for one in claims
        ],
    }  # fmt: skip


def _erase(user: User, programme: Programme) -> None:
    """Claims end; the trace keeps what was done, under a name that tells nothing."""
    ContractClaim.objects.filter(user=user, removed_at=None).update(removed_at=timezone.now())
    for words in filter(None, (*addresses_of(user), user.name)):
        pseudonymise(AuditEntry.objects.all(), words, user.public_id.hex[:8])


def addresses_of(user: User) -> list[str]:
    """The address of now, and those before it that the mails of their changes still tell and nobody else has."""
    found = [user.email]
    changes = (
        OutboxMessage.objects.filter(kind="address_changed").order_by("-pk").values_list("context", flat=True)
    )
    for context in changes:
        if context.get("email") == found[-1] and not context.get("programme"):
            found.append(context["old_email"])
    taken = set(User.objects.filter(email__in=found).exclude(pk=user.pk).values_list("email", flat=True))
    return [email for email in dict.fromkeys(found) if email not in taken]


def pseudonymise(entries: Any, words: str, handle: str) -> None:
    """Replace somebody's address or name in the details of entries by `erased-…`."""
    for entry in entries.filter(detail__isnull=False).iterator():
        clean = _without(entry.detail, words, f"erased-{handle}")
        if clean != entry.detail:
            entry.detail = clean
            entry.save(update_fields=["detail"])


def _without(value: Any, words: str, instead: str) -> Any:
    if isinstance(value, dict):
        return {key: _without(one, words, instead) for key, one in value.items()}
    if isinstance(value, list):
        return [_without(one, words, instead) for one in value]
    if not isinstance(value, str):
        return value
    if "@" in words:  # an address is told from other words also in the middle of a sentence
        return re.sub(rf"(?<![\w.+-]){re.escape(words)}(?![\w-])", instead, value, flags=re.IGNORECASE)
    return instead if value.casefold() == words.casefold() else value


def _retain(programme: Programme, now: datetime) -> int:
    if not settings.RETENTION_AUDIT_DAYS:
        return 0
    before = now - timedelta(days=settings.RETENTION_AUDIT_DAYS)
    return int(AuditEntry.objects.filter(at__lt=before).delete()[0])


def mails_forget(*, of: str = "", before: datetime | None = None) -> int:
    """Empty mails of their recipient and contents: of one address, or all older than a moment. The row stays."""
    rows = OutboxMessage.objects.exclude(recipient="").exclude(state=OutboxMessage.State.QUEUED)
    if of:
        rows = rows.filter(recipient=of)
    if before is not None:
        rows = rows.filter(created_at__lt=before)
    return int(rows.update(recipient="", context={}))


def mails_unname(*, address: str, handle: str) -> None:
    """Mails to others tell the address as well: who handed over, whom an operator named."""
    for row in OutboxMessage.objects.exclude(context={}).iterator():
        clean = _without(row.context, address, f"erased-{handle}")
        if clean != row.context:
            OutboxMessage.objects.filter(pk=row.pk).update(context=clean)


def register() -> None:
    register_personal_data("accounts", export=_export, erase=_erase, retain=_retain)
