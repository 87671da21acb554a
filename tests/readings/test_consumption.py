"""The consumption page: exact figures, the reader's own days only, each day with its own price."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from accounts.models import AuditEntry
from accounts.tenancy import tenant_scope
from readings.models import TotalStatus
from servers.models import Occupancy, OccupantRight
from tariffs.models import Level, ParameterValue
from testkit.estate import Home, make_home
from testkit.queries import page_queries
from testkit.world import Housing, World

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def furnish(
    housing: Housing, ref: str, *, move_in: date, move_out: date | None = None, factor: int = 1
) -> Home:
    """Heating, sockets by two tariffs, hot and cold water; totals on 20 October and on 3 and 21 November 2026."""
    home = make_home(housing.programme, ref, f"Appartement {ref}")
    home.meter("heat", medium="heat", usage="heating", registers=[{}])
    home.meter(
        "sockets",
        medium="electricity",
        usage="sockets",
        registers=[{"ref": "off", "tariff_index": 1}, {"ref": "on", "tariff_index": 2}, {"ref": "sum"}],
    )
    volume = {"ref": "volume", "quantity": "volume", "unit": "m3"}
    home.meter("cold", medium="cold_water", usage="water", registers=[volume])
    home.meter("hot", medium="hot_water", usage="hot_water", registers=[volume])
    for day in (date(2026, 10, 20), date(2026, 11, 3), date(2026, 11, 21)):
        home.total("heat/energy", day, 12_345 * factor)
        home.total("sockets/off", day, 2_000 * factor)
        home.total("sockets/on", day, 3_000 * factor)
        home.total("sockets/sum", day, 5_000 * factor)
        home.total("cold/volume", day, 150 * factor)
        home.total("hot/volume", day, 100 * factor)
    with tenant_scope(housing.programme.pk):
        Occupancy.objects.create(
            dwelling=home.dwelling, user=housing.occupant, move_in=move_in, move_out=move_out
        )
        for key, value in (("heating", "951"), ("cold_water_m3", "39000")):
            ParameterValue.objects.create(
                level=Level.ADMINISTRATOR_PROGRAMME, key=key, value=value, valid_from=date(2025, 1, 1)
            )
    return home


def words(response: Any) -> str:
    """The page's text, with all kinds of blanks as one."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " "))


@pytest.fixture(autouse=True)
def _french(world: World) -> None:
    """The figures are read as a French occupant reads them."""
    for person in (world.ours.occupant, world.ours.operator, world.ours.administrator):
        person.language = "fr"
        person.save()


@pytest.fixture
def homes(world: World) -> dict[str, Home]:
    return {
        "ours": furnish(world.ours, "A-101", move_in=date(2026, 1, 1)),
        "theirs": furnish(world.theirs, "B-900", move_in=date(2026, 1, 1), factor=7),
    }


def page(world: World, sign_in: Any, query: str = "") -> Any:
    response = sign_in(world.ours.occupant).get(f"/p/tilleuls/home/{query}")
    assert response.status_code == 200
    return response


def compared(response: Any, key: str, other: int = 0) -> dict[str, str]:
    """The cell of a usage in a column of the comparison: 0 the time before, 1 a year ago, 2 the average."""
    row = next(row for row in response.context["compare_rows"] if row["key"] == key)
    return {name: re.sub(r"\s", " ", text) for name, text in row["others"][other].items()}


def test_the_month_by_usage_in_kwh_m3_and_euros(world: World, homes: dict[str, Home], sign_in: Any) -> None:
    response = page(world, sign_in)
    usages = {row["key"]: (row["quantity"], row["amount"]) for row in response.context["usage_rows"]}
    clean = {key: tuple(re.sub(r"\s", " ", text) for text in pair) for key, pair in usages.items()}
    # two days of each: heating 2 × 12.345 kWh × 0.0951 €; sockets 2 × (2 × 0.0984 + 3 × 0.1391) €;
    # hot water has no heat meter: 2 × 0.1 m³ × 1.163 × 43 K, and no price is set for it
    assert clean["heating"] == ("25 kWh", "2,35 €")
    assert clean["sockets"] == ("10 kWh", "1,23 €"), (
        "tariff registers 1 and 2, never the sum register as well"
    )
    assert clean["hot_water"] == ("10 kWh", "")
    assert "0,300 m³ 1,17 €" in words(response)
    assert re.sub(r"\s", " ", response.context["hero"]["value"]) == "4,75"


