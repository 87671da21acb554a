"""Which looks of the staff concern a person: at their dwelling while it was theirs, at contracts they hold."""

from __future__ import annotations

from datetime import datetime, time
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from accounts.access import Actor
from accounts.audit.selectors import looks_at
from accounts.models import AuditEntry, ContractClaim
from servers.models import Occupancy


def looks_of(actor: Actor) -> QuerySet[AuditEntry]:
    """Newest first; of a dwelling only within the own days, of a contract only since it was claimed."""
    zone = actor.programme.zone
    spans: list[Q] = []
    targets: list[str] = []
    for home in Occupancy.objects.filter(user=actor.user).select_related("dwelling"):
        target = str(home.dwelling.public_id)
        days = Q(target=target, at__gte=datetime.combine(home.move_in, time(), zone))
        if home.move_out:
            days &= Q(at__lt=datetime.combine(home.move_out, time(), zone))
        spans.append(days)
        targets.append(target)
    for claim in ContractClaim.objects.filter(user=actor.user, removed_at=None).select_related("contract"):
        target = str(claim.contract.public_id)
        spans.append(Q(target=target, at__gte=claim.created_at))
        targets.append(target)
    if not spans:
        return AuditEntry.objects.none()
    return looks_at(targets).filter(reduce(or_, spans))
