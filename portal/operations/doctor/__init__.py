"""`manage.py doctor`: looks at a running installation and says in one sentence what to mend, topic by topic.

A check is a generator of `Finding`s; one that cannot look says so as a finding, and hides no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

GOOD, ODD, BAD = "ok", "look", "MEND"


@dataclass(frozen=True)
class Finding:
    topic: str
    level: str  # GOOD, ODD (worth a look), BAD (mend it)
    sentence: str


def good(sentence: str) -> tuple[str, str]:
    return GOOD, sentence


def odd(sentence: str) -> tuple[str, str]:
    return ODD, sentence


def bad(sentence: str) -> tuple[str, str]:
    return BAD, sentence


Check = Callable[[], Iterator[tuple[str, str]]]


def checks() -> dict[str, Check]:
    """By topic, in the order in which they are looked at: what the later ones stand on comes first."""
    from portal.operations.doctor import database, machine, work

    return {
        "versions": machine.versions,
        "settings": machine.settings_sound,
        "secrets": machine.secrets,
        "disk": machine.disk,
        "database": database.reachable,
        "migrations": database.migrations,
        "clock": database.clock,
        "isolation": database.isolation,
        "months": database.months,
        "broker": work.broker,
        "workers": work.workers,
        "jobs": work.jobs,
        "mail": work.mail,
        "backup": work.backup,
    }


AWAY = {
    "database": "The database does not answer ({}): does it run, and is DATABASE_URL right?",
    "broker": "Redis does not answer ({}): does it run, and is REDIS_URL right?",
}


def examine(only: list[str] | None = None) -> Iterator[Finding]:
    """The findings of all topics, or of those asked for. What is away is said once, and what it would have shown not."""
    away: set[str] = set()
    for topic, check in checks().items():
        if only and topic not in only:
            continue
        try:
            for level, sentence in check():
                yield Finding(topic, level, sentence)
        except Exception as error:  # noqa: BLE001 - whatever hinders a check is itself worth a sentence
            # the class alone: the text of a driver may hold an address with its password
            what = _away(error)
            if what is None:
                yield Finding(
                    topic, BAD, f"Cannot look: {type(error).__name__}. Mend what stands above first."
                )
            elif what not in away:
                away.add(what)
                yield Finding(topic, BAD, AWAY[what].format(type(error).__name__))


def _away(error: Exception) -> str | None:
    if isinstance(error, OperationalError | InterfaceError):
        return "database"
    return "broker" if type(error).__module__.startswith("redis.") else None
