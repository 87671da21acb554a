"""Closing a month, and opening the last closed one again: never in silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.jobs import job_enqueue
from accounts.models import Programme
from accounts.services.audit import audit_record
from accounts.templatetags.releve import local_month
from readings.imports.closed import register_period_closed
from readings.models import PeriodClosing, StatementEntry
from readings.statements.ledger import MAIN, closings_standing
from readings.statements.money import month_after, month_before, month_of
from readings.statements.settle import bookings
from readings.statements.terms import DAY, terms_of_point
from servers.models import MeteringPoint

CLOSE = "period_close"
REASON = 300


def next_month(programme: Programme, today: date) -> date | None:
    """The month that can be closed: the one after the last closed, or last month; None while it is not over."""
    last = closings_standing().order_by("-month").first()
    month = month_after(last.month) if last else month_before(month_of(today))
    return month if month < month_of(today) else None


def today_of(programme: Programme) -> date:
    return timezone.now().astimezone(programme.zone).date()


@transaction.atomic
def period_close(*, actor: Actor, month: date, fill: str) -> PeriodClosing:
    """Close `month` (a first day); a worker books its charges. Asked twice it is closed once.

    Raises `not_next`, `not_settled` and `bad_fill`.
    """
    programme = Programme.objects.select_for_update(no_key=True).get(pk=actor.programme.pk)
    standing: PeriodClosing | None = closings_standing().filter(month=month).first()
    if standing is not None:
        return standing
    if fill not in PeriodClosing.Fill.values:
        raise DomainError("bad_fill", _("Choose what is done about missing days."), field="fill")
    if closings_standing().filter(state=PeriodClosing.State.QUEUED).exists():
        raise DomainError("not_settled", _("The month before is still being closed. Try again in a moment."))
    expected = next_month(programme, today_of(programme))
    if month != expected:
        raise DomainError(
            "not_next", _("Months are closed one after the other, once they are over."), field="month"
        )
    closing = PeriodClosing.objects.create(month=month, fill=fill, closed_by=actor.user)
    job_enqueue(kind=CLOSE, programme_id=programme.pk, ref=str(closing.pk), key=f"{CLOSE}:{closing.pk}")
    audit_record(
        actor=actor, action="statement.period_closed", target_kind="programme", target=str(programme.public_id),
        detail={"month": f"{month:%Y-%m}", "fill": fill},
    )  # fmt: skip
    return closing


@transaction.atomic
def period_settle(*, closing_id: int) -> int:
    """Book what the month costs; the number of entries. Done again it books nothing. Called in scope."""
    closing = (
        PeriodClosing.objects.select_for_update(no_key=True).select_related("programme").get(pk=closing_id)
    )
    if closing.state == PeriodClosing.State.DONE or closing.reopened_at is not None:
        return 0
    currency = closing.programme.currency
    entries = [
        StatementEntry(
            contract_id=one.contract, month=closing.month, service=MAIN, kind=one.kind, minor=one.minor,
            currency=currency, key=f"c{closing.pk}:{one.point.pk}:{one.about or ''}", point=one.point,
            about=one.about, closing=closing, detail=one.detail,
        )
        for one in bookings(closing)
    ]  # fmt: skip
    StatementEntry.objects.bulk_create(entries, batch_size=500)
    closing.state = PeriodClosing.State.DONE
    closing.save(update_fields=["state"])
    return len(entries)


@transaction.atomic
def period_reopen(*, actor: Actor, closing: PeriodClosing, reason: str) -> PeriodClosing:
    """The last closed month only, with the reason that its statements will show. What it had booked stays stored and
    counts no more. Raises `not_last`, `no_reason`, `not_settled`."""
    Programme.objects.select_for_update(no_key=True).get(pk=actor.programme.pk)
    locked = PeriodClosing.objects.select_for_update(no_key=True).get(pk=closing.pk)
    if locked.reopened_at is not None:
        return locked
    last = closings_standing().order_by("-month").first()
    if last is None or last.pk != locked.pk:
        raise DomainError("not_last", _("Only the month that was closed last can be opened again."))
    if locked.state != PeriodClosing.State.DONE:
        raise DomainError("not_settled", _("The month is still being closed. Try again in a moment."))
    reason = " ".join(reason.split())
    if not reason:
        raise DomainError("no_reason", _("Say why the month is opened again."), field="reason")
    locked.reopened_at, locked.reopened_by, locked.reason = timezone.now(), actor.user, reason[:REASON]
    locked.save(update_fields=["reopened_at", "reopened_by", "reason"])
    audit_record(
        actor=actor, action="statement.period_reopened", target_kind="programme",
        target=str(actor.programme.public_id), detail={"month": f"{locked.month:%Y-%m}", "reason": locked.reason},
    )  # fmt: skip
    return locked


def refuse_closed(month: date) -> None:
    if closings_standing().filter(month=month).exists():
        raise DomainError(
            "period_closed", _("%(month)s is closed.") % {"month": local_month(month)}, field="month"
        )


def _closed_days(point: MeteringPoint, first: date, last: date) -> Iterator[tuple[date, date]]:
    """[first, end) of each closed period that meets these days, as the point's terms end it: a reporting day moves it
    away from the calendar's month. Points without a contract are in nobody's statement."""
    if point.contract_id is None:
        return
    terms = terms_of_point(point)
    held = closings_standing().filter(month__range=(terms.month_of(first), terms.month_of(last)))
    for month in held.values_list("month", flat=True):
        days = terms.days_of(month)
        yield days[0], days[-1] + DAY


def register() -> None:
    register_period_closed(_closed_days)


__all__ = ["period_close", "period_reopen", "period_settle", "refuse_closed"]
