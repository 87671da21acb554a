"""Numbers and times: stored exactly, or refused with a reason; never changed in silence."""

from __future__ import annotations

from decimal import Decimal

import pytest

pytestmark = pytest.mark.pure

GOOD_NUMBERS = {
    "0": "0", "5": "5", "-23.7": "-23.7", "98,45": "98.45", "007.50": "7.50", "99999999999999": "99999999999999",
    " 12 ": "12", "\t12\n": "12", "1.5E+3": "1500", "1E-05": "0.00001", "0.12345678901234567": "0.12345678901234567",
    "12\u00a0": "12", ".5": "0.5", "5.": "5", "-0": "0", "+5": "5", "\u22125,5": "-5.5", "1 234": "1234",
    "1\u00a0234,5": "1234.5", "1\u202f234\u202f567": "1234567", "1,234.5": "1234.5", "1.234,5": "1234.5",
    "1.234.567": "1234567", "1'234.5": "1234.5",
}  # fmt: skip
BAD_NUMBERS = {
    "NaN": "bad_number", "nan": "bad_number", "Infinity": "bad_number", "-INF": "bad_number", "inf": "bad_number",
    "1_000": "bad_number", "１２": "bad_number", "٣": "bad_number", "+": "bad_number", "0x10": "bad_number",
    "12 34": "bad_number", "1 2345": "bad_number", "1,23,456.5": "bad_number", "1.234 567": "bad_number",
    "5*": "bad_number",
    "12 кВт": "bad_number", "5%": "bad_number", "--5": "bad_number", "1e": "bad_number", "abc": "bad_number",
    "5-": "bad_number", "½": "bad_number", "1e5.5": "bad_number", "=1+1": "bad_number",
    "1e309": "number_out_of_range", "1e400": "number_out_of_range", "1e15": "number_out_of_range",
    "1000000000000000": "number_out_of_range", "-1e15": "number_out_of_range", "1e-400": "number_out_of_range",
    "9" * 400: "bad_number",
}  # fmt: skip


def _elements(value: str) -> str:
    rows = "".join(
        f"<r><dateTime>2026-01-{d:02}T00:00:00</dateTime><Q_in>{value if d == 5 else d}</Q_in><V_in>1</V_in></r>"
        for d in range(1, 8)
    )
    return f"<x><point number='1'><totals>{rows}</totals></point></x>"


def _attributes(value: str) -> str:
    rows = "".join(
        f'<r dateTime="2026-01-{d:02}T00:00:00" Q_in="{value if d == 5 else d}" V_in="1"/>'
        for d in range(1, 8)
    )
    return f"<x><point number='1'><totals>{rows}</totals></point></x>"


def _csv(value: str) -> str:
    rows = "\n".join(f"1;2026-01-{d:02};{value.rstrip() if d == 5 else d};1;totals" for d in range(1, 8))
    return "syncNumber;dateTime;Q_in;V_in;dataType\n" + rows


@pytest.mark.parametrize("write", [_elements, _attributes, _csv])
@pytest.mark.parametrize("text", GOOD_NUMBERS)
def test_good_numbers_are_exact(text: str, write, read) -> None:
    got = read(write(text))
    assert got.codes == []
    assert got.rows[4].values == {"Q_in": Decimal(GOOD_NUMBERS[text]), "V_in": Decimal(1)}


@pytest.mark.parametrize("write", [_elements, _attributes, _csv])
@pytest.mark.parametrize("text", BAD_NUMBERS)
def test_bad_numbers_cost_one_value_and_no_more(text: str, write, read) -> None:
    got = read(write(text))
    assert [(i.field, i.value, i.code, i.point) for i in got.summary.issues] == [
        ("Q_in", "".join(c if c.isprintable() else "�" for c in text[:100]), BAD_NUMBERS[text], "1")
    ]
    assert [row.values.get("Q_in") for row in got.rows] == [1, 2, 3, 4, None, 6, 7]
    assert got.rows[4].values == {"V_in": 1}


