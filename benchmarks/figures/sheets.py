"""Monthly sheets beside rendering the bare template: what the figures of a sheet cost on top of its page.

A building of eight dwellings with a year of day totals, on a database of its own in memory. Ours makes the sheet's
figures from the totals and renders its page; the other side renders the page from figures that are there already.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from benchmarks.frame import Figure, Side

TARGET = 0.01  # a sheet made and shown in the time of a hundred bare pages
MONTH = date(2026, 10, 1)
DAYS = 400
METERS = (("heat", "heating", "energy", "kWh"), ("electricity", "sockets", "energy", "kWh"),
          ("cold_water", "water", "volume", "m3"), ("hot_water", "hot_water", "energy", "kWh"))  # fmt: skip


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ["RELEVE_MODE"] = "test"
    os.environ["DATABASE_URL"] = "sqlite://:memory:"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _estate() -> tuple[Any, list[Any]]:
    from accounts.tenancy import tenant_scope
    from readings.models import DayTotal
    from testkit.estate import make_home
    from testkit.world import make_programme

    programme = make_programme("Bench", "bench")
    dwellings = []
    for n in range(8):
        home = make_home(programme, f"A-{n}", f"Appartement {n}")
        for medium, usage, quantity, unit in METERS:
            home.meter(medium, medium=medium, usage=usage, registers=[{"quantity": quantity, "unit": unit}])
        with tenant_scope(programme.pk):
            home.dwelling.area_cm2 = 600_000
            home.dwelling.save()
            DayTotal.objects.bulk_create(
                DayTotal(
                    register=register, day=(date(2026, 11, 1) - timedelta(days=back)).toordinal(),
                    quantity=3000 + (back * 37 + n * 11) % 900, seconds=86400,
                )
                for register in home.registers.values()
                for back in range(DAYS)
            )  # fmt: skip
        dwellings.append(home.dwelling)
    return programme, dwellings


def figures() -> Iterator[Figure]:
    _django()
    from django.template.loader import render_to_string

    from accounts.tenancy import tenant_scope
    from readings.models import MonthlySheet
    from readings.sheets.figures import sheet_figures
    from readings.sheets.page import SheetPage

    programme, dwellings = _estate()
    visible = [(date(2020, 1, 1), None)]

    def sheet(dwelling: Any) -> MonthlySheet:
        return MonthlySheet(
            dwelling=dwelling, month=MONTH, figures=sheet_figures(dwelling, visible, MONTH, euros=True)
        )

    def rendered(context: dict[str, Any]) -> str:
        return render_to_string("mail/sheet.html", context)

    def ours() -> list[str]:
        with tenant_scope(programme.pk):
            return [rendered(SheetPage(sheet(dwelling), programme).context()) for dwelling in dwellings]

    with tenant_scope(programme.pk):
        ready = [SheetPage(sheet(dwelling), programme).context() for dwelling in dwellings]

    def bare() -> list[str]:
        return [rendered(context) for context in ready]

    def check() -> None:
        if ours() != bare() or "kWh" not in bare()[0]:
            raise RuntimeError("both sides must show the same sheet")

    yield Figure(
        "monthly sheets",
        Side("ours, from day totals", ours, check),
        Side("the template alone", bare, check),
        target=TARGET,
        work=len(dwellings),
        unit="dwellings",
    )
