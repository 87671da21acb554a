"""TJA480 servers of a programme: register, rename, replace, remove, and ask for a new password."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import Programme, User
from accounts.outbox import mail_enqueue, mails_take_back
from accounts.services.audit import audit_record, audit_write
from servers.models import Server, ServerCredential
from servers.serials import LENGTH, SerialFault, serial_grouped, serial_parse
from servers.services.commands import commands_abandon
from servers.services.credentials import PASSWORD_MAILS, password_end, token_end
from servers.services.presence import server_instances_forget


def serial_checked(text: str) -> str:
    """The bare 24 characters. Raises `DomainError` serial_letter_o, serial_characters or serial_length."""
    try:
        return serial_parse(text)
    except SerialFault as fault:
        sentences = {
            "letter_o": _("A serial number never contains the letter O: read it as the digit 0 (zero)."),
            "characters": _(
                "“%(found)s” does not belong in a serial number: it has only letters and digits."
            ),
            "length": _(
                "A serial number has %(length)s letters and digits, in six groups of four; here are %(found)s."
            ),
        }
        message = sentences[fault.code] % {"found": fault.found, "length": LENGTH}
        raise DomainError(f"serial_{fault.code}", message) from None


@transaction.atomic
def server_add(*, programme: Programme, serial: str, description: str, user: User | None = None) -> Server:
    """A server and its credential, without a mail: for commands. In the scope of `programme`.

    Raises `DomainError` utility (a utility has no boxes), serial_… or serial_taken, serial_elsewhere.
    """
    if programme.is_utility:
        raise DomainError(
            "utility",
            _("A utility's programme has no servers: its consumers upload archives of their meters."),
        )
    bare = serial_checked(serial)
    _refuse_taken(bare)
    server = Server(serial=bare, description=description)
    server.save()
    _credential_keep(ServerCredential(programme=programme, server_id=server.pk, serial=bare))
    audit_write(
        programme=programme, user=user, action="server.created", target_kind="server",
        target=str(server.public_id), detail={"serial": bare, "description": description},
    )  # fmt: skip
    return server


@transaction.atomic
def server_create(*, actor: Actor, serial: str, description: str) -> Server:
    """Register a box; its password goes by mail to the person who did it."""
    server = server_add(programme=actor.programme, serial=serial, description=description, user=actor.user)
    _mail_password(actor, server, "server_added")
    return server


@transaction.atomic
def server_edit(
    *, actor: Actor, server: Server, description: str, silent_after_minutes: int | None
) -> Server:
    """`silent_after_minutes`: None as the portal's settings say, 0 never."""
    before, silent_before = server.description, server.silent_after_minutes
    server.description, server.silent_after_minutes = description, silent_after_minutes
    server.save(update_fields=["description", "silent_after_minutes"])
    detail: dict[str, Any] = {"old": before, "new": description}
    if silent_before != silent_after_minutes:
        detail["silent_after_minutes"] = [silent_before, silent_after_minutes]
    _audit(actor, "server.edited", server, **detail)
    return server


@transaction.atomic
def server_twin_dismiss(*, actor: Actor, server: Server) -> None:
    """Somebody has looked why two agents had this identity; should it happen again, it is told again."""
    server_instances_forget(server=server)
    _audit(actor, "server.twin_dismissed", server)


@transaction.atomic
def server_password_renew(*, actor: Actor, server: Server) -> None:
    """The present password ends now; a new one goes by mail. The box goes on with the token it has."""
    password_end(server_id=server.pk)
    _mail_password(actor, server, "server_password")
    _audit(actor, "server.password_renewed", server)


@transaction.atomic
def server_replace(*, actor: Actor, server: Server, serial: str) -> Server:
    """A new box takes over: same estate, same history, another serial; the old box is let in no more."""
    bare = serial_checked(serial)
    if bare == server.serial:
        raise DomainError("serial_same", _("This is the serial number of the server that is to be replaced."))
    _refuse_taken(bare)
    before, server.serial = server.serial, bare
    server.activated_at = server.suspended_at = None
    server.spool_pending = server.spool_oldest = None
    server.silent_alerted_at = server.silent_last_at = None
    server.silent_lately = 0
    server.save(
        update_fields=[
            "serial", "activated_at", "suspended_at", "spool_pending", "spool_oldest", "silent_alerted_at",
            "silent_last_at", "silent_lately",
        ]
    )  # fmt: skip
    server_instances_forget(server=server)
    commands_abandon(server=server)
    credential = ServerCredential.objects.select_for_update().get(server_id=server.pk)
    credential.serial = bare
    _credential_keep(credential)
    token_end(server_id=server.pk)
    _mail_password(actor, server, "server_password")
    _audit(actor, "server.replaced", server, old=before, new=bare)
    return server


@transaction.atomic
def server_remove(*, actor: Actor, server: Server) -> None:
    """The box is let in no more and its serial is free again. Estate and readings stay."""
    server.removed_at = timezone.now()
    server.save(update_fields=["removed_at"])
    token_end(server_id=server.pk)
    commands_abandon(server=server)
    ServerCredential.objects.filter(server_id=server.pk).update(serial=None)
    _audit(actor, "server.removed", server, old=server.serial)


def _refuse_taken(serial: str) -> None:
    if Server.objects.filter(serial=serial, removed_at=None).exists():
        raise DomainError("serial_taken", _("This programme already has a server with this serial number."))
    if ServerCredential.objects.filter(serial=serial).exists():
        raise _elsewhere()


def _elsewhere() -> DomainError:
    # says nothing about where: that would tell a stranger who has which box
    return DomainError(
        "serial_elsewhere",
        _("A server with this serial number is active elsewhere: it has to be removed there first."),
    )


def _credential_keep(credential: ServerCredential) -> None:
    """Two people may register one label at the same moment: the database lets one of them."""
    try:
        with transaction.atomic():
            credential.save()
    except IntegrityError:
        raise _elsewhere() from None


def _mail_password(actor: Actor, server: Server, kind: str) -> None:
    mails_take_back(kinds=PASSWORD_MAILS, why="a newer one was asked for", context__server_id=server.pk)
    mail_enqueue(
        kind=kind,
        recipient=actor.user.email,
        language=actor.user.language,
        programme_id=actor.programme.pk,
        context={
            "server_id": server.pk,
            "serial": serial_grouped(server.serial),
            "description": server.description,
            "programme": actor.programme.name,
        },
    )


def _audit(actor: Actor, action: str, server: Server, **detail: Any) -> None:
    audit_record(
        actor=actor, action=action, target_kind="server", target=str(server.public_id), detail=detail
    )
