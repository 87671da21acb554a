"""This month's energy of each dwelling, for the operator's tables of dwellings: two or three queries a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, Permission
from readings.consumption.breakdown import energy_of, usages_of
from readings.consumption.selectors import sources_of
from readings.totals.selectors import month_quantities
from servers.columns import Cell, Column, DwellingColumns
from servers.models import Register
from tariffs.selectors import parameters_of_programme
from tariffs.texts import energy_unit
from tariffs.units import quantity_of


def energy_columns(actor: Actor, dwelling_ids: Sequence[int]) -> DwellingColumns:
    """What has been counted since the first of the month; a link leads to the days behind it."""
    if not actor.may(Permission.SEE_CONSUMPTION) or not dwelling_ids:
        return DwellingColumns()
    today = timezone.now().astimezone(actor.programme.zone).date()
    sources = sources_of(Register.objects.filter(installation__point__dwelling__in=dwelling_ids))
    parameters = cache(parameters_of_programme)

    def value(key: str, day: date) -> str:
        return parameters().at(key, day)

    energy: dict[int, Fraction] = defaultdict(Fraction)
    usages: dict[int, set[str]] = defaultdict(set)
    pages: dict[int, str] = {}
    for row in month_quantities(sources, today.replace(day=1), today + timedelta(days=1)):
        source = sources[row.register_id]
        kwh = energy_of(source, quantity_of(row.quantity, source.exponent), row.month, value)
        if kwh is not None and source.dwelling_id:
            energy[source.dwelling_id] += kwh
            usages[source.dwelling_id] |= usages_of(source)
            slug = actor.programme.slug
            pages[source.dwelling_id] = reverse(
                "dwelling_consumption", args=[slug, source.dwelling_public_id]
            )
    heat = value("heat_unit", today) if energy else "kwh"
    cells = {pk: [Cell(energy_unit(usages[pk], heat).text(kwh), pages[pk])] for pk, kwh in energy.items()}
    return DwellingColumns([Column(_("Energy this month"))], cells)
