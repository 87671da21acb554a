"""Index readings as CSV and XLSX: the columns are chosen, the rows go through the waist, the same twice adds nothing."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook
from openpyxl.utils.datetime import WINDOWS_EPOCH

from accounts.tables import SheetNumber
from accounts.tenancy import tenant_scope
from readings.imports.undo import import_undo
from readings.models import DayTotal, ImportJob, Reading, TableMapping
from readings.tabular.cells import BadCell, in_steps, in_unit, instant_of, number_of
from readings.totals.drain import totals_drain
from servers.models import Meter, MeterInstallation, Register
from testkit.world import World
from tests.readings.archive_kit import epoch, make_contract, make_point

CHITA = ZoneInfo("Asia/Chita")
COLUMNS = {"time": "Дата", "point": "Точка", "value": "Показание", "unit": "Ед.", "decimal": ",", "zone": ""}
CSV = (
    "Дата;Точка;Показание;Ед.;Примечание\n"
    "20.01.2026;102;1 000,5;м3;\n"
    "22.01.2026 00:00;102;1 010,5;м3;=HYPERLINK(1)\n"
    "2026-01-24T00:00:00;102;1020500;л;\n"
)


@pytest.mark.pure
@pytest.mark.parametrize(("text", "expected"), [
    ("20.01.2026", "2026-01-20T00:00:00+09:00"), ("2026-01-20", "2026-01-20T00:00:00+09:00"),
    ("20/01/2026 6:05", "2026-01-20T06:05:00+09:00"), ("2026-01-20T00:00Z", "2026-01-20T09:00:00+09:00"),
    ("31.02.2026", "bad_time"), ("yesterday", "bad_time"), ("", "missing_time"), ("1.1.1899", "time_out_of_range"),
    ("15.01.26 24:00", "2026-01-16T00:00:00+09:00"), ("2026-01-15T24:00:00", "2026-01-16T00:00:00+09:00"),
    ("2024-W01-1", "bad_time"), ("15.01.2026 24:01", "bad_time"), ("46042", "bad_time"),
    (SheetNumber("46042.25", WINDOWS_EPOCH), "2026-01-20T06:00:00+09:00"), (SheetNumber("1e30", WINDOWS_EPOCH), "bad_time"),
    ("9999-12-31", "time_out_of_range"), ("0001-01-01", "time_out_of_range"), ("NaN", "bad_time"),
])  # fmt: skip
def test_times(text: str, expected: str) -> None:
    try:
        assert instant_of(text, CHITA) == epoch(expected)
    except BadCell as bad:
        assert bad.code == expected


@pytest.mark.pure
@pytest.mark.parametrize(("text", "decimal", "expected"), [
    ("1 234,5", "any", "1234.5"), ("1\u00a0234.5", "any", "1234.5"), ("1.234,5", ",", "1234.5"),
    ("1,234.5", ".", "1234.5"), ("-0,1", "any", "-0.1"), ("1,2,3", "any", None), ("NaN", "any", None),
    (SheetNumber("1234.567", WINDOWS_EPOCH), ",", "1234.567"), ("1\u202f234,5", "any", "1234.5"),
    ("1_000", "any", None), ("1e5", "any", None), ("٣", "any", None), ("", "any", None), ("12.5", ",", None),
])  # fmt: skip
def test_numbers(text: str, decimal: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(BadCell):
            number_of(text, decimal)
    else:
        assert number_of(text, decimal) == Fraction(expected)


@pytest.mark.pure
def test_units_are_exact() -> None:
    assert in_unit(Fraction(1), "ГДж", "kWh") == Fraction(10_000, 36)
    assert in_unit(Fraction("4.1868"), "GJ", "Gcal") == 1
    assert in_steps(Fraction("0.0005"), -3) == 1
    with pytest.raises(BadCell):
        in_unit(Fraction(1), "m3", "kWh")


@pytest.fixture
def client(world: World, sign_in: Any) -> Any:
    with time_machine.travel("2026-02-01T00:00:00Z", tick=True):
        with tenant_scope(world.utility.programme.pk):
            make_point("102", medium="hot_water", contract=make_contract("02000000"), source="index")
        yield sign_in(world.utility.operator)


def upload(client: Client, data: bytes, name: str = "a.csv") -> Any:
    return client.post(reverse("table_new", args=["teplo"]), {"file": SimpleUploadedFile(name, data)})


def last(world: World) -> ImportJob:
    with tenant_scope(world.utility.programme.pk):
        return ImportJob.objects.latest("pk")


def stored(world: World) -> list[int]:
    with tenant_scope(world.utility.programme.pk):
        return list(Reading.objects.order_by("at").values_list("value", flat=True))


def choose(client: Client, job: ImportJob, **fields: Any) -> Any:
    url = reverse("import_mapping", args=["teplo", job.public_id])
    return client.post(url, {**COLUMNS, "import": "1", **fields})


@pytest.mark.django_db
def test_from_the_table_to_the_totals_and_back(world: World, client: Client, run_jobs: Any) -> None:
    answer = upload(client, CSV.encode("cp1251"))
    guessed = client.get(answer.url)
    assert guessed.context["form"].initial["time"] == "Дата"
    looked = client.post(answer.url, {**COLUMNS, "look": "1"})
    assert [row.get("problem") for row in looked.context["rows"]] == [None] * 3
    job = last(world)
    for _ in range(2):  # a doubled click
        assert choose(client, job, name="Водоканал").status_code == 302
    run_jobs()
    assert (last(world).state, stored(world)) == ("done", [1_000_500_000, 1_010_500_000, 1_020_500_000])
    page = client.get(reverse("import_detail", args=["teplo", job.public_id]))
    assert page.context["points"][0]["intervals"][0]["accepted"] == 3
    totals_drain(programme_id=world.utility.programme.pk)
    with tenant_scope(world.utility.programme.pk):
        assert sum(DayTotal.objects.values_list("quantity", flat=True)) == 20_000_000
        assert TableMapping.objects.get().columns["value"] == "Показание"
        register, at = Register.objects.get(), epoch("2026-01-22T00:00:00+09:00")
    day = reverse("origin_contract_register", args=["teplo", register.public_id]) + "?day=2026-01-22"
    assert f"&amp;reading={at}#row" in client.get(day).content.decode()
    found = client.get(f"{day}&reading={at}").context["found"]
    assert (found["line"], dict(found["values"])["Показание"]) == (3, "1 010,5")

    assert upload(client, CSV.encode("cp1251")).url.endswith(f"{job.public_id}/")  # known by its hash
    again = upload(client, (CSV + "\n").encode())  # the same rows in another file
    assert client.get(again.url).context["form"].initial["point"] == "Точка"
    choose(client, last(world))
    run_jobs()
    assert (last(world).state, last(world).report["points"][0]["intervals"][0]["skipped"]) == ("done", 3)
    with tenant_scope(world.utility.programme.pk):
        actor = world.utility.actor(world.utility.operator)
        import_undo(actor=actor, job=last(world))
        assert len(stored(world)) == 3
        import_undo(actor=actor, job=ImportJob.objects.get(pk=job.pk))
    totals_drain(programme_id=world.utility.programme.pk)
    assert stored(world) == []
    with tenant_scope(world.utility.programme.pk):
        assert not DayTotal.objects.exists()


@pytest.mark.django_db
def test_faulty_rows_wait_for_a_word_with_their_lines(world: World, client: Client, run_jobs: Any) -> None:
    bad = (
        "25.01.2026;102;abc;м3;\n" "26.01.2026;999;5;м3;\n" "27.01.2026;102;5;кВт·ч;\n" "28.01.2030;102;5;;\n"
        "20.01.2026;102;7;м3;\n"
    )  # fmt: skip
    upload(client, (CSV + bad).encode())
    job = last(world)
    choose(client, job)
    run_jobs()
    assert (last(world).state, stored(world)) == ("checked", [])
    with tenant_scope(world.utility.programme.pk):
        issues = set(job.issues.values_list("line", "code"))
    assert issues == {
        (5, "bad_number"), (6, "unknown_point"), (7, "unit_mismatch"), (8, "future"), (9, "duplicate_record"),
    }  # fmt: skip
    client.post(reverse("import_decide", args=["teplo", job.public_id]), {"answer": "keep"})
    run_jobs()
    assert (last(world).state, len(stored(world))) == ("done_with_issues", 3)


@pytest.mark.django_db
def test_a_workbook_keeps_or_replaces_what_stands(world: World, client: Client, run_jobs: Any) -> None:
    for value, answer, expected in (
        (5.25, "keep", 5_250_000),
        (6, "keep", 5_250_000),
        (7, "replace", 7_000_000),
    ):
        book, out = Workbook(), io.BytesIO()
        book.active.append(["Дата", "Точка", "Показание", "Ед."])
        book.active.append(["2026-01-20", "00000001", value, "м3"])  # by the meter's factory number
        book.save(out)
        upload(client, out.getvalue(), "a.xlsx")
        job = last(world)
        choose(client, job, decimal="any")
        run_jobs()
        client.post(reverse("import_decide", args=["teplo", job.public_id]), {"answer": answer})
        run_jobs()
        assert (last(world).state, stored(world)) == ("done", [expected])


@pytest.mark.django_db
@pytest.mark.parametrize("data", [b"", b"\x89PNG\0\0", b"PK\x03\x04broken"])
def test_what_is_no_table_is_refused_on_the_form(world: World, client: Client, data: bytes) -> None:
    answer = upload(client, data, "a.xlsx")
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


@pytest.mark.django_db
def test_columns_that_make_no_sense_are_refused(world: World, client: Client) -> None:
    upload(client, CSV.encode())
    job = last(world)
    for fields in ({"value": "Дата"}, {"point": ""}, {"time": "no such"}, {"zone": "Mars/Base"}):
        assert choose(client, job, **fields).status_code == 422
    assert last(world).state == "mapping"


@pytest.mark.django_db
def test_whose_rows_they_are(world: World, client: Client, run_jobs: Any) -> None:
    """A point by its number with a sign, a meter by the label's words, a counter by the unit, on the day of an exchange."""
    with tenant_scope(world.utility.programme.pk):
        point = make_point("501", serial="A1", source="index")
        moment = datetime(2026, 1, 20, 1, tzinfo=UTC)  # ten o'clock in Chita
        point.installations.update(removed_at=moment)
        meter = Meter.objects.create(serial="00501", medium="heat")
        MeterInstallation.objects.create(meter=meter, point=point, installed_at=moment)
    table = (
        "Дата;Точка;Показание;Ед.;Примечание\n20.01.2026 09:00;зав. № A1;4,1868;ГДж;\n20.01.2026 11:00;№ 501;2;Гкал;\n"
        "20.01.2026 12:00;00501;7;м³;\n20.01.2026 12:00;501;7;;\n"
    )
    upload(client, table.encode())
    choose(client, last(world))
    run_jobs()
    with tenant_scope(world.utility.programme.pk):
        assert list(last(world).issues.values_list("line", "code")) == [(5, "ambiguous_register")]
    client.post(reverse("import_decide", args=["teplo", last(world).public_id]), {"answer": "keep"})
    run_jobs()
    with tenant_scope(world.utility.programme.pk):
        rows = Reading.objects.order_by("at").values_list(
            "register__installation__meter__serial", "register__ref", "value"
        )
        assert list(rows) == [
            ("A1", "Q_delta", 10**6),
            ("00501", "Q_delta", 2 * 10**6),
            ("00501", "V_in", 7 * 10**6),
        ]


@pytest.mark.django_db
def test_a_table_fills_what_another_one_left_when_that_was_taken_back(
    world: World, client: Client, run_jobs: Any
) -> None:
    other = CSV.replace("1 010,5", "1 011").encode()
    for data in (CSV.encode(), other):
        upload(client, data)
        choose(client, last(world))
        run_jobs()
        client.post(reverse("import_decide", args=["teplo", last(world).public_id]), {"answer": "keep"})
        run_jobs()
    first = last(world).pk - 1
    with tenant_scope(world.utility.programme.pk):
        import_undo(actor=world.utility.actor(world.utility.operator), job=ImportJob.objects.get(pk=first))
    assert (upload(client, other).status_code, stored(world)) == (302, [])
    choose(client, last(world))
    run_jobs()
    assert stored(world) == [1_000_500_000, 1_011_000_000, 1_020_500_000]
    known = upload(client, other)  # nothing was left out this time
    assert known.url.endswith(f"{last(world).public_id}/")