GOOD_TIMES = {
    "2026-01-15T07:00:00": "2026-01-15T07:00:00", "2026-01-15 07:00": "2026-01-15T07:00:00",
    "2026-01-15": "2026-01-15T00:00:00", "15.01.2026": "2026-01-15T00:00:00", "5.1.2026 7:00": "2026-01-05T07:00:00",
    "15.01.26 07:00:00": "2026-01-15T07:00:00", "01.2026": "2026-01-01T00:00:00", "2026-01": "2026-01-01T00:00:00",
    "2026.01.15 07:00": "2026-01-15T07:00:00", "2026/01/15": "2026-01-15T00:00:00", "20260115": "2026-01-15T00:00:00",
    "202601150700": "2026-01-15T07:00:00", "2026-01-15T07:00:00.000": "2026-01-15T07:00:00",
    "2026-01-15T07:00:00.5000000": "2026-01-15T07:00:00.500000", "2026-01-15T07:00:00+09:00": "2026-01-15T07:00:00",
    "2024-02-29": "2024-02-29T00:00:00",
    "2014-10-26T01:30:00": "2014-10-26T01:30:00", " 2026-01-15 ": "2026-01-15T00:00:00",
    "15/01/2026": "2026-01-15T00:00:00", "1/15/2026 3:00 PM": "2026-01-15T15:00:00", "2026-01-15T7": "2026-01-15T07:00:00",
    "12/31/2025 12:00:00 AM": "2025-12-31T00:00:00", "2026-01-15 12:00 PM": "2026-01-15T12:00:00",
    "15-01-2026 07:00": "2026-01-15T07:00:00", "15 января 2026 г. 7 ч": "2026-01-15T07:00:00",
    "15-янв-2026 07:00": "2026-01-15T07:00:00", "Thu, 15 Jan 2026 07:00": "2026-01-15T07:00:00",
    "Jan 15, 2026 07:00": "2026-01-15T07:00:00", "15 août 2026": "2026-08-15T00:00:00",
    "15. März 2026": "2026-03-15T00:00:00",
    "Чт 15.01.2026 07.00": "2026-01-15T07:00:00", "15.01.2026 07-00": "2026-01-15T07:00:00",
    "15.01.2026 7h30": "2026-01-15T07:30:00", "07:00 15.01.2026": "2026-01-15T07:00:00",
    "20260115T07:00:00000": "2026-01-15T07:00:00", "2026-01-15 07:00:00 +0900": "2026-01-15T07:00:00",
    "Октябрь 2025": "2025-10-01T00:00:00",
    "2038-01-20T00:00:00": "2038-01-20T00:00:00", "2026-01-15T07:00Z": "2026-01-15T07:00:00",
}  # fmt: skip
BAD_TIMES = {
    "2026-02-30": "bad_time", "2026-02-30T00:00:00": "bad_time", "2026-01-15T24:00:00": "end_of_day",
    "2026-01-15T23:59:60": "bad_time", "2026-13-01": "bad_time", "2023-02-29": "bad_time", "2024-W01-1": "bad_time",
    "2024-W01-1T00:00:00": "bad_time", "2026-01-15T07:00:00+99:00": "bad_time", "2026-01-15T07:00:00+14:30": "bad_time",
    "1768435200": "bad_time", "1768435200000": "bad_time", "tomorrow": "bad_time", "00.00.0000": "bad_time",
    "0001-01-01T00:00:00": "time_out_of_range",
    "9999-12-31T23:59:59": "time_out_of_range", "1970-01-01": "time_out_of_range",
    "13:00 PM 15.01.2026": "bad_time", "15/15/2026": "bad_time", "15 мата 2026": "bad_time",
    "15.01.2026 7:00 CET": "bad_time",
    "２０２６-01-15": "bad_time", "2026-01-15x07:00:00": "bad_time", "15 января": "bad_time",
}  # fmt: skip


@pytest.mark.parametrize("text", GOOD_TIMES)
def test_good_times(text: str, read) -> None:
    got = read(f'<x><day><r dateTime="{text}" T_in="1"/></day></x>')
    assert [row.start.isoformat() for row in got.rows] == [GOOD_TIMES[text]]
    assert got.codes == []


@pytest.mark.parametrize("text", BAD_TIMES)
def test_bad_times_cost_their_record(text: str, read) -> None:
    stamps = [
        "2026-01-01T00:00:00",
        "2026-01-02T00:00:00",
        "2026-01-03T00:00:00",
        text,
        "2026-01-05T00:00:00",
    ]
    got = read(
        "<x><point number='4'><day>"
        + "".join(f'<r dateTime="{s}" T_in="1"/>' for s in stamps)
        + "</day></point></x>"
    )
    assert [row.start.day for row in got.rows] == [1, 2, 3, 5]
    assert [(i.field, i.value, i.code, i.point) for i in got.summary.issues] == [
        ("dateTime", text, BAD_TIMES[text], "4")
    ]


