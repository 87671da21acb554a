"""What a list was asked for: a search, an order and a page; whatever the address says is brought to something there is.

One list of the portal is one `ListAsked`: the view names the columns it can be sorted by and what else its address
holds (`keep`), takes the rows in that order and hands `context` to the template, whose headings are `{% sorted_th %}`
and whose foot is `components/pagination.html`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet

from accounts.texts import holds

Row = TypeVar("Row")
PER_PAGE = 50
LONGEST = 120
Orders = Mapping[str, Sequence[str]]  # column to the fields it is sorted by


@dataclass(frozen=True)
class ListAsked:
    """`sort` is the key of a column, with "-" before it for the other way round; empty for the list's own order.
    `keep` are the other parameters of the address, such as a filter: they go along with a page, an order and a search.
    """

    q: str = ""
    sort: str = ""
    page: str = "1"
    keep: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls, data: Mapping[str, str], sorts: Iterable[str] = (), *, keep: Mapping[str, Any] | None = None
    ) -> ListAsked:
        sort = data.get("sort", "")
        known = sort.removeprefix("-") in set(sorts) and not sort.startswith("--")
        kept = tuple((name, str(value)) for name, value in (keep or {}).items() if value)
        q = data.get("q", "").replace("\0", "").strip()[:LONGEST]
        return cls(q, sort if known else "", data.get("page", "1"), kept)

    @property
    def key(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def down(self) -> bool:
        return self.sort.startswith("-")

    def rows(
        self, rows: Iterable[Row], text: Callable[[Row], str], order: Mapping[str, Callable[[Row], Any]]
    ) -> list[Row]:
        """Those whose text holds every word of the search, in the order that was asked for; rows that have nothing
        in that column (None) stand last, whichever way."""
        return self.sorted([row for row in rows if not self.q or holds(text(row), self.q)], order)

    def sorted(self, rows: list[Row], order: Mapping[str, Callable[[Row], Any]]) -> list[Row]:
        key = order.get(self.key)
        if key is None:
            return rows
        known = [row for row in rows if key(row) is not None]
        nothing = [row for row in rows if key(row) is None]
        return sorted(known, key=key, reverse=self.down) + nothing

    def ordered(self, rows: QuerySet[Any], orders: Orders) -> QuerySet[Any]:
        """The database's order; without one that was asked for the rows keep theirs. Empty cells stand last."""
        fields = orders.get(self.key)
        if not fields:
            return rows
        first = [
            F(name).desc(nulls_last=True) if self.down else F(name).asc(nulls_last=True) for name in fields
        ]
        return rows.order_by(*first, "pk")

    def query(self, **change: str) -> str:
        """The parameters of this list's address; an empty value leaves a parameter out."""
        given = {**dict(self.keep), "q": self.q, "sort": self.sort, **change}
        return urlencode({name: value for name, value in given.items() if value})

    def context(self, found: Sequence[Any] | QuerySet[Any], per_page: int = PER_PAGE) -> dict[str, Any]:
        """For the template: `page`, what goes along with another page (`query`), another order (`search`) and another
        search (`keep`, hidden fields)."""
        page: Page[Any] = Paginator(found, per_page).get_page(self.page)
        kept = [*self.keep, *([("sort", self.sort)] if self.sort else [])]
        return {
            "page": page, "q": self.q, "sort": self.sort, "search": self.query(sort=""), "query": self.query(),
            "keep": [{"name": name, "value": value} for name, value in kept],
        }  # fmt: skip
