"""Asking for hints, ending them, and sending what is due: one mail a budget, threshold and month; a leak at most
once a week."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, actor_of
from accounts.errors import DomainError
from accounts.models import Programme, User
from accounts.outbox import mail_enqueue
from readings.consumption.periods import period_of
from readings.consumption.selectors import DwellingMeters, Spans
from readings.hints.budget import Progress, progress_of
from readings.hints.leak import Leak, leaks_of, window_start
from readings.models import Hint, HintSent
from servers.models import Dwelling, Occupancy
from servers.rights.decide import may_see_euros

MOST = 12  # hints a person and dwelling
AGAIN = timedelta(days=7)


@transaction.atomic
def hint_save(
    *, actor: Actor, dwelling: Dwelling, kind: str, usage: str = "", limit: int | None = None
) -> Hint:
    """Set or change one. Raises `DomainError` no_euros, too_many."""
    if kind == Hint.Kind.MONEY and not may_see_euros(actor, dwelling):
        raise DomainError("no_euros", _("Your operator does not show amounts of money."))
    mine = Hint.objects.filter(user=actor.user, dwelling=dwelling)
    if mine.count() >= MOST:
        raise DomainError("too_many", _("Remove a hint before you add another."))
    hint, created = Hint.objects.get_or_create(
        user=actor.user, dwelling=dwelling, kind=kind, usage=usage, defaults={"limit": limit}
    )
    if not created and hint.limit != limit:
        hint.limit = limit
        hint.save(update_fields=["limit"])
        hint.sent.all().delete()  # another budget: what was said of the old one does not count
    found: Hint = hint
    return found


@transaction.atomic
def hint_end(*, public_id: UUID, user: User | None = None) -> bool:
    """By its own key; `user` where the person is known, so that nobody ends another's. False: there is none."""
    rows = Hint.objects.filter(public_id=public_id)
    rows = rows if user is None else rows.filter(user=user)
    return bool(rows.delete()[0])


def stays_of(hint: Hint, today: date) -> Spans:
    """The person's days in the dwelling; empty where they do not live there today."""
    rows = Occupancy.objects.filter(user=hint.user_id, dwelling=hint.dwelling_id).order_by("move_in")
    spans = list(rows.values_list("move_in", "move_out"))
    lives_here = any(start <= today and (end is None or today < end) for start, end in spans)
    return spans if lives_here else []


def hints_send(*, programme: Programme) -> int:
    """Everything that is due in the programme in scope. Returns how many mails were intended."""
    rows = Hint.objects.select_related("dwelling__building", "user").order_by("dwelling", "user", "pk")
    return sum(_send(hint, programme) for hint in rows)


@transaction.atomic
def _send(hint: Hint, programme: Programme) -> bool:
    dwelling = hint.dwelling
    zone = ZoneInfo(dwelling.building.time_zone or programme.time_zone)
    now = timezone.now()
    today = now.astimezone(zone).date()
    spans = stays_of(hint, today)
    actor = actor_of(hint.user, programme)
    if not spans or actor is None or not hint.user.is_active:
        return False
    meters = DwellingMeters(dwelling, spans)
    if hint.kind == Hint.Kind.LEAK:
        return _send_leak(hint, programme, own_leaks(meters, spans, now, zone), today)
    if hint.kind == Hint.Kind.MONEY and not may_see_euros(actor, dwelling):
        return False
    month = period_of("month", today)
    progress = progress_of(hint, meters.consumption(month.first_day, month.end_day), programme.currency)
    return progress is not None and _send_budget(hint, programme, progress, month.first_day)


def own_leaks(meters: DwellingMeters, spans: Spans, now: datetime, zone: ZoneInfo) -> list[Leak]:
    """None in the first days of a stay: the hours before it are not the person's."""
    since = window_start(now)
    for start, end in spans:
        began = datetime.combine(start, time(), zone)
        ended = datetime.combine(end, time(), zone) if end else None
        if began <= since and (ended is None or now < ended):
            return leaks_of(meters.sources, now)
    return []


def _send_budget(hint: Hint, programme: Programme, progress: Progress, month: date) -> bool:
    threshold = progress.reached
    said = hint.sent.filter(period=month, threshold__gte=threshold)
    if not threshold or said.exists():
        return False
    figures = {
        "used": str(progress.used),
        "limit": progress.limit,
        "threshold": threshold,
        "month": f"{month}",
    }
    return _mail("budget", hint, programme, period=month, threshold=threshold, figures=figures)


def _send_leak(hint: Hint, programme: Programme, leaks: list[Leak], today: date) -> bool:
    if not leaks or hint.sent.filter(Q(sent_at__gt=timezone.now() - AGAIN)).exists():
        return False
    figures = {
        "leaks": [{"medium": one.medium, "hours": one.hours, "least": str(one.least)} for one in leaks]
    }
    return _mail("leak", hint, programme, period=today, threshold=0, figures=figures)


def _mail(
    kind: str, hint: Hint, programme: Programme, *, period: date, threshold: int, figures: dict[str, Any]
) -> bool:
    sent, created = HintSent.objects.get_or_create(hint=hint, period=period, threshold=threshold)
    if not created:
        return False
    sent.message = mail_enqueue(
        kind=kind, recipient=hint.user.email, language=hint.user.language, programme_id=programme.pk,
        context={
            "hint": str(hint.public_id), "slug": programme.slug, "programme": programme.name,
            "dwelling": hint.dwelling.name, "currency": programme.currency, **figures,
        },
    )  # fmt: skip
    sent.save(update_fields=["message"])
    return True
