"""A cold-water meter of the demo's utility that somebody reads with their own eyes once a month."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from accounts.access import Actor
from accounts.models import Contract
from readings.hand_entry.services import entry_check, entry_save
from servers.models import Medium, Meter, MeteringPoint, MeterInstallation, Usage

NUMBER = "203"
INDEXES = ("412,308", "431,870", "450,115")


def seed_water(actor: Actor, contract: Contract, now: datetime) -> None:
    """Three readings, a month apart; the next one is the visitor's. Called in scope."""
    point = MeteringPoint.objects.create(
        number=NUMBER, name="Холодная вода", address=contract.address, medium=Medium.COLD_WATER,
        usage=Usage.WATER, contract=contract,
    )  # fmt: skip
    meter = Meter.objects.create(
        manufacturer="Бетар", serial="40817263", model="СГВ-15", medium=Medium.COLD_WATER,
        verified_until=(now + timedelta(days=900)).date(),
    )  # fmt: skip
    MeterInstallation.objects.create(meter=meter, point=point, installed_at=datetime(2024, 9, 1, tzinfo=UTC))
    for months, text in zip((3, 2, 1), INDEXES, strict=True):
        at = int((now - timedelta(days=30 * months)).timestamp()) // 3600 * 3600
        checked = entry_check(point=point, at=at, texts={"V_in": text})
        entry_save(actor=actor, point=point, at=at, checked=checked, token=uuid.uuid4())