@pytest.mark.parametrize(
    "inner, code",
    [
        ("<T_in>1</T_in><T_in>2</T_in>", "duplicate_field"),
        ("<T_in>1</T_in><T1>2</T1>", "duplicate_field"),
        ("<T_in>12<b/>34</T_in>", "bad_number"),
        ("<T_in><z>5</z></T_in>", "bad_number"),
        ("<T_in>1</T_in><attributes>Nonsense</attributes>", "unknown_flag"),
        ("<T_in>1</T_in><attributes>4</attributes>", "unknown_flag"),
        ("<T_in>1</T_in><badValues>1073741824</badValues>", "unknown_mark"),
        ("<T_in>1</T_in><v><parameterId>7</parameterId><value>2</value></v>", "numeric_parameter"),
        ("<T_in>1</T_in><v><DataParameter>14</DataParameter><Value>2</Value></v>", "numeric_parameter"),
        ("<T_in isBad='perhaps'>1</T_in>", "unknown_mark"),
    ],
)
def test_doubtful_fields_are_said(inner: str, code: str, read) -> None:
    got = read(f"<x><day><r><dateTime>2026-01-01</dateTime>{inner}<V_in>7</V_in></r></day></x>")
    assert got.codes == [code]
    assert got.rows[0].values["V_in"] == 7
    if code in ("duplicate_field", "bad_number"):
        assert "T_in" not in got.rows[0].values


def test_a_record_without_time_is_said(read) -> None:
    got = read('<x><point number="3"><day><r T_in="1"/><r dateTime="2026-01-02" T_in="2"/></day></point></x>')
    assert [(i.point, i.field, i.value, i.code) for i in got.summary.issues] == [
        ("3", "T_in", "1", "missing_time")
    ]
    assert len(got.rows) == 1


def test_kinds_that_are_not_kept_are_said(read) -> None:
    row = '<r dateTime="2026-01-02" Ap="2"/>'
    got = read(f'<x><a dataType="PowerProfile">{row}</a><day>{row}</day></x>')
    assert got.codes == ["unsupported_kind"]
    assert [row.kind for row in got.rows] == ["day"]


@pytest.mark.parametrize("name", ["Weekly", "999", "Недельный"])
def test_a_kind_nobody_knows_is_said_once(read, name: str) -> None:
    """A week is no day: what the step makes of it may be wrong, and the sender has to know."""
    rows = "".join(f'<r dateTime="2026-01-{day:02}" T_in="2"/>' for day in (5, 12, 19))
    inside = f"<dataType>{name}</dataType>{rows}"
    for text in (f'<x><a dataType="{name}">{rows}</a></x>', f"<x><a>{inside}</a><b>{inside}</b></x>"):
        got = read(text)
        assert [(issue.value, issue.code) for issue in got.summary.issues] == [(name, "unknown_kind")]
    known = read(f'<x><a dataType="Day">{rows}</a></x>')
    assert known.summary.issues == []


def test_issues_are_capped_but_counted(read) -> None:
    from readings.lers import Limits

    rows = "".join(f'<r dateTime="2026-01-{d:02}" T_in="x"/>' for d in range(1, 29))
    got = read(f"<x><day>{rows}</day></x>", limits=Limits(issues=5))
    assert (len(got.summary.issues), got.summary.issues_total) == (5, 28)


def test_reports_carry_no_controls(read) -> None:
    got = read('<x><day><r dateTime="2026-01-01" T_in="a&#10;&#x202e;b"/></day></x>')
    assert got.summary.issues[0].value == "a��b"


def test_units_of_the_file_are_told_and_not_applied(read) -> None:
    got = read(
        '<x><pressureType>Gauge</pressureType><day><r dateTime="2026-01-01"><P_in unit="МПа">0.6</P_in></r></day></x>'
    )
    assert got.summary.units == {"pressureType": "Gauge", "P_in": "МПа"}
    assert got.rows[0].values == {"P_in": 0.6}


def test_utf8_read_as_windows_is_suspected(read) -> None:
    head = '<?xml version="1.0" encoding="windows-1251"?><x title="Теплоснабжение">'
    text = head + '<day><r dateTime="2026-01-01" T_in="1"/></day></x>'
    assert read(text.encode()).codes == ["likely_mojibake"]
    assert read(text.encode("cp1251")).codes == []
