"""What was typed, and whether a thing fits it. Folded in Python as the lists do, since SQLite folds ASCII only."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.texts import folded

LONGEST = 120
BETWEEN = "\u00a6"  # two texts that are searched as one; nobody types it, and folding leaves it
NOT_IN_NUMBERS = re.compile(f"[^\\w{BETWEEN}]|_")
MOST_WORDS = 8
SHORTEST_NUMBER = 3  # of a serial, phone or contract typed with dashes and spaces


@dataclass(frozen=True)
class Wanted:
    """`words`: each has to stand somewhere in a thing's texts. `number`: letters and digits alone, as serials and
    phones are kept; empty where nothing like that was typed."""

    text: str
    words: tuple[str, ...] = ()
    number: str = ""

    def rank(self, texts: Iterable[str], numbers: Iterable[str] = ()) -> int | None:
        """0 for a thing that begins with what was typed, 1 for one that holds it, None for all others."""
        numbered = BETWEEN + folded(BETWEEN.join(filter(None, numbers)))
        known = numbered + BETWEEN + folded(BETWEEN.join(filter(None, texts)))
        if all(word in known for word in self.words):
            return 0 if BETWEEN + " ".join(self.words) in known else 1
        return 1 if self.number and self.number in _bare(numbered) else None

    def narrowed(self, *paths: str) -> Q:
        """What the database can leave out already, for tables too long to be read whole. SQLite folds ASCII alone, so
        the usual ways to write a word are asked for; accents are looked for as they were typed."""
        found = Q()
        for word in self.words:
            ways = {word, word.upper(), word.capitalize()}
            found &= functools.reduce(
                operator.or_, (Q(**{f"{p}__icontains": way}) for p in paths for way in ways)
            )
        for path in paths if self.number else ():
            found |= Q(**{f"{path}__icontains": self.number})
        return found


def wanted_of(typed: str) -> Wanted | None:
    """None where nothing was typed that could be found."""
    text = " ".join("".join(c if c.isprintable() else " " for c in typed[:LONGEST]).split())
    words = tuple(folded(text).split()[:MOST_WORDS])
    number = _bare(text)
    # a phone is kept as ten digits, whatever stands before them
    number = number[1:] if len(number) == 11 and number.isdigit() and number[0] in "78" else number
    return Wanted(text, words, number if len(number) >= SHORTEST_NUMBER else "") if words else None


def _bare(text: str) -> str:
    """Letters and digits alone. Several texts stay apart: what is found stands in one of them."""
    return NOT_IN_NUMBERS.sub("", folded(text))


def best(rows: Iterable[tuple[int | None, Any]], most: int) -> list[Any]:
    """Of (rank, thing) at most `most` things, those that begin with what was typed first; each keeps its order."""
    first: list[Any] = []
    others: list[Any] = []
    for rank, thing in rows:
        if rank == 0:
            first.append(thing)
            if len(first) == most:
                break
        elif rank is not None and len(others) < most:
            others.append(thing)
    return [*first, *others][:most]


def ranked(
    wanted: Wanted, rows: Iterable[Any], texts: Any, numbers: Any = None
) -> Iterator[tuple[int | None, Any]]:
    """Each row with its rank; `texts` and `numbers` take a row and give what is searched in it."""
    for row in rows:
        yield wanted.rank(texts(row), numbers(row) if numbers else ()), row
