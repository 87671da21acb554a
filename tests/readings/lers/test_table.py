"""The supplier adapter's CSV and its relatives."""

from __future__ import annotations

import pytest

from readings.lers.model import Profile

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


ROW, AT3 = ("98,45", "5"), "2026-01-15 03:00:00"
# name: (lines above the table, its header, the cells before the values, point, serial)
HEADED = {
    "in words": (
        "Отчёт\nТочка учёта: 101;;\nВКТ-7, заводской № 77",
        "Дата и время",
        "15.01.2026 03:00",
        "101",
        "77",
    ),
    "in cells": ("Номер точки;0101\nЗаводской номер;77\n", "Дата и время", "15.01.2026 03:00", "101", "77"),
    "by a sign": ("ТУ № 101 - Дом 1\nТВ7 зав. №77", "Дата и время", "15.01.2026 03:00", "101", "77"),
    "two meters": ("Точка учета № 101\nзав. № 7, зав. № 8", "Дата и время", "15.01.2026 03:00", "101", None),
    "two points": ("Точка учета № 101\nТочка учета № 102", "Дата и время", "15.01.2026 03:00", None, None),
    "a name of a point": ("Точка учёта: 12 квартал", "Дата и время", "15.01.2026 03:00", None, None),
    "the row goes before": (
        "Точка учёта: 102",
        "№ точки;Дата и время",
        "№ 101;15.01.2026 03:00",
        "№ 101",
        None,
    ),
    "a point's number in its column": ("", "Точка учёта;Дата и время", "101;15.01.2026 03:00", "101", None),
    "a point's name in its column": ("", "Точка учёта;Дата и время", "Дом 1;15.01.2026 03:00", None, None),
    "hours from till": ("", "Дата;Интервал", "15.01.2026;03:00-04:00", None, None),
    "hours from till, short": ("", "Дата;Час", "15.01.2026;3–4", None, None),
    "a stamp from till": ("", "Дата и время", "15.01.2026 03:00 - 04:00", None, None),
}


@pytest.mark.parametrize("name", HEADED)
def test_what_stands_above_and_before_the_values(name: str, read) -> None:
    above, header, cells, point, serial = HEADED[name]
    row = ";".join((cells, *ROW))
    got = read(f"{above}\n{header};Т1, °С;М1, т\n{row}\n{header};Т1, °С;М1, т\n{row}\n".encode("cp1251"))
    assert got.found == [(point, "hour", AT3, {"T_in": 98.45, "M_in": 5.0})] * 2
    assert [(r.series.serial, got.codes) for r in got.rows] == [(serial, [])] * 2


@pytest.mark.parametrize(("cells", "start"), [
    ("15.01.2026;00:00-01:00", "00:00"), ("15.01.2026;23:00-24:00", "23:00"), ("15.01.2026;23:00-00:00", "23:00"),
    ("15.01.2026;3:00:00 — 4:00:00", "03:00"), ("15.01.2026;04:00", "03:00"),
])  # fmt: skip
def test_of_a_range_an_end_profile_takes_the_end(cells: str, start: str, read) -> None:
    got = read(f"Дата;Время;Т1\n{cells};98,45\n".encode("cp1251"), profile=Profile(hour_stamp="end"))
    assert [(r.kind, r.start.isoformat(" ", "minutes")) for r in got.rows] == [
        ("hour", f"2026-01-15 {start}")
    ]
