"""A stranger's list, CSV or XLSX, as rows of texts. Told by its bytes, not by its name; bounded in every direction."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, islice, zip_longest
from typing import IO, Any

from django.utils.translation import gettext as _

from accounts.errors import DomainError

MAX_COLUMNS = 200
MAX_CELL = 5_000  # characters
MAX_UNPACKED = 200_000_000  # bytes of an XLSX's parts together
TITLES = 20  # filled rows among which the header stands
BLANK_RUN = 1_000  # a sheet formatted to its last row ends for us after this many empty ones
SEPARATORS = (";", "\t", ",", "|")
UNICODE_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
CYRILLIC_WORD = re.compile(
    rb"[\xc0-\xff\xa8\xb8]{3,}"
)  # a word of windows-1251; Western text has such letters alone


Line = tuple[int, list[str]]


class TableError(DomainError):
    """The file is no list that can be read; the message is one sentence for its owner."""


class Row(list[str]):
    """The cells of a row, trimmed, as many as the header has; `line` as the owner's program numbers it."""

    def __init__(self, cells: Iterable[str], line: int) -> None:
        super().__init__(cells)
        self.line = line


class SheetNumber(str):
    """A cell that a sheet holds as a number: digits with a decimal point, whatever mark its reader's language has."""

    __slots__ = ("_epoch",)
    _epoch: datetime

    def __new__(cls, text: str, epoch: datetime) -> SheetNumber:
        number = super().__new__(cls, text)
        number._epoch = epoch
        return number

    @property
    def moment(self) -> datetime:
        """The date that such a number is in a column without a date's format. Raises `OverflowError`."""
        return _to_seconds(self._epoch + timedelta(days=float(self)))


@dataclass(frozen=True)
class Table:
    """`rows` can be walked once; it raises `TableError` when it meets the limit of rows or a broken row."""

    header: list[str]
    rows: Iterator[Row]
    kind: str  # csv or xlsx


