"""When a server was last heard, and what it says about itself."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from servers.models import Server


def server_seen(*, server: Server, at: datetime) -> None:
    """The server was here at `at` (the portal's clock). Never goes back in time."""
    earlier = Q(last_sync_at=None) | Q(last_sync_at__lt=at)
    Server.objects.filter(earlier, pk=server.pk).update(last_sync_at=at)


def server_spool_tell(*, server: Server, pending: int | None, oldest: datetime | None) -> None:
    """How many readings wait on the box, and since when; None where it did not say."""
    Server.objects.filter(pk=server.pk).update(spool_pending=pending, spool_oldest=oldest)
