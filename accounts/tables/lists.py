"""A list that is looked at before it is taken: its columns by their names, its lines on their way through the page.

LIST = Columns(words={"number": ("number", "номер")}, labels={"number": gettext_lazy("Number")}, needed=("number",))
lines = LIST.lines(table)                      [(2, ["02000000"]), …]
lines_signed(actor, "contracts", lines)        into the form of the preview
lines_opened(actor, "contracts", text)         out of it again, for this person in this programme only
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from django.core import signing
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.tables.reading import Table, TableError
from accounts.tables.writing import FORMULA_STARTS

GOOD_FOR = 3600  # seconds between the look and the yes
WRONG = "wrong"
Cells = list[str]  # in the order of the list's columns
Lines = list[tuple[int, Cells]]  # by the number of the line in the owner's file


@dataclass(frozen=True)
class Columns:
    """`words`: what each column may be called, besides its label in the reader's language."""

    words: dict[str, tuple[str, ...]]
    labels: dict[str, Any]
    needed: tuple[str, ...]

    def lines(self, table: Table) -> Lines:
        """The cells we know of each line; what our own export guarded from spreadsheets stands as it was.

        Raises `TableError` missing_columns.
        """
        places = self._places(table.header)
        return [
            (row.line, [_plain(row[places[name]]) if name in places else "" for name in self.words])
            for row in table.rows
        ]

    def _places(self, header: Sequence[str]) -> dict[str, int]:
        called = {
            _folded(word): name
            for name, words in self.words.items()
            for word in (*words, str(self.labels[name]))
        }
        places: dict[str, int] = {}
        for place, title in enumerate(header):
            name = called.get(_folded(title))
            if name is not None:
                places.setdefault(name, place)
        missing = [str(self.labels[name]) for name in self.needed if name not in places]
        if missing:
            raise TableError(
                "missing_columns",
                _("The first line lacks these columns: %(columns)s.") % {"columns": ", ".join(missing)},
            )
        return places


def _folded(title: str) -> str:
    """Without case, accents, doubled spaces and the typographer's apostrophe."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", title) if not unicodedata.combining(c))
    return " ".join(bare.replace("’", "'").split()).casefold()


def _plain(cell: str) -> str:
    """Without the apostrophe that our own export sets before what a spreadsheet would run: "'-1" is a cellar."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell


class Judged(Protocol):
    """A line with what becomes of it."""

    verdict: str


L = TypeVar("L", bound=Judged)


@dataclass
class Plan(Generic[L]):
    """`lines` in the order of the file. Taken whole, and only while none of them is `WRONG`."""

    lines: list[L] = field(default_factory=list)

    def count(self, *verdicts: str) -> int:
        return sum(line.verdict in verdicts for line in self.lines)

    @property
    def is_sound(self) -> bool:
        return not self.count(WRONG)

    def sound_or_refused(self) -> None:
        """Before a plan is carried out: others work as well. Raises `list_changed`."""
        if not self.is_sound:
            raise DomainError(
                "list_changed", _("Meanwhile something changed; please look at the list again.")
            )


def lines_signed(actor: Actor, what: str, lines: Lines) -> str:
    return signing.dumps(lines, salt=_salt(actor, what), compress=True)


def lines_opened(actor: Actor, what: str, text: str) -> Lines:
    """Raises `DomainError` look_too_old for what is older than `GOOD_FOR`, somebody else's or made up."""
    try:
        lines: Lines = signing.loads(text, salt=_salt(actor, what), max_age=GOOD_FOR)
    except signing.BadSignature:
        raise DomainError(
            "look_too_old", _("Please choose the file again: the look at it is too old.")
        ) from None
    return lines


def _salt(actor: Actor, what: str) -> str:
    return f"{what}:{actor.programme.public_id}:{actor.user.public_id}"
