"""An operator's decision about a flagged value: accept, correct, leave out, and each of them taken back.

One transaction a decision: the item's row is locked, so that of two operators the second is told what the first
has decided.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import AuditEntry
from readings.archives.totals import recompute
from readings.batches.body import FUTURE_SECONDS, steps
from readings.models import ArchiveSeries, ReviewItem
from readings.placing import Places
from readings.review.rules import Rule
from readings.services.decisions import (
    reading_accept,
    reading_confirm,
    reading_correct,
    reading_reject,
    reading_restore,
)
from readings.totals.drain import totals_drain
from servers.models import MeteringPoint, Register

State = ReviewItem.State
_ONLY_NOTED = frozenset({Rule.FROZEN, Rule.UNKNOWN_REGISTER})


def choices_of(item: ReviewItem) -> list[str]:
    """Which decisions make sense: a run of readings that stands still has no single value to correct."""
    if item.state != State.OPEN:
        return []
    if item.rule in _ONLY_NOTED and item.series_id is None:
        return [State.ACCEPTED]
    if item.rule == Rule.FUTURE and item.register_id is None and item.series_id is None:
        return [State.ACCEPTED, State.LEFT_OUT]
    if item.count > 1:
        return [State.ACCEPTED, State.LEFT_OUT]
    return [State.ACCEPTED, State.CORRECTED, State.LEFT_OUT]


@transaction.atomic
def review_decide(
    *, item: ReviewItem, actor: Actor, decision: str, reason: str = "", value: str = ""
) -> ReviewItem:
    """`decision` is accepted, corrected (with `value`, a decimal text in the item's unit, and a reason) or left_out.

    Raises `DomainError`: decided_meanwhile, no_choice, reason_missing, bad_value, still_future, no_reading.
    """
    locked = _locked(item)
    if locked.state != State.OPEN:
        raise DomainError("decided_meanwhile", _("Somebody has decided this meanwhile."))
    if decision not in choices_of(locked):
        raise DomainError("no_choice", _("This decision does not fit here."))
    if decision == State.CORRECTED and not reason.strip():
        raise DomainError("reason_missing", _("Say why the value is corrected."))
    locked.state, locked.reason, locked.correction = decision, reason.strip()[:300], value
    locked.decided_at, locked.decided_by = timezone.now(), actor.user
    if locked.series_id is not None:
        _archive(locked)
    elif locked.register_id is not None:
        _reading(locked, actor)
    elif locked.rule == Rule.FUTURE and decision == State.ACCEPTED:
        _take_in(locked, actor)
    locked.save()
    _audit(locked, actor, f"review.{decision}")
    return locked


@transaction.atomic
def review_undo(*, item: ReviewItem, actor: Actor) -> ReviewItem | None:
    """Take a decision back. Returns the open item, or None where the value no longer stands out. Raises not_decided."""
    locked = _locked(item)
    was = locked.state
    if was == State.OPEN:
        raise DomainError("not_decided", _("There is no decision to take back."))
    locked.state, locked.reason, locked.correction = State.OPEN, "", ""
    locked.decided_at = locked.decided_by = None
    locked.save()
    _audit(locked, actor, "review.undo", was=was)
    if locked.series_id is not None:
        _archive_follow(locked)
    elif locked.register_id is not None:
        _reading_undo(locked, was, actor)
    found: ReviewItem | None = ReviewItem.objects.filter(pk=locked.pk).first()
    return found


def _locked(item: ReviewItem) -> ReviewItem:
    locked: ReviewItem = ReviewItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    return locked


def _audit(item: ReviewItem, actor: Actor, action: str, **more: str) -> None:
    detail = {"rule": item.rule, "at": item.at, "value": item.value, "field": item.field, "reason": item.reason,
              "correction": item.correction, **more}  # fmt: skip
    AuditEntry.objects.create(
        actor=actor.user, action=action, target_kind="review", target=str(item.public_id),
        detail={name: value for name, value in detail.items() if value != ""},
    )  # fmt: skip


# -- index readings --------------------------------------------------------------------------------------------
def _reading(item: ReviewItem, actor: Actor) -> None:
    assert item.register_id is not None
    register: Register = Register.objects.get(pk=item.register_id)
    if item.rule in _ONLY_NOTED:
        return
    if item.state == State.ACCEPTED:
        reading_confirm(register_id=register.pk, at=item.at, actor=actor, reason=item.reason)
    elif item.state == State.LEFT_OUT:
        reading_reject(register_id=register.pk, at=item.at, actor=actor, reason=item.reason)
    else:
        reading_correct(register=register, at=item.at, value=item.correction, actor=actor, reason=item.reason)
    totals_drain(programme_id=item.programme_id, registers=[register.pk])


def _reading_undo(item: ReviewItem, was: str, actor: Actor) -> None:
    assert item.register_id is not None
    if item.rule in _ONLY_NOTED:
        return
    if was == State.ACCEPTED and not item.detail.get("taken_in"):
        reading_confirm(register_id=item.register_id, at=item.at, actor=actor, confirmed=False)
    elif was == State.LEFT_OUT:
        reading_accept(register_id=item.register_id, at=item.at, actor=actor)
    else:
        reading_restore(register_id=item.register_id, at=item.at, actor=actor)
    register_id = item.register_id
    if item.detail.pop("taken_in", None):  # it belongs to no register again
        item.register = None
        item.save()
    totals_drain(programme_id=item.programme_id, registers=[register_id])


def _take_in(item: ReviewItem, actor: Actor) -> None:
    """A reading that came before its time, and was not stored then, is taken as it was received."""
    if item.at > timezone.now().timestamp() + FUTURE_SECONDS:
        raise DomainError("still_future", _("Its time has not come yet."))
    meter, _slash, register = item.field.partition("/")
    assert item.server_id is not None
    place = Places(server_id=item.server_id, meters=[meter]).find(meter, register, item.at)
    if place is None:
        raise DomainError("no_reading", _("No published register takes this reading."))
    found: Register = Register.objects.select_related("installation").get(pk=place.register_id)
    reading_correct(register=found, at=item.at, value=item.value, actor=actor, reason=item.reason)
    item.register, item.point_id = found, found.installation.point_id
    item.detail = {**item.detail, "taken_in": True}
    totals_drain(programme_id=item.programme_id, registers=[found.pk])


# -- archives --------------------------------------------------------------------------------------------------
def _archive(item: ReviewItem) -> None:
    if item.state == State.CORRECTED and _no_value(item.correction):
        raise DomainError("bad_value", _("This is not a number."))
    item.save()
    _archive_follow(item)


def _no_value(text: str) -> bool:
    return steps(text, -6) is None or abs(Decimal(text)) >= 10**9


def _archive_follow(item: ReviewItem) -> None:
    """The record stays as the meter kept it; the decision lies over it, and the totals follow."""
    assert item.series_id is not None
    series: ArchiveSeries = ArchiveSeries.objects.get(pk=item.series_id)
    point: MeteringPoint = MeteringPoint.objects.select_for_update(of=("self",), no_key=True).get(
        pk=series.point_id
    )
    recompute(point=point, meter_id=series.meter_id, first=item.at, last=item.until)
