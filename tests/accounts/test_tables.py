"""Lists in and out: whatever a spreadsheet writes is read, whatever we write is read back, nothing is run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from accounts.tables import SheetNumber, TableError, table_bytes, table_read, table_response

pytestmark = pytest.mark.pure
ALMOST_EIGHT = datetime(2026, 1, 15, 7, 59, 59, 999997)  # noqa: DTZ001 a sheet knows no zones
ROWS = [["Appartement 101", "Élodie", "12,50"], ["Квартира 2", "Иван", "0.001"]]


def read(content: bytes, **limits: int) -> tuple[list[str], list[list[str]]]:
    table = table_read(io.BytesIO(content), "liste.csv", **limits)
    return table.header, [list(row) for row in table.rows]


def csv_text(separator: str) -> str:
    lines = [["Place", "Name", "Value"], *ROWS]
    return "\r\n".join(separator.join(f'"{cell}"' for cell in line) for line in lines)


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_csv_of_any_separator_and_unicode_form_is_read(separator: str, encoding: str) -> None:
    assert read(csv_text(separator).encode(encoding)) == (["Place", "Name", "Value"], ROWS)


@pytest.mark.parametrize(
    ("encoding", "text"), [("cp1251", "Квартира;Иван"), ("cp1252", "Étage;Élodie Noël"), ("cp1252", "à;é")]
)
def test_an_old_code_page_is_told_by_its_letters(encoding: str, text: str) -> None:
    assert read(text.encode(encoding))[0] == text.split(";")


def test_lines_are_numbered_as_the_owner_counts_them() -> None:
    table = table_read(io.BytesIO(b'sep=;\nA;B\n\n1;"two\nlines"\n3\n'), "x.csv")
    assert table.header == ["A", "B"]
    assert [(row.line, list(row)) for row in table.rows] == [(4, ["1", "two\nlines"]), (6, ["3", ""])]


def test_a_workbook_gives_the_digits_and_moments_that_it_shows() -> None:
    rows = [
        ["A", "B", "C", "D", "E"],
        [1200000, 0.00001, 12.5, ALMOST_EIGHT, date(2026, 1, 15)],
        [],
        ["\u00a0x\u202f", True, None, "007", 0.1],
    ]
    assert read(workbook(rows)) == (
        ["A", "B", "C", "D", "E"],
        [["1200000", "0.00001", "12.5", "2026-01-15T08:00:00", "2026-01-15"], ["x", "1", "", "007", "0.1"]],
    )


def _bomb() -> bytes:
    content = io.BytesIO(workbook([["A"]]))
    with (
        zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/huge.bin", "w") as part,
    ):
        for _count in range(210):
            part.write(b"\0" * 1_000_000)
    return content.getvalue()


def _with_entity() -> bytes:
    """A workbook whose sheet declares entities that grow a thousandfold."""
    source, out = zipfile.ZipFile(io.BytesIO(workbook([["A"], ["b"]]))), io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + content
            target.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\r\n;;;\r\n", "empty"),
        (b"<?xml version='1.0'?><a/>", "not_a_table"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"a;b\n\0\0\0\x81\x8d;c", "not_a_table"),
        (b"PK\x03\x04 no zip at all", "not_a_table"),
        (b'a;b\n1;"' + b"x" * 200_000, "not_a_table"),
        (b"a\n" * 12, "too_many_rows"),
        (b";".join([b"a"] * 201), "too_many_columns"),
        (b"a\n" + b"b" * 1_000_000, "too_large"),
        (_bomb, "too_large"),
        (_with_entity, "not_a_table"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_list_is_refused_in_one_sentence(content: bytes | Callable[[], bytes], code: str) -> None:
    with pytest.raises(TableError) as refusal:
        read(content() if callable(content) else content, max_rows=10, max_bytes=900_000)
    assert refusal.value.code == code
    assert str(refusal.value).endswith(".")


def test_a_sheet_formatted_to_its_last_row_ends(  # 1,048,576 rows that hold nothing
) -> None:
    book = Workbook()
    book.active.append(["A"])
    book.active.append(["1"])
    book.active.cell(row=1_048_576, column=1).value = " "
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue()) == (["A"], [["1"]])


DANGEROUS = ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "\rx"]


def response_bytes(language: str, kind: str, rows: list[list[Any]]) -> tuple[str, bytes]:
    with translation.override(language), timezone.override("Europe/Paris"):
        response = table_response(rows, name="Bâtiment A", header=["Ж", "b"], kind=kind)
        content = b"".join(response) if response.streaming else response.content
    return response["Content-Disposition"], content


@pytest.mark.parametrize(
    ("language", "line"), [("fr", "12,5;2026-01-15 09:00:00"), ("en", "12.5,2026-01-15 09:00:00")]
)
def test_csv_speaks_as_the_readers_spreadsheet(language: str, line: str) -> None:
    moment = datetime(2026, 1, 15, 8, tzinfo=UTC)
    disposition, content = response_bytes(language, "csv", [[Decimal("12.5"), moment]])
    assert content.decode("utf-8-sig").splitlines()[1] == line
    assert disposition == "attachment; filename=\"batiment-a.csv\"; filename*=UTF-8''B%C3%A2timent%20A.csv"


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_runs_as_a_formula(text: str) -> None:
    _name, content = response_bytes("en", "csv", [[text, -1]])
    assert f"'{text}" in content.decode("utf-8-sig").replace('"', "")
    _name, content = response_bytes("en", "xlsx", [[text, -1]])
    cells = load_workbook(io.BytesIO(content)).active[2]
    assert (cells[0].data_type, cells[1].value) == ("s", -1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=5))
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    content = table_bytes(rows, header=["a", "b"])
    _header, back = read(content)
    kept = [[" ".join(cell.split()) for cell in row] for row in back]
    assert len(kept) <= len(rows)
    for row in rows:
        plain = ["".join(char for char in cell if char.isalnum()) for cell in row]
        if any(plain):
            assert plain in [
                ["".join(char for char in cell if char.isalnum()) for cell in one] for one in kept
            ]


def book_of(
    *sheets: tuple[str, Sequence[Sequence[Any]]], hidden: str = "", epoch: datetime | None = None
) -> bytes:
    book = Workbook()
    book.remove(book.active)
    if epoch is not None:
        book.epoch = epoch
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if title == hidden else "visible"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


LIST = [["Дата", "Показание"], ["2026-01-20", 5.25]]
PLAIN = (["Дата", "Показание"], [["2026-01-20", "5.25"]])
AS_PEOPLE_SEND_THEM: dict[str, tuple[bytes, tuple[list[str], list[list[str]]]]] = {
    "titles above": (book_of(("a", [["Отчёт за январь"], [], ["ГСК «Мир»"], *LIST])), PLAIN),
    "a title page, a hidden sheet": (
        book_of(("Титул", [["Отчёт"]]), ("old", [["x", "y"], [1, 2]]), ("a", LIST), ("b", [["p", "q"]]), hidden="old"),
        PLAIN,
    ),
    "one sheet with one column": (book_of(("a", [["Номер"], [7]])), (["Номер"], [["7"]])),
    "empty rows below": (book_of(("a", [*LIST, *[[None, ""]] * 50])), PLAIN),
    "a header of merged cells": (
        book_of(("a", [["Счётчики"], ["Дата", "Показание", None], [None, "начало", "конец"], ["2026-01-20", 1, 2]])),
        (["Дата", "Показание начало", "Показание конец"], [["2026-01-20", "1", "2"]]),
    ),
    "titles above a CSV": ("Отчёт\n\nДата;Показание\n2026-01-20;5.25\n".encode("cp1251"), PLAIN),
}  # fmt: skip


@pytest.mark.parametrize("name", AS_PEOPLE_SEND_THEM)
def test_a_list_is_found_where_people_put_it(name: str) -> None:
    content, expected = AS_PEOPLE_SEND_THEM[name]
    assert read(content) == expected


@pytest.mark.parametrize("epoch", [WINDOWS_EPOCH, MAC_EPOCH])
def test_a_number_knows_what_date_it_would_be(epoch: datetime) -> None:
    days = (datetime(2026, 1, 20, 6) - epoch).total_seconds() / 86_400  # noqa: DTZ001
    table = table_read(io.BytesIO(book_of(("a", [["Дата", "x"], [days, "46042"]]), epoch=epoch)), "a.xlsx")
    number, text = next(table.rows)
    assert isinstance(number, SheetNumber)
    assert number.moment.isoformat() == "2026-01-20T06:00:00"
    assert not isinstance(text, SheetNumber)
