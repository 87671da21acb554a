"""Storing what a person typed, once, through the common waist; and correcting one's own entry."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import Programme
from accounts.outbox import mail_enqueue
from accounts.services.audit import audit_record
from readings.batches.body import index_fault
from readings.hand_entry.plausible import neighbours, unlikely
from readings.imports.closed import period_is_closed
from readings.ingest.wallclock import WallClock, point_zone
from readings.models import HandEntry, Reading
from readings.refusals import issue_sentence
from readings.services.storing import NewReading, readings_store
from readings.tabular.cells import BadCell, in_steps, number_of
from readings.tabular.places import Counter, counters_at
from servers.models import MeteringPoint, Register

FUTURE = 3600


@dataclass
class Checked:
    """What the typed texts are: values by ref, and by ref what is wrong or unlikely (codes)."""

    values: dict[str, tuple[Counter, int]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)


def entry_check(*, point: MeteringPoint, at: int, texts: Mapping[str, str]) -> Checked:
    """Look at each text without storing it. Raises `DomainError` for an instant that no entry can have."""
    _instant_check(point, at)
    found = Checked()
    try:
        counters = {counter.ref: counter for counter in counters_at(point, at)}
    except BadCell as bad:
        raise DomainError(bad.code, issue_sentence(bad.code)) from None
    for ref, text in texts.items():
        if ref in counters and text.strip():
            _check_one(found, counters[ref], at, text)
    return found


def _instant_check(point: MeteringPoint, at: int) -> None:
    if at > timezone.now().timestamp() + FUTURE:
        raise DomainError("future", _("The time lies in the future."), field="at")
    if period_is_closed(point, WallClock(point_zone(point)).day_of(at)):
        raise DomainError("period_closed", _("The utility has closed this period."), field="at")


def _check_one(found: Checked, counter: Counter, at: int, text: str) -> None:
    try:
        value = in_steps(number_of(text), counter.exponent)
    except BadCell as bad:
        found.faults[counter.ref] = bad.code
        return
    if fault := index_fault(value, cumulative=True, span=counter.span):
        found.faults[counter.ref] = fault
        return
    register = counter.register
    before, after = neighbours(register.pk if register else None, at)
    found.values[counter.ref] = (counter, value)
    codes = unlikely(
        value, at, before=before, after=after, max_per_hour=register.max_per_hour if register else None
    )
    if codes:
        found.warnings[counter.ref] = codes


@transaction.atomic
def entry_save(
    *, actor: Actor, point: MeteringPoint, at: int, checked: Checked, token: uuid.UUID
) -> list[HandEntry]:
    """The entries of one form. Sent twice (the same `token`) it is one entry.

    Raises `changed_since` where another value stands at this very instant already.
    """
    Programme.objects.select_for_update(no_key=True).get(pk=actor.programme.pk)  # one click after the other
    given = list(HandEntry.objects.filter(token=token).order_by("pk"))
    if given:
        return given
    entries = []
    for counter, value in checked.values.values():
        register = counter.made()
        if Reading.objects.filter(register=register, at=at).exclude(value=value).exists():
            raise DomainError(
                "changed_since", _("Another value is stored for this time already. Correct it instead.")
            )
        entries.append(
            HandEntry(
                register=register, at=at, value=value, entered_by=actor.user, token=token,
                warnings=checked.warnings.get(counter.ref, []),
            )
        )  # fmt: skip
    return _store(actor, point, entries, "reading.entered")


@transaction.atomic
def entry_correct(
    *, actor: Actor, entry: HandEntry, value: int, reason: str, token: uuid.UUID, warnings: list[str]
) -> HandEntry:
    """Another value for the same instant; the first one stays in history. Raises `changed_since`, `period_closed`."""
    register = Register.objects.select_for_update(no_key=True).get(pk=entry.register_id)
    again: HandEntry | None = HandEntry.objects.filter(token=token).first()
    if again is not None:
        return again
    point = entry.register.installation.point
    _instant_check(point, entry.at)
    stands = Reading.objects.filter(register=register, at=entry.at).first()
    if stands is None or stands.source != Reading.Source.HAND or entry.corrected_by.exists():
        raise DomainError("changed_since", _("This entry was changed since. Look at the values again."))
    made = HandEntry(
        register=register, at=entry.at, value=value, entered_by=actor.user, token=token, corrects=entry,
        reason=reason, warnings=warnings,
    )  # fmt: skip
    return _store(actor, point, [made], "reading.corrected")[0]


def _store(actor: Actor, point: MeteringPoint, entries: list[HandEntry], action: str) -> list[HandEntry]:
    now = timezone.now()
    for entry in entries:
        entry.save()
        entry.receipt_number = f"{now:%Y%m%d}-H{entry.pk}"
        entry.save(update_fields=["receipt_number"])
    # whole milliseconds order the entries of people among each other and after any file's number
    seq = int(now.timestamp() * 1000)
    rows = [NewReading(entry.register_id, entry.at, entry.value, seq=seq) for entry in entries]
    readings_store(rows=rows, source=Reading.Source.HAND, now=now)
    for entry in entries:
        detail: dict[str, Any] = {
            "at": entry.at, "value": entry.value, "register": str(entry.register.public_id),
            "warnings": entry.warnings, "reason": entry.reason,
        }  # fmt: skip
        if entry.corrects is not None:
            detail["was"] = entry.corrects.value
        audit_record(
            actor=actor, action=action, target_kind="hand_entry", target=str(entry.public_id), detail=detail
        )
    _receipt_mail(actor, point, entries[0])
    return entries


def _receipt_mail(actor: Actor, point: MeteringPoint, first: HandEntry) -> None:
    """To the person who typed: what stands on the receipt's page is told by mail as well."""
    mail_enqueue(
        kind="entry_stored", recipient=actor.user.email, language=actor.user.language,
        programme_id=actor.programme.pk,
        context={
            "slug": actor.programme.slug, "entry": str(first.public_id), "receipt": first.receipt_number,
            "point": point.number or point.name,
        },
    )  # fmt: skip
