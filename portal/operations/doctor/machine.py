"""What stands on the machine itself: versions, settings, secrets, disk."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks as django_checks
from django.db import connection
from django.http.request import validate_host

from portal.operations.backup.files import files_folder
from portal.operations.doctor import bad, good, odd

# the least that is safe, and why
LEAST = {
    "django": ((5, 2, 19), "earlier ones have published weaknesses"),
    "lxml": ((6, 1), "before it a file may read another file (CVE-2026-41066)"),
    "django-allauth": ((65, 16, 1), "earlier ones trust forged proxy headers"),
    "celery": ((5, 7), "earlier ones start a deadly task again without end"),
}
FREE_BYTES, FREE_SHARE = 1_000_000_000, 0.1
Found = Iterator[tuple[str, str]]


def _numbers(text: str) -> tuple[int, ...]:
    parts = text.split("+")[0].split(".")
    return tuple(int(part) for part in parts if part.isdigit())


def versions() -> Found:
    for name, (least, why) in LEAST.items():
        try:
            have = version(name)
        except PackageNotFoundError:
            yield bad(f"{name} is not installed: install lock/requirements.txt.")
            continue
        if _numbers(have) < least:
            yield bad(f"{name} {have} is too old, {why}: install lock/requirements.txt.")
    if connection.vendor == "sqlite" and sqlite3.sqlite_version_info < (3, 35):
        yield bad(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed.")
    yield good(f"Python {sys.version.split()[0]}, Django {version('django')}.")


def settings_sound() -> Found:
    """Django's own checks, with those of a deployment where this is one."""
    deployed = settings.MODE == "production"
    found = django_checks.run_checks(include_deployment_checks=deployed)
    serious = [m for m in found if m.level >= django_checks.WARNING and not m.is_silenced()]
    for message in serious:
        yield bad(f"{message.id}: {' '.join(str(message.msg).split())}")
    if deployed:
        yield from _hosts()
    if deployed and settings.SITE_URL.startswith("http://"):
        yield bad(
            "SITE_URL begins with http://: links in mails would go over the wire in clear. Set https://…"
        )
    if deployed and not settings.REDIS_URL:
        yield odd("No REDIS_URL: rings go by files, which is right for one machine and wrong for two.")
    if deployed and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        yield odd(
            "TRUSTED_PROXY_COUNT is 0: behind a proxy all visitors share one address, and its limits. Set 1."
        )
    if deployed and connection.vendor == "sqlite":
        yield odd(
            "SQLite has no row-level security and no second machine: set DATABASE_URL for more than a building."
        )
    if not settings.METRICS_TOKEN:
        yield odd("No METRICS_TOKEN: /metrics does not exist, and nobody is told when something waits.")
    if not serious:
        yield good(f"Settings of mode {settings.MODE}.")


def _hosts() -> Found:
    host = urlsplit(settings.SITE_URL).hostname or ""
    if "*" in settings.ALLOWED_HOSTS:
        yield bad(f"ALLOWED_HOSTS takes any host, so that pages may be asked under a forged one: set {host}.")
    elif not validate_host(host, settings.ALLOWED_HOSTS):
        yield bad(f"ALLOWED_HOSTS does not have {host} of SITE_URL: every page is answered 400. Add it.")


def secrets() -> Found:
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if len(key) < 50 or len(set(key)) < 5 or key.startswith("django-insecure-"):
            yield bad("A SECRET_KEY is short or a sample: make one of at least 50 random characters.")
    if settings.SECRET_KEY_FALLBACKS:
        yield odd("SECRET_KEY_FALLBACKS is set: run rekey, wait INVITATION_DAYS, then take the old key out.")
    own = settings.VAR_DIR / "secret_key"
    if own.exists() and own.stat().st_mode & 0o077:
        yield bad(f"Others may read {own}: chmod 600 {own}")
    yield good("Keys.")


def disk() -> Found:
    for name, folder in (("RELEVE_VAR", settings.VAR_DIR), ("files", files_folder())):
        folder.mkdir(parents=True, exist_ok=True)
        space = shutil.disk_usage(folder)
        text = f"{space.free // 1_000_000:,} MB free of {space.total // 1_000_000:,} where {name} lies ({folder})"
        if space.free < FREE_BYTES:
            yield bad(f"{text}: make room, or imports and the database stop.")
        elif space.free < space.total * FREE_SHARE:
            yield odd(f"{text}.")
        else:
            yield good(f"{text}.")
        probe = folder / ".doctor"
        try:
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            yield bad(
                f"Cannot write to {folder} ({error.strerror}): give it to the user that runs the portal."
            )
