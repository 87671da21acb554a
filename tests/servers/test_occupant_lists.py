"""Occupants as a list: looked at line by line, taken whole or not at all, and never twice."""

from __future__ import annotations

import html
import io
import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from accounts.models import AuditEntry, Membership, OutboxMessage, User
from accounts.tenancy import tenant_scope
from servers.models import Building, Dwelling, Occupancy
from testkit.world import World
from tests.servers.estate_world import NOW, Estate

LIST = "/p/tilleuls/occupants/"
IMPORT = f"{LIST}import/"
HEADER = "Bâtiment;Logement;Nom;E-mail;Entrée;Sortie"
GOOD = f"""{HEADER}
Bâtiment A;Appartement 102;Nina Novak;Nina@novak.example;2026-11-01;
Bâtiment A;Appartement 110;Nina Novak;nina@novak.example;01/11/2026;
;a-102;Élise Weber;elise@weber.example;15.11.2026;2027-01-01
;Appartement 101;Roy;occupant@tilleuls.example;2026-03-01;
"""
pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def operator(estate: Estate, world: World, sign_in: Any) -> Client:
    client: Client = sign_in(world.ours.operator)
    return client


def send(client: Client, content: str | bytes, name: str = "liste.csv") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, raw)})


def shown(response: Any) -> str:
    assert response.status_code in (200, 422), response.status_code
    return " ".join(html.unescape(response.content.decode()).split())


def verdicts(response: Any) -> list[str]:
    assert response.status_code == 200
    return [line.verdict for line in response.context["plan"].lines]


def confirm(client: Client, preview: Any) -> Any:
    return client.post(IMPORT, {"plan": preview.context["signed"]})


def stays(world: World) -> list[tuple[str, str, date, date | None]]:
    with tenant_scope(world.ours.programme.pk):
        rows = Occupancy.objects.order_by("pk")
        return list(rows.values_list("dwelling__ref", "user__email", "move_in", "move_out"))


def stored(world: World) -> tuple[int, ...]:
    with tenant_scope(world.ours.programme.pk):
        audits = AuditEntry.objects.count()
    tables = (User, Membership, OutboxMessage)
    return (len(stays(world)), audits, *(table.objects.count() for table in tables))


def test_who_may(operator: Client, world: World, sign_in: Any) -> None:
    for path in (IMPORT, f"{LIST}export/"):
        assert Client().get(path).headers["Location"].startswith("/?next=")
        assert sign_in(world.theirs.operator).get(path).status_code == 404
        for role in ("administrator", "occupant"):
            assert sign_in(getattr(world.ours, role)).get(path).status_code == 403
        assert operator.put(path).status_code == 405
    assert operator.post(f"{LIST}export/").status_code == 405


def test_a_list_is_looked_at_then_taken_and_is_harmless_the_second_time(
    operator: Client, world: World
) -> None:
    before = stored(world)
    preview = send(operator, GOOD)
    assert verdicts(preview) == ["new", "new", "new", "same"]
    assert stored(world) == before  # looking stores nothing
    assert confirm(operator, preview).headers["Location"] == LIST
    assert stays(world)[1:] == [
        ("A-102", "nina@novak.example", date(2026, 11, 1), None),
        ("A-110", "nina@novak.example", date(2026, 11, 1), None),
        ("A-102", "elise@weber.example", date(2026, 11, 15), date(2027, 1, 1)),
    ]
    mailed = list(OutboxMessage.objects.filter(kind="occupant_invited").values_list("recipient", flat=True))
    assert sorted(mailed) == ["elise@weber.example", "nina@novak.example"]  # one mail a person
    page = shown(operator.get(LIST))
    assert "3 occupants added." in page and "Élise Weber" in page
    after = stored(world)
    confirm(operator, preview)  # a double click
    again = send(operator, GOOD)
    assert verdicts(again) == ["same"] * 4 and "there is nothing to do" in shown(again)
    confirm(operator, again)
    assert stored(world) == after


def test_what_is_exported_is_what_is_taken(operator: Client, world: World) -> None:
    confirm(operator, send(operator, GOOD))
    with tenant_scope(world.ours.programme.pk):  # a cellar's number is a formula to a spreadsheet
        Dwelling.objects.filter(name="Appartement 110").update(name="-1")
        Occupancy.objects.update(name="=HYPERLINK(1)")
    after = stored(world)
    for kind in ("csv", "xlsx"):
        answer = operator.get(f"{LIST}export/", {"kind": kind})
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"THEIRS" not in content
        assert kind != "csv" or (b",'-1," in content and b",=HYP" not in content)
        preview = send(operator, content, f"list.{kind}")
        assert verdicts(preview) == ["same"] * 4, kind
    sheet = load_workbook(io.BytesIO(content)).active
    assert [cell.value for cell in sheet[1]][:2] == ["Building", "Dwelling"]
    assert stored(world) == after


def test_a_workbook_with_dates_as_dates(operator: Client, world: World) -> None:
    book = Workbook()
    book.active.append(["Occupant", "Appartement", "Adresse e-mail", "Date d’entrée"])
    book.active.append(["Nina Novak", "Appartement 102", "nina@novak.example", date(2026, 11, 1)])
    out = io.BytesIO()
    book.save(out)
    confirm(operator, send(operator, out.getvalue(), "liste.xlsx"))
    assert stays(world)[1:] == [("A-102", "nina@novak.example", date(2026, 11, 1), None)]


