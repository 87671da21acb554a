"""The secrets of a server: the password of its mail, and the token it is exchanged for. Only HMACs are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.first_ask import row_asked_first
from accounts.models import Programme
from accounts.outbox import mails_take_back
from accounts.secrets import any_equal, digest_of, digests_of, make_server_password, make_token, matches
from accounts.tenancy import tenant_scope
from servers.models import Server, ServerCredential
from servers.services.commands import commands_abandon
from servers.services.presence import server_instances_forget, server_twin_alarm

PASSWORD = "server-password"  # noqa: S105 - names of purposes, not secrets
TOKEN = "server-token"  # noqa: S105
PASSWORD_MAILS = ("server_added", "server_password")


@dataclass(frozen=True)
class Activated:
    """The answer to an activation. `token` is known here and to the server only."""

    token: str
    server: Server
    programme: Programme


def password_issue(*, server_id: int) -> str | None:
    """A new password, in clear, once; it replaces the one before. None when the server has been removed."""
    password = make_server_password()
    issued = ServerCredential.objects.filter(server_id=server_id, serial__isnull=False).update(
        password_digest=digest_of(password, purpose=PASSWORD), changed_at=timezone.now()
    )
    return password if issued else None


def password_end(*, server_id: int) -> None:
    """The present password is refused from now on; the token goes on."""
    ServerCredential.objects.filter(server_id=server_id).update(
        password_digest=None, changed_at=timezone.now()
    )


def passwords_unread_end(programme: Programme) -> None:
    """The programme has another holder: what its old one was mailed, or is about to be, sets up no box any more.

    Boxes that work go on; for one that waits the new holder asks for a password.
    """
    mails_take_back(kinds=PASSWORD_MAILS, why="the programme has another holder", programme_id=programme.pk)
    ServerCredential.objects.filter(programme=programme).update(
        password_digest=None, changed_at=timezone.now()
    )


def token_end(*, server_id: int) -> None:
    """Neither token nor password of the box open anything any more."""
    ServerCredential.objects.filter(server_id=server_id).update(
        password_digest=None,
        token_digest=None,
        next_token_digest=None,
        past_token_digest=None,
        token_used_at=None,
        changed_at=timezone.now(),
    )


def server_activate(*, serial: str, password: str) -> Activated:
    """Exchange the password for a token of 256 bits. The password goes on until that token is first used, so
    that an answer lost on the way does not lock the box out; each exchange ends the token before it.

    Raises `DomainError` "wrong_password", the same for an unknown serial.
    """
    credential = ServerCredential.objects.filter(serial=serial).select_related("programme").first()
    # compared also when there is nothing to compare with, so that time tells nothing about serials
    if not matches(password, credential.password_digest if credential else None, purpose=PASSWORD):
        raise _wrong_password()
    assert credential is not None
    with tenant_scope(credential.programme_id), transaction.atomic():
        return _exchange(credential, password)


def _exchange(credential: ServerCredential, password: str) -> Activated:
    locked = ServerCredential.objects.select_for_update().get(pk=credential.pk)
    if not matches(password, locked.password_digest, purpose=PASSWORD):  # ended while we waited for the lock
        raise _wrong_password()
    now = timezone.now()
    server = Server.objects.get(pk=locked.server_id)
    token = make_token()
    if locked.token_used_at is not None:  # somebody works with it: should it come again, there are two
        locked.past_token_digest = locked.token_digest
    locked.token_digest, locked.next_token_digest = digest_of(token, purpose=TOKEN), None
    locked.token_used_at = None
    locked.activation_epoch += 1
    locked.changed_at = now
    locked.save()
    server.activated_at, server.suspended_at = now, None
    server.save(update_fields=["activated_at", "suspended_at"])
    server_instances_forget(server=server)
    commands_abandon(server=server, told_only=True)
    return Activated(token, server, credential.programme)


def _wrong_password() -> DomainError:
    return DomainError("wrong_password", _("This serial number and this password do not belong together."))


def token_rotate(*, credential: Caller) -> str:
    """A new token, in clear, once. The present one works until the new one is first used, so that an answer lost
    on the way costs nothing; asked again, the newest counts."""
    token = make_token()
    ServerCredential.objects.filter(pk=credential.pk, token_digest=credential.token_digest).update(
        next_token_digest=digest_of(token, purpose=TOKEN), changed_at=timezone.now()
    )
    return token


class Caller(NamedTuple):
    """The credential behind a token that lets its server in."""

    pk: int
    programme_id: int
    server_id: int
    activation_epoch: int
    token_digest: str
    next_token_digest: str | None
    token_used: bool


def credential_of_token(*, token: str) -> Caller | None:
    """Whose token it is. Its first use ends the password, or the token, that it was exchanged for.

    A token that another one has replaced lets nobody in and raises the alarm: two agents have one identity.
    """
    if not 20 <= len(token) <= 200:
        return None
    digests = digests_of(token, purpose=TOKEN)
    caller = _caller(digests)
    if caller is None:
        _replaced_token_seen(token, digests)
        return None
    if any_equal(digests, caller.token_digest):
        return _first_use(_renew(caller, digests[0]))
    if any_equal(digests, caller.next_token_digest):
        return _take_over(caller)
    return None


def _caller(digests: list[str]) -> Caller | None:
    """Plain SQL: each call of each server asks it, and putting the query together took longer than its answer."""
    marks = ", ".join(["%s"] * len(digests))
    row = row_asked_first(
        "SELECT id, programme_id, server_id, activation_epoch, token_digest, next_token_digest, "  # noqa: S608
        "token_used_at IS NOT NULL FROM servers_servercredential "
        f"WHERE token_digest IN ({marks}) OR next_token_digest IN ({marks})",
        [*digests, *digests],
    )
    return Caller(*row) if row else None


def _renew(caller: Caller, digest: str) -> Caller:
    """A token that was digested with an older SECRET_KEY is kept under the present one, or the box would be locked
    out on the day the older one goes."""
    if caller.token_digest == digest:
        return caller
    ServerCredential.objects.filter(pk=caller.pk, token_digest=caller.token_digest).update(
        token_digest=digest
    )
    return caller._replace(token_digest=digest)


def _first_use(caller: Caller) -> Caller:
    if not caller.token_used:
        ServerCredential.objects.filter(
            pk=caller.pk, token_digest=caller.token_digest, token_used_at=None
        ).update(token_used_at=timezone.now(), password_digest=None)
    return caller


def _take_over(caller: Caller) -> Caller | None:
    """The rotated token is used for the first time: from here on it is the only one."""
    assert caller.next_token_digest is not None
    waiting = ServerCredential.objects.filter(pk=caller.pk, next_token_digest=caller.next_token_digest)
    waiting.update(
        past_token_digest=F("token_digest"),
        token_digest=F("next_token_digest"),
        next_token_digest=None,
        token_used_at=timezone.now(),
    )
    return _caller([caller.next_token_digest])  # as it stands now: another call may have been quicker


def _replaced_token_seen(token: str, digests: list[str]) -> None:
    credential = ServerCredential.objects.filter(past_token_digest__in=digests).first()
    if credential is None or not matches(token, credential.past_token_digest, purpose=TOKEN):
        return
    with tenant_scope(credential.programme_id):
        server = Server.objects.filter(pk=credential.server_id, removed_at=None).first()
        if server is not None:
            server_twin_alarm(server=server)


@transaction.atomic
def server_suspend(*, server: Server) -> None:
    """The box asks to be cut off: nothing is taken from it until it resumes. Doing it twice changes nothing."""
    if server.suspended_at is None:
        server.suspended_at = timezone.now()
        server.save(update_fields=["suspended_at"])


@transaction.atomic
def server_resume(*, server: Server) -> None:
    if server.suspended_at is not None:
        server.suspended_at = None
        server.save(update_fields=["suspended_at"])
