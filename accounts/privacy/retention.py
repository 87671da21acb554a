"""How long personal data is kept, by the settings `RETENTION_*_DAYS`; a job of each night enforces it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import BrowserSession, EmailToken, Job, Programme
from accounts.privacy.export import exports_expire
from accounts.privacy.own import mails_forget
from accounts.privacy.registry import holders
from accounts.tenancy import tenant_scope

log = logging.getLogger(__name__)


def retention_enforce() -> dict[str, int]:
    """Forget what is past its time. How many rows of each kind went."""
    now = timezone.now()
    gone = {
        "exports": exports_expire(),
        "mails": _mails(now),
        "sessions": BrowserSession.objects.filter(expire_date__lt=now).delete()[0],
        "links": EmailToken.objects.filter(expires_at__lt=now - timedelta(days=30)).delete()[0],
        "jobs": _jobs(now),
    }
    for programme in Programme.objects.order_by("pk"):
        with tenant_scope(programme.pk), transaction.atomic():
            for holder in holders():
                gone[holder.name] = gone.get(holder.name, 0) + holder.retain(programme, now)
    return gone


def _mails(now: datetime) -> int:
    days = settings.RETENTION_MAIL_DAYS
    return mails_forget(before=now - timedelta(days=days)) if days else 0


def _jobs(now: datetime) -> int:
    """Finished ones; those that failed stay for whoever looks after the portal, four times as long."""
    days = settings.RETENTION_JOB_DAYS
    if not days:
        return 0
    ended = Job.objects.filter(finished_at__lt=now - timedelta(days=days), state=Job.State.DONE).delete()[0]
    failed = Job.objects.filter(finished_at__lt=now - timedelta(days=4 * days)).delete()[0]
    return int(ended + failed)
