"""Mails to the holders of contracts whose readings are not there yet: once a period and person."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.models import ContractClaim, Programme, User
from accounts.outbox import mail_enqueue
from accounts.services.audit import audit_record
from readings.desk.arrivals import Arrival, arrivals, points_expected
from readings.desk.contacts import desk_settings
from readings.desk.periods import Period, period_now, period_of
from readings.models import UploadReminder
from servers.models import MeteringPoint


def period_to_remind(programme: Programme) -> Period | None:
    """The period whose days of reminding these are; None when nobody is to be reminded now. Called in scope."""
    kept = desk_settings()
    if not kept.remind:
        return None
    today = timezone.now().astimezone(programme.zone).date()
    period = period_now(today, kept, programme.zone)
    return period if today >= period.due - timedelta(days=kept.remind_before) else None


def lacking_by_person(period: Period) -> dict[User, list[MeteringPoint]]:
    """Who holds contracts with points that are still waited for, or missing."""
    lacking: dict[int, list[MeteringPoint]] = defaultdict(list)
    for one in arrivals(points_expected(period), period):
        if one.state in (Arrival.WAITED_FOR, Arrival.MISSING) and one.point.contract_id is not None:
            lacking[one.point.contract_id].append(one.point)
    found: dict[User, list[MeteringPoint]] = defaultdict(list)
    claims = ContractClaim.objects.filter(contract__in=list(lacking), removed_at=None, user__is_active=True)
    for claim in claims.select_related("user").order_by("user_id", "contract_id"):
        found[claim.user].extend(lacking[claim.contract_id])
    return dict(found)


def reminders_send(*, programme: Programme, period: Period) -> int:
    """Mail everybody who was not reminded of this period; the number of mails. Twice is harmless. In scope."""
    return sum(_remind(programme, period, user, points) for user, points in lacking_by_person(period).items())


@transaction.atomic
def _remind(programme: Programme, period: Period, user: User, points: list[MeteringPoint]) -> bool:
    _row, made = UploadReminder.objects.get_or_create(user=user, period=period.first)
    if made:
        mail_enqueue(
            kind="readings_due", recipient=user.email, language=user.language, programme_id=programme.pk,
            context={
                "slug": programme.slug, "programme": programme.name, "period": period.first.isoformat(),
                "due": period.due.isoformat(), "user": user.pk,
                "points": [[point.number or "", point.name, point.address] for point in points[:30]],
                "more": max(0, len(points) - 30),
            },
        )  # fmt: skip
    return made


def reminders_now(*, actor: Actor, month: date) -> int:
    """The desk's own word, on any day. Who was reminded of the period already is not reminded again."""
    period = period_of(month, desk_settings(), actor.programme.zone)
    sent = reminders_send(programme=actor.programme, period=period)
    audit_record(
        actor=actor, action="reminders.sent", target_kind="programme", target=str(actor.programme.public_id),
        detail={"period": f"{month:%Y-%m}", "count": sent},
    )  # fmt: skip
    return sent
