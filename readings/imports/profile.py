"""The versions of a utility's LERS profile: reading the one in force, making a new one, asking what it allows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.errors import DomainError
from accounts.models import Programme
from accounts.services.audit import audit_record
from readings.lers.model import DEFAULT_PROFILE, Profile
from readings.models import LersProfile

EDITED = (
    "hour_stamp",
    "day_stamp",
    "month_stamp",
    "time_zone",
    "units",
    "duplicates",
    "decimal",
    "date_order",
)
Duplicates = LersProfile.Duplicates


def profile_in_force() -> LersProfile | None:
    """The newest version of the programme in scope, or None where nobody has set one: then the defaults hold."""
    found: LersProfile | None = LersProfile.objects.select_related("created_by").order_by("-version").first()
    return found


def profile_for_reader(row: LersProfile | None) -> Profile:
    """The part of the profile that the parser knows."""
    if row is None:
        return DEFAULT_PROFILE
    names: dict[str, Any] = dict(row.names)
    ids = {int(key): name for key, name in (names.get("parameter_ids") or {}).items()}
    stamps: dict[str, Any] = {
        name: getattr(row, name)
        for name in ("hour_stamp", "day_stamp", "month_stamp", "decimal", "date_order")
    }
    return replace(
        DEFAULT_PROFILE,
        name="utility",
        version=row.version,
        aliases=names.get("aliases") or {},
        parameter_ids=ids,
        point_keys=tuple(names.get("point_keys") or ()),
        time_keys=tuple(names.get("time_keys") or ()),
        **stamps,
    )


@transaction.atomic
def lers_profile_save(*, actor: Actor, values: dict[str, Any]) -> LersProfile | None:
    """A new version with `values` (names of EDITED); None if they say what holds already."""
    Programme.objects.select_for_update(no_key=True).get(pk=actor.programme.pk)  # one new version at a time
    held = profile_in_force() or LersProfile(version=0)
    old = {name: getattr(held, name) for name in EDITED}
    new = old | {name: values[name] for name in EDITED if name in values}
    if new == old:
        return None
    version = (LersProfile.objects.aggregate(last=Max("version"))["last"] or 0) + 1
    made: LersProfile = LersProfile.objects.create(
        version=version, created_by=actor.user, names=held.names, **new
    )
    audit_record(
        actor=actor, action="lers_profile.changed", target_kind="lers_profile", target=str(version),
        detail={name: [old[name], new[name]] for name in EDITED if old[name] != new[name]},
    )  # fmt: skip
    return made


def replacing_allowed(actor: Actor | None, row: LersProfile | None) -> bool:
    """Whether this person may overwrite stored values; None stands for the utility's staff at the machine."""
    rule = row.duplicates if row is not None else Duplicates.ALL
    if rule == Duplicates.DESK:
        return actor is None or actor.may(Permission.MANAGE_CONTRACTS)
    return bool(rule == Duplicates.ALL)


def replacing_check(actor: Actor | None, row: LersProfile | None) -> None:
    """Raises `replace_not_allowed`."""
    if not replacing_allowed(actor, row):
        raise DomainError(
            "replace_not_allowed",
            _(
                "The utility keeps values that are stored already: ask its metering department for a correction."
            ),
        )
