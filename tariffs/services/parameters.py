"""Overrides of parameters: each person sets and drops the values of the own level, from a day on.

Values are dated [valid_from, valid_to) in local days and never overlap within a level and place: all changes of a
programme's parameters come one after the other, behind a lock on the programme's row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, Permission
from accounts.errors import DomainError
from accounts.models import Programme
from accounts.services.audit import audit_record
from tariffs.bands import bands_ring
from tariffs.catalogue import PAGES, PARAMETERS, is_stored
from tariffs.models import Level, ParameterValue
from tariffs.places import LEVEL_ROLES, ParameterPlace, moved_in
from tariffs.selectors import Parameters, parameters_of_place

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


@transaction.atomic
def parameters_save(
    *, actor: Actor, place: ParameterPlace, values: Mapping[str, str], valid_from: date
) -> list[str]:
    """Set `values` ({key: stored text, as `catalogue.parse` gives it}) from `valid_from` on, at the place's level.

    A value holds until the next dated one of the same level; one that begins on the same day takes its place.
    Gives the keys that changed: a repetition changes none. Raises `not_your_level`, `unknown_parameter`,
    `bad_value`, `bad_day` and `before_move_in`.
    """
    _refuse_others(actor, place)
    _refuse_day(actor, place, valid_from)
    for key, value in values.items():
        if key not in _keys_of(place):
            raise DomainError("unknown_parameter", _("There is no such parameter here."))
        if not is_stored(PARAMETERS[key], value):
            raise DomainError("bad_value", _("This value cannot be kept."), field=key)
    _locked(actor.programme)
    before = parameters_of_place(place)
    own = _own_rows(place, values.keys())
    changed = [key for key, value in values.items() if _set(actor, place, own[key], key, value, valid_from)]
    if changed:
        _audit(actor, place, "parameters.changed", valid_from, before, {key: values[key] for key in changed})
        _ring(actor, changed)
    return changed


@transaction.atomic
def parameters_reset(*, actor: Actor, place: ParameterPlace, section: str | None = None) -> list[str]:
    """Drop the level's own values from today on (also those planned); the days before keep them.

    `section` is a page of the catalogue ("tariffs", "advanced"); None drops both. Gives the keys that were dropped.
    """
    _refuse_others(actor, place)
    _locked(actor.programme)
    today = place.today(actor.programme)
    keys = [parameter.key for parameter in PAGES[section]] if section else list(_keys_of(place))
    before = parameters_of_place(place)
    dropped = []
    for key, rows in _own_rows(place, keys).items():
        standing = [row for row in rows if row.valid_to is None or row.valid_to > today]
        for row in standing:
            _end(row, today)
        if standing:
            dropped.append(key)
    if dropped:
        after = parameters_of_place(place)
        now = {key: after.find(key, today, up_to=place.level).value for key in dropped}
        _audit(actor, place, "parameters.reset", today, before, now)
        _ring(actor, dropped)
    return dropped


def _ring(actor: Actor, keys: Collection[str]) -> None:
    """Another option or other hours divide the days anew: totals have to follow."""
    if set(keys) & {"electricity_option", "off_peak_hours"}:
        bands_ring(programme_id=actor.programme.pk)


def _set(
    actor: Actor, place: ParameterPlace, rows: list[ParameterValue], key: str, value: str, day: date
) -> bool:
    """One dated value among the level's own `rows` (oldest first)."""
    later = [row for row in rows if row.valid_from > day]
    end = later[0].valid_from if later else None
    covering = next(
        (row for row in rows if row.valid_from <= day and (row.valid_to is None or day < row.valid_to)), None
    )
    if covering is not None and covering.value == value and _is_own(actor, place, covering):
        if covering.valid_to == end:
            return False
        covering.valid_to = end
        covering.save(update_fields=["valid_to"])
        return True
    if covering is not None:
        _end(covering, day)
    ParameterValue(
        **place.rows, key=key, value=value, valid_from=day, valid_to=end, changed_by=actor.user,
        changed_at=timezone.now(),
    ).save()  # fmt: skip
    return True


def _is_own(actor: Actor, place: ParameterPlace, row: ParameterValue) -> bool:
    """An occupant's value ends with their days, so the next occupant's equal one is a value of its own."""
    return place.level != Level.OCCUPANT_DWELLING or row.changed_by_id == actor.user.pk


def _end(row: ParameterValue, day: date) -> None:
    """The row holds until `day`; one that would begin then or later never holds at all."""
    if row.valid_from >= day:
        row.delete()
        return
    row.valid_to = day
    row.save(update_fields=["valid_to"])


def _own_rows(place: ParameterPlace, keys: Collection[str]) -> dict[str, list[ParameterValue]]:
    found: dict[str, list[ParameterValue]] = {key: [] for key in keys}
    rows = ParameterValue.objects.filter(level=place.level, key__in=list(keys))
    for row in rows.filter(building=place.building, dwelling=place.dwelling).order_by("valid_from"):
        found[row.key].append(row)
    return found


def _keys_of(place: ParameterPlace) -> frozenset[str]:
    """An occupant sets prices, not how the building works."""
    if place.level == Level.OCCUPANT_DWELLING:
        return frozenset(parameter.key for parameter in PAGES["tariffs"])
    return frozenset(key for key, parameter in PARAMETERS.items() if place.kind in parameter.levels)


def _refuse_others(actor: Actor, place: ParameterPlace) -> None:
    """Also where a view asked for another level by mistake, nobody writes but at their own."""
    home = place.level == Level.OCCUPANT_DWELLING
    permission = Permission.MANAGE_OWN_TARIFFS if home else Permission.MANAGE_PARAMETERS
    allowed = actor.has_role(LEVEL_ROLES[place.level]) and actor.may(permission)
    if home and allowed:
        dwelling = place.dwelling
        allowed = dwelling is not None and moved_in(actor, dwelling, place.today(actor.programme)) is not None
    if not allowed:
        raise DomainError("not_your_level", _("These values are set by somebody else."))


def _refuse_day(actor: Actor, place: ParameterPlace, valid_from: date) -> None:
    if not EARLIEST <= valid_from < LATEST:
        raise DomainError("bad_day", _("Give a day between 2000 and 2099."), field="valid_from")
    if place.level == Level.OCCUPANT_DWELLING and place.dwelling is not None:
        start = moved_in(actor, place.dwelling, place.today(actor.programme))
        if start is not None and valid_from < start:
            raise DomainError(
                "before_move_in", _("Give a day on which you already lived here."), field="valid_from"
            )


def _locked(programme: Programme) -> None:
    """No key of the row changes, so rows that point at the programme may be written meanwhile."""
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)


def _audit(
    actor: Actor,
    place: ParameterPlace,
    action: str,
    valid_from: date,
    before: Parameters,
    new: Mapping[str, str],
) -> None:
    old = {key: before.find(key, valid_from, up_to=place.level).value for key in new}
    audit_record(
        actor=actor,
        action=action,
        target_kind=place.kind,
        target=place.target(actor.programme),
        detail={
            "level": int(place.level), "valid_from": valid_from.isoformat(), "old": old, "new": dict(new)
        },
    )  # fmt: skip
