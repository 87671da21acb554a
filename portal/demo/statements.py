"""Two months of statements for the demo's consumer: tariffs, an opening balance, payments, closed months."""

from __future__ import annotations

from datetime import date, datetime

from accounts.access import actor_of
from accounts.models import Programme, User
from portal.demo import people
from readings.models import PeriodClosing
from readings.statements.closing import next_month, period_settle, today_of
from readings.statements.importing import statements_import
from readings.statements.money import month_before
from readings.statements.terms import terms_set
from servers.models import MeteringPoint
from tariffs.places import programme_place
from tariffs.services.parameters import parameters_save

TARIFFS = {
    "heating_gcal": "19854700", "hot_water_gcal": "19854700", "hot_water_m3": "291500", "cold_water_m3": "318200",
    "vat_heating": "200000", "vat_hot_water": "200000", "vat_water": "200000", "heat_unit": "gcal",
    "heating_capacity": "1850000000",
}  # fmt: skip
LOAD = ("201", 350_000)  # 10⁻⁶ Gcal/h
CONTRACT = "02005235"


def seed_statements(programme: Programme, now: datetime) -> None:
    """In scope, once the archive has been taken in. The seed's own balance, then two closed months."""
    actor = actor_of(User.objects.get(email=people.DESK), programme)
    last = next_month(programme, today_of(programme))
    if actor is None or last is None:
        return
    before = month_before(last)
    parameters_save(
        actor=actor, place=programme_place(actor), values=TARIFFS, valid_from=date(now.year - 1, 1, 1)
    )
    terms_set(
        actor=actor, point=MeteringPoint.objects.get(number=LOAD[0]), valid_from=date(now.year - 1, 1, 1), load=LOAD[1]
    )  # fmt: skip
    lines = (
        "Договор;Период;Услуга;Сальдо на начало\n"
        f"{CONTRACT};{before:%Y-%m};Основные услуги;1207,08\n{CONTRACT};{before:%Y-%m};Пеня;-182,97\n"
    )
    paid = [(before, "20;280000;1021"), (last, "18;310000,50;1187")]
    payments = "Договор;Дата;Сумма;Документ\n" + "".join(f"{CONTRACT};{m:%Y-%m}-{rest}\n" for m, rest in paid)
    for name, text in ((f"saldo-{before:%Y-%m}.csv", lines), (f"oplata-{last:%Y-%m}.csv", payments)):
        statements_import(actor=actor, content=text.encode(), name=name)
    for month in (before, last):
        closing = PeriodClosing.objects.create(
            month=month, closed_by=actor.user, fill=PeriodClosing.Fill.MEAN
        )
        period_settle(closing_id=closing.pk)
