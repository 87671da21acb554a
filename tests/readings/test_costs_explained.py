"""How the euros of a page are worked out: every step by hand, each line and the total as the page shows them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from fractions import Fraction as F
from typing import Any

import pytest
import time_machine

from accounts.tenancy import tenant_scope
from readings.consumption.selectors import DwellingMeters
from readings.costs.lines import lines_of
from readings.models import DayTotal
from servers.models import (
    CommonArea,
    Meter,
    MeteringPoint,
    MeterInstallation,
    Occupancy,
    OccupantRight,
    Register,
)
from tariffs.models import Level, ParameterValue
from testkit.estate import LONG_AGO, Home, make_home
from testkit.world import Housing, World

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
JANUARY = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def _frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def value(key: str, stored: str, since: date = JANUARY, until: date | None = None) -> None:
    ParameterValue.objects.create(
        level=Level.OPERATOR_PROGRAMME, key=key, value=stored, valid_from=since, valid_to=until
    )


def furnish(housing: Housing, ref: str) -> Home:
    """A home of 60 m² beside one of 40; heat, gas through a boiler, sockets by the clock, hot water by volume; a hall."""
    home = make_home(housing.programme, ref, f"Appartement {ref}")
    other = make_home(housing.programme, f"{ref}-next", f"Voisin {ref}")
    volume = {"ref": "volume", "quantity": "volume", "unit": "m3"}
    home.meter("heat", medium="heat", usage="heating", registers=[{}])
    home.meter("gas", medium="gas", usage="boiler", registers=[volume])
    home.meter("hot", medium="hot_water", usage="hot_water", registers=[volume])
    home.total("heat/energy", date(2026, 11, 3), 10_000)
    home.total("heat/energy", date(2026, 11, 12), 20_000)
    home.total("gas/volume", date(2026, 11, 4), 1_000)
    home.total("hot/volume", date(2026, 11, 5), 100)
    with tenant_scope(housing.programme.pk):
        for one, area in ((home.dwelling, 600_000), (other.dwelling, 400_000)):
            one.area_cm2 = area
            one.save(update_fields=["area_cm2"])
        Occupancy.objects.create(dwelling=home.dwelling, user=housing.occupant, move_in=date(2026, 11, 2))
        value("heating", "1000", until=date(2026, 11, 11))
        value("heating", "2000", date(2026, 11, 11))
        value("vat_heating", "200000", date(2026, 11, 11))
        value("gas", "842")
        value("standing_heating", "m:300000")
        value("common_key", "area", date(2026, 11, 3))
        hall = CommonArea.objects.create(building=home.dwelling.building, ref=f"hall-{ref}", name="Hall")
        point = MeteringPoint.objects.create(
            name="hall", medium="electricity", usage="other", common_area=hall
        )
        meter = Meter.objects.create(serial=f"hall-{ref}", medium="electricity")
        installed = MeterInstallation.objects.create(meter=meter, point=point, installed_at=LONG_AGO)
        register = Register.objects.create(
            installation=installed, ref="energy", quantity="energy", unit="kWh"
        )
        for day in (2, 6):
            DayTotal.objects.create(
                register=register, day=date(2026, 11, day).toordinal(), quantity=10_001, seconds=86400
            )
        home.registers["hall"] = register
    return home


@pytest.fixture
def home(world: World) -> Home:
    world.ours.occupant.language = "fr"
    world.ours.occupant.save()
    furnish(world.theirs, "B-900")
    return furnish(world.ours, "A-101")


def cents(text: str) -> int:
    return int(re.sub(r"[^\d]", "", text))


def test_every_step_by_hand(world: World, home: Home) -> None:
    with tenant_scope(world.ours.programme.pk):
        meters = DwellingMeters(home.dwelling, [(date(2026, 11, 2), None)])
        first, end = date(2026, 11, 1), date(2026, 12, 1)
        lines = {(line.kind, line.key): line for line in lines_of(meters, first, end)}
        shown = meters.consumption(first, end)
    found = {name: [(step.amount, step.cost.exact) for step in line.steps] for name, line in lines.items()}
    assert found == {
        # 10 kWh × 0.10; then 20 kWh × 0.20 net, with 20 % of tax; 1 m³ of gas is 10.97 kWh, in autumn 70 % of it heats
        ("energy", "heating"): [(F(10), F(1)), (F(20), F("4.8")), (F("7.679"), F("0.6465718"))],
        # the other 30 %; and 0.1 m³ × 1.163 × 43 K of hot water, for which no price is set
        ("energy", "hot_water"): [(F("3.291"), F("0.2771022")), (F("5.0009"), F(0))],
        ("water", "hot_water"): [(F("0.1"), F(0))],
        # 60 of 100 m² of the 10.001 kWh of the 6th; on the 2nd nothing was allotted yet
        ("common_energy", "other"): [(F("6.0006"), F("6.0006") * F("0.1256"))],
        # 30 € a month over the days from the 2nd to the 22nd: nine net, twelve with the tax of 20 %
        ("standing", "heating"): [(F(9), F(9)), (F(12), F("14.4"))],
    }
    hall = lines["common_energy", "other"].steps[0]
    assert (hall.how.share, hall.whole, hall.counted) == (
        ("area", 600_000, 1_000_000),
        F("10.001"),
        F("6.0006"),
    )
    assert lines["energy", "heating"].cost.vat == F("0.8")
    sums = {
        **{("energy", key): one for key, one in shown.usages.items()},
        **{("water", key): one for key, one in shown.waters.items()},
        **{("common_energy", key): one for key, one in shown.common.items()},
        **{("standing", key): one for key, one in shown.standing.items()},
    }
    assert {name: (one.amount, one.cost) for name, one in sums.items()} == {
        name: (line.amount, line.cost) for name, line in lines.items()
    }, "what is explained is what is shown"


def test_from_the_euro_to_the_reading(world: World, home: Home, sign_in: Any) -> None:
    client = sign_in(world.ours.occupant)
    shown = client.get("/p/tilleuls/home/").context
    heating = next(row for row in shown["usage_rows"] if row["key"] == "heating")
    page = client.get(heating["url"].split("#")[0])
    lines = {line["anchor"]: line for line in page.context["lines"]}
    assert (
        heating["url"].endswith("#energy-heating") and lines["energy-heating"]["amount"] == heating["amount"]
    )
    assert sum(cents(line["amount"]) for line in lines.values() if line["amount"]) == cents(
        page.context["total"]
    )
    assert cents(page.context["total"]) == cents(shown["hero"]["value"])
    assert {row["url"].split("#")[1] for row in (*shown["share_rows"], *shown["water_rows"])} <= lines.keys()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))
    for said in (
        "1,163 × (55 − 12) K",
        "10,9700 kWh/m³ × 70 % (automne)",
        "60 sur 100 m²",
        "+ 20 % TVA",
        "9/30",
    ):
        assert said in text, said
    for step in lines["energy-heating"]["steps"]:
        assert client.get(step["meter"]["url"]).status_code == 200
    assert lines["standing-heating"]["meters"], "the meter that the charge is for"
    exported = client.get("/p/tilleuls/home/cost/?export=csv").getvalue().decode("utf-8-sig")
    assert len(exported.strip().splitlines()) == 1 + sum(len(line["steps"]) for line in lines.values())


def test_a_share_shows_the_whole_and_the_readings_only_with_the_right(
    world: World, home: Home, sign_in: Any
) -> None:
    """Who pays a share sees what all share and by which key; the meter's own readings are a right (seed 4.3)."""
    client, operator = sign_in(world.ours.occupant), sign_in(world.ours.operator)

    def hall(who: Any, url: str) -> dict[str, Any]:
        lines = {line["anchor"]: line for line in who.get(url).context["lines"]}
        (step,) = lines["common_energy-other"]["steps"]
        return {**step, "is_closed": lines["common_energy-other"]["is_closed"]}

    own, staff = (
        "/p/tilleuls/home/cost/",
        f"/p/tilleuls/dwellings/{home.dwelling.public_id}/consumption/cost/",
    )
    seen = hall(operator, staff)
    url = seen["meter"]["url"]
    assert url.endswith("?day=2026-11-06") and not seen["is_closed"] and operator.get(url).status_code == 200
    without = hall(client, own)
    assert (without["whole"], without["is_closed"], without["meter"]["url"]) == ("10,001\xa0kWh", True, "")
    assert "600" not in without["share"] and "60 sur 100 m²" in without["share"].replace("\xa0", " ")
    assert client.get(url).status_code == 404
    with tenant_scope(world.ours.programme.pk):
        point = home.registers["hall"].installation.point
        OccupantRight.objects.create(right="meter", point=point, key=f"meter:{point.pk}")
    with_right = hall(client, own)
    assert (with_right["meter"]["url"], with_right["is_closed"]) == (url, False)
    assert client.get(url).status_code == 200
    assert client.get(url.replace("11-06", "11-01")).status_code == 404, "before they moved in"


