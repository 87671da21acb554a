"""The demo's tariff options: off-peak by the clock, one dwelling on Tempo with its announced days, a common-area key."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from accounts.access import actor_of
from accounts.models import Programme, User
from portal.demo import people
from readings.models import Reading
from readings.services.storing import NewReading, readings_store
from servers.models import Dwelling, Quantity, Register
from tariffs.colours.rules import MOST, fault_of, season_days, season_of
from tariffs.places import dwelling_place, programme_place
from tariffs.services.colours import colours_save
from tariffs.services.parameters import parameters_save

PARIS = ZoneInfo("Europe/Paris")
A_DAY = range(23 * 3600, 25 * 3600 + 1)
# how much of a day is used by six and by ten in the evening, in percent
EDGES = ((time(6), 14), (time(22), 92))


def seed_clock(programme: Programme, tempo: Dwelling, today: date, since: date, now: datetime) -> None:
    """In the programme's scope, after all other readings and before their totals."""
    _edges(now)
    actor = actor_of(User.objects.get(email=people.OPERATOR), programme)
    assert actor is not None
    parameters_save(
        actor=actor, place=programme_place(actor), valid_from=since,
        values={"common_key": "area", "standing_electricity": "m:115000", "standing_water": "d:1150"},
    )  # fmt: skip
    option = {"electricity_option": "tempo"}
    parameters_save(actor=actor, place=dwelling_place(tempo), values=option, valid_from=since)
    for season in (season_of(since), season_of(today)):
        colours_save(actor=actor, option="tempo", colours=_season(season, today + timedelta(days=1)))


def _edges(now: datetime) -> None:
    """The meters that count without a tariff were heard at the edges of the off-peak hours as well."""
    registers = Register.objects.filter(
        kind=Register.Kind.CUMULATIVE, quantity=Quantity.ENERGY, tariff_index=0,
        installation__point__medium="electricity",
    )  # fmt: skip
    for register in registers.values_list("pk", flat=True):
        heard = Reading.objects.filter(register=register).order_by("at").values_list("at", "value")
        rows = []
        for (at, value), (after, then) in pairwise(heard):
            if after - at in A_DAY and then >= value:
                day = datetime.fromtimestamp(at, PARIS).date()
                for moment, percent in EDGES:
                    edge = int(datetime.combine(day, moment, PARIS).timestamp())
                    if at < edge < after:
                        rows.append(NewReading(register, edge, value + (then - value) * percent // 100))
        readings_store(rows=rows, source=Reading.Source.GATEWAY, now=now)


def _season(season: int, end: date) -> dict[date, str]:
    """A made-up season: red on cold working days after New Year, white around them, blue else."""
    colours: dict[date, str] = {}
    left = {"red": MOST["red"], "white": MOST["white"]}
    for day in season_days(season):
        wish = "blue"
        if (day.month in (1, 2) and day.weekday() in (1, 2, 3)) or (day.month == 11 and day.weekday() == 2):
            wish = "red"
        elif day.month in (11, 12, 1, 2, 3) and day.weekday() in (0, 4):
            wish = "white"
        if wish != "blue" and (not left[wish] or fault_of("tempo", day, wish)):
            wish = "blue"
        if wish != "blue":
            left[wish] -= 1
        if day < end:
            colours[day] = wish
    return colours
