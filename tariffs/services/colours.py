"""Announced days are kept whole or not at all, and only where they may fall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.errors import DomainError
from accounts.models import Programme
from accounts.services.audit import audit_record
from accounts.templatetags.releve import local_day
from tariffs.bands import bands_ring
from tariffs.colours.rules import MOST, fault_of, season_days, season_of, surplus
from tariffs.models import Colour, DayColour

EARLIEST, LATEST = date(2000, 9, 1), date(2100, 9, 1)


@dataclass(frozen=True)
class Fault:
    """One sentence; `day` is the day that it is about."""

    day: date
    sentence: str


@transaction.atomic
def colours_save(*, actor: Actor, option: str, colours: Mapping[date, str]) -> list[date]:
    """Set what was announced for some days ("" takes it back). Gives the days that changed: a repetition none.

    Raises `not_allowed`, and `colours_refused` with all faults in `faults`; then nothing is kept.
    """
    if not actor.may(Permission.MANAGE_PARAMETERS):
        raise DomainError("not_allowed", _("These days are set by somebody else."))
    Programme.objects.select_for_update(no_key=True).get(pk=actor.programme.pk)
    stored = _stored(option, colours)
    faults = [*_faults(option, colours), *_too_many(stored, colours)]
    if faults:
        raise DomainError("colours_refused", faults[0].sentence, faults=faults)
    changed = {day: colour for day, colour in colours.items() if stored.get(day, "") != colour}
    _write(actor, option, changed)
    if changed:
        detail = {"option": option, "days": {day.isoformat(): one for day, one in sorted(changed.items())}}
        audit_record(actor=actor, action="colours.changed", target_kind="programme",
                     target=str(actor.programme.public_id), detail=detail)  # fmt: skip
        bands_ring(programme_id=actor.programme.pk)
    return sorted(changed)


def _stored(option: str, colours: Mapping[date, str]) -> dict[date, str]:
    """All that is known of the seasons that `colours` meets."""
    seasons = {season_of(day) for day in colours if EARLIEST <= day < LATEST}
    if not seasons:
        return {}
    rows = DayColour.objects.filter(
        option=option, day__gte=date(min(seasons), 9, 1), day__lt=date(max(seasons) + 1, 9, 1)
    )
    return dict(rows.values_list("day", "colour"))


def _write(actor: Actor, option: str, changed: Mapping[date, str]) -> None:
    DayColour.objects.filter(option=option, day__in=[day for day, one in changed.items() if not one]).delete()
    now = timezone.now()
    DayColour.objects.bulk_create(
        (
            DayColour(option=option, day=day, colour=one, changed_by=actor.user, changed_at=now)
            for day, one in sorted(changed.items())
            if one
        ),
        update_conflicts=True,
        unique_fields=["programme", "option", "day"],
        update_fields=["colour", "changed_by", "changed_at"],
    )


def _faults(option: str, colours: Mapping[date, str]) -> list[Fault]:
    found = []
    for day, colour in sorted(colours.items()):
        if not EARLIEST <= day < LATEST:
            found.append(
                Fault(day, _("%(day)s is not a day between 2000 and 2100.") % {"day": day.isoformat()})
            )
            continue
        code = fault_of(option, day, colour) if colour else None
        if code:
            found.append(Fault(day, SENTENCES[code]() % {"day": local_day(day)}))
    return found


def _too_many(stored: Mapping[date, str], colours: Mapping[date, str]) -> list[Fault]:
    after = {day: colour for day, colour in {**stored, **colours}.items() if colour}
    found = []
    for season, colour, count, days in surplus(after):
        # of the days that make it too many, the sentence stands at one that was given now
        given = [day for day in days if day in colours] or [
            day for day in colours if season_of(day) == season
        ]
        words = {"season": f"{season}\N{EN DASH}{season + 1}", "count": count, "most": MOST[colour]}
        text = _("The season %(season)s would have %(count)s days %(colour)s; there are %(most)s at most.")
        found.append(Fault(min(given), text % {**words, "colour": Colour(colour).label}))
    return found


SENTENCES = {
    "unknown_colour": lambda: _("%(day)s: this colour is not known."),
    "red_out_of_winter": lambda: _("%(day)s cannot be red: red days fall between 1 November and 31 March."),
    "red_on_weekend": lambda: _("%(day)s cannot be red: it is a Saturday or Sunday."),
    "red_on_holiday": lambda: _("%(day)s cannot be red: it is a public holiday."),
    "white_on_sunday": lambda: _("%(day)s cannot be white: it is a Sunday."),
    "ejp_out_of_winter": lambda: _(
        "%(day)s cannot be an EJP day: they fall between 1 November and 31 March."
    ),
}


def season_colours(option: str, season: int) -> dict[date, str]:
    """What is known of a season, by day."""
    days = list(season_days(season))
    rows = DayColour.objects.filter(option=option, day__gte=days[0], day__lte=days[-1])
    return dict(rows.values_list("day", "colour"))
