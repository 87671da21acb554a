"""The parameters pages over HTTP: who may open which, which level each writes, what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tenancy import tenant_scope
from servers.models import Building
from tariffs.models import Level
from testkit.world import World
from tests.tariffs.parameter_kit import Side, make_sides, save, sent, words

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)
PAGES = [
    ("programme", "tariffs", "administrator", "occupant"),
    ("programme", "advanced", "administrator", "occupant"),
    ("building", "tariffs", "operator", "administrator"),
    ("building", "advanced", "operator", "administrator"),
    ("dwelling", "tariffs", "operator", "administrator"),
    ("dwelling", "advanced", "operator", "occupant"),
    ("home", "tariffs", "occupant", "operator"),
]
CHANGE = {"tariffs": ("heating", "0,0951", "951"), "advanced": ("boiler_winter", "20", "20")}


@pytest.fixture(autouse=True)
def _frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def sides(world: World) -> tuple[Side, Side]:
    return make_sides(world)


def person(side: Side, role: str) -> Any:
    return getattr(side.housing, role)


@pytest.mark.parametrize(("place", "page", "role", "wrong"), PAGES)
def test_each_page_has_its_door(
    sides: tuple[Side, Side], sign_in: Any, place: str, page: str, role: str, wrong: str
) -> None:
    ours, theirs = sides
    url = ours.url(place, page)
    key, typed, stored = CHANGE[page]
    client = sign_in(person(ours, role))
    assert client.get(url).status_code == 200
    save(client, url, **{key: typed})
    assert [row[1:3] for row in ours.rows()] == [(key, stored)]
    assert theirs.rows() == []
    out = Client().get(url)
    assert out.status_code == 302 and out["Location"].startswith("/?next=")
    assert sign_in(person(theirs, role)).get(url).status_code == 404
    assert sign_in(person(ours, wrong)).get(url).status_code == 403
    assert client.delete(url).status_code == 405


@pytest.mark.parametrize("page", ["tariffs", "advanced"])
@pytest.mark.parametrize("kind", ["buildings", "dwellings"])
def test_a_wrong_or_foreign_id_is_not_found(
    sides: tuple[Side, Side], sign_in: Any, kind: str, page: str
) -> None:
    ours, theirs = sides
    client = sign_in(ours.housing.operator)
    foreign = {
        "buildings": theirs.home.dwelling.building.public_id, "dwellings": theirs.home.dwelling.public_id
    }[kind]  # fmt: skip
    for public_id in (foreign, uuid4(), "nonsense"):
        url = f"/p/tilleuls/{kind}/{public_id}/parameters/{page}/"
        assert client.get(url).status_code == 404
        assert client.post(url, {"heating": "1"}).status_code == 404
    assert ours.rows() == theirs.rows() == []


@pytest.mark.parametrize(
    ("place", "role", "level"),
    [
        ("programme", "administrator", Level.ADMINISTRATOR_PROGRAMME),
        ("programme", "operator", Level.OPERATOR_PROGRAMME),
        ("building", "operator", Level.OPERATOR_BUILDING),
        ("dwelling", "operator", Level.OPERATOR_DWELLING),
        ("home", "occupant", Level.OCCUPANT_DWELLING),
    ],
)
def test_each_person_edits_the_own_level_whatever_is_posted(
    sides: tuple[Side, Side], sign_in: Any, place: str, role: str, level: Level
) -> None:
    ours, theirs = sides
    client, url = sign_in(person(ours, role)), ours.url(place)
    forged = {
        "level": "5", "place": "programme", "building": str(theirs.home.dwelling.building.pk),
        "dwelling": str(theirs.home.dwelling.public_id), "programme": str(theirs.housing.programme.pk),
        "boiler_winter": "99", "actor": "1",
    }  # fmt: skip
    save(client, url, heating="0.1", **forged)
    assert ours.rows() == [(level, "heating", "1000", TODAY, None)]
    assert theirs.rows() == []


def test_the_nearest_level_wins_and_each_page_says_whose_value_it_is(
    sides: tuple[Side, Side], sign_in: Any
) -> None:
    ours, theirs = sides
    steps = [
        ("programme", "administrator", "0,1"),
        ("programme", "operator", "0,2"),
        ("building", "operator", "0,3"),
        ("dwelling", "operator", "0,4"),
        ("home", "occupant", "0,5"),
    ]

    def shown(place: str, role: str, side: Side = ours) -> tuple[str, Any]:
        context = sign_in(person(side, role)).get(side.url(place)).context
        row = next(
            row for section in context["sections"] for row in section["rows"]
            if row["parameter"].key == "heating"
        )  # fmt: skip
        return row["field"].value(), row["own"]

    assert shown("home", "occupant") == ("0,0000", False)
    for number, (place, role, typed) in enumerate(steps):
        save(sign_in(person(ours, role)), ours.url(place), heating=typed)
        assert shown(place, role) == (f"{typed}000", True)
        for later_place, later_role, *_rest in steps[number + 1 :]:
            assert shown(later_place, later_role) == (f"{typed}000", False), "inherited, not yet their own"
    page = sign_in(ours.housing.administrator).get(ours.url())
    assert "0,2000 €/kWh" in words(page), "the administrator sees that the operator's value holds instead"
    assert "0,5000" in words(sign_in(ours.housing.operator).get(ours.url("dwelling")))
    assert "0,5000" not in words(sign_in(ours.housing.operator).get(ours.url("other")))
    assert shown("home", "occupant", theirs) == ("0,0000", False)


def test_comma_or_point(sides: tuple[Side, Side], sign_in: Any) -> None:
    ours, _theirs = sides
    client = sign_in(ours.housing.administrator)
    for typed, stored in (
        ("0,0951", "951"), ("0.0952", "952"), (" 1,5 ", "15000"), ("2", "20000"), ("123456789.9999", "1234567899999"),
        ("1 234,5", "12345000"),
    ):  # fmt: skip
        save(client, ours.url(), heating=typed)
        assert [row[2] for row in ours.rows()] == [stored], typed


WRONG = (
    "", "abc", "NaN", "Infinity", "1e5", "1_000", "0,12345", "1.234,5", "-0,1", "9" * 10, "٣", "0x10", "1\x00", "--1",
    "0 125", "12 34", "1  234", "²", "1'000",
)  # fmt: skip


def test_a_wrong_price_stores_nothing_at_all(sides: tuple[Side, Side], sign_in: Any) -> None:
    ours, _theirs = sides
    client = sign_in(ours.housing.administrator)
    form = sent(client, ours.url(), gas="0,0842")
    for typed in WRONG:
        response = client.post(ours.url(), {**form, "heating": typed})
        assert response.status_code == 422, typed
        errors = response.context["form"].errors
        assert list(errors) == ["heating"] and len(errors["heating"]) == 1
        assert ours.rows() == [], "the good price beside it is not stored either"
        assert response.context["form"]["gas"].value() == "0,0842", "what was typed stays"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"boiler_winter": "101"}, "boiler_winter"),
        ({"boiler_winter": "12,5"}, "boiler_winter"),
        ({"boiler_delta": "200"}, "boiler_delta"),
        ({"boiler_delta": "-1"}, "boiler_delta"),  # a difference that takes heat away
        ({"dhw_inlet": "60"}, "dhw_outlet"),
        ({"heating_from_0": "31", "heating_from_1": "04"}, "heating_from"),
        ({"heating_from_0": "", "heating_from_1": "04"}, "heating_from"),
        ({"heating_from_0": "1", "heating_from_1": "99"}, "heating_from"),
        ({"valid_from": "1999-12-31"}, "valid_from"),
        ({"valid_from": "yesterday"}, "valid_from"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    sides: tuple[Side, Side], sign_in: Any, changes: dict[str, str], field: str
) -> None:
    ours, _theirs = sides
    client, url = sign_in(ours.housing.administrator), ours.url(page="advanced")
    response = client.post(url, sent(client, url, boiler_summer="90", **changes))
    assert list(response.context["form"].errors) == [field]
    assert ours.rows() == []


def test_a_coefficient_of_zero_and_an_unknown_option_are_refused(
    sides: tuple[Side, Side], sign_in: Any
) -> None:
    ours, _theirs = sides
    client = sign_in(ours.housing.administrator)
    data = sent(client, ours.url(), gas_coefficient="0", electricity_option="free")
    errors = client.post(ours.url(), data).context["form"].errors
    assert set(errors) == {"gas_coefficient", "electricity_option"}
    assert ours.rows() == []


def test_advanced_values_are_kept_and_shown(sides: tuple[Side, Side], sign_in: Any) -> None:
    ours, _theirs = sides
    client, url = sign_in(ours.housing.operator), ours.url("building", "advanced")
    save(client, url, boiler_delta="18,5", heating_from_0="15", heating_from_1="09", heat_pump_summer="0")
    assert {row[1]: row[2] for row in ours.rows()} == {
        "boiler_delta": "185000", "heating_from": "09-15", "heat_pump_summer": "0"
    }  # fmt: skip
    form = client.get(url).context["form"]
    assert [form[key].value() for key in ("boiler_delta", "heating_from", "dhw_inlet")] == [
        "18,5",
        "09-15",
        "12",
    ]


def test_the_same_form_twice_changes_nothing_the_second_time(sides: tuple[Side, Side], sign_in: Any) -> None:
    ours, _theirs = sides
    client = sign_in(ours.housing.administrator)
    data = sent(client, ours.url(), heating="0,0951", valid_from="2026-03-01")
    client.post(ours.url(), data)
    before = ours.rows()
    assert before == [(Level.ADMINISTRATOR_PROGRAMME, "heating", "951", date(2026, 3, 1), None)]
    client.post(ours.url(), data)
    client.post(ours.url(), sent(client, ours.url()))
    assert ours.rows() == before
    assert len(client.get(ours.url()).context["changes"]) == 1


def test_only_what_was_typed_is_saved_when_somebody_else_saved_meanwhile(
    sides: tuple[Side, Side], sign_in: Any
) -> None:
    ours, _theirs = sides
    client = sign_in(ours.housing.administrator)
    stale = sent(client, ours.url(), gas="0,0842")
    save(client, ours.url(), heating="0,2")
    client.post(ours.url(), stale)
    assert {row[1]: row[2] for row in ours.rows()} == {"heating": "2000", "gas": "842"}


def test_a_price_of_zero_reads_price_not_set(sides: tuple[Side, Side], sign_in: Any) -> None:
    ours, _theirs = sides
    ours.housing.administrator.language = "en"
    ours.housing.administrator.save()
    client = sign_in(ours.housing.administrator)
    form = client.get(ours.url()).context["form"]
    assert form["heating"].help_text == "Price not set." and form["electricity_base"].help_text == ""
    assert form["electricity_base"].value() == "0.1256", "the reader's own decimal mark"
    save(client, ours.url(), heating="0.2")
    save(client, ours.url(), heating="0")
    page = client.get(ours.url())
    assert page.context["form"]["heating"].help_text == "Price not set."
    assert page.context["changes"][0].after == "price not set"


def test_default_values_ask_first_and_keep_the_days_before(sides: tuple[Side, Side], sign_in: Any) -> None:
    ours, _theirs = sides
    client = sign_in(ours.housing.administrator)
    save(client, ours.url(), heating="0,1", valid_from="2026-03-01")
    save(client, ours.url(), gas="0,0842")
    save(client, ours.url(), hot_water="0,3", valid_from="2027-01-01")
    save(client, ours.url(page="advanced"), boiler_winter="20")
    save(sign_in(ours.housing.operator), ours.url(), cooling="0,4")
    before = ours.rows()
    asked = client.post(ours.url(), {"reset": "1"})
    assert asked.status_code == 200 and len(asked.context["dropped"]) == 3
    assert ours.rows() == before, "nothing happens before the answer"
    client.post(ours.url(), {"reset": "1", "confirmed": "1", "heating": "9"})
    assert ours.rows() == [
        (Level.ADMINISTRATOR_PROGRAMME, "boiler_winter", "20", TODAY, None),
        (Level.ADMINISTRATOR_PROGRAMME, "heating", "1000", date(2026, 3, 1), TODAY),
        (Level.OPERATOR_PROGRAMME, "cooling", "4000", TODAY, None),
    ]
    again = client.post(ours.url(), {"reset": "1"})
    assert again.status_code == 302, "there is nothing left to ask about"


def test_history_tells_who_changed_what_and_stays_in_its_place(
    sides: tuple[Side, Side], sign_in: Any
) -> None:
    ours, theirs = sides
    ours.housing.operator.language = "en"
    ours.housing.operator.save()
    operator = sign_in(ours.housing.operator)
    save(operator, ours.url("dwelling"), heating="0,1")
    save(operator, ours.url("dwelling"), heating="0,2")
    save(sign_in(theirs.housing.operator), theirs.url("dwelling"), heating="0,7777")
    changes = operator.get(ours.url("dwelling")).context["changes"]
    texts = [(change.who, change.before.replace("\u00a0", " "), change.after[:6]) for change in changes]
    assert texts == [
        ("Operator tilleuls", "0.1000 €/kWh", "0.2000"),
        ("Operator tilleuls", "price not set", "0.1000"),
    ]
    assert operator.get(ours.url("other")).context["changes"] == []
    save(operator, ours.url("dwelling", "advanced"), boiler_delta="25")
    advanced = operator.get(ours.url("dwelling", "advanced"))
    assert [change.after.replace("\u00a0", " ") for change in advanced.context["changes"]] == ["25 °C"]
    assert len(operator.get(ours.url("dwelling")).context["changes"]) == 2, (
        "each page tells of its own values"
    )
    for page, lines in (("advanced", 2), ("tariffs", 3)):
        taken = operator.get(ours.url("dwelling", page), {"export": "csv"}).getvalue().decode()
        assert len(taken.strip().splitlines()) == lines, page
    occupant = sign_in(ours.housing.occupant)
    assert occupant.get(ours.url("home")).context["changes"] == [], (
        "what the operator did is not theirs to see"
    )


def test_a_page_does_not_ask_more_with_more_places(sides: tuple[Side, Side], sign_in: Any) -> None:
    ours, _theirs = sides
    client = sign_in(ours.housing.operator)
    save(client, ours.url("building"), heating="0,1")
    client.get(ours.url())
    with CaptureQueriesContext(connection) as few:
        client.get(ours.url())
    with tenant_scope(ours.housing.programme.pk):
        for number in range(20):
            Building.objects.create(ref=f"Z{number}", name=f"Building Z{number}")
    with CaptureQueriesContext(connection) as many:
        page = client.get(ours.url())
    assert len(page.context["places"]) == 21 and page.context["places"][0]["count"] == 1
    assert len(many) == len(few) <= 20
