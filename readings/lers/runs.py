"""The fast path: runs of records that differ from a proven one only in stamp and numbers.

The XML parser stays the judge. After it has read a record, its raw text is taken apart by a strict grammar;
if that agrees with what the parser reported, the text becomes a pattern in which only the stamp, the numbers
and free texts may vary, each within a safe set of characters (no markup, no references, ASCII only). As long
as the text that follows *directly* matches, the records are read by the pattern and never shown to the parser:
they are complete elements in element content, so leaving them out changes nothing about the rest. The first
character that differs goes to the parser again. `tests` compare both ways on shuffled and damaged files.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from readings.lers.collect import Collector
from readings.lers.fields import Taken
from readings.lers.model import ArchiveRow, Series
from readings.lers.values import PLAIN_FAST
from readings.lers.vocabulary import Vocabulary

_NAME = r"[^\s<>/=\"'&!?]+"
_SAFE = r"[!#-%(-;=?-~]"  # printable ASCII without quotes, & < >
_ATTRIBUTE = re.compile(rf"(\s+)({_NAME})(\s*=\s*)(\"[^\"<&>]*\"|'[^'<&>]*')")
_EMPTY_CHILD = re.compile(rf"<{_NAME}(?:\s+{_NAME}\s*=\s*(?:\"[^\"<&>]*\"|'[^'<&>]*'))*\s*/>")
_CHILD = re.compile(rf"<({_NAME})>([^<&>]*)</\1>")
_BLANKS = re.compile(r"[ \t\r\n]*")
_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
_FREE = frozenset(("", "known", "weakpoint", "title", "address"))
_BLOCKED = ("<!", "<?", "-->", "]]>", "?>")
_MOST = 16  # shapes tried one after another


class Shape:
    """A compiled record: pattern, parameters in file order, where the stamp stands, how many lines it takes."""

    __slots__ = ("comma", "ignored", "keys", "lead", "lines", "match", "source", "stamp", "taken")

    def __init__(self, source: str, keys: tuple[str, ...], stamp: int, lead: int, lines: int) -> None:
        self.source = source
        self.match = re.compile(source, re.ASCII).match
        self.keys = keys
        self.stamp = stamp
        self.lead = lead
        self.lines = lines
        self.comma = "[.,]" in source
        self.ignored: tuple[str, ...] = ()
        self.taken: Taken | None = None


class _Builder:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.parts: list[str] = []
        self.keys: list[str] = []
        self.texts: list[str] = []
        self.stamp = -1
        self.groups = 0
        self.ignored: list[str] = []

    def literal(self, text: str) -> None:
        self.parts.append(re.escape(text))

    def value(self, name: str, text: str) -> None:
        local = name.rpartition(":")[2]
        role = self.vocabulary.role(local)
        if role.what == "time" and self.stamp < 0 and _STAMP.fullmatch(text):
            self.stamp = self.groups
            self.groups += 1
            self.parts.append(f"({_STAMP.pattern})")
        elif role.what == "parameter_value" and PLAIN_FAST.fullmatch(text):
            self.keys.append(role.key)
            self.texts.append(text)
            self.groups += 1
            mark = "[.,]" if "," in text else r"\."
            self.parts.append(f"(-?[0-9]{{1,14}}(?:{mark}[0-9]{{1,20}})?)")
        elif role.what in _FREE and text.strip() and re.fullmatch(rf"{_SAFE}(?:{_SAFE}| )*", text):
            if role.what == "":
                self.ignored.append(local)
            self.parts.append(f"{_SAFE}(?:{_SAFE}| )*")
        else:
            self.literal(text)


class Runs:
    """Shapes known in this file, and those that may follow directly."""

    def __init__(self, collector: Collector, vocabulary: Vocabulary) -> None:
        self.collector = collector
        self.vocabulary = vocabulary
        self.known: dict[str, Shape] = {}
        self.active: list[Shape] = []
        self.token: object = None
        self.learned = 0
        self.read = 0

    def learn(self, piece: str, tag: str, taken: Taken, token: object) -> None:
        """`piece` is what the parser was given last and ends with the record `taken` under raw name `tag`."""
        if token != self.token:
            self.token = token
            self.active = []
        if any(mark in piece for mark in _BLOCKED) or taken.offset is not None:
            return
        start = piece.rfind("<" + tag)
        lead = piece[:start]
        if start < 0 or lead.strip(" \t\r\n"):
            return
        shape = self._shape(piece, start, tag, taken)
        if shape is None:
            return
        shape.taken = taken
        if shape in self.active:
            self.active.remove(shape)
        self.active.insert(0, shape)
        del self.active[_MOST:]

    def _shape(self, piece: str, start: int, tag: str, taken: Taken) -> Shape | None:
        build = _Builder(self.vocabulary)
        build.literal(piece[: start + 1 + len(tag)])
        position = start + 1 + len(tag)
        while found := _ATTRIBUTE.match(piece, position):
            blank, name, equals, quoted = found.groups()
            build.literal(blank + name + equals + quoted[0])
            if name.startswith(("xmlns", "xsi:")):
                build.literal(quoted[1:-1])
            else:
                build.value(name, quoted[1:-1])
            build.literal(quoted[0])
            position = found.end()
        if not self._children(build, piece, position, tag):
            return None
        if build.stamp < 0 or not build.keys or len(set(build.keys)) != len(build.keys):
            return None
        texts = {key: text.replace(",", ".") for key, text in zip(build.keys, build.texts, strict=True)}
        if texts != taken.texts:
            return None  # the parser saw something else: the text is not what it seems
        source = "".join(build.parts)
        shape = self.known.get(source)
        if shape is None:
            if self.learned >= 400:  # every record looks different: compiling costs more than it saves
                return None
            self.learned += 1
            lead = piece.count("\n", 0, start)
            shape = Shape(source, tuple(build.keys), build.stamp, lead, piece.count("\n"))
            shape.ignored = tuple(build.ignored)
            self.known[source] = shape
        return shape

    @staticmethod
    def _children(build: _Builder, piece: str, position: int, tag: str) -> bool:
        def blanks() -> None:
            nonlocal position
            found = _BLANKS.match(piece, position)
            if found and found.group():
                build.literal(found.group())
                position = found.end()

        blanks()
        if piece.startswith("/>", position):
            build.literal("/>")
            return position + 2 == len(piece)
        if not piece.startswith(">", position):
            return False
        build.literal(">")
        position += 1
        close = f"</{tag}>"
        while True:
            blanks()
            if piece.startswith(close, position):
                build.literal(close)
                return position + len(close) == len(piece)
            if found := _EMPTY_CHILD.match(piece, position):
                build.literal(found.group())
            elif found := _CHILD.match(piece, position):
                build.literal(f"<{found[1]}>")
                build.value(found[1], found[2])
                build.literal(f"</{found[1]}>")
            else:
                return False
            position = found.end()

    def run(self, text: str, position: int, line: int) -> tuple[int, int]:
        """Read records from `position` as long as a shape fits; the new position and line."""
        shapes = self.active
        while True:
            before = position
            for index, shape in enumerate(shapes):
                position, line = self._repeat(shape, text, position, line)
                if position != before:
                    if index:
                        shapes.remove(shape)
                        shapes.insert(0, shape)
                    break
            else:
                return position, line

    def _repeat(self, shape: Shape, text: str, position: int, line: int) -> tuple[int, int]:
        match, taken, keys, stamp_at = shape.match, shape.taken, shape.keys, shape.stamp
        if taken is None:
            return position, line
        found = match(text, position)
        if found is None:
            return position, line
        collector = self.collector
        series, flags, marks = taken.series, taken.flags, taken.marks
        shifts = collector.shifts(series.kind)
        number = Decimal if series.kind == "totals" else float
        comma, lead, lines = shape.comma, shape.lead, shape.lines
        parse, new, row = datetime.fromisoformat, tuple.__new__, ArchiveRow
        records = series.records
        first, last = series.first, series.last
        batch, limit = collector.batch, collector.limits.batch
        start = records
        assert first is not None and last is not None  # the parser has read one record of this series
        while found is not None:
            groups = found.groups()
            try:
                stamp = parse(groups[stamp_at])
            except ValueError:
                break
            if not 1990 <= stamp.year <= 2099 or stamp.hour > 23:
                break
            texts = groups[1:] if stamp_at == 0 else groups[:stamp_at] + groups[stamp_at + 1 :]
            if comma:
                texts = ";".join(texts).replace(",", ".").split(";")
            if shifts:
                stamp = collector.shifted(series.kind, stamp)
            if stamp > last:
                last = stamp
            else:
                series.in_order = False
                if stamp < first:
                    first = stamp
            batch.append(
                new(row, (series, stamp, None, dict(zip(keys, map(number, texts))), flags, marks, line + lead))  # noqa: B905
            )
            records += 1
            line += lines
            position = found.end()
            if len(batch) >= limit:
                collector.flush()
                batch = collector.batch
            found = match(text, position)
        series.records, series.first, series.last = records, first, last
        self._count(shape, series, records - start)
        return position, line

    def _count(self, shape: Shape, series: Series, records: int) -> None:
        self.read += records
        self.collector.count(records, records * len(shape.keys))
        ignored = self.collector.summary.ignored
        for name in shape.ignored:
            if name in ignored:
                ignored[name] += records
