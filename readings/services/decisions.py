"""What an operator decides about one reading. It is a stored fact, which no resend of a gateway undoes."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import AuditEntry
from accounts.tenancy import current_programme_id
from readings.batches.body import index_fault, steps
from readings.models import Reading, SupersededReading
from readings.review.rules import ACCEPTED
from readings.services.storing import NewReading, readings_store, registers_lock
from readings.totals.touches import totals_ring, touch
from servers.models import Register


@transaction.atomic
def reading_reject(*, register_id: int, at: int, actor: Actor | None = None, reason: str = "") -> None:
    """The reading stays, but no total uses it. Raises `DomainError` no_reading."""
    _decide(register_id, at, False, actor, reason)


@transaction.atomic
def reading_accept(*, register_id: int, at: int, actor: Actor | None = None, reason: str = "") -> None:
    """Take a rejection back. Raises `DomainError` no_reading."""
    _decide(register_id, at, True, actor, reason)


@transaction.atomic
def reading_confirm(
    *, register_id: int, at: int, actor: Actor | None = None, confirmed: bool = True, reason: str = ""
) -> None:
    """The reading is right: a steep rise counts, after a fall counting begins anew. `confirmed` False takes it back."""
    reading = _locked(register_id, at)
    if bool(reading.marks & ACCEPTED) == confirmed:
        return
    marks = ACCEPTED if confirmed else reading.marks & ~ACCEPTED
    Reading.objects.filter(register_id=register_id, at=at).update(marks=marks)
    _note(reading, actor, "reading.confirm" if confirmed else "reading.unconfirm", reason=reason)
    _changed(register_id, at)


@transaction.atomic
def reading_correct(
    *, register: Register, at: int, value: str, actor: Actor | None = None, reason: str = ""
) -> int:
    """Put `value` (a decimal text in the register's unit) in the place of what was received. Returns its steps.

    What was received is kept, and every later resend of it loses against the operator's value. Raises `DomainError`
    bad_value, or the fault of an index that this register cannot have.
    """
    number = steps(value, register.exponent)
    cumulative = register.kind == Register.Kind.CUMULATIVE
    fault = "bad_value" if number is None else index_fault(number, cumulative=cumulative, span=register.span)
    if number is None or fault:
        raise DomainError(fault, _("This register cannot have this value."))
    registers_lock({register.pk})
    rows = Reading.objects.filter(register=register, at=at)
    before = rows.first()
    readings_store(
        rows=[
            NewReading(
                register.pk,
                at,
                number,
                before.spool if before else 0,
                # a second correction stands above the first, whichever is greater
                before.seq + (before.source == Reading.Source.OPERATOR) if before else 0,
                cumulative,
            )
        ],
        source=Reading.Source.OPERATOR,
        now=timezone.now(),
    )
    rows.update(marks=ACCEPTED, used=True, source=Reading.Source.OPERATOR)
    _note(
        Reading(register=register, at=at, value=number), actor, "reading.correct", reason=reason,
        before=before.value if before else None,
    )  # fmt: skip
    _changed(register.pk, at)
    return number


@transaction.atomic
def reading_restore(*, register_id: int, at: int, actor: Actor | None = None) -> None:
    """Take a correction back: the received value with the highest (spool, seq) stands again; without one, none does."""
    registers_lock({register_id})
    rows = Reading.objects.filter(register_id=register_id, at=at)
    standing = rows.select_related("register").first()
    if standing is None or standing.source != Reading.Source.OPERATOR:
        return
    received = received_put_back(register_id, at)
    _note(standing, actor, "reading.restore", after=received.value if received else None)
    _changed(register_id, at)


def received_put_back(register_id: int, at: int) -> SupersededReading | None:
    """In the place of the operator's value; without anything received, none stands. The caller holds the register."""
    rows = Reading.objects.filter(register_id=register_id, at=at)
    received: SupersededReading | None = (
        SupersededReading.objects.filter(register_id=register_id, at=at)
        .exclude(source=Reading.Source.OPERATOR)
        .order_by("-spool", "-seq")
        .first()
    )
    if received is None:
        rows.delete()
        return None
    rows.update(
        value=received.value, source=received.source, spool=received.spool, seq=received.seq, used=True, marks=0
    )  # fmt: skip
    return received


def _locked(register_id: int, at: int) -> Reading:
    registers_lock({register_id})
    reading: Reading | None = (
        Reading.objects.filter(register_id=register_id, at=at).select_related("register").first()
    )
    if reading is None:
        raise DomainError("no_reading", _("There is no reading at this time."))
    return reading


def _decide(register_id: int, at: int, used: bool, actor: Actor | None, reason: str) -> None:
    reading = _locked(register_id, at)
    if reading.used == used:
        return
    Reading.objects.filter(register_id=register_id, at=at).update(used=used)
    _note(reading, actor, "reading.accept" if used else "reading.reject", reason=reason)
    _changed(register_id, at)


def _note(reading: Reading, actor: Actor | None, action: str, **more: Any) -> None:
    AuditEntry.objects.create(
        actor=actor.user if actor else None,
        action=action,
        target_kind="register",
        target=str(reading.register.public_id),
        detail={
            "at": reading.at,
            "value": reading.value,
            **{k: v for k, v in more.items() if v not in (None, "")},
        },
    )


def _changed(register_id: int, at: int) -> None:
    touch({register_id: [at]})
    totals_ring(programme_id=current_programme_id())
