"""The meters' raw answers beside the readings they brought: kept once an answer, shown to who reviews readings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from readings.batches.body import Batch
from readings.models import RawTelegram
from readings.services.storing import Outcome
from servers.models import MeterRef


def telegrams_keep(*, server_id: int, batch: Batch, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Keep those of published meters of which this batch brought a reading; two statements, whatever their number.

    What explains no reading here is dropped without a word: an unpublished meter may turn out not to be shared.
    """
    brought = {
        (item.meter, item.at)
        for item, outcome in zip(batch.items, outcomes, strict=True)
        if outcome.status != "rejected"
    }
    wanted = [one for one in batch.telegrams if (one.meter, one.at) in brought]
    published = set(
        MeterRef.objects.filter(server_id=server_id, ref__in={one.meter for one in wanted}).values_list(
            "ref", flat=True
        )
    )
    RawTelegram.objects.bulk_create(
        [
            RawTelegram(
                server_id=server_id, meter_ref=one.meter, at=one.at, frames=one.frames, received_at=now
            )
            for one in wanted
            if one.meter in published
        ],
        ignore_conflicts=True,
    )
