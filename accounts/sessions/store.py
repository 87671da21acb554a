"""Sessions in the database, found by the digest of the cookie: who reads the table cannot use what stands in it.

Beside the session's data the row holds what its owner sees in their list: browser, shortened network, last seen.
Named by `SESSION_ENGINE`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import DatabaseError, IntegrityError, router, transaction

from accounts.models import BrowserSession

FACTS = "browser"  # the key in the session's data: {"browser", "system", "network", "since", "seen"}


def digest_of_key(key: str) -> str:
    """160 bits of SHA-256: the cookie itself is 32 random letters, so no slow hash is needed."""
    return sha256(f"session:{key}".encode()).hexdigest()[:40]


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> Any:
        return BrowserSession

    def _row(self) -> Any:
        from django.utils import timezone

        return BrowserSession.objects.filter(
            session_key=digest_of_key(self.session_key or ""), expire_date__gt=timezone.now()
        ).first()

    def _get_session_from_db(self) -> Any:
        row = self._row() if self.session_key else None
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        return bool(BrowserSession.objects.filter(session_key=digest_of_key(session_key)).exists())

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        facts = data.get(FACTS) or {}
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]
        return BrowserSession(
            session_key=digest_of_key(key),
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=data.get("_auth_user_id"),
            browser=facts.get("browser", ""),
            system=facts.get("system", ""),
            network=facts.get("network", ""),
            since=_moment(facts.get("since")),
            seen_at=_moment(facts.get("seen")),
        )

    def save(self, must_create: bool = False) -> None:
        """As Django's, except that a row that was ended meanwhile stays ended."""
        from django.contrib.sessions.backends.base import CreateError, UpdateError

        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        row = self.create_model_instance(data)
        using = router.db_for_write(BrowserSession, instance=row)
        try:
            with transaction.atomic(using=using):
                row.save(force_insert=must_create, force_update=not must_create, using=using)
        except IntegrityError:
            if must_create:
                raise CreateError from None
            raise
        except DatabaseError:
            if not must_create:
                raise UpdateError from None
            raise

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            BrowserSession.objects.filter(session_key=digest_of_key(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        from django.utils import timezone

        BrowserSession.objects.filter(expire_date__lt=timezone.now()).delete()


def _moment(epoch: float | None) -> datetime | None:
    return datetime.fromtimestamp(epoch, UTC) if epoch else None
