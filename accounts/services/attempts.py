"""How often something may be tried: counters in the cache, shared by all processes of the portal.

The counters are not exact under a race (one or two tries may slip through); they stop a machine, not a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError


@dataclass(frozen=True)
class Limit:
    """At most `tries` of `what` in `seconds`, for one person or address."""

    what: str
    tries: int
    seconds: int


def _key(limit: Limit, who: str) -> str:
    # hashed: an e-mail address has no business in a cache's key, nor has a stranger's text of any length
    return f"attempts:{limit.what}:{sha256(who.encode()).hexdigest()[:32]}"


def _too_many() -> DomainError:
    return DomainError(
        "too_many_attempts", _("Too many attempts. Please wait a quarter of an hour and try again.")
    )


def attempts_check(*, limit: Limit, who: str) -> None:
    """Raise `too_many_attempts` when the limit is used up. Counts nothing."""
    if who and int(cache.get(_key(limit, who), 0)) >= limit.tries:
        raise _too_many()


def attempts_count(*, limit: Limit, who: str) -> None:
    """Count one try. The time runs from the first of a series."""
    if not who:
        return
    key = _key(limit, who)
    if cache.add(key, 1, limit.seconds):
        return
    try:
        cache.incr(key)
    except ValueError:  # it expired in between
        cache.add(key, 1, limit.seconds)


def attempts_take(*, limit: Limit, who: str) -> None:
    """Check and count in one go, for things that cost something each time (a mail, a challenge)."""
    attempts_check(limit=limit, who=who)
    attempts_count(limit=limit, who=who)
