"""The front door: unpack, decode, tell XML from CSV, and read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from readings.lers import decode, headings, table, unpack
from readings.lers.collect import Collector
from readings.lers.model import (
    DEFAULT_LIMITS,
    DEFAULT_PROFILE,
    FileSummary,
    LersRefused,
    Limits,
    PointFound,
    Profile,
    RecordSink,
)
from readings.lers.vocabulary import Vocabulary
from readings.lers.xmlfile import XmlFile

_READ_NAMES = {".xml", ".csv", ".txt", ".lers", ".dat", ""}
_SURE_NAMES = {".xml", ".csv", ".lers"}  # a broken one of these may be an archive that somebody misses
# Documents that people put beside an archive. Some are zip files themselves: they are passed by unopened.
_PAPERS = {
    ".docx", ".doc", ".xlsx", ".xls", ".odt", ".ods", ".pdf", ".rtf", ".png", ".jpg", ".jpeg", ".gif", ".bmp",
    ".tif", ".tiff",
}  # fmt: skip
_OFFICE = ("xl/", "word/", "ppt/")
# what a member of a zip may be without spoiling the others
_BESIDE = ("not_lers", "empty", "no_records", "electricity_80020")
_BESIDE_TEXT = (*_BESIDE, "encoding", "bad_encoding")


def read_archive(
    path: Path,
    *,
    sink: RecordSink,
    profile: Profile = DEFAULT_PROFILE,
    limits: Limits = DEFAULT_LIMITS,
    progress: Callable[[int, int], None] | None = None,
    fast: bool = True,
) -> FileSummary:
    """Stream one file into `sink` and return what it held.

    `progress(done, total)` counts packed bytes. `fast=False` reads every record by the parser alone: same
    result, slower; tests compare the two. Raises LersRefused when nothing of the file may be used; the sink
    may have seen rows by then, so spool them and drop the spool.
    """
    collector = Collector(sink, profile, limits)
    vocabulary = Vocabulary(profile)
    summary = collector.summary
    summary.packed_bytes = path.stat().st_size
    meter = unpack.Meter(limits)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(min(done, summary.packed_bytes), summary.packed_bytes)

    if not summary.packed_bytes:
        raise LersRefused("empty")
    read = 0
    office = workbook = False
    beside: list[LersRefused] = []  # a readme beside the archives; alone it is what the file is refused for
    for name, chunks in unpack.members(path, meter, advance):
        kind = "" if name is None else _suffix(name)
        if name is not None:
            if name.startswith(_OFFICE):
                raise LersRefused("document" if name.startswith(("word/", "ppt/")) else "workbook")
            if name == "[Content_Types].xml":  # as every workbook and document of an office begins
                office = True
                continue
            if kind not in _READ_NAMES:
                for _ in (
                    () if kind in _PAPERS else chunks
                ):  # to the end: a hidden archive or a bomb is refused
                    pass
                collector.ignore(name)
                workbook = workbook or kind in (".xlsx", ".xls", ".ods")
                continue
            collector.member = name
        try:
            _read_one(chunks, collector, vocabulary, fast=fast)
        except LersRefused as refused:
            if name is None or not _may_stand_beside(refused, kind):
                raise
            beside.append(refused)
            for _ in chunks:
                pass
            collector.ignore(name)
            continue
        if name is not None:
            summary.members.append(name)
        read += 1
    settings = next((refused for refused in beside if refused.code == "settings_file"), None)
    if read and settings:  # its passwords must not stay with the archives
        raise LersRefused("settings_beside")
    if office:
        raise LersRefused("workbook")
    if not read and workbook and not settings:
        raise LersRefused("workbook_inside")
    if not read:
        raise settings or next(iter(beside), None) or LersRefused("not_lers")
    collector.finish()
    if collector.dates.ambiguous:
        raise LersRefused("ambiguous_date", found=collector.dates.unclear)
    summary.month_first = collector.dates.mistaken
    summary.unpacked_bytes = meter.unpacked
    for series in summary.series:
        found = PointFound(series.point, series.serial, series.model, series.system, series.title)
        _add_point(summary, found)
    return summary


def _suffix(name: str) -> str:
    """Of a member of a zip; one that is packed once more is what it holds."""
    path = PurePosixPath(name.replace("\\", "/"))
    return (path.with_suffix("") if path.suffix.casefold() == ".gz" else path).suffix.casefold()


def _may_stand_beside(refused: LersRefused, kind: str) -> bool:
    return refused.code in ("settings_file", *(_BESIDE if kind in _SURE_NAMES else _BESIDE_TEXT))


def _add_point(summary: FileSummary, found: PointFound) -> None:
    for known in summary.points:
        if known.number == found.number and (found.serial in (None, known.serial)):
            return
    summary.points.append(found)


def _read_one(chunks: Iterator[bytes], collector: Collector, vocabulary: Vocabulary, *, fast: bool) -> None:
    head = b""
    while len(head) < 4096:
        chunk = next(chunks, None)
        if chunk is None:
            break
        head += chunk
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise LersRefused("empty")
    codec, skip, said = decode.sniff(head)
    body = head[skip:]
    if not said:
        marked = re.match(rb"\s*<", body) is not None
        codec = decode.code_page(body, sure=marked)
        if codec == "cp1251" and not marked:
            codec = _page_of_table(body, vocabulary)
    collector.summary.encoding = decode.shown(codec)
    if codec == "cp1251" and said and decode.looks_mistaken(head[:65_536]):
        collector.issue(1, None, "encoding", "windows-1251", "likely_mojibake")
    texts = decode.decoded(_chain(body, chunks), codec)
    first = next(texts)
    if "\n" not in first and "\r" in first:  # lines end as on an old Macintosh
        first, texts = first.replace("\r", "\n"), (text.replace("\r", "\n") for text in texts)
    document: XmlFile | table.CsvFile
    if first.lstrip("\ufeff \t\r\n").startswith("<"):
        document = XmlFile(collector, vocabulary, fast=fast)
    else:
        header = headings.heading_of(first, vocabulary)
        if header is None:
            raise LersRefused("not_lers", 1)
        document = table.CsvFile(collector, vocabulary, header)
    document.feed(first)
    for text in texts:
        document.feed(text)
    document.finish()


def _page_of_table(body: bytes, vocabulary: Vocabulary) -> str:
    """The Russian code page in which the header of a table reads well."""
    for codec in ("cp1251", *decode.OLD_PAGES):
        if headings.heading_of(body.decode(codec, "replace"), vocabulary):
            return codec
    return "cp1251"


def _chain(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest
