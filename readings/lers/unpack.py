"""Bounded unpacking: plain files, gzip and zip as streams of bytes, never larger than the limits allow."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from readings.lers.model import LersRefused, Limits
from readings.lers.others import HEAD, other_kind

CHUNK = 131_072
_MEGABYTE = 1_048_576
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_SKIPPED_NAMES = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_ZIP_FAULTS = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, UnicodeDecodeError, OSError,
)  # fmt: skip
Advance = Callable[[int], None]


class Meter:
    """Counts unpacked bytes over all members and stops at the limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.unpacked = 0

    def take(self, data: bytes, packed: int | None = None) -> bytes:
        self.unpacked += len(data)
        if self.unpacked > self.limits.unpacked:
            raise LersRefused("too_large")
        if packed is not None and self.unpacked - _MEGABYTE > max(1, packed) * self.limits.ratio:
            raise LersRefused("too_large")
        return data


def members(path: Path, meter: Meter, advance: Advance) -> Iterator[tuple[str | None, Iterator[bytes]]]:
    """(member name or None, its bytes in chunks) for each file inside `path`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(0)
        if other := other_kind(head):
            raise LersRefused(other)
        if head.startswith((_GZIP, *_ZIP)) and size > meter.limits.packed:
            raise LersRefused("too_large")
        if head.startswith(_GZIP):
            yield None, _unnested(_gunzip(file, meter, advance))
        elif head.startswith(_ZIP):
            yield from _unzip(file, size, meter, advance)
        else:
            yield None, _plain(file, meter, advance)


def _plain(file: IO[bytes], meter: Meter, advance: Advance) -> Iterator[bytes]:
    while data := file.read(CHUNK):
        advance(len(data))
        yield meter.take(data)


def _unnested(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(chunks, b"")
    if first.startswith((_GZIP, *_ZIP)) or other_kind(first) == "other_archive":
        raise LersRefused("nested_archive")
    yield first
    yield from chunks


def _gunzip(file: IO[bytes], meter: Meter, advance: Advance) -> Iterator[bytes]:
    def read() -> Iterator[bytes]:
        while data := file.read(65_536):
            advance(len(data))
            yield data

    return _inflated(read(), meter)


def _inflated(chunks: Iterator[bytes], meter: Meter) -> Iterator[bytes]:
    packed = 0
    unpacker = zlib.decompressobj(31)
    begun = False
    try:
        for data in chunks:
            packed += len(data)
            while data:
                if unpacker.eof:
                    data = data.lstrip(b"\0") if not begun else data
                    if not data:
                        break
                    if not begun and not data.startswith(_GZIP[: len(data)]):
                        raise LersRefused("bad_archive")
                    unpacker, begun = zlib.decompressobj(31), True
                out = unpacker.decompress(data, CHUNK)
                begun = not unpacker.eof
                if out:
                    yield meter.take(out, packed)
                data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    except zlib.error:
        raise LersRefused("bad_archive") from None
    if not unpacker.eof:
        raise LersRefused("bad_archive")


def _unzip(
    file: IO[bytes], size: int, meter: Meter, advance: Advance
) -> Iterator[tuple[str | None, Iterator[bytes]]]:
    if _entries(file, size) > meter.limits.members:
        raise LersRefused("unsafe_archive")
    try:
        with zipfile.ZipFile(file) as archive:
            _check(archive.infolist(), archive.start_dir, meter.limits)
            infos = [info for info in archive.infolist() if not info.is_dir()]
            for info in infos:
                if info.filename.startswith("__MACOSX/") or info.filename.endswith(_SKIPPED_NAMES):
                    continue
                chunks = _member(archive, info, meter)
                if info.filename.casefold().endswith(".gz"):  # the field console's own, several sent as one
                    chunks = _inflated(chunks, meter)
                yield info.filename, _unnested(chunks)
                advance(info.compress_size)
    except _ZIP_FAULTS:
        raise LersRefused("bad_archive") from None


def _entries(file: IO[bytes], size: int) -> int:
    """The number of entries by the end record, before a long directory is read."""
    tail = min(size, 65_557)
    file.seek(size - tail)
    data = file.read(tail)
    file.seek(0)
    at = data.rfind(b"PK\x05\x06")
    if at < 0 or len(data) - at < 22:
        raise LersRefused("bad_archive")
    entries, length = struct.unpack("<HI", data[at + 10 : at + 16])
    if length > 1_000_000:
        raise LersRefused("unsafe_archive")
    return int(entries)


def _check(infos: list[zipfile.ZipInfo], directory: int, limits: Limits) -> None:
    names = set()
    for info in infos:
        name = PurePosixPath(info.filename.replace("\\", "/"))
        mode = info.external_attr >> 16
        if info.flag_bits & 0x1:
            raise LersRefused("encrypted_archive")
        if (
            not info.filename
            or name.is_absolute()
            or ".." in name.parts
            or ":" in info.filename
            or "\0" in info.orig_filename
        ):
            raise LersRefused("unsafe_archive")
        if info.filename in names or (mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR)):
            raise LersRefused("unsafe_archive")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise LersRefused("bad_archive")
        names.add(info.filename)
    if len(infos) > limits.members:
        raise LersRefused("unsafe_archive")
    if sum(info.file_size for info in infos) > limits.unpacked:
        raise LersRefused("too_large")
    if any(info.file_size - _MEGABYTE > max(1, info.compress_size) * limits.ratio for info in infos):
        raise LersRefused("too_large")
    end = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        if info.header_offset < end:
            raise LersRefused("unsafe_archive")  # two entries over one stream: a bomb without nesting
        end = info.header_offset + 30 + len(info.orig_filename.encode("utf-8")) + info.compress_size
    if end > directory:
        raise LersRefused("unsafe_archive")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, meter: Meter) -> Iterator[bytes]:
    """Chunks of one member. It runs in the reader's hands, so it answers for its own faults."""
    try:
        with archive.open(info) as member:
            while data := member.read(CHUNK):
                yield meter.take(data, info.compress_size)
    except _ZIP_FAULTS:
        raise LersRefused("bad_archive") from None
    except RuntimeError:  # zipfile's word for a missing password
        raise LersRefused("encrypted_archive") from None
