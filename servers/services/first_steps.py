"""Whether a person of the staff wants to see the first steps of a programme."""

from __future__ import annotations

from django.utils import timezone

from accounts.access import Actor
from accounts.models import Membership, Role

STAFF = (Role.ADMINISTRATOR, Role.OPERATOR)


def first_steps_put(*, actor: Actor, away: bool) -> None:
    """Put away, or taken out again, for this person in this programme."""
    own = Membership.objects.filter(programme=actor.programme, user=actor.user, role__in=STAFF)
    own.update(first_steps_put_away_at=timezone.now() if away else None)
