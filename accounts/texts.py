"""Order and search of names as people expect them, the same on both databases (SQLite folds only ASCII)."""

from __future__ import annotations

import re
import unicodedata

DIGITS = re.compile(r"(\d+)")
# the marks that NFKD takes off letters; a search of thousands of rows has no time to ask for each letter's class
COMBINING = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")


def folded(text: str) -> str:
    """Without case, accents and doubled spaces: "  ÉTAGE 2" and "etage 2" are alike."""
    if text.isascii():
        return " ".join(text.casefold().split())
    bare = COMBINING.sub("", unicodedata.normalize("NFKD", text))
    return " ".join(bare.casefold().split())


def natural_key(text: str) -> tuple[str | int, ...]:
    """Appartement 2 stands before Appartement 10."""
    parts = DIGITS.split(folded(text))
    return tuple(int(part) if at % 2 else part for at, part in enumerate(parts))


def holds(text: str, q: str) -> bool:
    """Does the text hold every word that was typed, in any order? Nothing typed is held by all."""
    known = folded(text)
    return all(word in known for word in folded(q).split())
