"""The programme view and the pages below it: what stands there, for whom, and what nobody else gets to see."""

from __future__ import annotations

import html
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tenancy import tenant_scope
from servers import columns
from servers.models import (
    Building,
    Device,
    Dwelling,
    Meter,
    MeteringPoint,
    MeterInstallation,
    Occupancy,
    Register,
    Server,
)
from testkit.world import World
from tests.servers.estate_world import BEGAN, NOW, Estate, add_meter

ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def client_of(world: World, sign_in: Any) -> Any:
    """client_of("operator") reads English pages of our programme; a second argument names the other one."""

    def make(role: str, housing: str = "ours") -> Client:
        user = getattr(getattr(world, housing), role)
        user.language = "en"
        user.save(update_fields=["language"])
        return sign_in(user)

    return make


def shown(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return " ".join(html.unescape(response.content.decode()).split())


def places(estate: Estate) -> list[str]:
    return [
        f"/p/tilleuls/buildings/{estate.building.public_id}/",
        f"/p/tilleuls/dwellings/{estate.dwellings['101'].public_id}/",
        f"/p/tilleuls/common-areas/{estate.area.public_id}/",
    ]


# who may open what


def test_signed_out_people_are_sent_to_sign_in(estate: Estate) -> None:
    for path in ["/p/tilleuls/", *places(estate)]:
        response = Client().get(path)
        assert (response.status_code, response.headers["Location"][:7]) == (302, "/?next="), path


def test_a_stranger_gets_404(estate: Estate, client_of: Any) -> None:
    stranger = client_of("operator", "theirs")
    for path in ["/p/tilleuls/", *places(estate)]:
        assert stranger.get(path).status_code == 404, path


def test_an_object_of_another_programme_is_404_as_a_random_one(estate: Estate, client_of: Any) -> None:
    stranger = client_of("operator", "theirs")
    for path in places(estate):
        foreign = path.replace("tilleuls", "acacias")
        kind = foreign.split("/")[3]
        unknown = stranger.get(f"/p/acacias/{kind}/{uuid.uuid4()}/")
        assert (stranger.get(foreign).status_code, unknown.status_code) == (404, 404), path
        assert stranger.get(f"/p/acacias/{kind}/not-a-uuid/").status_code == 404


def test_an_occupant_opens_nothing_but_the_own_dwelling(estate: Estate, client_of: Any) -> None:
    occupant = client_of("occupant")
    building, own, area = places(estate)
    assert [occupant.get(path).status_code for path in ("/p/tilleuls/", building, area)] == [403, 403, 403]
    other = f"/p/tilleuls/dwellings/{estate.dwellings['102'].public_id}/"
    assert occupant.get(other).status_code == 404
    page = shown(occupant.get(own))
    assert estate.serial in page
    assert "Roy OURS" not in page and "Occupants" not in page and 'href="/p/tilleuls/"' not in page


def test_a_former_occupant_no_longer_sees_what_stands_there(
    estate: Estate, client_of: Any, world: World
) -> None:
    occupant, own = client_of("occupant"), places(estate)[1]
    with tenant_scope(world.ours.programme.pk):
        Occupancy.objects.update(move_out=date(2026, 11, 23))
    assert occupant.get(own).status_code == 200
    with tenant_scope(world.ours.programme.pk):
        Occupancy.objects.update(move_out=date(2026, 11, 22))
    assert occupant.get(own).status_code == 404


def test_pages_only_read(estate: Estate, client_of: Any) -> None:
    operator = client_of("operator")
    for path in ["/p/tilleuls/", *places(estate)]:
        assert operator.post(path).status_code == 405, path


# the programme view


def test_the_programme_view_shows_what_stands_in_ours(estate: Estate, client_of: Any) -> None:
    answer = client_of("operator").get("/p/tilleuls/")
    page = shown(answer)
    assert (answer.context["meters"], answer.context["devices"], answer.context["dwellings"]) == (2, 1, 3)
    assert "In the zone Les Tilleuls" in page
    assert "Bâtiment A" in page and "Hall d'entrée" in page and "3 dwellings" in page
    # as people count, not as letters sort
    assert page.index("Appartement 101") < page.index("Appartement 102") < page.index("Appartement 110")
    assert "Roy OURS" in page and "THEIRS" not in page
    assert "1 server online" in page and "Last synchronisation: Today at 10:10" in page
    assert "52.45 m²" in page.replace("\xa0", " ")


def test_the_administrator_sees_no_names_of_occupants(estate: Estate, client_of: Any) -> None:
    page = shown(client_of("administrator").get("/p/tilleuls/"))
    assert "Appartement 101" in page and "Roy" not in page
    # nor finds out who lives where by searching
    assert "Appartement 101" not in shown(client_of("administrator").get("/p/tilleuls/?q=roy"))


def test_a_silent_server_is_told(estate: Estate, client_of: Any, world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        Server.objects.update(last_sync_at=NOW - timedelta(days=1))
    page = shown(client_of("operator").get("/p/tilleuls/"))
    assert "0 of 1 servers online" in page and "Yesterday at 10:15" in page and "offline" in page


@pytest.mark.parametrize("q", ["batiment", "APPARTEMENT 101", "roy ours", "  Bâtiment   a "])
def test_search_finds_without_case_and_accents(estate: Estate, client_of: Any, q: str) -> None:
    assert "Appartement 101" in shown(client_of("operator").get("/p/tilleuls/", {"q": q}))


def test_search_finds_cyrillic(estate: Estate, client_of: Any, world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        Dwelling.objects.filter(ref="A-110").update(name="Квартира Ёлкина")
    page = shown(client_of("operator").get("/p/tilleuls/", {"q": "елкина"}))
    assert "Квартира Ёлкина" in page and "Appartement 101" not in page


def test_a_search_without_a_find_says_so(estate: Estate, client_of: Any) -> None:
    page = shown(client_of("operator").get("/p/tilleuls/", {"q": "<b>nowhere"}))
    assert "Nothing here is called “<b>nowhere”." in page
    assert "Appartement" not in page


def test_the_tab_dwelling_shows_the_meters_of_each(estate: Estate, client_of: Any) -> None:
    page = shown(client_of("operator").get("/p/tilleuls/?view=dwelling"))
    assert estate.serial in page and "THEIRS-HEAT" not in page
    assert page.count("No meter is published here.") == 2


def test_nothing_of_a_retired_dwelling_is_listed(estate: Estate, client_of: Any, world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        Dwelling.objects.filter(ref="A-110").update(retired_at=NOW)
    operator = client_of("operator")
    assert "Appartement 110" not in shown(operator.get("/p/tilleuls/"))
    page = shown(operator.get(places(estate)[0]))
    assert "Appartement 110" in page[page.index("No longer published") :]
    detail = shown(operator.get(f"/p/tilleuls/dwellings/{estate.dwellings['110'].public_id}/"))
    assert "No longer published since 22 Nov 2026" in detail


# before anything is published


def test_an_empty_programme_says_what_to_do_next(world: World, client_of: Any) -> None:
    page = shown(client_of("administrator").get("/p/tilleuls/"))
    assert "No zone" in page and "First steps" in page
    assert page.count('href="/p/tilleuls/servers/create/"') == 2  # the empty place, and the first step
    operator = shown(client_of("operator").get("/p/tilleuls/"))
    assert "No zone" in operator and "/servers/create/" not in operator


# a building, a dwelling, a common area


def test_a_dwelling_shows_its_meters_and_who_lives_there(estate: Estate, client_of: Any) -> None:
    page = shown(client_of("operator").get(places(estate)[1]))
    for text in (
        "Appartement 101",
        "In the zone",
        "Bâtiment A",
        estate.serial,
        "KAM",
        "heating",
        "energy",
        "kWh",
    ):
        assert text in page, text
    assert "Roy OURS" in page and "1 Mar 2026" in page and "active" in page
    assert f"/occupants/create/?dwelling={estate.dwellings['101'].public_id}" in page
    assert "Formerly here" not in page


def test_the_administrator_of_a_dwelling_sees_no_occupants(estate: Estate, client_of: Any) -> None:
    page = shown(client_of("administrator").get(places(estate)[1]))
    assert (
        estate.serial in page
        and "Roy" not in page
        and "/occupants/" not in page
        and "/consumption/" not in page
    )


def test_an_exchanged_meter_stands_apart_with_its_day(estate: Estate, client_of: Any, world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        old = MeterInstallation.objects.get(meter__serial=estate.serial)
        MeterInstallation.objects.filter(pk=old.pk).update(removed_at=NOW)
        new = Meter.objects.create(manufacturer="KAM", serial="NEW-7", medium="heat")
        standing = MeterInstallation.objects.create(meter=new, point=old.point, installed_at=NOW)
        Register.objects.create(installation=standing, ref="energy", quantity="energy", unit="MWh")
    page = shown(client_of("operator").get(places(estate)[1]))
    now, before = page.split("Formerly here")
    assert "NEW-7" in now and "MWh" in now and estate.serial not in now
    assert estate.serial in before and "22 Nov 2026" in before
    # a neighbour's history is not the occupant's business
    assert "Formerly here" not in shown(client_of("occupant").get(places(estate)[1]))


def test_a_common_area_shows_its_devices(estate: Estate, client_of: Any, world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        Device.objects.create(
            server=estate.server,
            ref="old",
            name="Volet",
            kind="shutter",
            common_area=estate.area,
            retired_at=NOW,
        )
    page = shown(client_of("administrator").get(places(estate)[2]))
    now, before = page.split("Formerly here")
    assert "Lampe" in now and "not known yet" in now and "OURS-LIGHT" in now and "Volet" not in now
    assert "Volet" in before


def test_a_building_counts_only_itself(estate: Estate, client_of: Any, world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        other = Building.objects.create(ref="B", name="Bâtiment B")
        Dwelling.objects.create(ref="B-1", name="Maison", building=other, server=estate.server)
    page = shown(client_of("operator").get(places(estate)[0]))
    assert "Appartement 101" in page and "Hall d'entrée" in page and "Maison" not in page


# what other apps add


def test_values_of_other_apps_are_shown_beside_what_stands(
    estate: Estate, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []

    def dwellings(actor: Any, ids: Any) -> columns.DwellingColumns:
        return columns.DwellingColumns(
            [columns.Column("Energy")], {estate.dwellings["101"].pk: [columns.Cell("412 kWh", "/there/")]}
        )

    def values(actor: Any, ids: Any) -> dict[int, columns.LastValue]:
        asked.append(list(ids))
        return {pk: columns.LastValue("1,204 kWh", NOW) for pk in ids}

    monkeypatch.setattr(columns, "_dwelling_providers", [dwellings])
    monkeypatch.setattr(columns, "_value_providers", [values])
    operator = client_of("operator")
    page = shown(operator.get("/p/tilleuls/"))
    assert '<a href="/there/">412 kWh</a>' in page and "Energy" in page
    page = shown(operator.get(places(estate)[1]))
    assert "1,204 kWh" in page and "Today at 10:15" in page
    assert [len(ids) for ids in asked] == [1]


# size


@pytest.mark.slow
def test_five_thousand_meters_page_in_fifteen_queries(estate: Estate, client_of: Any, world: World) -> None:
    """With what other apps add to the page."""
    with tenant_scope(world.ours.programme.pk):
        dwellings = Dwelling.objects.bulk_create(
            Dwelling(ref=f"L{n}", name=f"Logement {n}", building=estate.building, server=estate.server)
            for n in range(1000)
        )
        meters = Meter.objects.bulk_create(
            Meter(manufacturer="X", serial=f"{n:08}", medium="heat") for n in range(5000)
        )
        points = MeteringPoint.objects.bulk_create(
            MeteringPoint(name=str(n), medium="heat", usage="heating", dwelling=dwellings[n % 1000])
            for n in range(5000)
        )
        MeterInstallation.objects.bulk_create(
            MeterInstallation(meter=meter, point=point, installed_at=BEGAN)
            for meter, point in zip(meters, points, strict=True)
        )
    operator = client_of("operator")
    for query in ("", "?view=dwelling", "?q=logement"):
        _pages_in_fifteen_queries(operator, query)


def _pages_in_fifteen_queries(operator: Any, query: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = shown(operator.get(f"/p/tilleuls/{query}"))
    assert "Page 1 of" in page
    counted = [
        row["sql"]
        for row in queries
        if not row["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))
    ]
    assert len(counted) <= 15, "\n".join(counted)


def test_the_second_page_goes_on_where_the_first_ends(estate: Estate, client_of: Any, world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        for n in range(60):
            Dwelling.objects.create(ref=f"L{n}", name=f"Logement {n}", building=estate.building)
        add_meter("X-1", dwelling=Dwelling.objects.get(ref="L59"))
    page = shown(client_of("operator").get("/p/tilleuls/?q=logement&page=2"))
    assert "Logement 50<" in page and "Logement 59<" in page and "Logement 49<" not in page
    assert "q=logement" in page[page.index("pagination") :]
