"""Meters that a scan found: kept until a publication names them, or somebody dismisses them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.services.audit import audit_record
from servers.models import FoundMeter, MeterInstallation, Server

KEPT = 20_000  # meters a server: a bus has a few hundred, a list beyond that could not be read


@dataclass(frozen=True)
class Sighting:
    """A meter that answered. `medium` is a word of the publication."""

    address: str
    serial: str
    manufacturer: str
    medium: str


def plain_serial(serial: str) -> str:
    """A bus says a number with its leading zeros, a publication often without."""
    return serial.strip().upper().lstrip("0")


def placed_serials() -> set[str]:
    """Of every meter that stands somewhere in the programme in scope."""
    standing = MeterInstallation.objects.filter(removed_at=None)
    return {plain_serial(serial) for serial in standing.values_list("meter__serial", flat=True)}


@transaction.atomic
def found_report(*, server: Server, sightings: Iterable[Sighting], at: datetime) -> dict[str, int]:
    """Keep what is not placed yet. The same scan again only moves `last_seen_at`."""
    placed = placed_serials()
    seen = {(one.manufacturer, one.serial): one for one in sightings}
    loose = {key: one for key, one in seen.items() if plain_serial(one.serial) not in placed}
    standing = FoundMeter.objects.select_for_update().filter(server=server)
    known = {(row.manufacturer, row.serial): row for row in standing}
    for key, row in known.items():
        if key in loose:
            row.address, row.medium, row.last_seen_at = loose[key].address, loose[key].medium, at
    FoundMeter.objects.bulk_update(
        [row for key, row in known.items() if key in loose], ["address", "medium", "last_seen_at"],
        batch_size=500,
    )  # fmt: skip
    fresh = [
        FoundMeter(
            server=server, address=one.address, manufacturer=one.manufacturer, serial=one.serial,
            medium=one.medium, first_seen_at=at, last_seen_at=at,
        )
        for key, one in loose.items()
        if key not in known
    ][: max(0, KEPT - len(known))]  # fmt: skip
    FoundMeter.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
    waiting = [row for row in known.values() if row.dismissed_at is None]
    left = sum(plain_serial(row.serial) not in placed for row in waiting)
    return {"new": len(fresh), "waiting": left + len(fresh), "placed": len(seen) - len(loose)}


@transaction.atomic
def found_edit(*, actor: Actor, found: FoundMeter, note: str, dismissed: bool) -> None:
    """What somebody noted about it, and whether it needs no place."""
    found.note = note
    found.dismissed_at = (found.dismissed_at or timezone.now()) if dismissed else None
    found.save(update_fields=["note", "dismissed_at"])
    audit_record(
        actor=actor, action="meter.found_noted", target_kind="found_meter", target=str(found.public_id),
        detail={"serial": found.serial, "note": note, "dismissed": dismissed},
    )  # fmt: skip
