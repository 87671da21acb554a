"""Sample inputs of every component, for the living style page. Made up, in English, formatted for the reader."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator

from accounts.templatetags import releve as say
from readings.charts.lines import line_chart, sparkline
from readings.charts.shapes import Bar, Chart, Point, Series, Usage, stacked_bars

USAGES = (
    Usage("heating", "Heating"),
    Usage("hot_water", "Hot water"),
    Usage("sockets", "Sockets"),
    Usage("other", "Other"),
    Usage("cooling", "Cooling"),
)
SHARES = (
    ("heating", "0.5"),
    ("hot_water", "0.22"),
    ("sockets", "0.16"),
    ("other", "0.08"),
    ("cooling", "0.04"),
)
DAYS = (
    8,
    12,
    8,
    11,
    11,
    10,
    13,
    11,
    10,
    13,
    12,
    10,
    11,
    14,
    13,
    12,
    11,
    14,
    13,
    13,
    0,
    0,
    13,
    15,
    14,
    18,
    15,
    16,
    17,
    19,
    18,
)


class SampleForm(forms.Form):
    """One field of each kind, bound to wrong input so that the errors show."""

    serial = forms.CharField(
        label="Serial number", help_text="24 letters and digits, as printed on the box; never the letter O."
    )
    email = forms.EmailField(label="E-mail")
    city = forms.ChoiceField(label="City", choices=[("", "Choose"), ("chita", "Chita"), ("paris", "Paris")])
    day = forms.DateField(label="First day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label="Description", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    kind = forms.ChoiceField(
        label="Kind",
        widget=forms.RadioSelect,
        choices=[("person", "Private person"), ("contract", "Contract")],
    )
    send = forms.BooleanField(label="Send data of this meter", required=False)


class PriceForm(forms.Form):
    peak = forms.DecimalField(
        label="Peak hours",
        localize=True,
        help_text="Applies between the end and the start of off-peak hours.",
    )


def _bar(number: int, total: int) -> Bar:
    title = say.local_day(dt.date(2026, 10, number))
    if not total:
        return Bar(str(number), title, None, note="still on the gateway")
    values = {key: total * Decimal(share) for key, share in SHARES}
    texts = {key: say.kwh(value) for key, value in values.items()}
    estimated = number == 14
    return Bar(
        str(number), title, values, texts, say.kwh(total),
        "estimated" if estimated else "measured", "estimated" if estimated else "",
    )  # fmt: skip


def _bars() -> Chart:
    return stacked_bars(
        [_bar(n, total) for n, total in enumerate(DAYS, start=1)], USAGES, number=say.plain, unit="kWh"
    )


def _line() -> Chart:
    def points(base: int, swing: int) -> list[Point]:
        return [
            Point(
                hour,
                None if 30 <= hour < 34 else Decimal(base) + Decimal((hour * 7) % 11 * swing) / 10,
                f"14.10 {hour % 24:02d}:00",
                flagged=base > 50 and hour == 48,
            )
            for hour in range(72)
        ]

    series = [Series("heating", "T1, supply", points(68, 8)), Series("water", "T2, return", points(41, 5))]
    return line_chart(
        series, labels=[(h, f"{h % 24:02d}:00") for h in range(0, 72, 6)], number=say.plain, width=1080
    )


def _dwellings() -> list[dict[str, Any]]:
    names = ("C. Roy", "A. Benali", "", "L. Petit", "M. Costa")
    states = (
        ("ok", "complete"),
        ("ok", "complete"),
        ("warn", "2 days missing"),
        ("neutral", "not published"),
        ("bad", "possible leak"),
    )
    rows = []
    for index, (name, (kind, word)) in enumerate(zip(names, states, strict=True)):
        months = [None if index == 2 and n == 5 else 10 + (n * (index + 3)) % 9 for n in range(13)]
        rows.append(
            {
                "label": f"Apartment {101 + index}", "occupant": name or "—", "energy": say.kwh(313 + 41 * index),
                "amount": say.money(4004 + 1207 * index), "spark": sparkline(months),
                "temperature": say.degrees(Decimal("21.1") - index), "kind": kind, "word": word,
            }
        )  # fmt: skip
    return rows


def style_context() -> dict[str, Any]:
    """Everything `portal/style.html` shows."""
    amounts = (3120, 1410, 915, None, 235)
    quantities = (206, 91, 66, 33, 16)
    usages = [
        {
            "key": usage.key,
            "label": usage.label,
            "quantity": say.kwh(quantity),
            "share": Decimal(quantity) / Decimal("2.06"),
            "amount": "" if amount is None else say.money(amount),
            "url": "#usages",
        }
        for usage, quantity, amount in zip(USAGES, quantities, amounts, strict=True)
    ]
    euros, _, symbol = say.money(6140).rpartition(say.WIDE)
    return {
        "crumbs": [
            {"label": "Résidence Les Tilleuls", "url": "#"},
            {"label": "Building A", "url": "#"},
            {"label": "Apartment 102"},
        ],
        "periods": [
            {"label": name, "url": "#", "current": name == "Month"}
            for name in ("Day", "Week", "Month", "Year")
        ],
        "months": [
            {"label": "‹", "url": "#", "name": "September 2026"},
            {"label": say.local_month(dt.date(2026, 10, 1)), "current": True},
            {"label": "›"},
        ],
        "hero_value": euros or say.money(6140),
        "hero_unit": symbol if euros else "",
        "comparisons": [
            {"label": "Energy", "value": say.kwh(412)},
            {"label": "September", "value": say.signed_percent(18), "trend": "up"},
            {"label": "October 2025", "value": say.signed_percent(-7), "trend": "down"},
            {"label": "Comparable dwellings", "value": say.signed_percent(-12), "trend": "down"},
        ],
        "bars": _bars(),
        "line": _line(),
        "usages": usages,
        "stats": [
            {
                "label": "Consumption, October",
                "value": say.kwh(38214),
                "note": f"{say.signed_percent(-4)} on the year before",
            },
            {"label": "Amount", "value": say.money(570200), "note": "2 tariffs", "url": "#"},
            {
                "label": "Complete data",
                "value": say.percent(Decimal("97.8"), 1),
                "note": "11 hours still on the gateway",
            },
            {"label": "To look at", "value": "3", "kind": "warn", "word": "1 leak · 1 meter · 1 departure"},
        ],
        "dwellings": _dwellings(),
        "water": [
            [
                "Cold water",
                say.m3(Decimal("3.412")),
                say.money(1330),
                {"text": "187.206 → 190.618", "url": "#"},
            ],
            ["Hot water", say.m3(Decimal("1.87")), say.money(1410), {"text": "96.004 → 97.874", "url": "#"}],
        ],
        "water_columns": [
            {"label": "Meter"},
            {"label": "Volume", "number": True},
            {"label": "Amount", "number": True},
            {"label": "Index", "small": False},
        ],
        "water_foot": ["Together", say.m3(Decimal("5.282")), say.money(2740), ""],
        "facts": [
            {"label": "Completeness", "value": say.percent(Decimal("99.7"), 1)},
            {"label": "Heat", "value": say.gcal(Decimal("41.208"))},
            {"label": "Charged", "value": say.money(8653680, "RUB")},
            {"label": "Previous upload", "value": say.local_day(dt.date(2026, 9, 25))},
        ],
        "steps": [
            {"label": "Add a server", "text": "Done on 3 October", "done": True},
            {
                "label": "Publish the estate",
                "text": "The gateway sends its buildings and meters",
                "url": "#",
                "action": "How to",
            },
            {"label": "Name an operator", "url": "#", "action": "Name"},
            {"label": "Set the prices", "url": "#", "action": "Set"},
        ],
        "form": SampleForm({"serial": "O000", "email": "nobody", "kind": "person", "send": "on"}),
        "prices": PriceForm({"peak": "dear"}),
        "page": Paginator(range(480), 10).page(3),
        "price_base": say.price(1256),
        "price_off": say.price(984),
    }
