"""What the demo's pages of reports show on the first day: the hours of a week at the occupant's, last month's sheets,
and a budget."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise

from accounts.models import Programme, User
from portal.demo import people
from readings.models import Hint, Reading, SheetSettings
from readings.services.storing import NewReading, readings_store
from readings.sheets.sending import sheets_start
from servers.models import Dwelling, Register

MIX = [
    {"source": "Gaz naturel", "percent": "58"},
    {"source": "Bois", "percent": "31"},
    {"source": "Solaire thermique", "percent": "11"},
]
CONTACTS = """Exploitant : 03 00 00 00 00, exploitant@demo.example
France Rénov' : 0 808 800 700
Médiateur national de l'énergie : 0 800 112 212"""

HOURLY_DAYS = 8
# how much of a day each hour takes, by medium; nobody draws water while all are asleep
WEIGHTS = {
    "heat": (3, 3, 3, 3, 4, 6, 8, 8, 6, 4, 3, 3, 3, 3, 3, 4, 5, 6, 7, 7, 6, 5, 4, 3),
    "cooling": (1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 7, 8, 9, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1),
    "hot_water": (0, 0, 0, 0, 0, 2, 9, 12, 6, 2, 1, 1, 3, 2, 1, 1, 1, 3, 6, 9, 7, 3, 1, 0),
    "cold_water": (0, 0, 0, 0, 0, 1, 8, 9, 5, 3, 2, 3, 5, 3, 2, 2, 2, 4, 7, 8, 5, 3, 1, 0),
    "electricity": (2, 2, 1, 1, 1, 2, 4, 5, 4, 3, 3, 4, 5, 4, 3, 3, 3, 5, 8, 9, 9, 7, 5, 3),
}


def seed_hours(dwelling: Dwelling, now: datetime) -> None:
    """The occupant's meters were heard every hour of the last days: the midnight readings stay as they are."""
    registers = Register.objects.filter(
        installation__point__dwelling=dwelling, kind=Register.Kind.CUMULATIVE
    ).values_list("pk", "installation__point__medium")
    since = int(now.timestamp()) - HOURLY_DAYS * 86400
    for register, medium in registers:
        days = (
            Reading.objects.filter(register=register, at__gte=since).order_by("at").values_list("at", "value")
        )
        rows = [row for before, after in pairwise(days) for row in _hours(register, medium, before, after)]
        readings_store(rows=rows, source=Reading.Source.GATEWAY, now=now)


def _hours(
    register: int, medium: str, before: tuple[int, int], after: tuple[int, int]
) -> Iterator[NewReading]:
    weights = WEIGHTS.get(medium, (1,) * 24)
    whole, done = sum(weights), 0
    for hour in range(1, 24):
        done += weights[hour - 1]
        value = before[1] + (after[1] - before[1]) * done // whole
        yield NewReading(register, before[0] + hour * 3600, value, cumulative=True)


def seed_reports(programme: Programme, dwellings: dict[str, Dwelling], today: date) -> None:
    """In the programme's scope; the jobs that it leaves make the sheets."""
    SheetSettings.objects.create(
        energy_mix=MIX,
        mix_note="Chaufferie de la résidence, saison 2025-2026 : 142 gCO₂ par kWh.",
        contacts=CONTACTS,
    )
    occupant = User.objects.get(email=people.OCCUPANT)
    Hint.objects.create(user=occupant, dwelling=dwellings["A-102"], kind=Hint.Kind.ENERGY, limit=700)
    last_month = date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
    sheets_start(programme=programme, month=last_month)
