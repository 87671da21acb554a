"""Which value of a parameter holds for a dwelling on a day, and where it comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, FilteredRelation, Q, QuerySet

from servers.models import Building, Dwelling
from tariffs.catalogue import DEFAULTS
from tariffs.models import Level, ParameterValue
from tariffs.places import ParameterPlace


@dataclass(frozen=True)
class Found:
    """`level` is None for the platform's default."""

    value: str
    level: Level | None


@dataclass(frozen=True, slots=True)
class Dated:
    """A value of one level over the local days [valid_from, valid_to)."""

    key: str
    level: int
    value: str
    valid_from: date
    valid_to: date | None
    place: tuple[int | None, int | None] = (None, None)  # dwelling, building

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


Held = ParameterValue | Dated  # a value with the days on which it holds


class Parameters:
    """All values that may hold in one place, loaded once; `at(key, day)` is a look-up."""

    def __init__(self, rows: Iterable[Held]) -> None:
        self._rows: dict[str, list[Dated]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (-row.level, row.valid_from)):
            dated = row if isinstance(row, Dated) else _dated(row)
            self._rows[row.key].append(dated)

    def find(self, key: str, day: date, *, up_to: Level | None = None) -> Found:
        """The nearest level that has a value in force on `day` wins; `up_to` leaves nearer levels out."""
        for row in self._rows.get(key, ()):
            if row.holds(day) and (up_to is None or row.level <= up_to):
                return Found(row.value, Level(row.level))
        return Found(DEFAULTS[key], None)

    def at(self, key: str, day: date) -> str:
        return self.find(key, day).value

    def price(self, key: str, day: date) -> int | None:
        """In 10⁻⁴ of the currency; None where no price is set (a price of 0 is no price)."""
        return int(self.at(key, day)) or None

    def own(self, key: str, day: date, level: Level) -> Dated | None:
        """The row of exactly this level that holds on `day`."""
        return next((row for row in self._rows.get(key, ()) if row.level == level and row.holds(day)), None)

    def planned(self, key: str, day: date, level: Level) -> Dated | None:
        """The next row of this level that begins after `day`."""
        later = (row for row in self._rows.get(key, ()) if row.level == level and row.valid_from > day)
        return min(later, key=lambda row: row.valid_from, default=None)

    def changes(self, keys: Iterable[str] | None = None) -> list[date]:
        """The days on which a value of these (or any) keys may begin or end, oldest first."""
        wanted = self._rows if keys is None else keys
        rows = [row for key in wanted for row in self._rows.get(key, ())]
        days = {row.valid_from for row in rows} | {row.valid_to for row in rows if row.valid_to}
        return sorted(days)

    def since(self, keys: Iterable[str], day: date) -> date | None:
        """When the youngest of the values in force began; None where all are defaults."""
        rows = (next((row for row in self._rows.get(key, ()) if row.holds(day)), None) for key in keys)
        return max((row.valid_from for row in rows if row is not None), default=None)


def parameters_of_places(
    places: Sequence[tuple[int | None, int | None]], keys: Collection[str] | None = None
) -> list[Parameters]:
    """The values of each (dwelling, its building) by their keys; (None, building) for a building's own. One query
    for all of them, and places without values of their own share one object: compare with `is`."""
    held: dict[tuple[int | None, int | None], list[Held]] = defaultdict(list)
    for row in held_by_occupants(_of_keys(keys).select_related(None)):
        held[place_of(row)].append(row)
    made: dict[tuple[int | None, int | None], Parameters] = {}

    def of(dwelling: int | None, building: int | None) -> Parameters:
        scopes: list[tuple[int | None, int | None]] = [(None, None)]
        scopes += [(None, building)] if building and (None, building) in held else []
        scopes += [(dwelling, None)] if dwelling and (dwelling, None) in held else []
        name = (scopes[-1][0], building if (None, building) in held else None)
        if name not in made:
            made[name] = Parameters(row for scope in scopes for row in held[scope])
        return made[name]

    return [of(dwelling, building) for dwelling, building in places]


def _of_keys(keys: Collection[str] | None) -> QuerySet[ParameterValue]:
    rows: QuerySet[ParameterValue] = ParameterValue.objects.all()
    return rows if keys is None else rows.filter(key__in=list(keys))


def parameters_of_dwelling(dwelling: Dwelling) -> Parameters:
    return parameters_of_dwelling_and_building(dwelling)[0]


def parameters_of_dwelling_and_building(dwelling: Dwelling) -> tuple[Parameters, Parameters]:
    """The dwelling's, and those without the values that are the dwelling's own; one query for both."""
    held = held_values(dwelling)
    return Parameters(held), Parameters(row for row in held if place_of(row)[0] is None)


def held_values(dwelling: Dwelling, *, neighbours: Collection[str] = ()) -> list[Held]:
    """All values that may hold in the dwelling, and of these keys those of the building's other dwellings as well.
    One query."""
    wanted = Q(building=None, dwelling=None) | Q(building=dwelling.building_id) | Q(dwelling=dwelling.pk)
    if neighbours:
        wanted |= Q(dwelling__building=dwelling.building_id, key__in=list(neighbours))
    return list(held_by_occupants(ParameterValue.objects.filter(wanted)))


def place_of(row: Held) -> tuple[int | None, int | None]:
    """(dwelling, building); neither for a value of the programme."""
    return row.place if isinstance(row, Dated) else (row.dwelling_id, row.building_id)


def parameters_of_building(building: Building) -> Parameters:
    return Parameters(
        ParameterValue.objects.filter(Q(building=None, dwelling=None) | Q(building=building.pk))
    )


def parameters_of_programme() -> Parameters:
    return Parameters(ParameterValue.objects.filter(building=None, dwelling=None))


def parameters_of_place(place: ParameterPlace) -> Parameters:
    if place.dwelling is not None:
        return parameters_of_dwelling(place.dwelling)
    return parameters_of_building(place.building) if place.building else parameters_of_programme()


def held_by_occupants(rows: QuerySet[ParameterValue]) -> Iterator[Held]:
    """An occupant's own price holds on that person's own days only: who comes after starts from the operator's.
    One query: such a value comes once for each of its author's stays, and once without days where there is none."""
    lived = Q(dwelling__occupancies__user=F("changed_by"), level=Level.OCCUPANT_DWELLING)
    rows = rows.annotate(stay=FilteredRelation("dwelling__occupancies", condition=lived))
    for row in rows.annotate(move_in=F("stay__move_in"), move_out=F("stay__move_out")):
        if row.level != Level.OCCUPANT_DWELLING or row.changed_by_id is None:
            yield row
            continue
        if row.move_in is None:
            continue
        start = max(row.valid_from, row.move_in)
        end = min((day for day in (row.valid_to, row.move_out) if day), default=None)
        if end is None or start < end:
            yield Dated(row.key, row.level, row.value, start, end, (row.dwelling_id, None))


def _dated(row: ParameterValue) -> Dated:
    return Dated(row.key, row.level, row.value, row.valid_from, row.valid_to)


def own_value_counts(day: date, level: Level, keys: Iterable[str]) -> dict[int, int]:
    """How many values each building (or dwelling) sets at `level` on `day`, by its key: one query for all."""
    field = "building" if level == Level.OPERATOR_BUILDING else "dwelling"
    rows = ParameterValue.objects.filter(level=level, key__in=list(keys), valid_from__lte=day)
    rows = rows.filter(Q(valid_to=None) | Q(valid_to__gt=day)).order_by()
    return dict(rows.values_list(field).annotate(Count("pk")))
