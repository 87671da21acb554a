"""The demo's data: a year that adds up, a bus that counts on from it, points left for the visitor."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from accounts.access import actor_of
from accounts.models import Programme
from accounts.tenancy import tenant_scope
from portal.demo import course
from portal.demo.estate import meters
from readings.models import ArchiveRecord, DayTotal, Reading
from servers.models import Dwelling, MeteringPoint, Register
from testkit.people import text_of

pytestmark = pytest.mark.slow
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def seeded(db: Any, settings: Any, tmp_path: Path) -> dict[str, Any]:
    settings.VAR_DIR = tmp_path
    with time_machine.travel(NOW, tick=False):
        return json.loads(call_command("seed_demo", "--json", "--bus-port=10001", verbosity=0))


def test_the_seed(seeded: dict[str, Any], sign_in: Any, client: Any) -> None:
    """One world for all questions: seeding it costs seconds."""
    site = tomllib.loads(Path(seeded["site_file"]).read_text())
    housing = Programme.objects.get(slug="demo")
    with tenant_scope(housing.pk):
        assert Dwelling.objects.count() == 8
        energy = Register.objects.get(installation__meter__serial="60000001", ref="energy")
        counted = sum(DayTotal.objects.filter(register=energy).values_list("quantity", flat=True))
        last = Reading.objects.filter(register=energy).order_by("-at").first()
        assert counted == last.value > 0, "the year's totals are the index difference, to the last watt-hour"
        silent = Register.objects.get(installation__meter__serial__startswith="4", ref="peak",
                                      installation__point__dwelling__ref="A-103")  # fmt: skip
        assert DayTotal.objects.filter(register=silent, status=1).count() >= 3, "unheard days are estimated"
    heat = next(meter for meter in site["meters"] if meter["ref"] == "heat-A-101")
    simulated = heat["registers"][0]["simulate"]
    assert Decimal(simulated["index"]) == Decimal(last.value).scaleb(-3), (
        "the bus counts on where the seed ends"
    )
    assert (
        sum(1 for meter in site["meters"] if meter.get("telegrams") == 2) == 2 and len(site["meters"]) == 44
    )
    assert seeded["password"] and Programme.objects.filter(slug__in=["demo", "teplo-demo"]).count() == 2
    _utility_is_ready_for_a_visitor()
    _people_can_open_their_pages(sign_in)
    again = json.loads(call_command("seed_demo", "--json", "--bus-port=10002", verbosity=0))
    assert again["serial"] == seeded["serial"] and Programme.objects.count() == 2


def _utility_is_ready_for_a_visitor() -> None:
    utility = Programme.objects.get(slug="teplo-demo")
    assert utility.time_zone == "Asia/Chita"
    with tenant_scope(utility.pk):
        for number, medium in (("101", "heat"), ("102", "hot_water")):
            point = MeteringPoint.objects.get(number=number)
            meter = point.installations.get().meter
            assert (point.medium, meter.serial, point.totals_source) == (medium, "00000001", "archive")
            assert not ArchiveRecord.objects.filter(series__point=point).exists()
        assert ArchiveRecord.objects.filter(series__point__number="201", series__kind="day").count() == 370


def _people_can_open_their_pages(sign_in: Any) -> None:
    from accounts.models import User
    from portal.demo.people import PEOPLE

    with time_machine.travel(NOW, tick=False):
        for _who, email, page in PEOPLE:
            assert sign_in(User.objects.get(email=email)).get(page).status_code == 200, page
        home = sign_in(User.objects.get(email="camille@demo.example")).get("/p/demo/home/")
    assert "Appartement 102" in text_of(home)
    _everybody_walks_the_whole_tour(sign_in)
    _each_picture_of_the_guides_has_a_page(sign_in)


def _each_picture_of_the_guides_has_a_page(sign_in: Any) -> None:
    """Those that are no stop of the tour, whose pages were opened already."""
    from accounts.models import User
    from portal.management.commands.guide_pictures import FOLDER, PICTURES, actor_in_demo, addresses
    from portal.tour.stops import stops_of

    for email in {whose for whose, _stop, _size in PICTURES.values()}:
        opened = {stop.page for stop in stops_of(actor_in_demo(email))}
        client = sign_in(User.objects.get(email=email))
        for name, address in addresses(email).items():
            assert address and len(list(FOLDER.glob(f"*/{name}.webp"))) == 3, name  # a picture a language
            if PICTURES[name][1].page not in opened:
                with time_machine.travel(NOW, tick=False):
                    assert client.get(address).status_code == 200, name


def _everybody_walks_the_whole_tour(sign_in: Any) -> None:
    """From the first stop by "next" to the last: none is passed over, each page opens."""
    from accounts.models import User
    from portal.demo.people import PEOPLE
    from portal.tour.stops import stops_of

    for who, email, page in PEOPLE:
        user = User.objects.get(email=email)
        with time_machine.travel(NOW, tick=False):
            client = sign_in(user)
            seen, url = 0, client.get(f"/p/{page.split('/')[2]}/tour/").context["first"]
            while url:
                answer = client.get(url)
                assert answer.status_code == 200, url
                seen, url = seen + 1, answer.context["shell"]["tour"].after
        programme = Programme.objects.get(slug=page.split("/")[2])
        assert seen == len(stops_of(actor_of(user, programme))), who


@pytest.mark.pure
def test_the_course_repeats_and_never_runs_backwards() -> None:
    day = NOW.date()
    for meter in meters():
        for line in meter.lines:
            steps = course.steps_of_day(line, meter.ref, day)
            assert steps == course.steps_of_day(line, meter.ref, day) and steps >= 0