def table_read(file: IO[bytes], name: str, *, max_rows: int = 50_000, max_bytes: int = 20_000_000) -> Table:
    """Header and rows of the first sheet that holds a list: titles above the header and empty rows are left out.

    Numbers keep their digits (those of a workbook are `SheetNumber`), dates are ISO texts. A header in two rows
    becomes one.
    CSV: separated by semicolon, tab, comma or bar; utf-8, utf-16, windows-1251 or windows-1252.
    Raises `TableError`: empty, too_large, too_many_rows, too_many_columns, not_a_table.
    """
    content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise TableError(
            "too_large", _("The file is larger than %(size)s MB.") % {"size": max_bytes // 1_000_000}
        )
    if content.startswith(b"PK\x03\x04"):
        kind, lines = "xlsx", _lines_of_workbook(content)
    else:
        kind, lines = "csv", _lines_of_text(_decoded(content, name))
    return _table(lines, kind, max_rows)


def _table(lines: Iterator[tuple[int, list[str]]], kind: str, max_rows: int) -> Table:
    filled = ((line, cells) for line, cells in lines if any(cells))
    ahead = list(islice(filled, TITLES))
    if not ahead:
        raise TableError("empty", _("The file is empty."))
    header, below = _header(ahead)
    if len(header) > MAX_COLUMNS:
        raise TableError(
            "too_many_columns", _("The list has more than %(limit)s columns.") % {"limit": MAX_COLUMNS}
        )
    return Table(header, _rows(chain(below, filled), len(header), max_rows), kind)


def _header(ahead: list[Line]) -> tuple[list[str], list[Line]]:
    """The first row that is about as wide as the list below, what stands under its merged cells, and the rest."""
    widest = _width(ahead)
    place = next(at for at, (_line, cells) in enumerate(ahead) if 2 * sum(map(bool, cells)) > widest)
    header, below = ahead[place][1], ahead[place + 1 :]
    if below and _goes_on(header, below[0][1]):
        header, below = _joined(header, below[0][1]), below[1:]
    while header and not header[-1]:
        header.pop()
    return header, below


def _width(lines: Iterable[Line]) -> int:
    return max(sum(map(bool, cells)) for _line, cells in lines)


def _goes_on(header: list[str], row: list[str]) -> bool:
    """Whether a row is the second one of a header: names where the first is merged, none where it is alone."""
    pairs = list(zip_longest(header, row, fillvalue=""))
    return (
        any(above and not cell for above, cell in pairs)
        and any(cell and not above for above, cell in pairs)
        and not any(cell[:1].isdigit() for cell in row)
    )


def _joined(header: list[str], row: list[str]) -> list[str]:
    names, over = [], ""
    for above, cell in zip_longest(header, row, fillvalue=""):
        over = above or over
        names.append(f"{over} {cell}".strip() if cell else above)
    return names


def _rows(lines: Iterator[tuple[int, list[str]]], width: int, max_rows: int) -> Iterator[Row]:
    for count, (line, cells) in enumerate(lines, start=1):
        if count > max_rows:
            raise TableError(
                "too_many_rows", _("The list has more than %(limit)s rows.") % {"limit": max_rows}
            )
        yield Row((cells + [""] * width)[:width], line)


def _clean(text: str) -> str:
    return (
        text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").strip()[:MAX_CELL]
    )


# CSV


def _decoded(content: bytes, name: str) -> str:
    encoding = next((name for mark, name in UNICODE_MARKS if content.startswith(mark)), None)
    if encoding is None and b"\0" in content[:1000]:
        encoding = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    for candidate in [encoding] if encoding else ["utf-8", _code_page(content)]:
        try:
            text = content.decode(candidate)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and not text.lstrip().startswith(("<", "%PDF")):
            return text
        break
    raise TableError("not_a_table", _("%(name)s is neither a CSV nor an XLSX file.") % {"name": name})


def _code_page(content: bytes) -> str:
    return "cp1251" if CYRILLIC_WORD.search(content) else "cp1252"


def _lines_of_text(text: str) -> Iterator[tuple[int, list[str]]]:
    separator, text = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _broken(reader.line_num) from None
        yield start, [_clean(cell) for cell in cells]
        start = reader.line_num + 1


def _separator(text: str) -> tuple[str, str]:
    """The one that splits the first line into most cells; Excel's own `sep=;` line says it outright."""
    first, _newline, rest = text.partition("\n")
    told = re.fullmatch(r"sep=(.)\r?", first)
    if told:
        return told[1], "\n" + rest  # the empty line keeps the numbering
    heading = next((line for line in text.splitlines() if line.strip()), "")
    unquoted = re.sub(r'"[^"]*"', "", heading)
    return max(SEPARATORS, key=unquoted.count), text


def _broken(line: int) -> TableError:
    return TableError("not_a_table", _("Line %(line)s of the list cannot be read.") % {"line": line})


# XLSX


def sheets_read(content: bytes) -> Iterator[tuple[str, Iterator[Line]]]:
    """(title, lines) of each visible sheet of a workbook, every line as it stands. Raises `TableError`."""
    sheets, epoch = _opened(content)
    for sheet in sheets:
        yield sheet.title, _lines_of_sheet(sheet, epoch)


def _lines_of_workbook(content: bytes) -> Iterator[Line]:
    sheets, epoch = _opened(content)
    return _lines_of_sheet(_sheet_of_the_list(sheets, epoch), epoch)


def _opened(content: bytes) -> tuple[list[Any], datetime]:
    """openpyxl meets what strangers wrote, so whatever it raises means that the workbook is broken."""
    from openpyxl import load_workbook  # 13 MB, which a worker that reads no table can do without

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise TableError("too_large", _("The workbook is too large when unpacked."))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        return [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"], book.epoch
    except TableError:
        raise
    except Exception:  # noqa: BLE001
        raise _no_workbook() from None


def _sheet_of_the_list(sheets: list[Any], epoch: datetime) -> Any:
    """The first that is more than a title page: two cells stand beside each other near its top."""
    if not sheets:
        raise _no_workbook()
    for sheet in sheets[:TITLES]:
        top = [line for line in islice(_lines_of_sheet(sheet, epoch), TITLES) if any(line[1])]
        if top and _width(top) > 1:
            return sheet
    return sheets[0]


def _lines_of_sheet(sheet: Any, epoch: datetime) -> Iterator[tuple[int, list[str]]]:
    rows = sheet.iter_rows(max_col=MAX_COLUMNS + 1)
    blank = 0
    line = 0
    while blank < BLANK_RUN:
        line += 1
        try:
            cells = [_cell_text(cell, epoch) for cell in next(rows)]
        except StopIteration:
            return
        except Exception:  # noqa: BLE001
            raise _no_workbook() from None
        blank = 0 if any(cells) else blank + 1
        yield line, cells


def _no_workbook() -> TableError:
    return TableError("not_a_table", _("The workbook is broken or protected by a password."))


def _cell_text(cell: Any, epoch: datetime) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float | int):
        return SheetNumber(_number_text(value) if isinstance(value, float) else str(value), epoch)
    if isinstance(value, datetime):
        return _moment_text(value, str(cell.number_format))
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return _clean(str(value))


def _number_text(value: float) -> str:
    """The digits that the sheet shows, never an exponent: 12.5, 0.00001, 1200000."""
    if value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    return f"{Decimal(repr(value)):f}"


def _to_seconds(value: datetime) -> datetime:
    """A sheet stores 08:00 as 7:59:59.999997; to the second is what its owner wrote."""
    return (value + timedelta(microseconds=500_000)).replace(microsecond=0)


def _moment_text(value: datetime, number_format: str) -> str:
    value = _to_seconds(value)
    if value.time() == time() and "h" not in number_format.lower():
        return value.date().isoformat()
    return value.isoformat()
