"""The fast path: runs of records that differ from a proven one only in stamp and numbers.

The XML parser stays the judge. After it has read a record, the record's raw text is taken apart (`shapes`);
if that agrees with what the parser reported, the text becomes a pattern in which only the stamp, the numbers
and free texts may vary, each within a safe set of characters (no markup, no references, ASCII only). As long
as the text that follows *directly* matches, the records are read by the pattern and never shown to the parser:
they are complete elements in element content, so leaving them out changes nothing about the rest. The first
character that differs goes to the parser again. Tests compare both ways on shuffled and damaged files.
"""

from __future__ import annotations

import re

from readings.lers.collect import Collector
from readings.lers.fields import Taken
from readings.lers.model import ArchiveRow, Series
from readings.lers.shapes import Builder, Shape
from readings.lers.vocabulary import Vocabulary

_BLOCKED = ("<!", "<?", "-->", "]]>", "?>")
_MOST = 8  # shapes tried one after another
_COMPILED = 200  # past this every record looks different: compiling costs more than it saves


class Runs:
    """Shapes known in this file, and those that may follow directly."""

    def __init__(self, collector: Collector, vocabulary: Vocabulary) -> None:
        self.collector = collector
        self.vocabulary = vocabulary
        self.known: dict[str, Shape] = {}
        self.active: list[Shape] = []
        self.token: object = None
        self.read = 0

    def learn(self, piece: str, tag: str, taken: Taken, token: object) -> None:
        """`piece` is what the parser was given last and ends with the record `taken` under raw name `tag`.

        `token` stands for everything around the record that its meaning depends on.
        """
        if token != self.token:
            self.token = token
            self.active = []
        if any(mark in piece for mark in _BLOCKED):
            return
        start = piece.rfind("<" + tag)
        if start < 0 or piece[:start].strip(" \t\r\n"):
            return
        build = Builder(self.vocabulary, piece)
        if not build.record(start) or not build.agrees(taken):
            return
        self._activate(build, piece, start, taken, loose=False)
        if len(self.active) >= 3:  # values come and go: one pattern in which each may be missing
            most = max(len(shape.keys) for shape in self.active)
            if len(build.keys) >= most:
                self._activate(build, piece, start, taken, loose=True)

    def _activate(self, build: Builder, piece: str, start: int, taken: Taken, *, loose: bool) -> None:
        source = build.source(loose=loose)
        shape = self.known.get(source)
        if shape is None:
            if len(self.known) >= (_COMPILED if loose else _COMPILED // 2):
                return
            lines = -1 if loose else piece.count("\n")
            shape = self.known[source] = Shape(source, build, piece.count("\n", 0, start), lines, loose)
        shape.taken = taken
        if shape in self.active:
            self.active.remove(shape)
        self.active.insert(0, shape)
        del self.active[_MOST:]

    def run(self, text: str, position: int, line: int) -> tuple[int, int]:
        """Read records from `position` as long as a shape fits; the new position and line."""
        shapes = self.active
        while True:
            before = position
            for index, shape in enumerate(shapes):
                position, line = self._repeat(shape, text, position, line)
                if position != before:
                    if index and not shapes[0].loose:
                        shapes.insert(0, shapes.pop(index))
                    break
            else:
                return position, line

    def _repeat(self, shape: Shape, text: str, position: int, line: int) -> tuple[int, int]:
        """Ten million values pass here in a long file: what does not vary stands before the loop."""
        taken, keys, stamp_at = shape.taken, shape.keys, shape.stamp
        if taken is None:
            return position, line
        collector = self.collector
        series, offset, flags, marks = taken.series, taken.offset, taken.flags, taken.marks
        shifts = collector.shifts(series.kind)
        lead, lines, loose = shape.lead, shape.lines, shape.loose
        plain = stamp_at == 0 and not (shifts or loose or shape.comma)
        parse, new, row = shape.parse, tuple.__new__, ArchiveRow
        first, last = series.first, series.last
        batch, limit = collector.batch, collector.limits.batch
        records = values = 0
        names: tuple[str, ...] = keys
        width = len(keys)
        found: re.Match[str] | None = None
        assert first is not None and last is not None  # the parser has read one record of this series
        for found in iter(shape.scanner(text, position).match, None):
            groups = found.groups()
            try:
                stamp = parse(groups[stamp_at])
            except ValueError:
                break
            texts = groups[1:] if stamp_at == 0 else groups[:stamp_at] + groups[stamp_at + 1 :]
            if not plain:
                if loose:
                    names, texts = _present(keys, texts)
                    if not names:
                        break
                    width = len(names)
                    lines = found.group().count("\n")
                if shape.comma:
                    texts = tuple(";".join(texts).replace(",", ".").split(";"))
                if shifts:
                    stamp = collector.shifted(series.kind, stamp)
            if stamp > last:
                last = stamp
            else:
                series.in_order = False
                if stamp < first:
                    first = stamp
            batch.append(new(row, (series, stamp, offset, names, texts, flags, marks, line + lead)))
            records += 1
            values += width
            line += lines
            position = found.end()
            if len(batch) >= limit:
                collector.flush()
                batch = collector.batch
        series.first, series.last = first, last
        if records:
            self._count(shape, series, records, values)
        return position, line

    def _count(self, shape: Shape, series: Series, records: int, values: int) -> None:
        self.read += records
        series.records += records
        self.collector.count(records, values)
        for name in shape.ignored:
            if name in self.collector.summary.ignored:
                self.collector.summary.ignored[name] += records


def _present(keys: tuple[str, ...], texts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is there of values of which each may be missing."""
    if None not in texts:
        return keys, texts
    pairs = [(key, text) for key, text in zip(keys, texts, strict=True) if text is not None]
    return tuple(key for key, _ in pairs), tuple(text for _, text in pairs)
