"""Who lives where, and since when: the operator settles people in and out.

Days are local to the programme and half-open: `move_out` is the first day that is no longer theirs.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import Membership, Role, User
from accounts.services.audit import audit_record
from accounts.services.invitations import membership_invite, membership_withdraw
from servers.models import Dwelling, Occupancy

EARLIEST, LATEST = date(1970, 1, 1), date(2100, 1, 1)


@transaction.atomic
def occupancy_create(
    *,
    actor: Actor,
    dwelling: Dwelling,
    email: str,
    name: str,
    move_in: date,
    move_out: date | None = None,
    mail: bool = True,
) -> Occupancy:
    """Settle a person into a dwelling and invite them by mail. Several people may share a dwelling.

    `mail` False: somebody who was invited a moment ago, with another dwelling of the same list. Raises
    `dwelling_retired`, `occupancy_days` and `occupancy_overlaps`.
    """
    days_checked(move_in, move_out)
    standing = _locked(dwelling)
    if standing.retired_at is not None:
        raise DomainError(
            "dwelling_retired", _("This dwelling is no longer in the programme."), field="dwelling"
        )
    if mail:
        membership = _invite(actor, dwelling, email, move_in)
    else:
        membership = Membership.objects.select_related("user").get(
            programme=actor.programme, user__email=email, role=Role.OCCUPANT
        )
    person = _named(membership.user, name)
    _refuse_overlap(dwelling, person, move_in, move_out)
    occupancy = Occupancy(dwelling=dwelling, user=person, name=name, move_in=move_in, move_out=move_out)
    occupancy.save()
    _audit(actor, "occupancy.created", occupancy, email=person.email, **_state(occupancy))
    return occupancy


@transaction.atomic
def occupancy_change(
    *, actor: Actor, occupancy: Occupancy, name: str, move_in: date, move_out: date | None
) -> Occupancy:
    """Correct the name and the days. Raises `occupancy_days` and `occupancy_overlaps`."""
    days_checked(move_in, move_out)
    _locked(occupancy.dwelling)
    _refuse_overlap(occupancy.dwelling, occupancy.user, move_in, move_out, but=occupancy)
    before = _state(occupancy)
    occupancy.name, occupancy.move_in, occupancy.move_out = name, move_in, move_out
    occupancy.save(update_fields=["name", "move_in", "move_out"])
    _audit(actor, "occupancy.changed", occupancy, old=before, new=_state(occupancy))
    return occupancy


@transaction.atomic
def occupancy_end(*, actor: Actor, occupancy: Occupancy, move_out: date) -> Occupancy:
    """The person moves out: from `move_out` on they see no day, those before stay theirs. Raises as a change does."""
    days_checked(occupancy.move_in, move_out)
    _locked(occupancy.dwelling)
    _refuse_overlap(occupancy.dwelling, occupancy.user, occupancy.move_in, move_out, but=occupancy)
    before = _state(occupancy)
    occupancy.move_out = move_out
    occupancy.save(update_fields=["move_out"])
    _audit(actor, "occupancy.ended", occupancy, old=before, new=_state(occupancy))
    return occupancy


@transaction.atomic
def occupancy_invite_again(*, actor: Actor, occupancy: Occupancy) -> None:
    """A new mail with a new link. Raises `occupant_active` for somebody who has followed one."""
    accepted = Membership.objects.filter(
        programme=actor.programme, user=occupancy.user, role=Role.OCCUPANT, accepted_at__isnull=False
    )
    if accepted.exists():
        raise DomainError("occupant_active", _("This person has followed the link already."))
    _invite(actor, occupancy.dwelling, occupancy.user.email, occupancy.move_in)


@transaction.atomic
def occupancy_remove(*, actor: Actor, occupancy: Occupancy) -> None:
    """It was a mistake: the person never lived there. Without another dwelling here they are out at once."""
    person = occupancy.user
    _audit(actor, "occupancy.removed", occupancy, email=person.email, **_state(occupancy))
    occupancy.delete()
    if Occupancy.objects.filter(user=person).exists():
        return
    membership = (
        Membership.objects.filter(programme=actor.programme, user=person, role=Role.OCCUPANT)
        .select_related("programme", "user")
        .first()
    )
    if membership is not None:
        membership_withdraw(membership=membership, withdrawn_by=actor.user)


def days_checked(move_in: date, move_out: date | None) -> None:
    """Raises `occupancy_days` for days that cannot be those of a stay."""
    if not EARLIEST <= move_in < LATEST:
        raise DomainError("occupancy_days", _("Give a day between 1970 and 2099."), field="move_in")
    if move_out is None:
        return
    if move_out <= move_in:
        raise DomainError("occupancy_days", _("The move-out must be after the move-in."), field="move_out")
    if move_out >= LATEST:
        raise DomainError("occupancy_days", _("Give a day between 1970 and 2099."), field="move_out")


def _locked(dwelling: Dwelling) -> Dwelling:
    """Two operators who settle the same person at once come one after the other."""
    locked: Dwelling = Dwelling.objects.select_for_update().get(pk=dwelling.pk)
    return locked


def _refuse_overlap(
    dwelling: Dwelling, person: User, move_in: date, move_out: date | None, *, but: Occupancy | None = None
) -> None:
    others = Occupancy.objects.filter(dwelling=dwelling, user=person).exclude(move_out__lte=move_in)
    if move_out is not None:
        others = others.filter(move_in__lt=move_out)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.exists():
        raise DomainError(
            "occupancy_overlaps",
            _("This person already lives in this dwelling on some of these days."),
            field="move_in",
        )


def _invite(actor: Actor, dwelling: Dwelling, email: str, move_in: date) -> Membership:
    return membership_invite(
        programme=actor.programme,
        email=email,
        role=Role.OCCUPANT,
        mail_kind="occupant_invited",
        context={
            "dwelling": dwelling.name,
            "building": dwelling.building.name,
            "move_in": move_in.isoformat(),
        },
        invited_by=actor.user,
    )


def _named(person: User, name: str) -> User:
    """Somebody who has no account yet is greeted by the operator's name for them."""
    if not person.name and not person.has_usable_password():
        person.name = name
        person.save(update_fields=["name"])
    return person


def _state(occupancy: Occupancy) -> dict[str, Any]:
    end = occupancy.move_out
    return {
        "name": occupancy.name,
        "move_in": occupancy.move_in.isoformat(),
        "move_out": end.isoformat() if end else None,
    }


def _audit(actor: Actor, action: str, occupancy: Occupancy, **detail: Any) -> None:
    """Under the dwelling's id, so that its history is one list."""
    audit_record(
        actor=actor,
        action=action,
        target_kind="dwelling",
        target=str(occupancy.dwelling.public_id),
        detail={"occupancy": str(occupancy.public_id), **detail},
    )
