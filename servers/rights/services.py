"""Keeping the rights of occupants: for all of the programme, and the exceptions of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.services.audit import audit_record
from servers.models import Occupancy, OccupantRight
from servers.rights.decide import DEFAULTS
from servers.rights.table import Line


def general_ticks() -> dict[str, bool]:
    """What is ticked for everybody, by key, with what holds before anybody has chosen."""
    return DEFAULTS | dict(OccupantRight.objects.filter(occupancy=None).values_list("key", "allowed"))


def own_exceptions(occupancy: Occupancy) -> dict[str, bool]:
    return dict(OccupantRight.objects.filter(occupancy=occupancy).values_list("key", "allowed"))


@transaction.atomic
def rights_save(*, actor: Actor, lines: Sequence[Line], chosen: dict[str, bool]) -> list[str]:
    """Keep the ticks of a page for all occupants; lines that are not on the page keep theirs. Returns changed keys."""
    standing = general_ticks()
    before = {line.key: standing.get(line.key, False) for line in lines}
    changed = _keep(lines, before, chosen, None)
    if changed:
        audit_record(
            actor=actor,
            action="rights.changed",
            target_kind="programme",
            target=str(actor.programme.public_id),
            detail={
                "granted": [line.label for line in changed if chosen[line.key]],
                "withdrawn": [line.label for line in changed if not chosen[line.key]],
            },
        )
    return [line.key for line in changed]


@transaction.atomic
def exceptions_save(
    *, actor: Actor, occupancy: Occupancy, lines: Sequence[Line], chosen: dict[str, bool | None]
) -> list[str]:
    """Keep what holds for the stay of one person only; None is "as for all". Returns changed keys."""
    changed = _keep(lines, own_exceptions(occupancy), chosen, occupancy)
    if changed:
        audit_record(
            actor=actor,
            action="rights.exception_changed",
            target_kind="dwelling",
            target=str(occupancy.dwelling.public_id),
            detail={
                "occupancy": str(occupancy.public_id),
                "new": {line.label: chosen[line.key] for line in changed},
            },
        )
    return [line.key for line in changed]


def _keep(
    lines: Sequence[Line],
    before: Mapping[str, bool],
    chosen: Mapping[str, bool | None],
    occupancy: Occupancy | None,
) -> list[Line]:
    """Store what differs from before, and give those lines back."""
    changed = [line for line in lines if before.get(line.key) != chosen[line.key]]
    for line in changed:
        _put(line, occupancy, chosen[line.key])
    return changed


def _put(line: Line, occupancy: Occupancy | None, allowed: bool | None) -> None:
    """For everybody a right that is not granted has no row, but for the one that holds by default."""
    rows = OccupantRight.objects.filter(occupancy=occupancy, key=line.key)
    if allowed is None or (not allowed and occupancy is None and line.key not in DEFAULTS):
        rows.delete()
    elif not rows.update(allowed=allowed, changed_at=timezone.now()):
        OccupantRight(
            right=line.right, key=line.key, occupancy=occupancy, allowed=allowed, **line.target
        ).save()