def test_the_total_is_the_sum_of_the_lines_as_they_are_shown(
    world: World, homes: dict[str, Home], sign_in: Any
) -> None:
    for day in range(4, 20):
        homes["ours"].total("heat/energy", date(2026, 11, day), 7_777 + day)
        homes["ours"].total("sockets/on", date(2026, 11, day), 1_111 + day)
        homes["ours"].total("cold/volume", date(2026, 11, day), 33 + day)
    context = page(world, sign_in).context
    amounts = [row["amount"] for row in (*context["usage_rows"], *context["water_rows"]) if row["amount"]]
    cents = sum(int(re.sub(r"\D", "", amount)) for amount in amounts)
    assert int(re.sub(r"\D", "", context["hero"]["value"])) == cents > 0
    exact = sum(line.cost.exact for line in context["consumption"].lines)
    assert round(exact * 100) != cents, "the control: here the rounded exact sum would be another one"


def test_last_month_stands_beside_with_the_same_days(
    world: World, homes: dict[str, Home], sign_in: Any
) -> None:
    heating = compared(page(world, sign_in), "heating")
    assert (heating["value"], heating["change"]) == ("12 kWh", "+ 100 %")


def test_a_time_that_is_hardly_known_is_not_compared_with(
    world: World, homes: dict[str, Home], sign_in: Any
) -> None:
    for day in range(4, 20):
        homes["ours"].total("heat/energy", date(2026, 11, day), 12_345)
    heating = compared(page(world, sign_in), "heating")
    assert (heating["value"], heating["change"]) == ("12 kWh", "—")


def test_a_dwelling_of_another_programme_never_shows(
    world: World, homes: dict[str, Home], sign_in: Any
) -> None:
    text = words(page(world, sign_in))
    assert "B-900" not in text and "173" not in text  # 2 × 12.345 × 7
    foreign = homes["theirs"].dwelling.public_id
    assert sign_in(world.ours.occupant).get(f"/p/tilleuls/home/?dwelling={foreign}").status_code == 404
    assert sign_in(world.ours.occupant).get("/p/acacias/home/").status_code == 404


@pytest.mark.parametrize(
    ("move_in", "move_out", "kwh"),
    [
        (date(2026, 11, 4), None, "12 kWh"),  # the 3rd was somebody else's
        (date(2026, 11, 3), None, "25 kWh"),
        (date(2026, 1, 1), date(2026, 11, 21), "12 kWh"),  # the 21st is somebody else's
        (date(2026, 1, 1), date(2026, 11, 22), "25 kWh"),
    ],
)
def test_only_the_own_days_count(
    world: World, sign_in: Any, move_in: date, move_out: date | None, kwh: str
) -> None:
    furnish(world.ours, "A-101", move_in=move_in, move_out=move_out)
    response = page(world, sign_in, "?period=month&at=2026-11")
    heating = next(row for row in response.context["usage_rows"] if row["key"] == "heating")
    assert re.sub(r"\s", " ", heating["quantity"]) == kwh


def test_the_comparison_does_not_tell_what_a_predecessor_used(world: World, sign_in: Any) -> None:
    furnish(world.ours, "A-101", move_in=date(2026, 11, 1))
    response = page(world, sign_in)
    assert compared(response, "heating")["value"] == "—"
    empty = page(world, sign_in, "?period=month&at=2026-10")
    assert not empty.context["consumption"].has_data


def test_who_has_moved_out_opens_on_their_last_month(world: World, sign_in: Any) -> None:
    furnish(world.ours, "A-101", move_in=date(2026, 1, 1), move_out=date(2026, 10, 25))
    response = page(world, sign_in)
    assert response.context["consumption"].first_day == date(2026, 10, 1)
    assert response.context["consumption"].has_data


