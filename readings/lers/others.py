"""Files that are plainly something else, known by their first bytes: each refused by its own name."""

from __future__ import annotations

_BEGINNINGS = (
    ("other_archive", (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")),
    ("pdf", (b"%PDF-",)),
    ("picture", (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM\x36")),
    ("document", (b"{\\rtf",)),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of .xls and .doc alike
_BIFF = (
    b"\x09\x08\x10\0\0\x06",
    b"\x09\x08\x08\0\0\x05",
    b"\x09\x04\x06\0",
    b"\x09\x02\x06\0",
)  # .xls without it
HEAD = 4096  # bytes that `other_kind` wants to see


def other_kind(head: bytes) -> str:
    """The refusal's code for a file that begins like this; empty for what may be an archive."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    for code, beginnings in _BEGINNINGS:
        if start.startswith(beginnings):
            return code
    begins = start[:2000].lower().replace(b"\0", b"")
    if begins.startswith((b"<html", b"<!doctype html")):
        return "web_page"
    if b"<?mso-application" in begins and b"excel.sheet" in begins:
        return "old_workbook"
    if start.startswith(_OLD_OFFICE) or start.startswith(_BIFF):
        if "EncryptedPackage".encode("utf-16-le") in head:  # a new one with a password
            return "workbook"
        return "document" if "WordDocument".encode("utf-16-le") in head else "old_workbook"
    if start.startswith(b"PK\x03\x04") and start[30:38] == b"mimetype" and b"opendocument" in start[38:130]:
        return "open_document"
    return ""
