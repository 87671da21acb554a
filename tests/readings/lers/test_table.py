"""The supplier adapter's CSV and its relatives."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.pure

HEADER = "MeasurePointID;DataDate;DataSource;ResourceTypeID;T_in;T_out;M_in;M_out;H_in;H_out;P_in;P_out;WorkTime;IsDay"
ROWS = (
    "101;2026-01-01;2;1;98,33;55,3;124,8;124,512;11,644342;6,261172;6,1;4,2;24;1;\n"
    "101;2026-01-15 00:00;2;1;98,45;55,34;5,148;5,136;0,481081;;6,06;4,17;1;0;\n"
    "102;2026-01-15 00:00;2;2;60;;1;;;;;;1;0;\n"
)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_adapter(codec: str, end: str, read) -> None:
    got = read(f"{HEADER}\n{ROWS}".replace("\n", end).encode(codec), name="a.csv")
    assert [(r.point, r.system, r.kind, r.start.isoformat(), r.line) for r in got.rows] == [
        ("101", "Heat", "day", "2026-01-01T00:00:00", 2),
        ("101", "Heat", "hour", "2026-01-15T00:00:00", 3),
        ("102", "HotWater", "hour", "2026-01-15T00:00:00", 4),
    ]
    assert got.rows[0].values["Q_in"] == 11.644342
    assert "Q_out" not in got.rows[1].values
    assert (got.codes, got.summary.ignored, got.summary.dialect) == ([], {}, "csv")
    assert [(p.number, p.system) for p in got.summary.points] == [("101", "Heat"), ("102", "HotWater")]


def test_a_missing_supply_temperature_is_not_zero_degrees(read) -> None:
    got = read(f"{HEADER}\n101;2026-01-01;2;1;0;55,3;124,8;;;;;;24;1;\n")
    assert "T_in" not in got.rows[0].values
    assert got.codes == ["placeholder_zero"]


def test_an_unset_number_is_no_number(read) -> None:
    assert read(f"{HEADER}\n0;2026-01-01;2;1;1;55,3;124,8;;;;;;24;1;\n").rows[0].point is None


def test_russian_header_and_other_delimiters(read) -> None:
    text = "Номер\tДата\tВремя\tТ1\tМ1\tПримечание\r\n7\t15.01.2026\t01:00\t98,1\t5\tхорошо\r\n"
    got = read(text.encode("cp1251"))
    assert got.found == [("7", "hour", "2026-01-15 01:00:00", {"T_in": 98.1, "M_in": 5.0})]
    assert got.summary.ignored == {"Примечание": 1}
    assert got.rows[0].series.guessed


def test_quotes_and_commas(read) -> None:
    got = read('dateTime,T_in,M_in\n2026-01-01,"98,5",1\n')
    assert got.rows[0].values == {"T_in": 98.5, "M_in": 1.0}


@pytest.mark.parametrize(
    "row, code",
    [
        ("101;2026-01-01;2;1", "bad_field_count"),
        ("101;2026-01-01\r;2;1;1;1;1;1;1;1;1;1;1;1;", "bad_field_count"),
        ("101;;2;1;1;1;1;1;1;1;1;1;1;1;", "missing_time"),
        ("101;31.02.2026;2;1;1;1;1;1;1;1;1;1;1;1;", "bad_time"),
        ("101;2026-01-01;2;1;x;1;1;1;1;1;1;1;1;1;", "bad_number"),
        ("101;2026-01-01;2;1;1;1;1;1;1;1;1;1;1;1;extra;9", "bad_field_count"),
    ],
)
def test_a_bad_row_is_named_by_its_line(row: str, code: str, read) -> None:
    got = read(f"{HEADER}\n{ROWS}{row}\n")
    assert [(i.line, i.code) for i in got.summary.issues] == [(5, code)]


def test_not_ours(refused) -> None:
    assert refused("a;b;c\n1;2;3\n").code == "not_lers"
    assert refused(HEADER + "\n").code == "no_records"
    assert refused(f"{HEADER}\n{'9' * 200_000}").code == "limit"
    assert refused(f"{HEADER}\n101;2026\0-01-01;2\n").code == "limit"
