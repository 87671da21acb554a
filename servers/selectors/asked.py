"""What a list was asked for: a search, an order and a page; whatever the address says is brought to something there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator

from servers.selectors.texts import folded

Row = TypeVar("Row")
PER_PAGE = 50


@dataclass(frozen=True)
class ListAsked:
    """`sort` is the key of a column, with "-" before it for the other way round; empty for the list's own order."""

    q: str = ""
    sort: str = ""
    page: str = "1"

    @classmethod
    def of(cls, data: Mapping[str, str], sorts: Sequence[str] = ()) -> ListAsked:
        sort = data.get("sort", "")
        known = sort.removeprefix("-") in sorts
        return cls(data.get("q", "").strip()[:120], sort if known else "", data.get("page", "1"))

    def rows(
        self, rows: Sequence[Row], text: Callable[[Row], str], order: Mapping[str, Callable[[Row], Any]]
    ) -> list[Row]:
        """Those whose text holds every word of the search, in the order that was asked for."""
        words = folded(self.q).split()
        found = [row for row in rows if not words or all(word in folded(text(row)) for word in words)]
        key = order.get(self.sort.removeprefix("-"))
        return sorted(found, key=key, reverse=self.sort.startswith("-")) if key else found

    def context(self, found: Sequence[Any]) -> dict[str, Any]:
        """For the template: `page`, what to send along with another page (`query`) and another order (`search`)."""
        page: Page[Any] = Paginator(found, PER_PAGE).get_page(self.page)
        search = {"q": self.q} if self.q else {}
        return {
            "page": page, "q": self.q, "sort": self.sort, "search": urlencode(search),
            "query": urlencode(search | ({"sort": self.sort} if self.sort else {})),
        }  # fmt: skip
