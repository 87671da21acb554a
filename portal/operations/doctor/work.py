"""What happens without anybody looking: the broker, workers and beat, jobs, mails, backups."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.mail import get_connection
from django.db.models import Q
from django.utils import timezone

from accounts.heartbeats import queue_silence
from accounts.jobs import Queue
from accounts.models import Job, OutboxMessage
from portal.operations.doctor import bad, good, odd

SILENT_SECONDS = 60
LATE = timedelta(minutes=5)
BACKUP_EVERY = timedelta(days=2)
Found = Iterator[tuple[str, str]]


def broker() -> Found:
    cache.set("doctor", "here", 60)
    if cache.get("doctor") != "here":
        yield bad(
            "The cache forgets what is written to it: limits of guesses do not hold. Look at REDIS_URL."
        )
    if not settings.REDIS_URL:
        yield good("Rings go by files.")
        return
    import redis

    server = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5)
    policy = server.config_get("maxmemory-policy").get("maxmemory-policy")
    if policy != "noeviction":
        yield bad(
            f"Redis throws out what it likes ({policy}): counters of guesses with it. Set maxmemory-policy noeviction."
        )
    if server.config_get("appendonly").get("appendonly") != "yes":
        yield odd(
            "Redis keeps nothing over a restart: limits of guesses start anew then. Set appendonly yes."
        )
    yield good(f"Redis {server.info('server')['redis_version']}.")


def workers() -> Found:
    """Beat asks each queue every 15 seconds; who hears it, notes it."""
    silence = {queue: queue_silence(queue.value) for queue in Queue}
    silent = [
        queue.value for queue, seconds in silence.items() if seconds is None or seconds > SILENT_SECONDS
    ]
    if len(silent) == len(Queue):
        yield bad("No queue is heard of: beat or all workers are down. Start them (docs/operations.md).")
    elif silent:
        yield bad(f"No worker listens to {', '.join(silent)}: start one with -Q {','.join(silent)}.")
    else:
        yield good("Beat rings, and a worker of each queue hears it.")


def jobs() -> Found:
    now = timezone.now()
    late = Job.objects.filter(state=Job.State.QUEUED, due_at__lt=now - LATE)
    if count := late.count():
        kinds = sorted(set(late.values_list("kind", flat=True)))
        yield bad(
            f"{count} jobs have been due for more than 5 minutes ({', '.join(kinds)}): are workers down, or too few?"
        )
    held = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now - LATE).count()
    if held:
        yield bad(f"{held} jobs were left by a worker that died and nobody took them up: are workers down?")
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gte=now - timedelta(days=1))
    if count := failed.count():
        reasons = sorted({f"{kind}: {error[:60]}" for kind, error in failed.values_list("kind", "error")})
        yield odd(
            f"{count} jobs were given up within a day ({'; '.join(reasons[:5])}): the log has them by job."
        )
    if not late.exists() and not held:
        yield good("No job waits.")


def mail() -> Found:
    waiting = OutboxMessage.objects.filter(
        state=OutboxMessage.State.QUEUED, created_at__lt=timezone.now() - LATE
    ).count()
    day = timezone.now() - timedelta(days=1)
    failed = OutboxMessage.objects.filter(
        ~Q(error__startswith="not needed"), state=OutboxMessage.State.FAILED, created_at__gte=day
    ).count()
    if waiting:
        yield bad(f"{waiting} mails have waited for more than 5 minutes: does a worker listen to mail?")
    if failed:
        yield odd(
            f"{failed} mails of this day were given up: their lists say to whom, and can send them again."
        )
    connection = get_connection()
    try:
        connection.open()
        connection.close()
    except Exception as error:  # noqa: BLE001 - sockets, TLS, SMTP: each has its own
        yield bad(f"The mail server does not answer ({type(error).__name__}): look at EMAIL_URL.")
    else:
        yield good("The mail server answers.")


def backup() -> Found:
    mark = settings.VAR_DIR / "last-backup.json"
    if not mark.exists():
        yield odd("There is no backup yet: run backup, and try restore once.")
        return
    made = datetime.fromisoformat(json.loads(mark.read_text(encoding="utf-8"))["made"])
    if timezone.now() - made > BACKUP_EVERY:
        yield bad(f"The last backup is of {made:%Y-%m-%d}: does its timer still run?")
    else:
        yield good(f"The last backup is of {made:%Y-%m-%d %H:%M} UTC.")
