"""Archives as people and other programs write them: each class of what an earlier reader misread, and what it now reads.

Expected values are written by hand. What may be taken for two things is refused, or left out and told.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from readings.lers import Profile

pytestmark = pytest.mark.pure
AT = [f"2026-01-15 0{n}:00:00" for n in range(3)]
T, Q = ["98.45", "97.73", "96.8"], ["0.22", "0.21", "0.2"]
BOTH = [{"T_in": t, "Q_delta": q} for t, q in zip(T, Q, strict=True)]
VALUES = [f"T1='{t}' Q='{q}'" for t, q in zip(T, Q, strict=True)]
CELLS = [f"{t};{q}".replace(".", ",") for t, q in zip(T, Q, strict=True)]
DAYS = [f"2026-01-{n} 00:00:00" for n in (14, 15, 16)]


def hours(*stamps: str, tag: str = "hours") -> str:
    """Three records whose time stands in these attributes."""
    rows = "".join(f"<r {stamp} {values}/>" for stamp, values in zip(stamps, VALUES, strict=True))
    return f"<x><{tag}>{rows}</{tag}></x>"


def table(head: str, *cells: str, above: str = "", below: str = "") -> str:
    rows = "".join(f"{cell};{values}\n" for cell, values in zip(cells, CELLS, strict=True))
    return f"{above}{head};t1;Q\n{rows}{below}"


CLOCKS = [f"15.01.2026 0{n}:00" for n in range(3)]
# name: (file, the records' starts)
TIMES: dict[str, tuple[str | bytes, list[str]]] = {
    "in parts": (hours(*(f"year='2026' month='1' day='15' hour='{n}'" for n in range(3))), AT),
    "in parts around": ("<x year='2026'><m month='1'><d day='15'>" + "".join(
        f"<h hour='{n}' {v}/>" for n, v in enumerate(VALUES)) + "</d></m></x>", AT),
    "in an element of its own": ("<x><hours>" + "".join(f"<r><stamp><date>15.01.2026</date><time>0{n}:00</time></stamp>"
        f"<v {v}/></r>" for n, v in enumerate(VALUES)) + "</hours></x>", AT),
    "from when till when": (hours(*(f"date='15.01.2026' time='0{n}:00-0{n + 1}:00'" for n in range(3))), AT),
    "from when till when, in one": (hours(*(f"dateTime='15.01.2026 0{n}:00-0{n + 1}:00'" for n in range(3))), AT),
    "under a name of much else": (hours(*(f"Data='{clock}'" for clock in CLOCKS)), AT),
    "under a short name": (hours(*(f"t='{clock}'" for clock in CLOCKS)), AT),
    "under a name nobody listed": (hours(*(f"readingDate='{clock}'" for clock in CLOCKS)), AT),
    "by the last second": (hours(*(f"dateTime='{day[:10]}T23:59:59'" for day in DAYS), tag="days"), DAYS),
    "slashes, one leaves no choice": (
        hours("dateTime='05/01/2026'", "dateTime='06/01/2026'", "dateTime='15/01/2026'", tag="days"),
        ["2026-01-05 00:00:00", "2026-01-06 00:00:00", "2026-01-15 00:00:00"]),
    "date once": (table("Дата;Время", "15.01.2026;00:00", ";01:00", ";02:00"), AT),
    "date in a row of its own": (table("Дата;Час", ";0", ";1", ";2").replace("\n;0", "\n15.01.2026;;;\n;0"), AT),
    "hours from till": (table("Дата;Часы", *(f"15.01.2026;{n}-{n + 1}" for n in range(3))), AT),
    "start and end": (table("Дата начала;Дата окончания", *(f"{clock};x" for clock in CLOCKS)), AT),
    "half days": (table("Date;Time", "1/15/2026;12:00 AM", "1/15/2026;1:00 AM", "1/15/2026;2:00 AM"), AT),
    "columns of parts": (table("Год;Месяц;День;Час", *(f"2026;1;15;{n}" for n in range(3))), AT),
    "months in words": (table("Месяц", "Октябрь 2025", "Ноябрь 2025", "Декабрь 2025"),
                        [f"2025-{n}-01 00:00:00" for n in (10, 11, 12)]),
    "bars": ("+--+--+\n" + table("Дата", *CLOCKS).replace(";", "|") + "+--+--+\n", AT),
    "drawn by DOS": (table("Дата", *CLOCKS, below="├┼┤\n").replace(";", "│").encode("cp866"), AT),
    "koi8-r": (table("Дата;Время", *(f"15.01.2026;0{n}:00" for n in range(3))).encode("koi8-r"), AT),
    "comments": (table("# Архив\nДата", *CLOCKS, below="# конец\n"), AT),
    "words below": (table("Дата", *CLOCKS, below="Мин.;96,8;0,2\n;;\nДата печати: 20.01.2026;;\nСдал ____;;\n"), AT),
    "a name in two lines": (table("Дата", *CLOCKS).replace("t1", '"t1,\n°C"'), AT),
}  # fmt: skip


@pytest.mark.parametrize("name", TIMES)
def test_times(name: str, read: Any) -> None:
    content, starts = TIMES[name]
    got = read(content)
    found = [(r.start.isoformat(" "), dict(zip(r.names, r.texts, strict=True))) for r in got.rows]
    assert (found, got.codes) == (list(zip(starts, BOTH, strict=True)), [])


NAMES = {
    "Температура в подающем трубопроводе": "T_in", "ТемператураОбратки": "T_out", "Supply temperature": "T_in",
    "Température retour": "T_out", "Vorlauftemperatur": "T_in", "Масса теплоносителя в обратном": "M_out",
    "Объём подачи": "V_in", "Тепловая энергия": "Q_delta", "Потребление тепла": "Q_delta",
    "Qтв": "Q_delta", "Wтс": "Q_delta", "tо": "T_out", "Время работы": "NormalOperationDuration",
    "Ти": "NormalOperationDuration", "ВОС": "StopDuration",
    "Давление в подающем": "P_in", "tнар, °C": "T_outdoor",
    # a counter, a limit, another system, a rate, a bare word of two meanings
    "Показания тепла": None, "Heat energy E1": None, "Энергия": None, "МаксТемператураПодачи": None, "Q (ГВС)": None,
    "t1 (уставка)": None, "Q1, Гкал (нарастающий)": None, "G1, т/ч": None, "Температура": None, "tнар": None,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str, read: Any) -> None:
    got = read(f"Дата;P2;{name}\n15.01.2026 03:00;4;1,5\n")
    wanted = {"P_out": "4"} | ({NAMES[name]: "1.5"} if NAMES[name] else {})
    assert [dict(zip(r.names, r.texts, strict=True)) for r in got.rows] == [wanted]
    assert (list(got.summary.ignored), got.codes) == ([] if NAMES[name] else [name], [])


def one(value: str, name: str = "Q") -> str:
    return f"<hours><r dateTime='2026-01-15T03:00:00' {name}='{value}'/></hours>"


HOUR5 = one("5")


# a unit wherever it may stand: none may be overlooked, for a heat in GJ is no heat in Gcal
UNITS = {
    "on a series": "<x><hours><m param='Q' unit='ГДж'><v dateTime='2026-01-15T03:00:00' value='5'/></m></hours></x>",
    "in a legend": f"<x><units><Q_delta>ГДж</Q_delta></units>{HOUR5}</x>",
    "in attributes of a legend": f"<x><legend Q='ГДж'/>{HOUR5}</x>",
    "in the value": f"<x>{one('5 ГДж')}</x>",
    "in the name": f"<x>{one('5', 'Q_ГДж')}</x>",
    "in a name in words": "Дата;Тепловая энергия, ГДж\n15.01.2026 03:00;5\n",
    "in a column": "Дата;Параметр;Значение;Ед.\n15.01.2026 03:00;Q;5;ГДж\n",
    "below dates": "Дата;Время;Q\nдд.мм.гг;чч:мм;(ГДж)\n15.01.2026;03:00;5\n",
    "of columns": "<x><columns><c name='dateTime'/><c name='Q_delta' unit='ГДж'/></columns><hours><row>"
                  "2026-01-15T03:00:00;5</row></hours></x>",
}  # fmt: skip


@pytest.mark.parametrize("name", UNITS)
def test_units(name: str, read: Any) -> None:
    got = read(UNITS[name])
    assert got.summary.units in ({"Q_delta": "ГДж"}, {"Q": "ГДж"})
    assert [r.values for r in got.rows] == [{"Q_delta": 5.0}]


@pytest.mark.parametrize(("above", "units"), [
    ("Единицы: t - °C, M - т, Q - ГДж, P - МПа", {"Q": "ГДж", "M": "т", "P": "МПа"}),
    ("Тепловая энергия в ГДж, давление в МПа", {"Q": "ГДж", "P": "МПа"}),
    ("Отчёт о тепловой энергии и теплоносителе (т)", {}),
])  # fmt: skip
def test_a_legend_above_a_table(above: str, units: dict[str, str], read: Any) -> None:
    assert read(table("Дата", *CLOCKS, above=f"{above}\n")).summary.units == units
    element = f"<x><ЕдиницаТепла>ГДж</ЕдиницаТепла>{HOUR5}</x>"
    assert read(element).summary.units == {"Q": "ГДж"}


def test_two_rows_of_a_header(read: Any) -> None:
    got = read(
        "Дата;Подающий трубопровод;;Обратный трубопровод;\n;t, °C;M, т;t, °C;M, т\n15.01.2026 03:00;98;5;55;4\n"
    )
    assert [r.values for r in got.rows] == [{"T_in": 98.0, "M_in": 5.0, "T_out": 55.0, "M_out": 4.0}]


def test_one_heat_input_is_meant_and_two_are_not(read: Any, refused: Any) -> None:
    got = read("Дата;t1 Тв1;Qо Тв1, Гкал;НС\n15.01.2026;98;5;\n")
    assert [r.values for r in got.rows] == [{"T_in": 98.0, "Q_delta": 5.0}]
    assert refused("Дата;t1 ТВ1;t1 ТВ2\n15.01.2026;98;60\n").code == "not_lers"


def test_counters_below_the_days(read: Any) -> None:
    below = "\nПоказания интеграторов;;\nДата;M1, т;Q, Гкал\n17.01.2026 00:00;1015,9;100,91\n"
    got = read(table("Дата", *(f"{n}.01.2026" for n in (14, 15, 16)), below=below))
    assert sorted(r.kind for r in got.rows) == ["day"] * 3 + ["totals"]


def test_a_day_is_not_carried_past_midnight(read: Any) -> None:
    got = read(table("Дата;Время", "15.01.2026;22:00", ";23:00", ";00:00"))
    assert ([r.start.hour for r in got.rows], got.codes) == ([22, 23], ["missing_time"])


def test_marks_and_absent_values(read: Any) -> None:
    got = read(f"<x>{one('98 [B]', 'T1').replace('/>', ' M1=%r P1=%r/>')}</x>" % ("5 [C][I]", "—"))
    assert (got.rows[0].values, got.codes) == ({"T_in": 98.0, "M_in": 5.0}, [])
    assert got.rows[0].marks[:3] == ({"T_in"}, {"M_in"}, {"M_in"})


def test_a_start_is_a_start_whatever_the_profile_says(read: Any) -> None:
    text = hours(*(f"periodStart='{clock}' periodEnd='x'" for clock in CLOCKS))
    assert [r.start.isoformat(" ") for r in read(text, profile=Profile(hour_stamp="end")).rows] == AT


@pytest.mark.parametrize(("stamps", "order", "starts"), [
    (("05/01/2026", "06/01/2026", "07/01/2026"), "any", None),
    (("25/01/2026", "01/25/2026", "07/01/2026"), "any", None),
    (("05/01/2026", "06/01/2026", "07/01/2026"), "dmy", ["01-05", "01-06", "01-07"]),
    (("05/01/2026", "06/01/2026", "07/01/2026"), "mdy", ["05-01", "06-01", "07-01"]),
    (("01/01/2026", "02/02/2026", "03/03/2026"), "any", ["01-01", "02-02", "03-03"]),
])  # fmt: skip
def test_dates_that_can_be_read_two_ways(
    stamps: tuple[str, ...], order: Any, starts: list[str] | None, read: Any, refused: Any
) -> None:
    text = hours(*(f"dateTime='{stamp}'" for stamp in stamps), tag="days")
    if starts is None:
        assert refused(text).code == "ambiguous_date"
    else:
        assert [f"{r.start:%m-%d}" for r in read(text, profile=Profile(date_order=order)).rows] == starts


def _zip(*members: tuple[str, str], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
OTHERS = {
    "old_workbook": OLE + "Workbook".encode("utf-16-le"),
    "document": OLE + "WordDocument".encode("utf-16-le"),
    "open_document": _zip(
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "<x/>")
    ),
    "pdf": b"%PDF-1.5\n1;2\n",
    "picture": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "web_page": b"\xef\xbb\xbf<!DOCTYPE HTML PUBLIC '-//W3C'><html><table/></html>",
    "other_archive": b"Rar!\x1a\x07\x01\0",
    "workbook_inside": _zip(("report.xlsx", "PK"), ("readme.txt", "x")),
}


@pytest.mark.parametrize("code", OTHERS)
def test_each_other_kind_is_called_by_its_name(code: str, refused: Any) -> None:
    assert refused(OTHERS[code]).code == code
