"""What was received and is needed no longer: answers of old batches, values that another one replaced long ago.

A batch's row makes a resend harmless, so it outlives any spool; a superseded value outlives every discussion.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.tenancy import tenant_scope
from readings.models import IngestBatch, RawTelegram, ReviewItem, SupersededReading

CHUNK = 2000


def received_forget(*, programme_id: int) -> tuple[int, int]:
    """Delete by INGEST_BATCH_KEEP_DAYS, TELEGRAM_KEEP_DAYS and SUPERSEDED_KEEP_DAYS (0 keeps for ever).

    Returns (batches, values). A transaction a chunk, so that it never stands in the way of a gateway; a value
    that an operator corrected is kept, because undoing the correction needs it.
    """
    batches = values = 0
    if settings.INGEST_BATCH_KEEP_DAYS:
        before = timezone.now() - timedelta(days=settings.INGEST_BATCH_KEEP_DAYS)
        batches = _in_chunks(programme_id, lambda: IngestBatch.objects.filter(received_at__lt=before))
    if settings.TELEGRAM_KEEP_DAYS:
        older = timezone.now() - timedelta(days=settings.TELEGRAM_KEEP_DAYS)
        _in_chunks(programme_id, lambda: RawTelegram.objects.filter(received_at__lt=older))
    if settings.SUPERSEDED_KEEP_DAYS:
        since = timezone.now() - timedelta(days=settings.SUPERSEDED_KEEP_DAYS)
        values = _in_chunks(programme_id, lambda: _superseded(since))
    return batches, values


def _superseded(before: datetime) -> QuerySet[SupersededReading]:
    corrected = ReviewItem.objects.filter(state=ReviewItem.State.CORRECTED, register__isnull=False)
    rows: QuerySet[SupersededReading] = SupersededReading.objects.filter(superseded_at__lt=before)
    return rows.exclude(register_id__in=corrected.values("register_id"))


def _in_chunks(programme_id: int, rows: Callable[[], QuerySet[Any]]) -> int:
    gone = 0
    while True:
        with tenant_scope(programme_id):
            keys = list(rows().order_by("pk").values_list("pk", flat=True)[:CHUNK])
            if keys:
                rows().model.objects.filter(pk__in=keys).delete()
        gone += len(keys)
        if len(keys) < CHUNK:
            return gone
