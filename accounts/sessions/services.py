"""A person's signed-in browsers: keep their facts, list them, end them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import BrowserSession, Membership, Role, User
from accounts.sessions.devices import device_of, device_words, network_of
from accounts.sessions.store import FACTS, digest_of_key

SEEN_EVERY = 300  # seconds: a row is written anew that often at most
STAFF = (Role.ADMINISTRATOR, Role.OPERATOR)


@dataclass(frozen=True)
class Browser:
    """A row of the list. `handle` names it in an address; it is of no use as a cookie."""

    handle: str
    device: str
    network: str
    since: datetime | None
    seen_at: datetime | None
    is_this: bool


def session_keep(request: HttpRequest, *, address: str) -> bool:
    """Note who is at this browser and when. False when the session has lived its time: it must end."""
    session: Any = request.session
    now = time.time()
    facts = session.get(FACTS)
    user_id = str(request.user.pk)
    if not facts or facts.get("user") != user_id:
        browser, system = device_of(request.headers.get("user-agent", ""))
        facts = {
            "user": user_id,
            "browser": browser,
            "system": system,
            "since": now,
            "staff": False,
            "seen": 0,  # so that what follows asks whether this is staff
        }
    elif _over(facts, now):
        return False
    if now - facts["seen"] >= SEEN_EVERY:
        # asked anew: whoever became staff meanwhile has the shorter session of staff
        changed = {"seen": now, "network": network_of(address), "staff": _is_staff(user_id)}
        session[FACTS] = {**facts, **changed}
    return True


def _is_staff(user_id: str) -> bool:
    return Membership.objects.filter(user__pk=user_id, role__in=STAFF).exists()


def _over(facts: dict[str, Any], now: float) -> bool:
    age, idle = now - facts["since"], now - facts["seen"]
    if facts.get("staff"):
        return age > settings.SESSION_STAFF_HOURS * 3600 or idle > settings.SESSION_STAFF_IDLE_MINUTES * 60
    return age > settings.SESSION_COOKIE_AGE


def _signed_in(user: User) -> QuerySet[BrowserSession]:
    return BrowserSession.objects.filter(user=user, expire_date__gt=timezone.now())


def browsers_of(user: User, *, this_key: str | None) -> list[Browser]:
    """Where this person is signed in, this browser first, then the latest seen."""
    this = digest_of_key(this_key or "")
    return [
        Browser(
            handle=row.session_key,
            device=device_words(row.browser, row.system),
            network=row.network,
            since=row.since,
            seen_at=row.seen_at,
            is_this=row.session_key == this,
        )
        for row in sorted(
            _signed_in(user),
            key=lambda row: (row.session_key != this, -(row.seen_at or row.expire_date).timestamp()),
        )
    ]


def session_end(*, user: User, handle: str) -> bool:
    """End one browser of this person; False where there is none by that handle (it may have ended already)."""
    return bool(_signed_in(user).filter(session_key=handle).delete()[0])


def sessions_end_others(*, user: User, this_key: str | None) -> int:
    """End all browsers of a person but this one."""
    return int(_signed_in(user).exclude(session_key=digest_of_key(this_key or "")).delete()[0])
