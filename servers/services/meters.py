"""What people keep about an instrument; all else comes from its server."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts.access import Actor
from accounts.services.audit import audit_record
from servers.models import Meter


@transaction.atomic
def meter_edit(
    *, actor: Actor, meter: Meter, model: str, verified_on: date | None, verified_until: date | None
) -> None:
    before = [str(meter.verified_on or ""), str(meter.verified_until or ""), meter.model]
    meter.model, meter.verified_on, meter.verified_until = model, verified_on, verified_until
    meter.save(update_fields=["model", "verified_on", "verified_until"])
    after = [str(verified_on or ""), str(verified_until or ""), model]
    audit_record(
        actor=actor, action="meter.edited", target_kind="meter", target=str(meter.public_id),
        detail={"serial": meter.serial, "old": before, "new": after},
    )  # fmt: skip
