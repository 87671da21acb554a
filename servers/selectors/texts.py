"""Order and search of names as people expect them, the same on both databases (SQLite folds only ASCII)."""

from __future__ import annotations

import re
import unicodedata

DIGITS = re.compile(r"(\d+)")


def folded(text: str) -> str:
    """Without case, accents and doubled spaces: "  ÉTAGE 2" and "etage 2" are alike."""
    if text.isascii():
        return " ".join(text.casefold().split())
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def natural_key(text: str) -> tuple[str | int, ...]:
    """Appartement 2 stands before Appartement 10."""
    parts = DIGITS.split(folded(text))
    return tuple(int(part) if at % 2 else part for at, part in enumerate(parts))
