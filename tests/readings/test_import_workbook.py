"""An archive sent as a workbook, sheet by sheet; and what the reader finds out about a file before it is stored."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from accounts.tenancy import tenant_scope
from readings.models import ArchiveRecord, ImportJob
from testkit.world import World
from tests.readings.archive_kit import epoch, make_points, run_import

pytestmark = pytest.mark.django_db

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def workbook() -> bytes:
    """A title page; hours under merged cells from row 3, dates since 1904; days as texts, with a sum; a hidden one."""
    book, out = Workbook(), io.BytesIO()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["Отчёт"])
    hours: Any = book.create_sheet("Часы")
    hours["A1"] = "Точка учёта: 101"
    for cell, text in {
        "A3": "Дата",
        "B3": "Подающий трубопровод",
        "D3": "Q, ГДж",
        "B4": "t, °C",
        "C4": "M, т",
    }.items():
        hours[cell] = text
    for span in ("A1:D1", "A3:A4", "B3:C3", "D3:D4"):
        hours.merge_cells(span)
    hours.append([datetime(2026, 1, 15, 3), 98.45, 5, 4.1868])  # noqa: DTZ001 - as a sheet holds it
    days: Any = book.create_sheet("Сутки")
    days.append(["№ ТУ", "Дата", "Т1", "Q (ГДж)"])
    days.append(["101", "15.01.2026", "97,5", "1 004,832"])
    days.append(["Итого", None, None, "=SUM(D2:D2)"])
    hidden: Any = book.create_sheet("x")
    hidden.sheet_state = "hidden"
    hidden.append(["Дата", "Т1"])
    hidden.append([datetime(2026, 1, 15, 4), 1])  # noqa: DTZ001
    book.save(out)
    return out.getvalue()


def test_each_sheet_is_an_archive(world: World, sign_in: Any, run_jobs: Any) -> None:
    point, _other = make_points(world.utility.programme, world.utility.consumer)
    client, slug = sign_in(world.utility.consumer), world.utility.programme.slug
    url = reverse("archive_upload", args=[slug, point.public_id])
    client.post(url, {"file": SimpleUploadedFile("a.xlsx", workbook())})
    run_jobs()
    with tenant_scope(world.utility.programme.pk):
        job = ImportJob.objects.get()
        rows = ArchiveRecord.objects.order_by("series__kind").values_list(
            "series__kind", "start", "t_in", "m_in", "q_delta"
        )
        assert (job.state, job.report["issues_total"]) == ("done", 0)
        assert list(rows) == [
            ("day", epoch("2026-01-15T00:00:00+09:00"), 97.5, None, 240.0),
            ("hour", epoch("2026-01-15T03:00:00+09:00"), 98.45, 5.0, 1.0),
        ]


def test_a_workbook_is_no_way_in(world: World, tmp_path: Path) -> None:
    make_points(world.utility.programme)
    empty, out = Workbook(), io.BytesIO()
    empty.save(out)
    for name, content, code in (
        ("cut", workbook()[:-900], "bad_archive"),
        ("locked", OLE + "EncryptedPackage".encode("utf-16-le"), "workbook"),
        ("none", out.getvalue(), "empty"),
    ):
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(content)
        exit_code, (report,) = run_import(world.utility.programme.slug, path, point="101")
        assert (exit_code, report["issues"][0]["code"]) == (2, code), name
    with tenant_scope(world.utility.programme.pk):
        assert not ArchiveRecord.objects.exists()


HEAD = "<x><measurePoint number='101'><hours>"
FOUND_OUT = [  # what one record shows of all: (attributes of three records, start of each hour, T_in of each, code)
    ([("1/2/2026", "98"), ("1/3/2026 3:00 PM", "97"), ("1/15/2026", "96")], ["02T00", "03T15", "15T00"],
     [98, 97, 96], None),
    ([("2026-01-15T22:00", "98"), ("2026-01-15T23:00", "97"), ("2026-01-15T24:00", "96")], ["15T21", "15T22", "15T23"],
     [98, 97, 96], "ends_told"),
    ([("2026-01-15T01:00", "1.234,5"), ("2026-01-15T02:00", "1.235"), ("2026-01-15T03:00", "98,5")],
     ["15T01", "15T02", "15T03"], [1234.5, 1235, 98.5], None),
]  # fmt: skip


@pytest.mark.parametrize(("records", "hours", "values", "code"), FOUND_OUT)
def test_what_one_record_shows_holds_for_all(
    world: World, tmp_path: Path, records: Any, hours: list[str], values: list[float], code: str | None
) -> None:
    make_points(world.utility.programme)
    path = tmp_path / "a.xml"
    path.write_text(
        HEAD + "".join(f"<r dateTime='{s}' T_in='{v}'/>" for s, v in records) + "</hours></measurePoint></x>"
    )
    _exit, (report,) = run_import(world.utility.programme.slug, path)
    assert [issue["code"] for issue in report["issues"]] == ([code] if code else [])
    with tenant_scope(world.utility.programme.pk):
        found = list(ArchiveRecord.objects.order_by("start").values_list("start", "t_in"))
    assert found == [(epoch(f"2026-01-{hour}:00:00+09:00"), v) for hour, v in zip(hours, values, strict=True)]


def test_work_in_minutes_is_kept_in_hours(world: World, tmp_path: Path) -> None:
    make_points(world.utility.programme)
    path = tmp_path / "a.csv"
    path.write_text("Дата;t1;Траб, мин\n15.01.2026 03:00;98;57\n15.01.2026 04:00;98;60\n")
    assert run_import(world.utility.programme.slug, path, point="101")[0] == 0
    with tenant_scope(world.utility.programme.pk):
        rows = ArchiveRecord.objects.order_by("start").values_list(
            "series__kind", "normal_operation_duration"
        )
        assert list(rows) == [("hour", 0.95), ("hour", 1.0)]
