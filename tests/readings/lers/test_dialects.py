"""Files of strangers: each is read exactly, or told by its own code; nothing is dropped in silence."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.pure
HOUR = '<lersData><measurePoint number="101"><hour>%s</hour></measurePoint></lersData>'
AT3 = ("101", "hour", "2026-01-15 03:00:00")


def hour(stamp: str = "2026-01-15T03:00:00", value: str = "98.45") -> str:
    return HOUR % f'<record dateTime="{stamp}" T_in="{value}" M_in="5"/>'


GOOD = '<record dateTime="2026-01-15T03:00:00" T_in="98.45" M_in="5"/>'


def three(value: str = "98.45") -> list[Any]:
    return [(*AT3, {"T_in": value, "M_in": "5"})]


# name: (content, [(point, kind, start, texts)], codes of issues)
READ: dict[str, tuple[str | bytes, list[Any], list[str]]] = {
    "value lists under names": (
        HOUR % "<parameters>T_in;M_in</parameters>"
        '<record dateTime="2026-01-15T03:00:00"><values>98.45;5</values></record>', three(), []),
    "value lists, decimal commas": (
        HOUR % '<columns>T_in|M_in</columns><record dateTime="2026-01-15T03:00:00" values="98,45|5"/>', three(), []),
    "value lists, the time among them": (
        HOUR % "<columns>dateTime;T_in;M_in</columns><record><values>15.01.2026 03:00;98,45;5</values></record>",
        three(), []),
    "a list of another length": (
        HOUR % ('<columns>T_in;M_in</columns><record dateTime="2026-01-15T02:00:00" values="98.45"/>' + GOOD), three(),
        ["bad_field_count", "no_known_value"]),
    "a list without names": (
        HOUR % ('<record dateTime="2026-01-15T02:00:00" values="98.45;5"/>' + GOOD), three(), ["no_known_value"]),
    "a record of unknown names": (
        HOUR % ('<record dateTime="2026-01-15T02:00:00"><Foo>5</Foo></record>' + GOOD), three(), ["no_known_value"]),
    "a series of one parameter": (
        HOUR % '<parameter name="T_in"><value dateTime="2026-01-15T03:00:00">98.45</value></parameter>',
        [(*AT3, {"T_in": "98.45"})], []),
    "cyrillic elements": (
        "<Данные><ТочкаУчета><НомерТочки>101</НомерТочки><Часовые><Запись><Дата>15.01.2026</Дата>"
        "<Время>03:00</Время><Т1>98,45</Т1><М1>5</М1></Запись></Часовые></ТочкаУчета></Данные>", three(), []),
    "cyrillic attributes": (
        '<Архив><Точка Номер="101" ТипАрхива="Часовой"><Запись ДатаВремя="15.01.2026 03:00" Т1="98,45" М1="5"/>'
        "</Точка></Архив>", three(), []),
    "a prefix": (
        '<x:a xmlns:x="urn:b"><x:measurePoint><x:syncNumber>101</x:syncNumber><x:hour><x:record><x:dateTime>'
        "2026-01-15T03:00:00</x:dateTime><x:T_in>98.45</x:T_in><x:M_in>5</x:M_in></x:record></x:hour>"
        "</x:measurePoint></x:a>", three(), []),
    "three namespaces": (hour().replace("<hour>", '<hour xmlns="urn:c">').replace("<lersData>", '<lersData xmlns="u">'),
                         three(), []),
    "capitals": (hour().upper().replace("2026-01-15T", "2026-01-15 "), three(), []),
    "a point inside a node": (f'<node number="7">{hour()}</node>', three(), []),
    "a point inside a device": (f'<device serialNumber="1" model="X">{hour()}</device>', three(), []),
    "a start and an end": (
        HOUR % "<record><beginTime>2026-01-15T03:00:00</beginTime><endTime>2026-01-15T04:00:00</endTime>"
        "<T_in>98.45</T_in><M_in>5</M_in></record>", three(), []),
    "date and hour apart": (HOUR % '<record date="2026-01-15" hour="3" T_in="98.45" M_in="5"/>', three(), []),
    "value attributes": (
        HOUR % '<record dateTime="2026-01-15T03:00:00"><T_in value="98.45"/><M_in value="5"/></record>', three(), []),
    "parameter attributes": (
        HOUR % '<record dateTime="2026-01-15T03:00:00"><p name="T_in" value="98.45"/><p name="M_in" value="5"/></record>',
        three(), []),
    "parameters named by an attribute of any name": (
        HOUR % '<Record Time="2026-01-15T03:00:00"><v n="T_in">98.45</v><v n="M_in">5</v></Record>', three(), []),
    "parameters named by a code, an id, a key": (
        HOUR % '<row dateTime="2026-01-15T03:00:00"><val code="T_in">98.45</val><item id="M1" value="5"/></row>',
        three(), []),
    "pairs of keys and values": (
        HOUR % "<row><time>2026-01-15 03:00</time><items><pair><Key>T_in</Key><Value>98.45</Value></pair>"
        "<pair><Key>M_in</Key><Value>5</Value></pair></items></row>", three(), []),
    "a number in an element is no name of it": (
        HOUR % '<record dateTime="2026-01-15T03:00:00"><T_in code="M2">98.45</T_in><M_in>5</M_in></record>', three(), []),
    "bare values under names": (
        '<a><Point Number="101"><Archive Type="Hour" Columns="T_in;M_in"><Record Time="2026-01-15T03:00:00"><v>98.45</v>'
        "<v>5</v></Record></Archive></Point></a>", three(), []),
    "bare values under a list of columns": (
        HOUR % '<columns><c name="DateTime"/><c name="T_in"/><c name="M_in"/></columns>'
        '<record dateTime="2026-01-15T03:00:00" values="2026-01-15T03:00:00;98.45;5"/>', three(), []),
    "bare values without names": (
        HOUR % ('<record dateTime="2026-01-15T02:00:00"><v>98.45</v><v>5</v></record>' + GOOD), three(),
        ["no_known_value"]),
    "a point in an attribute": (
        '<rows><row point="101" archive="Hour" time="2026-01-15T03:00:00" parameter="T_in" value="98.45"/></rows>',
        [(*AT3, {"T_in": "98.45"})], []),
    "russian words in latin letters": (
        "<Arhiv><TochkaUcheta><NomerTochki>101</NomerTochki><Chasovye><Zapis><DataVremya>15.01.2026 03:00</DataVremya>"
        "<Tpod>98,45</Tpod><Mpod>5</Mpod></Zapis></Chasovye></TochkaUcheta></Arhiv>", three(), []),
    "an empty interval first": (hour().replace("<hour>", "<day></day><hour>"), three(), []),
    "the same record twice": (HOUR % (GOOD * 2), three() * 2, []),
    "totals only": (hour().replace("hour>", "totals>"), [("101", "totals", "2026-01-15 03:00:00",
                                                           {"T_in": "98.45", "M_in": "5"})], []),
    "utf-16 without a mark": (hour().encode("utf-16-le"), three(), []),
    "utf-16, big end first": (hour().encode("utf-16-be"), three(), []),
    "two marks": (b"\xef\xbb\xbf" * 2 + hour().encode(), three(), []),
    "a mark and a declaration": (b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>' + hour().encode(), three(), []),
    "windows-1251": ('<?xml version="1.0" encoding="windows-1251"?><!-- архив -->'.encode("cp1251") + hour().encode(),
                     three(), []),
    "a tab-separated table": ("number\tdate\ttime\tT_in\tM_in\n101\t15.01.2026\t03:00\t98,45\t5\n",
                              [("101", "hour", "2026-01-15 03:00:00", {"T_in": "98.45", "M_in": "5"})], []),
    "two numbers for one value": (HOUR % '<record dateTime="2026-01-15T03:00:00" T_in="1" T1="2" M_in="5"/>',
                                  [(*AT3, {"M_in": "5"})], ["duplicate_field"]),
}  # fmt: skip
for _stamp in ("15.01.2026 03:00", "15.01.2026 03:00:00", "15.01.26 3:00", "2026-01-15 03:00", "20260115T030000",
               "2026-01-15T03:00:00.000", "2026-01-15T03:00:00.0000000", "2026-01-15t03:00:00", "15.01.2026\u00a003:00",
               "2026-01-15T03:00:00+09:00", "2026-01-15T03:00:00Z", "2026/01/15 03:00"):  # fmt: skip
    READ[f"stamp {_stamp}"] = (hour(_stamp), three(), [])
for _stamp in ("1768446000", "1768446000000", "2026-02-30T03:00:00",
               "2024-W01-1", "2026-01-15T03:00:60", "/Date(1768446000000)/", "Thu, 15 Jan 2026 03:00 GMT",
               "2026-01-15T03:00:00+99:00"):  # fmt: skip
    READ[f"no stamp {_stamp}"] = (hour(_stamp), [], ["bad_time"])
for _value, _text in {"98,45": "98.45", "\u00a098.45\u202f": "98.45", "-0": "-0", "1.5E-3": "1.5E-3"}.items():
    READ[f"number {_value!r}"] = (hour(value=_value), three(_text), [])
for _value in ("12%", "NaN", "PT1H", "01:00:00", "٣", "1_000", "0x10", "9" * 40):  # fmt: skip
    READ[f"no number {_value!r}"] = (hour(value=_value), [(*AT3, {"M_in": "5"})], ["bad_number"])
for _value in ("-", "—", "---", "н/д", "нет данных", "N/A", "null"):
    READ[f"no value {_value!r}"] = (hour(value=_value), [(*AT3, {"M_in": "5"})], [])
REFUSED = {
    "dates that can be read two ways": (hour("03/04/2026 01:00"), "ambiguous_date"),
    "empty intervals only": ('<lersData><measurePoint number="101"><hour/></measurePoint></lersData>', "no_records"),
    "settings without points": ("<settings><serialPortName>COM1</serialPortName><listenPort>1</listenPort>"
                                "<saveDirectory>x</saveDirectory></settings>", "settings_file"),
    "western letters without a declaration": ("<a>été à la carte</a>".encode("cp1252"), "bad_encoding"),
    "json": ('{"points": []}', "not_lers"),
    "a page": ("<!DOCTYPE html><html></html>", "web_page"),
    "a spreadsheet": ('<?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:x"/>', "old_workbook"),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_read_exactly_or_told(name: str, read: Any) -> None:
    content, rows, codes = READ[name]
    got = read(content)
    found = [
        (row.point, row.kind, row.start.isoformat(" "), dict(zip(row.names, row.texts, strict=True)))
        for row in got.rows
    ]
    assert (found, got.codes) == (rows, codes)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_its_own_code(name: str, refused: Any) -> None:
    content, code = REFUSED[name]
    assert refused(content).code == code
