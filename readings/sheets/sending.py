"""Making and sending the sheets of a month: once a dwelling, person and month, once more when an operator asks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, actor_of
from accounts.errors import DomainError
from accounts.jobs import job_enqueue
from accounts.models import Membership, Programme, Role
from accounts.outbox import mail_enqueue
from accounts.services.audit import audit_record
from readings.consumption.periods import period_of
from readings.models import MonthlySheet
from readings.sheets.figures import settings_of_programme, sheet_figures
from readings.sheets.today import figures_today, has_changed
from servers.models import Occupancy
from servers.rights.decide import may_see_euros

FROM_HOUR = 6  # of the first day, local: what was read at midnight has arrived by then


def month_due(now: datetime, programme: Programme) -> date | None:
    """The month whose sheets are due: the last one, from the first day's morning on."""
    local = now.astimezone(programme.zone)
    first = local.date().replace(day=1)
    if local.day == 1 and local.hour < FROM_HOUR:
        return None
    return (first - timedelta(days=1)).replace(day=1)


def stays_in(month: date) -> list[Occupancy]:
    """Who lived where on any day of the month and has opened their account."""
    period = period_of("month", month)
    known = Membership.objects.filter(role=Role.OCCUPANT, accepted_at__isnull=False)
    rows = Occupancy.objects.filter(
        Q(move_out=None) | Q(move_out__gt=period.first_day), move_in__lt=period.end_day
    ).select_related("dwelling__building", "user", "programme")
    users = set(known.filter(programme__in={row.programme_id for row in rows}).values_list("user", flat=True))
    return [row for row in rows if row.user_id in users and row.user.is_active]


@transaction.atomic
def sheets_start(*, programme: Programme, month: date) -> int:
    """A job for each person and dwelling without a sheet of that month. Nothing where the programme has none."""
    if not settings_of_programme().enabled:
        return 0
    made = set(MonthlySheet.objects.filter(month=month).values_list("dwelling_id", "user_id"))
    wanted = {(row.dwelling_id, row.user_id): row for row in stays_in(month)}
    for key, row in wanted.items():
        if key not in made:
            job_enqueue(
                kind="sheet", programme_id=programme.pk, ref=f"{row.pk}:{month:%Y-%m-%d}",
                key=f"sheet:{programme.pk}:{row.dwelling_id}:{row.user_id}:{month:%Y-%m}",
            )  # fmt: skip
    return len(wanted.keys() - made)


@transaction.atomic
def sheet_make(*, occupancy: Occupancy, month: date) -> MonthlySheet | None:
    """The sheet and its mail, in one transaction: run twice, it is one. None where nothing is known of the month."""
    dwelling, user = occupancy.dwelling, occupancy.user
    old: MonthlySheet | None = MonthlySheet.objects.filter(dwelling=dwelling, user=user, month=month).first()
    if old is not None:
        return old
    actor = actor_of(user, occupancy.programme)
    if actor is None:
        return None
    stays = Occupancy.objects.filter(dwelling=dwelling, user=user).order_by("move_in")
    visible = list(stays.values_list("move_in", "move_out"))
    figures = sheet_figures(dwelling, visible, month, euros=may_see_euros(actor, dwelling))
    if not figures:
        return None
    sheet, created = MonthlySheet.objects.get_or_create(
        dwelling=dwelling, user=user, month=month, defaults={"figures": figures}
    )
    if created:
        sheet.message = _mail(sheet, occupancy.programme)
        sheet.save(update_fields=["message"])
    made: MonthlySheet = sheet
    return made


def _mail(sheet: MonthlySheet, programme: Programme, *, again: bool = False) -> Any:
    return mail_enqueue(
        kind="sheet", recipient=sheet.user.email, language=sheet.user.language, programme_id=programme.pk,
        context={
            "sheet": str(sheet.public_id), "slug": programme.slug, "programme": programme.name, "again": again
        },
    )  # fmt: skip


@transaction.atomic
def sheet_resend(*, actor: Actor, sheet: MonthlySheet) -> MonthlySheet:
    """Once more to the person's present address: the month as it stands now, which its mail calls corrected where it
    differs. What was sent first stays in `figures`. Raises `DomainError` resent_already, address_gone."""
    locked: MonthlySheet = MonthlySheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
    if locked.resent_id is not None:
        raise DomainError("resent_already", _("This sheet has been sent a second time already."))
    if not locked.user.is_active:
        raise DomainError("address_gone", _("This person has no account any more."))
    today = figures_today(locked)
    locked.corrected = today if has_changed(locked.figures, today) else None
    locked.resent = _mail(locked, actor.programme, again=True)
    locked.save(update_fields=["resent", "corrected"])
    audit_record(
        actor=actor, action="sheet.resent", target_kind="dwelling", target=str(locked.dwelling.public_id),
        detail={"month": f"{locked.month:%Y-%m}", "corrected": locked.corrected is not None},
    )  # fmt: skip
    return locked


@transaction.atomic
def sheet_settings_save(
    *, actor: Actor, enabled: bool, energy_mix: list[dict[str, str]], mix_note: str, contacts: str
) -> None:
    settings = settings_of_programme()
    settings.enabled, settings.energy_mix = enabled, energy_mix
    settings.mix_note, settings.contacts, settings.changed_at = mix_note, contacts, timezone.now()
    settings.save()
    audit_record(
        actor=actor, action="sheet.settings", target_kind="programme", target=str(actor.programme.public_id),
        detail={"enabled": enabled},
    )  # fmt: skip
