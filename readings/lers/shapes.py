"""A record's raw text taken apart by a strict grammar and made into a pattern.

The grammar knows plain elements, attributes and text in safe characters; comments, CDATA, references, mixed
content and anything non-ASCII in a varying place make a record unfit, and the parser reads its like.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from readings.lers.fields import Taken
from readings.lers.values import NUMBER
from readings.lers.vocabulary import Vocabulary, is_plain_heat

_NAME = r"[^\s<>/=\"'&!?]+"
_OPEN = re.compile(rf"<({_NAME})")
_ATTRIBUTE = re.compile(rf"([ \t\r\n]+)({_NAME})([ \t\r\n]*=[ \t\r\n]*)(\"[^\"<&>]*\"|'[^'<&>]*')")
_CLOSE_EMPTY = re.compile(r"[ \t\r\n]*/>")
_TEXT = re.compile(r"[^<&>]+")
_BLANKS = re.compile(r"[ \t\r\n]*")
_SAFE = r"[!#-%(-;=?-~](?:[!#-%(-;=?-~]| )*+"  # printable ASCII without quotes, & < >, no blank in front
_SAFE_TEXT = re.compile(_SAFE)
_YEAR, _DAY, _CLOCK = "(?:199[0-9]|20[0-9]{2})", "[0-9]{2}", "(?:[01][0-9]|2[0-3]):[0-9]{2}"
# what may stand in front of a constant rest (zero fractions, an offset), and how it is read
_SECONDS = (
    "(?::(?:[0-4][0-9]|5[0-8]))?"  # 23:59:59 is an end whatever the profile says, and left to the parser
)
_ISO = f"({_YEAR}-{_DAY}-{_DAY}(?:[T ]{_CLOCK}{_SECONDS})?)"
_RUSSIAN = f"({_DAY}[.]{_DAY}[.]{_YEAR}(?: {_CLOCK}{_SECONDS})?)"
_REST = r"((?:[.]0+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)"


def _russian(text: str) -> datetime:
    return datetime.fromisoformat(f"{text[6:10]}-{text[3:5]}-{text[:2]}{text[10:]}")


_STAMPS: tuple[tuple[re.Pattern[str], str, Callable[[str], datetime]], ...] = (
    (re.compile(_ISO + _REST), _ISO, datetime.fromisoformat),
    (re.compile(_RUSSIAN + _REST), _RUSSIAN, _russian),
)
_PLAIN = re.compile(NUMBER)
_FREE = frozenset(("", "known", "weakpoint", "title", "address", "maybetime"))


class Shape:
    """A compiled record.

    `keys`: parameters in file order; `stamp`: which group is the stamp; `lead`: line breaks before the
    record; `lines`: line breaks in all, -1 if they vary; `loose`: values may be missing.
    """

    __slots__ = ("comma", "ignored", "keys", "lead", "lines", "loose", "parse", "scanner", "stamp", "taken")

    def __init__(self, source: str, build: Builder, lead: int, lines: int, loose: bool) -> None:
        # a scanner reads on where it stopped; the stubs do not know it
        self.scanner: Callable[[str, int], Any] = re.compile(source).scanner  # type: ignore[attr-defined]
        self.keys = tuple(build.keys)
        self.stamp = build.stamp
        self.parse = build.parse
        self.comma = build.comma
        self.ignored = tuple(build.ignored)
        self.lead = lead
        self.lines = lines
        self.loose = loose
        self.taken: Taken | None = None


class Builder:
    """Walks one record; False from `record` means: not for the fast path."""

    def __init__(self, vocabulary: Vocabulary, text: str) -> None:
        self.vocabulary = vocabulary
        self.text = text
        self.position = 0
        self.parts: list[str] = []
        self.keys: list[str] = []
        self.values: list[str] = []
        self.units: list[tuple[int, int, str]] = []  # parts that hold one value, with what may stand instead
        self.ignored: list[str] = []
        self.stamp = -1
        self.clock = False
        self.parse: Callable[[str], datetime] = datetime.fromisoformat
        self.comma = False
        self.groups = 0

    def record(self, start: int) -> bool:
        self._literal(self.text[:start])
        self.position = start
        sound = self._element(0, []) and not self.clock and self.stamp >= 0 and bool(self.keys)
        if "Q" in self.keys:
            if not is_plain_heat(self.keys):
                return False
            self.keys = ["Q_delta" if key == "Q" else key for key in self.keys]
        return sound and self.position == len(self.text) and len(set(self.keys)) == len(self.keys)

    def agrees(self, taken: Taken) -> bool:
        """Whether the parser reported exactly what was found here."""
        return dict(zip(self.keys, self.values, strict=True)) == taken.texts

    def source(self, *, loose: bool) -> str:
        parts = list(self.parts)
        if loose:
            for first, last, instead in self.units:
                parts[first] = "(?:" + parts[first]
                parts[last] += f"{instead})?+"
        return "".join(parts)

    def _literal(self, text: str) -> None:
        self.parts.append(re.escape(text))

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.position)
        if found is None:
            return ""
        self.position = found.end()
        return found.group()

    def _number(self, key: str, text: str) -> None:
        comma = "," in text
        self.comma = self.comma or comma
        self.keys.append(key)
        self.values.append(text.replace(",", "."))
        self.groups += 1
        self.parts.append(rf"(-?[0-9]{{1,14}}+(?:{'[.,]' if comma else '[.]'}[0-9]{{1,20}}+)?+)")

    def _stamp(self, text: str) -> bool:
        for whole, pattern, parse in _STAMPS:
            if found := whole.fullmatch(text):
                self.stamp = self.groups
                self.parse = parse
                self.groups += 1
                self.parts.append(pattern + re.escape(found[2]))
                return True
        return False

    def _value(self, name: str, text: str, pending: list[str]) -> None:
        """A text under `name`; `pending` holds the parameter that a value list has named."""
        local = name.rpartition(":")[2]
        role = self.vocabulary.role(local)
        if role.what == "time" and self.stamp < 0 and self._stamp(text):
            return
        if role.what == "start" and self.stamp < 0 and self._stamp(text):
            return
        if role.what in ("clock", "hour", "start", "time", "year", "month", "dayno", "minute"):
            self.clock = True  # what stands beside the stamp may change it: not for the fast path
        naming = role.what in ("parameter", "title") or self.vocabulary.names_parameter(role, text)
        if naming and (key := self.vocabulary.parameter(text)):
            pending[:] = [key]
        elif role.what == "parameter_value" and _PLAIN.fullmatch(text):
            self._number(role.key, text)
            return
        elif pending and role.what in ("value", "") and _PLAIN.fullmatch(text):
            self._number(pending[0], text)
            return
        elif role.what in _FREE and _SAFE_TEXT.fullmatch(text):
            if role.what == "":
                self.ignored.append(local)
            self.parts.append(_SAFE)
            return
        self._literal(text)

    def _element(self, depth: int, outer: list[str], first: int = 0) -> bool:
        opened = _OPEN.match(self.text, self.position)
        if opened is None or depth > 5:
            return False
        name = opened[1]
        held = len(self.keys)
        self._literal(opened.group())
        self.position = opened.end()
        pending: list[str] = []
        role = self.vocabulary.role(name.rpartition(":")[2])
        if role.what == "parameter_value":
            pending = [role.key]
        while found := _ATTRIBUTE.match(self.text, self.position):
            self._attribute(found, pending, depth)
        if blank := self._take(_CLOSE_EMPTY):
            self._literal(blank)
            return True
        if not self.text.startswith(">", self.position):
            return False
        self.position += 1
        self._literal(">")
        if not self._content(name, role.what, depth, pending, outer):
            return False
        if depth and pending and len(self.keys) == held + 1:
            instead = ""
            if role.what == "parameter_value":
                nil = '(?: xsi:nil="true")?' if ' xsi:nil="true"' in self.text else ""
                instead = f"|{self.parts[first]}{re.escape('<' + name)}{nil}[ ]?/>"
            self.units.append((first, len(self.parts) - 1, instead))
        return True

    def _attribute(self, found: re.Match[str], pending: list[str], depth: int) -> None:
        blank, name, equals, quoted = found.groups()
        first, held = len(self.parts), len(self.keys)
        self._literal(blank + name + equals + quoted[0])
        if name.startswith("xmlns") or ":" in name:
            self._literal(quoted[1:-1])
        else:
            self._value(name, quoted[1:-1], pending)
        self._literal(quoted[0])
        self.position = found.end()
        if not depth and len(self.keys) == held + 1:
            self.units.append((first, len(self.parts) - 1, ""))

    def _content(self, name: str, what: str, depth: int, pending: list[str], outer: list[str]) -> bool:
        close = f"</{name}>"
        children = False
        while True:
            blank = self._take(_BLANKS)
            if self.text.startswith(close, self.position):
                self._literal(blank + close)
                self.position += len(close)
                return True
            if self.text.startswith("<", self.position):
                children = True
                first = len(self.parts)  # a missing element takes the blanks in front of it along
                self._literal(blank)
                if not self._element(depth + 1, pending, first):
                    return False
            else:
                text = self._take(_TEXT)
                if children or blank or not text or not self.text.startswith(close, self.position):
                    return False
                # a leaf's parameter name speaks for its neighbours, its own attributes for itself
                self._value(name, text, outer if not pending or what == "parameter" else pending)
                self._literal(close)
                self.position += len(close)
                return True
