"""The kinds of things that are found, each behind the permission and the door of its own pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.access import Actor, Permission
from portal.search.wanted import Wanted

MOST = 8  # of one kind; the rest is in the list that `more` leads to


@dataclass(frozen=True)
class Hit:
    """A line of the page: what it is called, where or whose it is, and where its page stands."""

    label: str
    note: str
    url: str
    exact: bool = False  # a number or serial, which no translator touches


@dataclass(frozen=True)
class Kind:
    """`find` gives at most the given number of hits, in one statement; `more` the name and the query of the list."""

    key: str
    label: Any
    permission: Permission
    find: Callable[[Actor, Wanted, int], list[Hit]]
    more: str = ""
    more_query: tuple[tuple[str, str], ...] = ()
    utility: bool | None = None  # only in a utility's programme, only in a housing one, or in both

    def stands_for(self, actor: Actor) -> bool:
        return actor.may(self.permission) and self.utility in (None, actor.programme.is_utility)

    def more_url(self, actor: Actor, wanted: Wanted) -> str:
        if not self.more:
            return ""
        address = reverse(self.more, args=[actor.programme.slug])
        return f"{address}?{urlencode({'q': wanted.text, **dict(self.more_query)})}"


@dataclass(frozen=True)
class Found:
    label: Any
    hits: list[Hit]
    more_url: str  # empty where all are shown


def searched(kinds: list[Kind], actor: Actor, wanted: Wanted) -> list[Found]:
    """What fits, by kind, in the order of the kinds; a kind without a hit is left out."""
    found = []
    for kind in kinds:
        hits = kind.find(actor, wanted, MOST + 1) if kind.stands_for(actor) else []
        if hits:
            more = kind.more_url(actor, wanted) if len(hits) > MOST else ""
            found.append(Found(kind.label, hits[:MOST], more))
    return found
