"""Which encoding a file is in, decided by its first bytes, and the bytes turned into text strictly."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from readings.lers.model import LersRefused

_DECLARED = re.compile(rb"^<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"'<>]{0,60})[\"']")
_KNOWN = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "windows-1251": "cp1251",
    "cp1251": "cp1251",
    "win-1251": "cp1251",
    "windows1251": "cp1251",
    # .NET's StringWriter declares utf-16 in files that are then written as UTF-8
    "utf-16": "utf-8",
}
_SHOWN = {
    "utf-8": "utf-8", "cp1251": "windows-1251", "utf-16-le": "utf-16", "utf-16-be": "utf-16", "cp866": "cp866",
    "koi8-r": "koi8-r",
}  # fmt: skip
OLD_PAGES = ("cp866", "koi8-r")  # of prints under DOS: believed where a table's header reads well in one
_WIDE = (b"\x00\x00\xfe\xff", b"\xff\xfe\x00\x00", b"\x00\x00\x00<", b"<\x00\x00\x00")
# windows-1251 as people write it: words of letters, and a № or a dash between them
_RUSSIAN = re.compile(
    rb"(?=.*[\xc0-\xff\xa8\xb8]{3})[\x00-\x7f\xc0-\xff\xa8\xb8\xb9\xab\xbb\xb0\x96\x97\xa0\x93\x94]*",
    re.DOTALL,
)
_EBCDIC = b"\x4c\x6f\xa7\x94"


def sniff(head: bytes) -> tuple[str, int, bool]:
    """(codec, bytes of the mark to skip, whether the file itself said so)."""
    if head.startswith(_WIDE):
        raise LersRefused("encoding", 1, name="utf-32")
    if head.startswith(_EBCDIC):
        raise LersRefused("encoding", 1, name="ebcdic")
    for mark, codec in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
                        (codecs.BOM_UTF16_BE, "utf-16-be")):  # fmt: skip
        if head.startswith(mark):
            return codec, len(mark), True
    if head[:4] == b"<\x00?\x00" or (head[:1] == b"<" and head[1:2] == b"\x00"):
        return "utf-16-le", 0, True
    if head[:2] == b"\x00<":
        return "utf-16-be", 0, True
    if found := _DECLARED.match(head):
        name = found[1].decode("ascii", "replace").strip()
        known = _KNOWN.get(name.casefold())
        if known is None:
            raise LersRefused("encoding", 1, name=re.sub(r"[^A-Za-z0-9._-]", "?", name)[:40])
        return known, 0, True
    return "utf-8", 0, False


def code_page(head: bytes, *, sure: bool) -> str:
    """Of a file that names none: UTF-8 if it decodes, else the Russian Windows one.

    `sure`: XML is UTF-8 by its standard, so there it takes Russian words to believe otherwise.
    """
    try:
        head[:-4].decode("utf-8") if len(head) > 4096 else head.decode("utf-8")
    except UnicodeDecodeError as wrong:
        if wrong.start >= len(head) - 8 or (sure and not _RUSSIAN.fullmatch(head)):
            return "utf-8"
        return "cp1251"
    return "utf-8"


def shown(codec: str) -> str:
    return _SHOWN[codec]


def decoded(chunks: Iterator[bytes], codec: str) -> Iterator[str]:
    """Text of `chunks`, strictly; a byte that does not belong refuses the file with its line."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    line = 1
    data = b""
    try:
        for data in chunks:
            text = decoder.decode(data)
            line += text.count("\n")
            yield text
        data = b""
        yield decoder.decode(b"", True)
    except UnicodeDecodeError as wrong:
        before = wrong.object[: wrong.start].count(b"\n")
        raise LersRefused("bad_encoding", line + before, name=_SHOWN[codec]) from None


def looks_mistaken(head: bytes) -> bool:
    """UTF-8 bytes under a windows-1251 declaration: they decode, but to letters no one writes."""
    while head and head[-1] >= 0x80:  # the cut may have gone through a character
        head = head[:-1]
    high = sum(byte >= 0x80 for byte in head)
    if high < 8:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