def test_a_corrected_price_and_total_show_at_once(world: World, home: Home, sign_in: Any) -> None:
    client, url = sign_in(world.ours.occupant), "/p/tilleuls/home/cost/"
    before = cents(client.get(url).context["total"])
    home.total("heat/energy", date(2026, 11, 13), 1_000)
    assert cents(client.get(url).context["total"]) == before + 24  # 1 kWh × 0.20 and the tax
    with tenant_scope(world.ours.programme.pk):
        ParameterValue.objects.filter(key="heating", value="2000").update(value="3000")
    assert cents(client.get(url).context["total"]) == before + 24 + 252  # 21 kWh × 0.10 more, with the tax


def test_who_may_see_how_an_amount_is_worked_out(world: World, home: Home, sign_in: Any) -> None:
    operator, occupant = sign_in(world.ours.operator), sign_in(world.ours.occupant)
    own = f"/p/tilleuls/dwellings/{home.dwelling.public_id}/consumption/"
    total = cents(operator.get(f"{own}cost/").context["total"])
    shown = operator.get(own).context
    assert total == cents(shown["hero"]["value"]), "all days of the month, not the occupant's alone"
    assert shown["why_url"].startswith(f"{own}cost/?")
    assert sign_in(world.theirs.operator).get(f"{own}cost/").status_code == 404
    assert occupant.get(f"/p/tilleuls/home/cost/?dwelling={home.dwelling.public_id}").status_code == 200
    with tenant_scope(world.ours.programme.pk):
        OccupantRight.objects.create(right="euros", key="euros", allowed=False)
    assert occupant.get("/p/tilleuls/home/cost/").status_code == 404
    assert occupant.get("/p/tilleuls/home/").context["why_url"] == ""
