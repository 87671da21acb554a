"""A browser's session: the row that signs somebody in, and what the person sees of it in their list."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models

from accounts.models.people import User


class BrowserSession(AbstractBaseSession):
    """`session_key` is the digest of the cookie's secret: a stolen table opens no session.

    `browser` and `system` are short codes that `accounts.sessions.devices` words; `network` is a shortened address.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    browser = models.CharField(max_length=20, blank=True)
    system = models.CharField(max_length=20, blank=True)
    network = models.CharField(max_length=45, blank=True)
    since = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    objects = BaseSessionManager()  # type: ignore[misc]

    class Meta:
        indexes = [models.Index(fields=["user", "seen_at"], name="browser_by_user")]

    @classmethod
    def get_session_store_class(cls) -> Any:
        from accounts.sessions.store import SessionStore

        return SessionStore
