"""The attack corpus for the archive reader, made from one seed: name, bytes, expected code.

The ideas follow public lists of XML and archive attacks; every file is our own and made at run time, so that
no bomb lies in the repository. `CANARY` stands in files that must not be quoted anywhere.
"""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

CANARY = "TOPSECRET"
SEED = 20261122
ROWS = "".join(
    f'<record dateTime="2026-01-{day:02}T00:00:00" T_in="{90 + day}.5" M_in="124.8"/>' for day in range(1, 15)
)
GOOD = f'<lersData><measurePoint syncNumber="101"><day>{ROWS}</day></measurePoint></lersData>'
_VALUE = '<lersData><day><record dateTime="2026-01-01T00:00:00"><T_in>%s</T_in></record></day></lersData>'


class Attack(NamedTuple):
    name: str
    make: Callable[[], bytes]
    code: str


def _dtd(subset: str, body: str = _VALUE % "1&x;2", root: str = "lersData") -> bytes:
    return f'<?xml version="1.0"?>\n<!DOCTYPE {root} {subset}>\n{body}'.encode()


def _laughs(where: str) -> bytes:
    levels = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = _VALUE % "&l9;" if where == "text" else '<lersData a="&l9;"/>'
    return _dtd(f"[{levels}]", body)


def _zip(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def _zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.xml", "w") as member:
        for _ in range(100):
            member.write((b"<a>" if not _ else b"") + b"<!-- bomb -->" * 80_000)
    return out.getvalue()


def _gzip_bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(
        [
            packer.compress(b"<a>"),
            *(packer.compress(b"<!-- bomb -->" * 80_000) for _ in range(100)),
            packer.flush(),
        ]
    )


def _zip_overlap() -> bytes:
    """Two directory entries over one stream."""
    data = bytearray(_zip(("a.xml", GOOD.encode()), ("b.xml", GOOD.encode())))
    second = data.rfind(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(data)


def _zip_layers() -> bytes:
    """1,001 directory entries over one stream: gigabytes declared by a small file."""
    data = _zip(("0000.xml", b"<a>" + b" " * 100_000))
    at, end = data.rfind(b"PK\x01\x02"), data.rfind(b"PK\x05\x06")
    entry = data[at:end]
    entries = b"".join(entry.replace(b"0000.xml", f"{n:04}.xml".encode()) for n in range(1001))
    tail = data[end : end + 8] + struct.pack("<HHII", 1001, 1001, len(entries), at) + b"\0\0"
    return data[:at] + entries + tail


def _zip_crowd() -> bytes:
    """70,000 entries, more than the end record can count: the long directory must not be read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("0.xml", b"")
    data = out.getvalue()
    at, end = data.rfind(b"PK\x01\x02"), data.rfind(b"PK\x05\x06")
    entries = data[at:end] * 70_000
    tail = data[end : end + 8] + struct.pack("<HHII", 65_535, 65_535, len(entries), at) + b"\0\0"
    return data[:at] + entries + tail


def _zip_itself() -> bytes:
    """A zip whose member begins as the zip itself does: what a quine shows to whoever opens it."""
    inner = _zip(("r.zip", b"PK\x03\x04" + b"\0" * 60), method=zipfile.ZIP_STORED)
    return _zip(("r.zip", inner), method=zipfile.ZIP_STORED)


def _zip_lying() -> bytes:
    data = bytearray(_zip(("a.xml", GOOD.encode() * 3)))
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 100)
    return bytes(data)


def _zip_encrypted() -> bytes:
    data = bytearray(_zip(("a.xml", GOOD.encode())))
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _zip_link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("a.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def _zip_twice() -> bytes:
    return _zip(("a.xml", GOOD.encode()), ("b.xml", GOOD.encode())).replace(b"b.xml", b"a.xml")


def _bad_crc() -> bytes:
    data = bytearray(gzip.compress(GOOD.encode(), mtime=0))
    data[-8] ^= 0xFF
    return bytes(data)


def attacks() -> Iterator[Attack]:
    """Everything that must be refused, with the code it must be refused with."""
    good = GOOD.encode()

    def add(name: str, content: str | bytes, code: str) -> Attack:
        return Attack(name, lambda: content.encode() if isinstance(content, str) else content, code)

    # documents with a DTD, in every encoding that is read
    yield Attack("billion_laughs", lambda: _laughs("text"), "doctype")
    yield Attack("laughs_attr", lambda: _laughs("attribute"), "doctype")
    yield add("laughs_small", _dtd('[<!ENTITY a "x"><!ENTITY x "&a;&a;">]'), "doctype")
    yield Attack(
        "quadratic", lambda: _dtd(f'[<!ENTITY x "{"a" * 100_000}">]', _VALUE % ("&x;" * 30_000)), "doctype"
    )
    yield Attack(
        "quadratic_9MB", lambda: _dtd(f'[<!ENTITY x "{"a" * 9_000}">]', _VALUE % ("&x;" * 1_000)), "doctype"
    )
    yield add("xxe_relative", _dtd('[<!ENTITY x SYSTEM "manage.py">]'), "doctype")
    yield add("xxe_ftp", _dtd('[<!ENTITY x SYSTEM "ftp://127.0.0.1:9/x">]'), "doctype")
    yield add("cyclic", _dtd('[<!ENTITY x "&y;"><!ENTITY y "&x;">]'), "doctype")
    yield add("pe_laughs", _dtd("[<!ENTITY % a \"<!ENTITY x '1'>\">%a;]"), "doctype")
    yield add("internal_entity", _dtd('[<!ENTITY x "34">]', _VALUE % "12&x;"), "doctype")
    yield add("xxe_file", _dtd('[<!ENTITY x SYSTEM "file:///etc/passwd">]'), "doctype")
    yield add("xxe_dev_zero", _dtd('[<!ENTITY x SYSTEM "file:///dev/zero">]'), "doctype")
    yield add("xxe_http", _dtd('[<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]'), "doctype")
    yield add("dtd_http", _dtd('SYSTEM "http://127.0.0.1:9/x.dtd"', GOOD), "doctype")
    yield add("dtd_public", _dtd('PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd"', GOOD), "doctype")
    yield add("xxe_oob", _dtd('[<!ENTITY % a SYSTEM "http://127.0.0.1:9/">%a;]'), "doctype")
    yield add("dtd_attr_default", _dtd('[<!ATTLIST lersData tenant CDATA "other">]', GOOD), "doctype")
    yield add("dtd_empty", _dtd("", GOOD), "doctype")
    yield add("dtd_canary", _dtd(f'[<!ENTITY x "{CANARY}">]'), "doctype")
    wide = _dtd('[<!ENTITY x "34">]', _VALUE % "12&x;").decode()
    yield add("dtd_utf16", wide.replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16"), "doctype")
    yield add("dtd_utf16_be", b"\xfe\xff" + wide.encode("utf-16-be"), "doctype")
    yield add("dtd_cp1251", wide.replace('"1.0"', '"1.0" encoding="windows-1251"'), "doctype")
    yield add("entity_without_dtd", _VALUE % "12&x;34", "broken_xml")
    yield add(
        "xinclude",
        '<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="/etc/passwd"/></a>',
        "xinclude",
    )
    # size and shape
    big = "x" * 11_000_000
    yield Attack("huge_text", lambda: (_VALUE % big).encode(), "limit")
    yield Attack("huge_attribute", lambda: f'<a b="{big}"/>'.encode(), "limit")
    yield Attack("huge_comment", lambda: f"<a><!--{big}--></a>".encode(), "limit")
    yield Attack("huge_cdata", lambda: f"<a><![CDATA[{big}]]></a>".encode(), "limit")
    yield Attack("huge_pi", lambda: f"<a><?b {big}?></a>".encode(), "limit")
    yield add("text_5k", _VALUE % ("1" * 5_000), "limit")
    yield add("long_name", f"<{'n' * 60_000}/>", "limit")
    yield add("name_600", f"<{'n' * 600}/>", "limit")
    yield add("deep_40", "<a>" * 40 + "</a>" * 40, "limit")
    yield add("deep_257", "<a>" * 257 + "</a>" * 257, "limit")
    yield add("deep_100000", "<a>" * 100_000, "limit")
    yield add("attrs_200", "<a " + " ".join(f'a{n}="1"' for n in range(200)) + "/>", "limit")
    yield Attack(
        "attrs_100k", lambda: ("<a " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>").encode(), "limit"
    )
    yield Attack(
        "nsdecl_10k",
        lambda: ("<a " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(10_000)) + "/>").encode(),
        "limit",
    )
    yield Attack("wide_3M", lambda: b"<a>" + b"<b/>" * 3_000_000 + b"</a>", "limit")
    # malformed
    yield add("xml11", f'<?xml version="1.1"?>{GOOD}', "not_lers")
    for name, content in {
        "nul": _VALUE % "1\0", "ctrl": _VALUE % "1\1", "charref_nul": _VALUE % "&#0;", "dup_attr": '<a b="1" b="2"/>',
        "two_roots": GOOD + GOOD, "trailing_junk": GOOD + CANARY, "truncated": GOOD[:-40], "half_tag": GOOD[:300],
        "leading_ws": ' <?xml version="1.0"?>' + GOOD, "mismatch": "<a><b></a></b>", "no_end": "<lersData>",
        "bare_amp": _VALUE % "1&2", "bad_declaration": '<?xml version="1.0" encoding=utf-8?>' + GOOD,
        "attribute_lt": '<a b="<"/>', "comment_dashes": "<a><!-- -- --></a>",
        "second_declaration": f'<?xml version="1.0"?><?xml version="1.0"?>{GOOD}',
        "after_run": GOOD.replace("</day>", "</dya>"), "between_run": GOOD.replace("<record", "<!-- <record", 1),
    }.items():  # fmt: skip
        yield add(name, content, "broken_xml")
    yield add("bad_utf8", (_VALUE % "1").encode().replace(b">1<", b">\xff1<"), "bad_encoding")
    yield add("overlong_utf8", (_VALUE % "1").encode().replace(b">1<", b">\xc0\xbc<"), "bad_encoding")
    yield add(
        "latin1_as_utf8", '<?xml version="1.0" encoding="utf-8"?><a b="é"/>'.encode("latin-1"), "bad_encoding"
    )
    yield add("odd_utf16", GOOD.encode("utf-16")[:-1], "bad_encoding")
    yield add("surrogate_utf16", b"\xff\xfe" + "<a>".encode("utf-16-le") + b"\x00\xd8<\x00", "bad_encoding")
    for name in (
        "koi8-r",
        "cp866",
        "shift_jis",
        "gb18030",
        "utf-7",
        "utf-32",
        "iso-8859-5",
        "made-up",
        "cp037",
    ):
        yield add(f"encoding_{name}", f'<?xml version="1.0" encoding="{name}"?>{GOOD}', "encoding")
    yield add("utf32", GOOD.encode("utf-32"), "encoding")
    yield add("ebcdic", ('<?xml version="1.0"?>' + GOOD).encode("cp037"), "encoding")
    # other things
    yield add("empty", b"", "empty")
    yield add("only_ws", b" \r\n\t ", "empty")
    yield add("only_bom", b"\xef\xbb\xbf", "empty")
    yield add("html", "<html><body><p>5</p></body></html>", "web_page")
    yield add("svg", '<svg xmlns="http://www.w3.org/2000/svg"/>', "not_lers")
    yield add("other_xml", "<catalogue><book id='1'><price>5</price></book></catalogue>", "not_lers")
    yield add("text", "Привет", "not_lers")
    yield add("noise", random.Random(SEED).randbytes(5_000), "bad_encoding")
    yield add("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"0" * 100, "pdf")
    yield add(
        "no_records",
        "<lersData><measurePoint><syncNumber>1</syncNumber></measurePoint></lersData>",
        "no_records",
    )
    yield add("soap_fault", '<e:Envelope xmlns:e="u"><e:Body><e:Fault><faultstring>TOPSECRET</faultstring></e:Fault>'
              "</e:Body></e:Envelope>", "soap_fault")  # fmt: skip
    yield add("source_error", "<R><ErrorCode>AccessDenied</ErrorCode><Data/></R>", "source_error")
    yield add("electricity", '<message class="80020" version="2"><area/></message>', "electricity_80020")
    # containers
    yield Attack("gzip_bomb", _gzip_bomb, "too_large")
    yield Attack("zip_bomb", _zip_bomb, "too_large")
    yield add("gzip_truncated", gzip.compress(good, mtime=0)[:-20], "bad_archive")
    yield Attack("gzip_bad_crc", _bad_crc, "bad_archive")
    yield add("gzip_trailing", gzip.compress(good, mtime=0) + b"junk", "bad_archive")
    yield add("gzip_nested", gzip.compress(gzip.compress(good, mtime=0), mtime=0), "nested_archive")
    yield add("gzip_head_only", b"\x1f\x8b", "bad_archive")
    yield Attack("zip_overlap", _zip_overlap, "unsafe_archive")
    yield Attack("zip_layers", _zip_layers, "unsafe_archive")
    yield Attack("zip_70000", _zip_crowd, "unsafe_archive")
    yield Attack("zip_quine", _zip_itself, "nested_archive")
    yield Attack("zip_lying_size", _zip_lying, "bad_archive")
    yield Attack("zip_many", lambda: _zip(*((f"{n}.xml", b"") for n in range(300))), "unsafe_archive")
    yield Attack("zip_nested", lambda: _zip(("a.xml", _zip(("a.xml", good)))), "nested_archive")
    yield Attack("zip_gzip", lambda: _zip(("a.bin", gzip.compress(good))), "nested_archive")
    yield Attack("zip_slip", lambda: _zip(("../a.xml", good)), "unsafe_archive")
    yield Attack("zip_slip_windows", lambda: _zip(("..\\a.xml", good)), "unsafe_archive")
    yield Attack("zip_absolute", lambda: _zip(("/etc/a.xml", good)), "unsafe_archive")
    yield Attack("zip_nameless", lambda: _zip(("a.xml", good)).replace(b"a.xml", b"\0.xml"), "unsafe_archive")
    yield Attack("zip_drive", lambda: _zip(("C:/a.xml", good)), "unsafe_archive")
    yield Attack("zip_link", _zip_link, "unsafe_archive")
    yield Attack("zip_encrypted", _zip_encrypted, "encrypted_archive")
    yield Attack("zip_twice", _zip_twice, "unsafe_archive")
    yield Attack("zip_empty", lambda: _zip(), "not_lers")
    yield Attack("zip_truncated", lambda: _zip(("a.xml", good))[:-30], "bad_archive")
    yield Attack("zip_head_only", lambda: b"PK\x03\x04", "bad_archive")
    yield Attack(
        "xlsx",
        lambda: _zip(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")),
        "workbook",
    )
    yield Attack("zip_one_bad", lambda: _zip(("a.xml", good), ("b.xml", good[:-30])), "broken_xml")
    yield add("seven_zip", b"7z\xbc\xaf\x27\x1c" + b"\0" * 50, "other_archive")
    yield add("rar", b"Rar!\x1a\x07\x00" + b"\0" * 50, "other_archive")
