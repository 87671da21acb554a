"""A list to take away: CSV as the reader's spreadsheet expects it, or XLSX with numbers as numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CONTROL = dict.fromkeys(code for code in range(32) if code not in (9, 10))  # XML 1.0 knows no other


def table_kind(query: Mapping[str, str]) -> str:
    """What the address asks for instead of its page: csv, xlsx, or nothing."""
    kind = query.get("export", "")
    return kind if kind in KINDS else ""


def table_response(
    rows: Iterable[Sequence[Any]], *, name: str, header: Sequence[Any], kind: str
) -> HttpResponse:
    """A download of `header` and `rows` (texts, numbers, dates, None). `name` without ending; `kind` csv or xlsx.

    CSV streams: utf-8 with its mark; in English comma and point, in French and Russian semicolon and decimal comma.
    Aware moments are written in the current zone. A text that a spreadsheet would run as a formula stays a text.
    """
    if kind == "csv":
        response: Any = StreamingHttpResponse(_csv_lines(rows, header), content_type=KINDS[kind])
    else:
        response = HttpResponse(table_bytes(rows, header=header), content_type=KINDS["xlsx"])
    plain = slugify(name) or "table"
    response["Content-Disposition"] = (
        f"attachment; filename=\"{plain}.{kind}\"; filename*=UTF-8''{quote(name)}.{kind}"
    )
    return response  # type: ignore[no-any-return]  # a streaming one, which views pass on like any other


def table_bytes(rows: Iterable[Sequence[Any]], *, header: Sequence[Any]) -> bytes:
    """The XLSX itself, for a mail or a file."""
    from openpyxl import Workbook  # 13 MB, which a worker that makes no table can do without

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append([_sheet_cell(sheet, title, bold=True) for title in header])
    for row in rows:
        sheet.append([_sheet_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _csv_lines(rows: Iterable[Sequence[Any]], header: Sequence[Any]) -> Iterator[str]:
    english = (get_language() or "en").startswith("en")
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="," if english else ";", lineterminator="\r\n")
    yield "\N{ZERO WIDTH NO-BREAK SPACE}"
    for row in _with_header(header, rows):
        writer.writerow([_csv_cell(value, english) for value in row])
        if buffer.tell() > 16_000:
            yield _taken(buffer)
    yield _taken(buffer)


def _with_header(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield [str(title) for title in header]
    yield from rows


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _csv_cell(value: Any, english: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float | Decimal):
        text = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return text if english else text.replace(".", ",")
    if isinstance(value, datetime):
        return f"{_local(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).replace("\0", "")
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _sheet_cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if isinstance(value, datetime):
        value = _local(value)
    elif value is not None and not isinstance(value, int | float | Decimal | date):
        value = str(value).translate(CONTROL)[:32_000]
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl would take "=…" for a formula
    if bold:
        cell.font = Font(bold=True)
    return cell


def _local(moment: datetime) -> datetime:
    """A spreadsheet knows no zones."""
    return timezone.localtime(moment).replace(tzinfo=None) if timezone.is_aware(moment) else moment
