"""Erasing a person. The building's totals stay, as does what was done; only who it was is gone.

At once: the account is closed, its sessions, factors, links, roles and mails end. By a job, programme by programme:
names and addresses leave the rows that stay. The row of the account remains as an empty shell, because occupancies
and the trace point at it.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.factors.services import factors_end
from accounts.jobs import RetryLater, job_enqueue
from accounts.models import BrowserSession, EmailToken, Membership, OutboxMessage, Programme, Role, User
from accounts.outbox import mail_enqueue, person_moment
from accounts.privacy.export import exports_forget
from accounts.privacy.own import addresses_of, mails_forget, mails_unname
from accounts.privacy.registry import holders
from accounts.services.audit import audit_write
from accounts.services.passwords import password_confirm
from accounts.tenancy import tenant_scope

JOB = "person_erase"


def programmes_held_alone(user: User) -> list[Programme]:
    """Programmes that nobody would hold without this person."""
    held = Programme.objects.filter(memberships__user=user, memberships__role=Role.ADMINISTRATOR).distinct()
    others = Membership.objects.filter(role=Role.ADMINISTRATOR, accepted_at__isnull=False).exclude(user=user)
    return list(held.exclude(pk__in=others.values("programme")).order_by("name"))


@transaction.atomic
def person_erase(*, user: User, password: str) -> None:
    """Raises `password_wrong` and `last_administrator`."""
    password_confirm(user=user, password=password)
    alone = programmes_held_alone(user)
    if alone:
        raise DomainError(
            "last_administrator",
            _("You alone hold %(names)s. Hand it over first: Account, E-mail address.")
            % {"names": ", ".join(programme.name for programme in alone)},
        )
    for membership in Membership.objects.filter(user=user).select_related("programme"):
        audit_write(
            programme=membership.programme, user=user, action="person.erased",
            target_kind="membership", target=str(membership.public_id), detail={"role": membership.role},
        )  # fmt: skip
    mail_enqueue(
        kind="account_erased", recipient=user.email, language=user.language, context=person_moment(user)
    )
    job_enqueue(kind=JOB, ref=str(user.pk), key=f"{JOB}:{user.pk}")
    User.objects.filter(pk=user.pk).update(is_active=False, erased_at=timezone.now())
    Membership.objects.filter(user=user).delete()
    EmailToken.objects.filter(user=user).delete()
    BrowserSession.objects.filter(user=user).delete()
    factors_end(user=user)
    exports_forget(user=user)


def person_forget(*, user_id: int) -> None:
    """The job: take the person out of every programme's rows, then empty the account. May run twice."""
    user = User.objects.filter(pk=user_id, erased_at__isnull=False).first()
    if user is None or user.email.endswith("@erased.invalid"):
        return
    if OutboxMessage.objects.filter(recipient=user.email, state=OutboxMessage.State.QUEUED).exists():
        raise RetryLater("the last mail is not sent yet")
    for programme in Programme.objects.order_by("pk"):
        with tenant_scope(programme.pk), transaction.atomic():
            for holder in holders():
                holder.erase(user, programme)
    with transaction.atomic():
        for address in addresses_of(user):
            mails_forget(of=address)
            mails_unname(address=address, handle=user.public_id.hex[:8])
            EmailToken.objects.filter(new_email=address).delete()
        user.email, user.name = f"{user.public_id.hex}@erased.invalid", ""
        user.set_unusable_password()
        user.save(update_fields=["email", "name", "password"])
