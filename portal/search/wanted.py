"""What was typed, and whether a thing fits it. Folded in Python as the lists do, since SQLite folds ASCII only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from servers.selectors.texts import folded

LONGEST = 120
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
        named = [folded(text) for text in (*numbers, *texts) if text]
        known = " ".join(named)
        if all(word in known for word in self.words):
            whole = " ".join(self.words)
            return 0 if any(text.startswith(whole) for text in named) else 1
        if self.number and any(self.number in _bare(text) for text in numbers if text):
            return 1
        return None


def wanted_of(typed: str) -> Wanted | None:
    """None where nothing was typed that could be found."""
    text = " ".join("".join(c if c.isprintable() else " " for c in typed[:LONGEST]).split())
    words = tuple(folded(text).split())
    number = _bare(text)
    # a phone is kept as ten digits, whatever stands before them
    number = number[1:] if len(number) == 11 and number.isdigit() and number[0] in "78" else number
    return Wanted(text, words, number if len(number) >= SHORTEST_NUMBER else "") if words else None


def _bare(text: str) -> str:
    return "".join(c for c in folded(text) if c.isalnum())


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
