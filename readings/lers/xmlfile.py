"""Feeding a decoded XML text to the parser in pieces whose line is known, and to the fast path between them."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from readings.lers.collect import Collector
from readings.lers.engine import Engine
from readings.lers.frames import Frame
from readings.lers.model import FileSummary, LersRefused
from readings.lers.runs import Runs
from readings.lers.vocabulary import Vocabulary

_DECLARATION = re.compile(
    r"<\?xml\s+version\s*=\s*(?:\"(?P<v>1\.[01])\"|'(?P<w>1\.[01])')"
    r"(?:\s+encoding\s*=\s*(?:\"[A-Za-z][\w.\-]*\"|'[A-Za-z][\w.\-]*'))?"
    r"(?:\s+standalone\s*=\s*(?:\"(?:yes|no)\"|'(?:yes|no)'))?\s*\?>"
)
_END_TAG = re.compile(r"</([^\s<>/]+)>$")
_EMPTY_TAG = re.compile(r"<([^\s<>/]+)(?:\s[^<>]*)?/>$")
_LONGEST_TAG = 32_768  # no tag with the text before it comes near this
_LONGEST = 262_144  # nor a record this


class XmlFile:
    """One XML document. `feed` text in any cut, then `finish`."""

    def __init__(self, collector: Collector, vocabulary: Vocabulary, *, fast: bool = True) -> None:
        self.collector = collector
        self.engine = Engine(collector, vocabulary)
        self.runs = Runs(collector, vocabulary)
        self.fast = fast and collector.profile.decimal == "any"
        self.line = 1
        self._rest = ""
        self._begun = False
        self._stop = ">"
        self._raw_tag = ""
        self._skipped = 0
        self._before = self._found()  # of the other files in a zip
        self._run_in: Frame | None = None  # whose records the fast path may read on, if nothing came between
        target: Any = self.engine  # the stubs ask for bytes where lxml gives str
        self._parser = etree.XMLParser(
            target=target,
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            attribute_defaults=False,
            huge_tree=False,
            recover=False,
        )

    def feed(self, chunk: str) -> None:
        text = self._rest + chunk
        if not self._begun:
            if len(text) < 1024 and ">" not in text:
                self._rest = text
                return
            text = self._declaration(text)
            self._begun = True
        self._rest = self._pieces(text)

    def finish(self) -> None:
        """The end of the document: a truncated one is refused here."""
        if not self._begun:
            self._rest = self._declaration(self._rest)
        if self._rest:
            self._push(self._rest)
            self._rest = ""
        try:
            self._parser.close()
        except etree.XMLSyntaxError as broken:
            raise self._broken(broken) from None
        except (AssertionError, IndexError, TypeError):
            raise LersRefused("broken_xml", self.line) from None
        self._judge()

    def _declaration(self, text: str) -> str:
        """Take the XML declaration away: the text is decoded already, and its encoding no longer true."""
        if re.match(r"<\?xml\s", text) is None:
            return text
        found = _DECLARATION.match(text)
        if found is None:
            raise LersRefused("broken_xml", 1)
        if "1.1" in (
            found["v"],
            found["w"],
        ):  # nobody writes it, and it has other ideas of letters and line ends
            raise LersRefused("not_lers", 1)
        lines = found.group().count("\n")
        self.line += lines
        self._skipped += lines
        if re.match(r"<\?xml\s", text[found.end() :]):
            raise LersRefused("broken_xml", self.line)
        return text[found.end() :]

    def _pieces(self, text: str) -> str:
        position = 0 if self._run_in is None else self._run_on(text, 0, self._run_in)
        while True:
            end = text.find(self._stop, position)
            if end < 0:
                break
            end += len(self._stop)
            if end - position > _LONGEST_TAG and self._stop == ">":
                raise self._too_long(text, position)
            piece = text[position:end]
            self._push(piece)
            position = end
            if self.engine.ended is not None:
                position = self._after_record(piece, text, position)
        if len(text) - position > _LONGEST:
            if self._stop == ">":
                raise self._too_long(text, position)
            self._stop = ">"
            return self._pieces(text[position:])
        return text[position:]

    def _too_long(self, text: str, position: int) -> LersRefused:
        start = text[position : position + 4096].lstrip()
        return LersRefused("doctype" if start.startswith("<!DOCTYPE") else "limit", self.line)

    def _after_record(self, piece: str, text: str, position: int) -> int:
        """A record has just ended: learn how pieces end, and let the fast path look at what follows."""
        ended, taken = self.engine.ended, self.engine.taken
        self.engine.ended = None
        assert ended is not None
        found = _END_TAG.search(piece)
        if found is not None:
            self._raw_tag = found[1]
            self._stop = found[0]
        elif piece.endswith("/>") and (empty := _EMPTY_TAG.search(piece)):
            self._raw_tag = empty[1]
            self._stop = ">"
        else:
            return position
        if taken is None or not self.fast:
            return position
        parent = ended[1]
        self.runs.learn(piece, self._raw_tag, taken, self._token(parent))
        return self._run_on(text, position, parent)

    def _token(self, parent: Frame) -> object:
        """Everything around a record that its meaning depends on."""
        return (parent, parent.header, len(parent.fields), len(self.engine.stack))

    def _run_on(self, text: str, position: int, parent: Frame) -> int:
        """Let the fast path read from `position`, where a record of `parent` has just ended."""
        if not self.runs.active or self.runs.token != self._token(parent):
            return position
        self._run_in = parent
        before = self.runs.read
        position, line = self.runs.run(text, position, self.line)
        self._skipped += line - self.line
        self.line = line
        parent.records += self.runs.read - before
        return position

    def _push(self, piece: str) -> None:
        self._run_in = None
        self.engine.line = self.line
        try:
            self._parser.feed(piece.encode("utf-8", "surrogatepass"))
        except etree.XMLSyntaxError as broken:
            raise self._broken(broken) from None
        self.line += piece.count("\n")

    def _broken(self, broken: etree.XMLSyntaxError) -> LersRefused:
        """Our code and a line; never the parser's words, which may quote the file."""
        line = (broken.lineno or 0) + self._skipped
        return LersRefused("broken_xml", max(1, line))

    def _found(self) -> int:
        summary = self.collector.summary
        return summary.records + summary.device_errors + sum(series.rejected for series in summary.series)

    def _judge(self) -> None:
        """Well-formed, but is it an archive? Say what it is instead."""
        summary: FileSummary = self.collector.summary
        engine = self.engine
        if self._found() != self._before:
            kinds = [name for name, n in (("elements", engine.by_elements), ("attributes", engine.by_attributes),
                                          ("values", engine.by_list)) if n]  # fmt: skip
            now = kinds[0] if len(kinds) == 1 else "mixed" if kinds else "elements"
            summary.dialect = now if summary.dialect in ("", now) else "mixed"
            return
        if engine.poller and (summary.points or engine.poller > 2):
            raise LersRefused("settings_file", points=tuple(summary.points))
        if engine.error:
            raise LersRefused("source_error", error=engine.error)
        if engine.fault:
            raise LersRefused("soap_fault")
        if engine.words or summary.issues_total:
            raise LersRefused("no_records", issues=tuple(summary.issues[:20]))
        raise LersRefused("not_lers")
