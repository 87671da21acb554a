"""The front door: unpack, decode, tell XML from CSV, and read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from readings.lers import decode, table, unpack
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
_BESIDE = ("not_lers", "empty", "no_records")  # what a member of a zip may be without spoiling the others


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
    beside: LersRefused | None = None
    for name, chunks in unpack.members(path, meter, advance):
        if name is not None:
            if PurePosixPath(name).suffix.casefold() not in _READ_NAMES:
                for _ in chunks:  # read all the same: a hidden archive or a bomb is refused
                    pass
                collector.ignore(name)
                continue
            collector.member = name
        try:
            _read_one(chunks, collector, vocabulary, fast=fast)
        except LersRefused as refused:
            if name is None or refused.code not in _BESIDE:
                raise
            beside = (
                beside or refused
            )  # a readme beside the archives; alone it is what the file is refused for
            for _ in chunks:
                pass
            collector.ignore(name)
            continue
        if name is not None:
            summary.members.append(name)
        read += 1
    if not read:
        raise beside or LersRefused("not_lers")
    collector.finish()
    summary.unpacked_bytes = meter.unpacked
    for series in summary.series:
        found = PointFound(series.point, series.serial, series.model, series.system, series.title)
        _add_point(summary, found)
    return summary


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
    if not said and re.match(rb"\s*<", body) is None:
        codec = _csv_codec(body)
    collector.summary.encoding = decode.shown(codec)
    if codec == "cp1251" and said and decode.looks_mistaken(head[:65_536]):
        collector.issue(1, None, "encoding", "windows-1251", "likely_mojibake")
    texts = decode.decoded(_chain(body, chunks), codec)
    first = next(texts)
    document: XmlFile | table.CsvFile
    if first.lstrip("\ufeff \t\r\n").startswith("<"):
        document = XmlFile(collector, vocabulary, fast=fast)
    else:
        header = table.header_of(first, vocabulary)
        if header is None:
            raise LersRefused("not_lers", 1)
        document = table.CsvFile(collector, vocabulary, *header)
    document.feed(first)
    for text in texts:
        document.feed(text)
    document.finish()


def _chain(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _csv_codec(head: bytes) -> str:
    """A CSV names no encoding: UTF-8 if it decodes, else the Russian Windows one."""
    try:
        head[:-4].decode("utf-8") if len(head) > 4096 else head.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return "utf-8" if wrong.start >= len(head) - 8 else "cp1251"
    return "utf-8"
