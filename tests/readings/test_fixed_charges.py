"""What is due whatever was used: capacity rate and standing charge, and from when to when a point is charged."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from accounts.access import actor_of
from accounts.errors import DomainError
from accounts.models import AuditEntry
from accounts.tenancy import tenant_scope
from readings.imports.closed import period_is_closed
from readings.models import PeriodClosing, PointTerms, StatementEntry
from readings.statements.charges import charge_of
from readings.statements.closing import period_close, period_settle
from readings.statements.quantities import HEAT, DayValues
from readings.statements.terms import Terms, load_of_text
from readings.statements.words import part_text
from servers.models import MeteringPoint
from tariffs.places import programme_place
from tariffs.selectors import Dated, Parameters
from tariffs.services.parameters import parameters_save
from testkit.world import World
from tests.readings.archive_kit import make_contract, make_point

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)
ALWAYS = date(2020, 1, 1)
DAY = timedelta(days=1)
# 1678,90 ₽ a Gcal, 512 340 ₽ a Gcal/h and month, 4,12 ₽ a day, VAT 20 % on all of it
TARIFF = {
    "heating_gcal": "16789000", "heating_capacity": "5123400000", "standing_heating": "d:41200", "vat_heating": "200000",
}  # fmt: skip


def prices(**values: str) -> Parameters:
    return Parameters([Dated(key, 1, value, ALWAYS, None) for key, value in (TARIFF | values).items()])


def heat(first: date = OCTOBER, days: int = 31, text: str = "0.1") -> DayValues:
    values = DayValues()
    for n in range(days):
        values.known[HEAT][first + n * DAY] = (Fraction(text), 0)
    return values


def point(medium: str = "heat", retired: datetime | None = None) -> MeteringPoint:
    return MeteringPoint(
        medium=medium, usage="heating" if medium == "heat" else "hot_water", retired_at=retired, time_zone="Asia/Chita"
    )  # fmt: skip


WHOLE = Terms(((ALWAYS, 350_000, 0),))
CHANGED = Terms(((ALWAYS, 350_000, 0), (date(2026, 10, 16), 400_000, 0)))
LATE = Terms(((date(2026, 10, 11), 350_000, 0),))
NEVER = Terms(((date(2026, 11, 1), 350_000, 0),))
ELEVENTH = datetime(2026, 10, 10, 3, tzinfo=UTC)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("terms", "retired", "minor"),
    [
        # by hand: 31 × 0,1 × 1678,90 × 1,2 = 6245,508; 0,35 × 512340 × 1,2 = 215182,80; 31 × 4,12 × 1,2 = 153,264
        (WHOLE, None, 22_158_157),
        (Terms(), None, 639_877),  # no load: heat and standing charge only
        # 15 days of 0,35 and 16 of 0,40: (5,25 + 6,4) ÷ 31 × 512340 × 1,2 = 231048,8129…
        (CHANGED, None, 23_744_758),
        # 21 of 31 days: 4230,828 + 145768,9935… + 103,824
        (LATE, None, 15_010_365),
        # the last day is the tenth: 2014,68 + 69413,8064… + 49,44
        (WHOLE, ELEVENTH, 7_147_793),
        (NEVER, None, 0),
    ],
)
def test_a_two_rate_tariff_by_hand(terms: Terms, retired: datetime | None, minor: int) -> None:
    charge = charge_of(point(retired=retired), heat(), prices(), OCTOBER, "none", terms)
    assert charge.minor == minor
    assert charge.missing == 0


@pytest.mark.pure
def test_the_parts_of_a_fixed_charge_are_read() -> None:
    def texts(medium: str, terms: Terms, **values: str) -> list[str]:
        found = charge_of(point(medium), heat(), prices(**values), OCTOBER, "mean", terms)
        return [part_text(part, "EUR").replace("\xa0", " ") for part in found.parts]

    assert texts("heat", CHANGED, vat_heating="0") == [
        "3.1 Gcal × €1,678.90",
        "0.35 Gcal/h × €512,340.00 a month, 15 of 31 days",
        "0.4 Gcal/h × €512,340.00 a month, 16 of 31 days",
        "31 days × €4.12",
    ]
    monthly = {"hot_water_gcal": "20000000", "standing_hot_water": "m:1200000"}
    assert texts("hot_water", LATE, **monthly)[1:] == ["€120.00 a month, 21 of 31 days"]


@pytest.mark.pure
def test_each_day_is_in_one_period_whatever_the_reporting_day() -> None:
    """By hand: 26 September to 25 October is 30 days; the change back makes November 36 days long."""
    changing = Terms(((date(2026, 1, 1), 350_000, 25), (date(2026, 11, 1), 350_000, 0)))
    months = [date(2025, 12, 1), *(date(2026, number, 1) for number in range(1, 13))]
    days = [day for month in months for day in changing.days_of(month)]
    assert days == [date(2025, 12, 1) + n * DAY for n in range(396)]  # each once, to the end of 2026
    assert all(changing.month_of(day) == month for month in months for day in changing.days_of(month))
    october, november = changing.days_of(OCTOBER), changing.days_of(date(2026, 11, 1))
    assert (october[0], october[-1], len(october)) == (date(2026, 9, 26), date(2026, 10, 25), 30)
    assert (november[0], len(november)) == (date(2026, 10, 26), 36)
    charge = charge_of(point(), heat(date(2026, 9, 1), 61), prices(), OCTOBER, "none", changing)
    # 30 × 0,1 × 1678,90 × 1,2 = 6044,04; a whole month's 215182,80; 30 × 4,12 × 1,2 = 148,32
    assert (charge.minor, charge.missing) == (22_137_516, 0)


@pytest.mark.pure
def test_a_load_is_typed_as_people_write_it() -> None:
    for text, load in (
        ("0,35", 350_000),
        ("12", 12_000_000),
        ("0.000001", 1),
        ("0", 0),
        (" 1 234,5 ", 1_234_500_000),
    ):
        assert load_of_text(text) == load
    for text in ("", "-1", "1e3", "0,0000001", "99999", "nan", "١"):
        with pytest.raises(DomainError):
            load_of_text(text)


@pytest.fixture
def priced(world: World) -> Any:
    programme = world.utility.programme
    with tenant_scope(programme.pk), time_machine.travel(NOW):
        made = make_point("101", contract=make_contract("02005235", world.utility.consumer))
        actor = actor_of(world.utility.operator, programme)
        parameters_save(actor=actor, place=programme_place(actor), values=TARIFF, valid_from=ALWAYS)
    return made


def terms_url(priced: Any) -> str:
    return reverse("point_terms", args=["teplo", priced.public_id])


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_the_desk_sets_the_load_and_a_closed_month_follows_visibly(
    world: World, sign_in: Any, priced: Any
) -> None:
    desk, actor = sign_in(world.utility.operator), actor_of(world.utility.operator, world.utility.programme)
    path = terms_url(priced)
    for wrong in ({"load": "x"}, {"valid_from": ""}, {"valid_from": "0001-01-01"}, {"load": "-1"}):
        assert desk.post(path, {"load": "0,35", "valid_from": "2026-09-01"} | wrong).status_code == 422, wrong
    for _twice in (1, 2):
        assert desk.post(path, {"load": "0,35", "valid_from": "2026-09-01"}).status_code == 302
    with tenant_scope(world.utility.programme.pk):
        assert [(row.valid_from, row.load) for row in PointTerms.objects.all()] == [
            (date(2026, 9, 1), 350_000)
        ]
        assert AuditEntry.objects.filter(action="point.terms_set").count() == 1
        PeriodClosing.objects.create(month=date(2026, 8, 1), state="done")
        closing = period_close(actor=actor, month=date(2026, 9, 1), fill="none")
        period_settle(closing_id=closing.pk)
        # by hand: 0,35 × 512340 × 1,2 + 30 × 4,12 × 1,2
        assert StatementEntry.objects.get().minor == 21_533_112
    assert (
        "512"
        in desk.get(reverse("contract_tariffs", args=["teplo", priced.contract.public_id])).content.decode()
    )
    assert (
        desk.post(path, {"load": "1", "reporting_day": "29", "valid_from": "2026-09-16"}).status_code == 422
    )
    assert desk.post(path, {"load": "0,30", "valid_from": "2026-09-16"}).status_code == 302
    with tenant_scope(world.utility.programme.pk):
        period_settle(closing_id=period_close(actor=actor, month=OCTOBER, fill="none").pk)
        late = StatementEntry.objects.get(kind="refunded")  # half of September 0,05 Gcal/h less
        assert (late.minor, late.about) == (1_537_020, date(2026, 9, 1))
    reporting = {"load": "0,35", "reporting_day": "25", "valid_from": "2026-10-01"}
    assert desk.post(path, reporting).status_code == 302
    account = desk.get(reverse("heat_account", args=["teplo", priced.public_id]), {"month": "2026-10"})
    facts = dict(account.context["facts"])
    assert len(account.context["account"].rows) == 25  # September ended with its month
    assert "25" in facts["Period"]
    with tenant_scope(world.utility.programme.pk):
        assert not period_is_closed(priced, date(2026, 10, 26)) and period_is_closed(
            priced, date(2026, 10, 25)
        )
    assert desk.post(path, {"drop": "2026-09-16"}).status_code == 302
    assert desk.post(path, {"drop": "2026-09-16"}).status_code == 302
    with tenant_scope(world.utility.programme.pk):
        assert PointTerms.objects.count() == 2


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_point_goes_out_of_service_and_keeps_its_history(world: World, sign_in: Any, priced: Any) -> None:
    desk, theirs = sign_in(world.utility.operator), sign_in(world.utility.consumer)
    path, page = (
        reverse(name, args=["teplo", priced.public_id]) for name in ("point_retire", "point_detail")
    )
    assert desk.get(path).status_code == 200
    for wrong in ("2026-12-01", "", "x"):
        assert desk.post(path, {"last": wrong}).status_code == 422
    meters = reverse("contract_heat_meters", args=["teplo", priced.contract.public_id])
    assert desk.post(path, {"last": "2026-10-10"}).status_code == 302
    with tenant_scope(world.utility.programme.pk):
        priced.refresh_from_db()
    assert priced.retired_at == datetime(2026, 10, 10, 14, 59, 59, tzinfo=UTC)  # midnight in Chita
    listed = reverse("point_list", args=["teplo"])
    assert [len(desk.get(listed, ask).context["rows"]) for ask in ({}, {"which": "retired"})] == [0, 1]
    shown = theirs.get(page)
    assert (shown.status_code, shown.context["may_upload"], shown.context["may_enter"]) == (200, False, False)
    cards = theirs.get(meters)
    assert (cards.context["cards"], page in cards.content.decode()) == ([], True)
    again = {
        "number": "101",
        "contract": "02005235",
        "name": "Дом",
        "medium": "heat",
        "totals_source": "archive",
    }
    assert desk.post(reverse("point_new", args=["teplo"]), again).status_code == 422  # the number stays taken
    for _twice in (1, 2):
        assert desk.post(path, {"restore": "1"}).status_code == 302
    with tenant_scope(world.utility.programme.pk):
        priced.refresh_from_db()
        actions = list(
            AuditEntry.objects.filter(target=str(priced.public_id))
            .order_by("pk")
            .values_list("action", flat=True)
        )
    assert priced.retired_at is None
    assert actions == ["point.retired", "point.restored"]


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_new_point_is_not_charged_for_months_before_it(world: World, sign_in: Any, priced: Any) -> None:
    typed = {
        "number": "102", "contract": "02005235", "name": "Дом 2", "medium": "heat", "totals_source": "archive",
        "serial": "7",
    }  # fmt: skip
    actor = actor_of(world.utility.operator, world.utility.programme)
    assert (
        sign_in(world.utility.operator).post(reverse("point_new", args=["teplo"]), typed).status_code == 302
    )
    with tenant_scope(world.utility.programme.pk):
        assert PointTerms.objects.get().valid_from == date(2026, 11, 1)
        period_settle(closing_id=period_close(actor=actor, month=OCTOBER, fill="none").pk)
        assert [row.point.number for row in StatementEntry.objects.all()] == ["101"]