def test_one_wrong_line_and_nothing_is_stored(operator: Client, world: World, estate: Estate) -> None:
    with tenant_scope(world.ours.programme.pk):
        other = Building.objects.create(ref="B", name="Bâtiment B")
        Dwelling.objects.create(ref="B-102", name="Appartement 102", building=other)
        Dwelling.objects.filter(ref="A-110").update(retired_at=NOW)
    known = "occupant@tilleuls.example"
    cases = [
        ("Bâtiment A;Appartement 102;Nina;nina@novak.example;2026-11-01;", ""),
        (";Appartement 102;Nina;nina@novak.example;2026-11-01;", "Several dwellings are called so"),
        (";Appartement 999;Nina;n@x.example;2026-11-01;", "no such dwelling"),
        (";;Nina;n@x.example;2026-11-01;", "no such dwelling"),
        (";A-110;Nina;n@x.example;2026-11-01;", "no such dwelling"),
        (";A-101;Nina;nobody;2026-11-01;", "valid email"),
        (";A-101;;n@x.example;2026-11-01;", "Give a name"),
        (f";A-101;{'x' * 121};n@x.example;2026-11-01;", "Give a name"),
        (";A-101;Nina;n@x.example;soon;", "Move-in: write the day as"),
        (";A-101;Nina;n@x.example;;", "Move-in: write the day as"),
        (";A-101;Nina;n@x.example;31/02/2026;", "Move-in: write the day as"),
        (";A-101;Nina;n@x.example;2026-11-01;2026-11-01", "must be after the move-in"),
        (";A-101;Nina;n@x.example;0001-01-01;", "between 1970 and 2099"),
        (f";A-101;Roy;{known};2026-05-01;", "already lives in this dwelling"),
        (";A-101;Nina;m@x.example;2026-11-01;2026-12-01", ""),
        (";A-101;Nina;m@x.example;2026-11-15;", "already lives in this dwelling"),  # beside the line above
        (";A-101;Nina;m@x.example;2026-12-01;", ""),
        (";A-101;Nina;m@x.example;2026-12-01;", ""),  # said twice: once
    ]
    before = stored(world)
    preview = send(operator, "\n".join([HEADER, *(line for line, _problem in cases)]))
    for line, (text, problem) in zip(preview.context["plan"].lines, cases, strict=True):
        assert (problem in line.problem) if problem else not line.problem, (text, line.problem)
    page = shown(preview)
    assert "Nothing has been stored. Mend the marked lines" in page and "Take the list" not in page
    # somebody who sends the plan nevertheless is refused as a whole
    assert confirm(operator, preview).headers["Location"] == IMPORT
    assert stored(world) == before


def test_a_list_may_note_a_move_out_and_never_takes_one_back(operator: Client, world: World) -> None:
    line = ";Appartement 101;Roy;occupant@tilleuls.example;2026-03-01;"
    preview = send(operator, f"{HEADER}\n{line}2026-12-01")
    assert verdicts(preview) == ["ends"]
    confirm(operator, preview)
    assert stays(world)[0][3] == date(2026, 12, 1)
    assert not OutboxMessage.objects.exists()
    assert verdicts(send(operator, f"{HEADER}\n{line}")) == ["same"]
    other = send(operator, f"{HEADER}\n{line}2026-12-24")
    assert verdicts(other) == ["wrong"] and "has another move-out already" in shown(other)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "empty"),
        ("Nom;E-mail\nNina;n@x.example", "lacks these columns: Dwelling, Move-in."),
        (b"PK\x03\x04broken", "The workbook is broken"),
        (b"%PDF-1.7", "neither a CSV nor an XLSX"),
        (HEADER + "\n" + ";A-101;N;n@x.example;2026-11-01;\n" * 1001, "more than 1000 rows"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_gets_one_sentence(
    operator: Client, world: World, content: str | bytes, sentence: str
) -> None:
    before = stored(world)
    page = re.sub(r"[\u202f\u00a0,](?=\d{3})", "", shown(send(operator, content)))
    assert sentence in page and "Traceback" not in page
    assert stored(world) == before


def test_a_look_is_for_its_person_and_for_an_hour(operator: Client, world: World, sign_in: Any) -> None:
    before = stored(world)
    preview = send(operator, GOOD)
    other = sign_in(world.theirs.operator)
    signed = preview.context["signed"]
    assert (
        other.post("/p/acacias/occupants/import/", {"plan": signed}).headers["Location"].endswith("import/")
    )
    for wrong in (signed[:-1], "x", ""):
        assert operator.post(IMPORT, {"plan": wrong}).headers["Location"] == IMPORT
    with time_machine.travel(NOW.timestamp() + 3700, tick=False):
        assert "the look at it is too old" in shown(operator.post(IMPORT, {"plan": signed}, follow=True))
    assert stored(world) == before


def test_what_changed_meanwhile_stops_the_whole_list(operator: Client, world: World) -> None:
    preview = send(operator, GOOD)
    with tenant_scope(world.ours.programme.pk):
        Dwelling.objects.filter(ref="A-110").update(retired_at=NOW)
    before = stored(world)
    assert "Meanwhile something changed" in shown(
        operator.post(IMPORT, {"plan": preview.context["signed"]}, follow=True)
    )
    assert stored(world) == before


def test_an_operator_of_another_building_finds_no_dwelling(operator: Client, world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        other = Building.objects.create(ref="B", name="Bâtiment B")
    Membership.objects.filter(user=world.ours.operator).update(buildings=[other.pk])
    assert verdicts(send(operator, GOOD)) == ["wrong"] * 4
    answer = operator.get(f"{LIST}export/")
    assert len(b"".join(answer.streaming_content).splitlines()) == 1  # the header alone
