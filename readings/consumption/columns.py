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
from accounts.templatetags import releve
from readings.consumption.breakdown import energy_of
from readings.consumption.periods import period_of
from readings.consumption.selectors import sources_of
from readings.totals.selectors import month_quantities
from servers.columns import Cell, Column, DwellingColumns
from servers.models import Register
from tariffs.selectors import parameters_of_programme
from tariffs.units import quantity_of


def energy_columns(actor: Actor, dwelling_ids: Sequence[int]) -> DwellingColumns:
    """What has been counted this month and in the whole month before; a link leads to the days behind it."""
    if not actor.may(Permission.SEE_CONSUMPTION) or not dwelling_ids:
        return DwellingColumns()
    today = timezone.now().astimezone(actor.programme.zone).date()
    month = period_of("month", today)
    registers = Register.objects.filter(installation__point__dwelling__in=dwelling_ids)
    sources = sources_of(registers)
    parameters = cache(parameters_of_programme)  # asked for only where a formula needs one

    def value(key: str, day: date) -> str:
        return parameters().at(key, day)

    energy: dict[tuple[int, bool], Fraction] = defaultdict(Fraction)
    for row in month_quantities(sources, month.before.first_day, today + timedelta(days=1)):
        source = sources[row.register_id]
        kwh = energy_of(source, quantity_of(row.quantity, source.exponent), row.month, value)
        if kwh is not None and source.dwelling_id:
            energy[source.dwelling_id, row.month == month.first_day] += kwh
    pages = {
        source.dwelling_id: reverse(
            "dwelling_consumption", args=[actor.programme.slug, source.dwelling_public_id]
        )
        for source in sources.values()
    }
    return DwellingColumns(
        [Column(_("Energy this month")), Column(_("The month before"), small=False)],
        {
            pk: [
                Cell(releve.kwh(energy[pk, True]) if (pk, True) in energy else "—", pages.get(pk, "")),
                Cell(releve.kwh(energy[pk, False]) if (pk, False) in energy else "—"),
            ]
            for pk in dwelling_ids
        },
    )
