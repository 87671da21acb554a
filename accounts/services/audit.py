"""Who changed what: one row a change, written in the transaction of the change."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.access import Actor
from accounts.models import AuditEntry, Programme, User
from accounts.tenancy import tenant_scope


def audit_record(
    *,
    actor: Actor,
    action: str,
    target_kind: str = "",
    target: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """A person in a programme did `action` to `target` (a public id). `detail` holds old and new values, no secret."""
    return audit_write(
        programme=actor.programme,
        user=actor.user,
        action=action,
        target_kind=target_kind,
        target=target,
        detail=detail,
    )


def audit_write(
    *,
    programme: Programme,
    user: User | None,
    action: str,
    target_kind: str = "",
    target: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """The same where nobody is a member yet (a link of a mail), or nobody acts (a command: `user` is None)."""
    with tenant_scope(programme.pk):
        entry = AuditEntry(
            actor=user, action=action, target_kind=target_kind, target=str(target), detail=detail or {}
        )
        entry.save()
    return entry


def look_record(*, actor: Actor, action: str, target_kind: str, target: str) -> None:
    """Somebody of the staff looked at a dwelling or contract: one row a person, thing and local day, however often."""
    day = timezone.now().astimezone(actor.programme.zone).date()
    entry = AuditEntry(
        actor=actor.user,
        action=action,
        target_kind=target_kind,
        target=str(target),
        once=f"{action}:{actor.user.pk}:{target}:{day}",
    )
    AuditEntry.objects.bulk_create([entry], ignore_conflicts=True)
