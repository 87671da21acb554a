"""Dated values: how changes lie beside each other, what they do to the consumption page, and whose days they hold on."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection, connections

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import AuditEntry, Role
from accounts.tenancy import tenant_scope
from servers.models import Occupancy
from tariffs.models import Level
from tariffs.places import ParameterPlace, home_place, programme_place
from tariffs.selectors import parameters_of_dwelling
from tariffs.services.parameters import parameters_reset, parameters_save
from testkit.world import World, join, make_user
from tests.tariffs.parameter_kit import Side, make_sides, save

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY, MARCH, JUNE, MAY = date(2026, 11, 22), date(2026, 3, 1), date(2026, 6, 1), date(2026, 5, 1)


@pytest.fixture(autouse=True)
def _frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ours(world: World) -> Side:
    return make_sides(world)[0]


def keep(
    side: Side, value: str, day: date, *, actor: Actor | None = None, place: ParameterPlace | None = None
) -> list[str]:
    actor = actor or side.housing.actor(side.housing.administrator)
    with tenant_scope(side.housing.programme.pk):
        return parameters_save(
            actor=actor, place=place or programme_place(actor), values={"heating": value}, valid_from=day
        )


def spans(side: Side) -> list[tuple[Any, ...]]:
    return [row[2:] for row in side.rows(key="heating")]


def test_a_later_change_closes_the_earlier_one(ours: Side) -> None:
    assert keep(ours, "1000", MARCH) == ["heating"]
    assert keep(ours, "2000", JUNE) == ["heating"]
    assert spans(ours) == [("1000", MARCH, JUNE), ("2000", JUNE, None)]


def test_a_change_between_two_others_ends_at_the_next(ours: Side) -> None:
    for value, day in (("1000", MARCH), ("2000", JUNE), ("1500", MAY)):
        keep(ours, value, day)
    assert spans(ours) == [("1000", MARCH, MAY), ("1500", MAY, JUNE), ("2000", JUNE, None)]


def test_a_change_before_all_others_ends_at_the_first(ours: Side) -> None:
    keep(ours, "2000", JUNE)
    keep(ours, "1000", MARCH)
    assert spans(ours) == [("1000", MARCH, JUNE), ("2000", JUNE, None)]


def test_the_same_day_replaces_and_the_audit_keeps_both(ours: Side) -> None:
    keep(ours, "1000", MARCH)
    keep(ours, "2000", MARCH)
    assert spans(ours) == [("2000", MARCH, None)]
    with tenant_scope(ours.housing.programme.pk):
        kept = [(entry.detail["old"], entry.detail["new"]) for entry in AuditEntry.objects.order_by("pk")]
    assert kept == [({"heating": "0"}, {"heating": "1000"}), ({"heating": "1000"}, {"heating": "2000"})]


def test_the_same_again_changes_and_records_nothing(ours: Side) -> None:
    keep(ours, "1000", MARCH)
    assert keep(ours, "1000", MARCH) == keep(ours, "1000", JUNE) == []
    assert spans(ours) == [("1000", MARCH, None)]
    with tenant_scope(ours.housing.programme.pk):
        assert AuditEntry.objects.count() == 1


def test_a_dropped_value_can_be_set_again(ours: Side) -> None:
    keep(ours, "1000", MARCH)
    actor = ours.housing.actor(ours.housing.administrator)
    with tenant_scope(ours.housing.programme.pk):
        assert parameters_reset(actor=actor, place=programme_place(actor)) == ["heating"]
        assert parameters_reset(actor=actor, place=programme_place(actor)) == []
    assert spans(ours) == [("1000", MARCH, TODAY)]
    keep(ours, "1000", TODAY)
    assert spans(ours) == [("1000", MARCH, TODAY), ("1000", TODAY, None)]


def test_march_is_priced_with_marchs_price(ours: Side, sign_in: Any) -> None:
    home = ours.home
    home.meter("heat", medium="heat", usage="heating", registers=[{}])
    for day in (date(2026, 3, 15), date(2026, 6, 15)):
        home.total("heat/energy", day, 100_000)
    administrator = sign_in(ours.housing.administrator)
    save(administrator, ours.url(), heating="0,1000", valid_from="2026-01-01")
    save(administrator, ours.url(), heating="0,2500", valid_from="2026-06-01")

    def cost(month: str) -> str:
        page = sign_in(ours.housing.occupant).get(f"/p/tilleuls/home/?period=month&at={month}")
        rows = {row["key"]: row["amount"] for row in page.context["usage_rows"]}
        return re.sub(r"\s", " ", rows["heating"])

    assert (cost("2026-03"), cost("2026-06")) == ("10,00 €", "25,00 €")
    save(administrator, ours.url(), heating="0,3000", valid_from="2026-03-15")
    assert (cost("2026-03"), cost("2026-06")) == ("30,00 €", "25,00 €"), "a corrected price shows at once"


@pytest.mark.parametrize(
    ("role", "level"),
    [
        ("operator", Level.ADMINISTRATOR_PROGRAMME),
        ("administrator", Level.OPERATOR_PROGRAMME),
        ("occupant", Level.OPERATOR_PROGRAMME),
        ("administrator", Level.OCCUPANT_DWELLING),
    ],
)
def test_a_service_refuses_another_persons_level(ours: Side, role: str, level: Level) -> None:
    dwelling = ours.home.dwelling if level == Level.OCCUPANT_DWELLING else None
    place = ParameterPlace(level, dwelling=dwelling)
    actor = ours.housing.actor(getattr(ours.housing, role))
    with pytest.raises(DomainError) as refused:
        keep(ours, "1000", TODAY, actor=actor, place=place)
    assert refused.value.code == "not_your_level"
    with pytest.raises(DomainError), tenant_scope(ours.housing.programme.pk):
        parameters_reset(actor=actor, place=place)
    assert ours.rows() == []


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"heating": "0,1"}, "bad_value"),
        ({"nonsense": "1"}, "unknown_parameter"),
        ({"boiler_winter": "20"}, "unknown_parameter"),
    ],
)
def test_a_service_keeps_only_what_it_knows(ours: Side, values: dict[str, str], code: str) -> None:
    actor = ours.housing.actor(ours.housing.occupant)
    with pytest.raises(DomainError) as refused, tenant_scope(ours.housing.programme.pk):
        parameters_save(
            actor=actor, place=home_place(ours.home.dwelling), values={"gas": "1", **values}, valid_from=TODAY
        )
    assert refused.value.code == code
    assert ours.rows() == []


def test_an_occupant_sets_prices_where_and_while_they_live(ours: Side, sign_in: Any) -> None:
    occupant = sign_in(ours.housing.occupant)
    foreign = occupant.get(f"{ours.url('home')}?dwelling={ours.other.public_id}")
    assert foreign.status_code == 404
    before = {"heating": "0,1", "valid_from": "2025-12-31"}
    errors = occupant.post(ours.url("home"), before).context["form"].errors
    assert list(errors) == ["valid_from"], "the days before the move-in are somebody else's"
    assert occupant.post(ours.url("home"), {**before, "valid_from": "2026-01-01"}).status_code == 302
    with tenant_scope(ours.housing.programme.pk):
        Occupancy.objects.update(move_out=TODAY)
    assert "tariffs/home_none.html" in [t.name for t in occupant.get(ours.url("home")).templates]
    assert occupant.post(ours.url("home"), {"heating": "0,9"}).status_code == 404
    assert spans(ours) == [("1000", date(2026, 1, 1), None)]


def test_an_occupants_price_does_not_reach_the_next_occupant(ours: Side) -> None:
    first, dwelling = ours.housing.occupant, ours.home.dwelling
    keep(ours, "1000", MARCH, actor=ours.housing.actor(first), place=home_place(dwelling))
    second = make_user("second@tilleuls.example")
    join(second, ours.housing.programme, Role.OCCUPANT)
    with tenant_scope(ours.housing.programme.pk):
        Occupancy.objects.update(move_out=JUNE)
        Occupancy.objects.create(dwelling=dwelling, user=second, move_in=JUNE)
        found = parameters_of_dwelling(dwelling)
        assert [found.at("heating", day) for day in (date(2026, 2, 28), MARCH, date(2026, 5, 31), JUNE)] == [
            "0", "1000", "1000", "0"
        ]  # fmt: skip
    assert keep(ours, "1000", JUNE, actor=ours.housing.actor(second), place=home_place(dwelling)) == [
        "heating"
    ]
    with tenant_scope(ours.housing.programme.pk):
        assert parameters_of_dwelling(dwelling).at("heating", TODAY) == "1000", (
            "set by the one who lives there"
        )


@pytest.mark.django_db(transaction=True)
def test_changes_at_once_never_overlap(world: World, postgres: None) -> None:
    side = make_sides(world)[0]
    days = [date(2026, 1, 1 + number) for number in range(8)]

    def one(number: int) -> None:
        try:
            keep(side, str(1000 + number), days[number % 4])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    rows = spans(side)
    assert [row[1] for row in rows] == days[:4]
    assert [row[2] for row in rows] == [*days[1:4], None], connection.vendor
