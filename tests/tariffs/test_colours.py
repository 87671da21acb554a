"""The announced days of Tempo and EJP: where they may fall, the page that sets them, the list that is brought."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry, Job
from accounts.tenancy import tenant_scope
from tariffs.colours.rules import fault_of, public_holidays, season_of, surplus
from tariffs.models import DayColour
from testkit.world import World

URL = "/p/tilleuls/parameters/days/"


@pytest.mark.pure
@pytest.mark.parametrize(
    ("option", "day", "colour", "fault"),
    [
        ("tempo", date(2026, 11, 3), "red", None),
        ("tempo", date(2026, 10, 30), "red", "red_out_of_winter"),
        ("tempo", date(2027, 3, 31), "red", None),
        ("tempo", date(2027, 4, 1), "red", "red_out_of_winter"),
        ("tempo", date(2026, 11, 7), "red", "red_on_weekend"),
        ("tempo", date(2026, 11, 8), "red", "red_on_weekend"),
        ("tempo", date(2026, 11, 11), "red", "red_on_holiday"),
        ("tempo", date(2026, 12, 25), "red", "red_on_holiday"),
        ("tempo", date(2027, 3, 29), "red", "red_on_holiday"),  # Easter Monday
        ("tempo", date(2026, 11, 8), "white", "white_on_sunday"),
        ("tempo", date(2026, 11, 7), "white", None),
        ("tempo", date(2026, 7, 12), "blue", None),
        ("tempo", date(2026, 11, 3), "ejp", "unknown_colour"),
        ("ejp", date(2026, 11, 8), "ejp", None),
        ("ejp", date(2026, 4, 1), "ejp", "ejp_out_of_winter"),
        ("ejp", date(2026, 11, 3), "red", "unknown_colour"),
    ],
)
def test_where_a_day_may_fall(option: str, day: date, colour: str, fault: str | None) -> None:
    assert fault_of(option, day, colour) == fault


@pytest.mark.pure
def test_seasons_and_holidays() -> None:
    assert (season_of(date(2026, 8, 31)), season_of(date(2026, 9, 1))) == (2025, 2026)
    moving = {day for day in public_holidays(2026) if (day.month, day.day) in ((4, 6), (5, 14), (5, 25))}
    assert len(moving) == 3 and len(public_holidays(2026)) == 11
    # Easter on 21 April 2019 and on 23 March 2008; Ascension on 1 May 2008 is a holiday once
    assert date(2019, 4, 22) in public_holidays(2019) and len(public_holidays(2008)) == 10
    days = {date(2026, 11, 2) + timedelta(days=n): "red" for n in range(23)}
    assert surplus(days) == [(2026, "red", 23, [date(2026, 11, 24)])]


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False):
        yield


def stored(world: World) -> dict[str, str]:
    with tenant_scope(world.ours.programme.pk):
        rows = DayColour.objects.order_by("day").values_list("day", "colour")
        return {day.isoformat(): colour for day, colour in rows}


def bring(client: Any, text: str, option: str = "tempo", name: str = "jours.csv") -> list[tuple[int, str]]:
    """Upload a list; the faults that the page shows."""
    file = SimpleUploadedFile(name, text.encode())
    answer = client.post(URL, {"option": option, "month": "2026-11", "file": file})
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith(URL)
        return []
    return [(fault.line, fault.sentence) for fault in answer.context["faults"]]


def test_a_month_is_filled_in_and_the_rest_is_blue(world: World, sign_in: Any) -> None:
    client = sign_in(world.ours.operator)
    page = client.get(f"{URL}?option=tempo&month=2026-11")
    assert page.status_code == 200 and len(page.context["form"].fields) == 30
    data = {"option": "tempo", "month": "2026-11", "d-2026-11-03": "red", "d-2026-11-04": "white"}
    assert client.post(URL, data).status_code == 302
    assert stored(world) == {"2026-11-03": "red", "2026-11-04": "white"}
    assert Job.objects.filter(kind="bands").count() == 1
    everything = {f"d-2026-11-{day:02}": "" for day in range(1, 31)} | data
    client.post(URL, {**everything, "rest_blue": "1"})
    assert len(stored(world)) == 30 and stored(world)["2026-11-05"] == "blue"
    text = client.get(f"{URL}?option=tempo&month=2026-11").content.decode()
    assert re.search(r'dc-red" aria-hidden="true">■</span><span class="visually-hidden">red', text), (
        "shape and word"
    )
    client.post(URL, {"option": "tempo", "month": "2026-11", "d-2026-11-03": ""})
    assert "2026-11-03" not in stored(world)
    with tenant_scope(world.ours.programme.pk):
        assert AuditEntry.objects.filter(action="colours.changed").count() == 3
    with tenant_scope(world.theirs.programme.pk):
        assert not DayColour.objects.exists()


def test_a_day_that_cannot_be_is_refused_beside_its_field(world: World, sign_in: Any) -> None:
    client = sign_in(world.ours.administrator)
    data = {"option": "tempo", "month": "2026-11", "d-2026-11-07": "red", "d-2026-11-03": "red"}
    answer = client.post(URL, data)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["d-2026-11-07"]
    assert stored(world) == {}, "kept whole or not at all"
    assert (
        client.post(URL, {"option": "tempo", "month": "2026-11", "d-2026-11-03": "pink"}).status_code == 422
    )
    assert client.get(f"{URL}?option=x&month=9999-99").status_code == 200
    assert (
        client.get(f"{URL}?month=2000-01").status_code
        == client.get(f"{URL}?month=2099-12").status_code
        == 200
    )


def test_a_list_is_kept_once_and_twice_changes_nothing(world: World, sign_in: Any) -> None:
    client = sign_in(world.ours.operator)
    official = "Date;Type de jour TEMPO\n2026-11-02;ROUGE\n03/11/2026;BLANC\n2026-11-04;BLEU\n"
    assert bring(client, official) == []
    assert stored(world) == {"2026-11-02": "red", "2026-11-03": "white", "2026-11-04": "blue"}
    with tenant_scope(world.ours.programme.pk):
        before = list(DayColour.objects.values_list("pk", "changed_at"))
        Job.objects.all().delete()
    with time_machine.travel(datetime(2026, 11, 22, 12, 5, tzinfo=UTC), tick=False):
        assert bring(client, official) == []
    with tenant_scope(world.ours.programme.pk):
        assert list(DayColour.objects.values_list("pk", "changed_at")) == before
        assert AuditEntry.objects.filter(action="colours.changed").count() == 1
    assert not Job.objects.filter(kind="bands").exists()
    taken = b"".join(client.get(f"{URL}?option=tempo&month=2026-11&export=csv").streaming_content).decode()
    assert len(taken.splitlines()) == 4 and bring(client, taken) == [], (
        "what was taken away can be brought again"
    )
    assert not Job.objects.filter(kind="bands").exists(), "and changes nothing"
    assert bring(client, "2026-12-01,ejp\n2026-12-02,1\n", option="ejp") == [], "without a header"
    assert len(stored(world)) == 5


REDS = [date(2026, 11, 2) + timedelta(days=n) for n in range(60)]
REDS = [day for day in REDS if fault_of("tempo", day, "red") is None]


@pytest.mark.parametrize(
    ("text", "option", "faults"),
    [
        ("Date;Couleur\n2026-11-08;rouge\n2026-11-09;vert\n31/31/2026;bleu\n", "tempo",
         [(3, "“vert” is not a colour."), (4, "“31/31/2026” is not a day.")]),
        ("Date;Couleur\n2026-11-09;rouge\n2026-11-08;rouge\n2026-05-04;rouge\n", "tempo",
         [(3, "8 Nov 2026 cannot be red: it is a Saturday or Sunday."),
          (4, "4 May 2026 cannot be red: red days fall between 1 November and 31 March.")]),
        ("Date;Couleur\n2026-11-09;rouge\n2026-11-09;bleu\n", "tempo",
         [(3, "This day stands in line 2 with another colour.")]),
        ("Date;Couleur\n" + "".join(f"{day};red\n" for day in REDS[:23]), "tempo",
         [(24, "The season 2026–2027 would have 23 days red; there are 22 at most.")]),
        ("Date;Couleur\n1999-01-01;blue\n", "tempo", [(2, "1999-01-01 is not a day between 2000 and 2100.")]),
        ("Date;Couleur\n2026-11-09;rouge\n", "ejp", [(2, "9 Nov 2026: this colour is not known.")]),
        ("Nom;Valeur\na;b\n", "tempo", [(0, "The list needs a column “Date” and a column “Colour”.")]),
        ("", "tempo", [(0, "The file is empty.")]),
        ("<html>", "tempo", [(0, "jours.csv is neither a CSV nor an XLSX file.")]),
    ],
)  # fmt: skip
def test_each_fault_is_one_sentence_with_its_line(
    world: World, sign_in: Any, text: str, option: str, faults: list[tuple[int, str]]
) -> None:
    if text == "":
        text = "\n"
    assert bring(sign_in(world.ours.operator), text, option) == faults
    assert stored(world) == {}


def test_who_may_set_the_days(world: World, sign_in: Any, client: Any) -> None:
    assert client.get(URL).status_code == 302
    assert sign_in(world.theirs.operator).get(URL).status_code == 404
    assert sign_in(world.ours.occupant).get(URL).status_code == 403
    assert sign_in(world.ours.operator).delete(URL).status_code == 405