def test_march_is_priced_with_marchs_price(world: World, sign_in: Any) -> None:
    furnish(world.ours, "A-101", move_in=date(2026, 1, 1))
    with tenant_scope(world.ours.programme.pk):
        ParameterValue.objects.filter(key="heating").update(valid_to=date(2026, 11, 10))
        ParameterValue.objects.create(
            level=Level.ADMINISTRATOR_PROGRAMME, key="heating", value="2000", valid_from=date(2026, 11, 10)
        )
    heating = next(row for row in page(world, sign_in).context["usage_rows"] if row["key"] == "heating")
    # 12.345 × 0.0951 + 12.345 × 0.2 = 3.6430…
    assert re.sub(r"\s", " ", heating["amount"]) == "3,64 €"


def test_the_nearest_level_wins(world: World, sign_in: Any) -> None:
    home = furnish(world.ours, "A-101", move_in=date(2026, 1, 1))
    other = make_home(world.ours.programme, "A-102", "Appartement A-102")
    with tenant_scope(world.ours.programme.pk):
        for dwelling, value in ((home.dwelling, "1000"), (other.dwelling, "9999")):
            ParameterValue.objects.create(
                level=Level.OPERATOR_DWELLING, dwelling=dwelling, key="heating", value=value,
                valid_from=date(2025, 1, 1),
            )  # fmt: skip
    heating = next(row for row in page(world, sign_in).context["usage_rows"] if row["key"] == "heating")
    assert re.sub(r"\s", " ", heating["amount"]) == "2,47 €"


def test_estimated_and_missing_days_say_so(world: World, homes: dict[str, Home], sign_in: Any) -> None:
    homes["ours"].total("heat/energy", date(2026, 11, 5), 1000, status=TotalStatus.ESTIMATED)
    response = page(world, sign_in)
    states = [bar.state for bar in response.context["chart"].views[0].bars]
    assert states.count("estimated") == 1
    # the 3rd and 21st are measured, the 5th estimated; up to yesterday all others are missing, today is running
    assert response.context["missing_days"] == 18


def test_without_the_right_there_is_no_euro(world: World, homes: dict[str, Home], sign_in: Any) -> None:
    assert "€" in words(page(world, sign_in))
    with tenant_scope(world.ours.programme.pk):
        OccupantRight.objects.create(right="euros", key="euros", allowed=False)
    response = page(world, sign_in)
    assert "€" not in words(response)
    assert re.sub(r"\s", " ", response.context["hero"]["value"]) == "45 kWh"


@pytest.mark.parametrize(
    "query", ["?period=week", "?period=year&at=2026", "?period=x&at=%00", "?at=9999-99", "?at=99"]
)
def test_any_period_of_an_address_opens(
    world: World, homes: dict[str, Home], sign_in: Any, query: str
) -> None:
    page(world, sign_in, query)


def test_an_occupant_without_a_dwelling_is_told_so(world: World, sign_in: Any) -> None:
    response = sign_in(world.ours.occupant).get("/p/tilleuls/home/")
    assert response.status_code == 200 and "readings/home_empty.html" in [t.name for t in response.templates]


def test_the_operators_look_is_recorded(world: World, homes: dict[str, Home], sign_in: Any) -> None:
    address = f"/p/tilleuls/dwellings/{homes['ours'].dwelling.public_id}/consumption/"
    origin = f"/p/tilleuls/readings/of-dwelling/{homes['ours'].dwelling.public_id}/"
    for page in (address, origin, origin):
        assert sign_in(world.ours.operator).get(page).status_code == 200
    with tenant_scope(world.ours.programme.pk):
        # once a person and day, whatever was opened
        entry = AuditEntry.objects.get(action="consumption.seen")
    assert (entry.actor, entry.target) == (world.ours.operator, str(homes["ours"].dwelling.public_id))


def test_who_may_open_a_dwellings_consumption(
    world: World, homes: dict[str, Home], sign_in: Any, client: Any
) -> None:
    address = "/p/tilleuls/dwellings/{}/consumption/"
    own = address.format(homes["ours"].dwelling.public_id)
    foreign = address.format(homes["theirs"].dwelling.public_id)
    operator = sign_in(world.ours.operator)
    assert client.get(own).status_code == 302
    assert sign_in(world.theirs.operator).get(own).status_code == 404
    assert sign_in(world.ours.occupant).get(own).status_code == 403
    assert operator.get(foreign).status_code == operator.get(address.format("no-uuid")).status_code == 404
    assert operator.post(own).status_code == 405


