"""Which value of a parameter holds for a dwelling on a day, and where it comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from servers.models import Dwelling
from tariffs.catalogue import DEFAULTS
from tariffs.models import Level, ParameterValue


@dataclass(frozen=True)
class Found:
    """`level` is None for the platform's default."""

    value: str
    level: Level | None


class Parameters:
    """All values that may hold for one dwelling (or the programme), loaded once; `at(key, day)` is a look-up."""

    def __init__(self, rows: Iterable[ParameterValue]) -> None:
        self._rows: dict[str, list[ParameterValue]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (-row.level, row.valid_from)):
            self._rows[row.key].append(row)

    def find(self, key: str, day: date) -> Found:
        """The nearest level that has a value in force on `day` wins."""
        for row in self._rows.get(key, ()):
            if row.valid_from <= day and (row.valid_to is None or day < row.valid_to):
                return Found(row.value, Level(row.level))
        return Found(DEFAULTS[key], None)

    def at(self, key: str, day: date) -> str:
        return self.find(key, day).value

    def price(self, key: str, day: date) -> int | None:
        """In 10⁻⁴ of the currency; None where no price is set (a price of 0 is no price)."""
        return int(self.at(key, day)) or None


def parameters_of_dwelling(dwelling: Dwelling) -> Parameters:
    return Parameters(
        ParameterValue.objects.filter(
            Q(building=None, dwelling=None) | Q(building=dwelling.building_id) | Q(dwelling=dwelling.pk)
        )
    )


def parameters_of_programme() -> Parameters:
    return Parameters(ParameterValue.objects.filter(building=None, dwelling=None))