def test_heat_is_read_in_gcal_everywhere(world: World, homes: dict[str, Home], sign_in: Any) -> None:
    """116.3 kWh a day are 0.1 Gcal; a sum or chart that holds electricity too stays in kWh."""
    home = make_home(world.ours.programme, "G-1", "Gcal")
    home.meter("heat", medium="heat", usage="heating", registers=[{"exponent": -1}])
    for day in (3, 4, 5):
        home.total("heat/energy", date(2026, 11, day), 1163)
    with tenant_scope(world.ours.programme.pk):
        ParameterValue.objects.create(
            level=Level.OPERATOR_PROGRAMME, key="heat_unit", value="gcal", valid_from=date(2025, 1, 1)
        )
    client = sign_in(world.ours.operator)
    address = f"/p/tilleuls/dwellings/{home.dwelling.public_id}/consumption/"
    answer = client.get(address)
    context, text = answer.context, words(answer)
    assert [row["quantity"].replace("\xa0", " ") for row in context["usage_rows"]] == ["0,300 Gcal"]
    assert "Énergie 0,300 Gcal" in text or "0,300 Gcal" in context["hero"]["value"].replace("\xa0", " ")
    assert context["compare_rows"][0]["now"].replace("\xa0", " ") == "0,300 Gcal"
    assert context["chart"].rows[2].total.replace("\xa0", " ") == "0,100 Gcal" and "kWh" not in text
    exported = client.get(f"{address}?export=csv").getvalue().decode()
    assert "(Gcal)" in exported and re.search(r"\b0[.,]1\b|\b0[.,]100000\b", exported)
    overview = {
        row["dwelling"].name: row["energy"] for row in client.get("/p/tilleuls/overview/").context["rows"]
    }
    assert overview["Gcal"].replace("\xa0", " ") == "0,300 Gcal"
    assert overview["Appartement A-101"].endswith("kWh"), "with the sockets"
    table = words(client.get("/p/tilleuls/"))
    assert "0,300 Gcal" in table and "45 kWh" in table


def test_the_page_needs_few_queries(world: World, homes: dict[str, Home], sign_in: Any) -> None:
    """With all that a page may show: an own tariff, common areas, water that is watched, and comparable neighbours."""
    programme, occupant = world.ours.programme, world.ours.occupant
    for n in range(6):
        other = make_home(programme, f"N-{n}", f"Voisin {n}")
        other.meter("heat", medium="heat", usage="heating", registers=[{}])
        for day in range(1, 22):
            other.total("heat/energy", date(2026, 11, day), 9_000)
    with tenant_scope(programme.pk):
        ParameterValue.objects.create(
            level=Level.OPERATOR_PROGRAMME, key="common_key", value="equal", valid_from=date(2025, 1, 1)
        )
        ParameterValue.objects.create(
            level=Level.OCCUPANT_DWELLING, key="gas_coefficient", value="110000", valid_from=date(2026, 11, 2),
            dwelling=homes["ours"].dwelling, changed_by=occupant,
        )  # fmt: skip
    client = sign_in(occupant)
    assert client.get("/p/tilleuls/home/").context["average"].dwellings == 6
    for query in ("", "?period=year", "?period=day&at=2026-11-21"):
        asked = page_queries(client, f"/p/tilleuls/home/{query}")
        assert len(asked) <= 15, "\n".join(asked)
    address = f"/p/tilleuls/dwellings/{homes['ours'].dwelling.public_id}/consumption/"
    operator = sign_in(world.ours.operator)
    operator.get(address)  # what a sign-in asks once
    asked = page_queries(operator, address)
    assert len(asked) <= 15, "\n".join(one[:80] + one[one.find(" FROM ") :][:60] for one in asked)


def test_the_operators_table_shows_this_months_energy(
    world: World, homes: dict[str, Home], sign_in: Any, client: Any
) -> None:
    text = words(sign_in(world.ours.operator).get("/p/tilleuls/"))
    # heating 24.69 + sockets 10 + hot water 0.2 m³ × 1.163 × 43 K = 44.69 kWh
    assert "45 kWh" in text
    assert "45 kWh" not in words(sign_in(world.ours.administrator).get("/p/tilleuls/")), (
        "not the administrator's"
    )
    assert "313 kWh" not in text, "seven times as much is the other programme's"
