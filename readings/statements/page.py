"""What the pages of a contract show: balance, charges by metering point, tariffs, a charge explained."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import ProgrammeRequest
from accounts.models import Contract
from accounts.templatetags.releve import local_day, local_month, money, number_text, plain, unit_name
from readings.models import Bill, PeriodClosing, StatementEntry
from readings.statements.charges import components_of
from readings.statements.closing import today_of
from readings.statements.fixed import CAPACITY
from readings.statements.ledger import (
    closings_standing,
    entries_of,
    months_of,
    notes_of,
    service_label,
    statement_of,
)
from readings.statements.money import month_of
from readings.statements.settle import charged_points, draft
from readings.statements.words import (
    STATUS,
    balance_table,
    column_labels,
    kind_words,
    line_cells,
    part_days,
    part_text,
    price_text,
    remarks_of,
    status_word,
)
from servers.models import MeteringPoint
from tariffs.catalogue import BASES, BILLED, PARAMETERS, Parameter
from tariffs.pricing import service_of
from tariffs.selectors import Parameters, parameters_of_programme
from tariffs.texts import full_label, value_text

TABS = {
    "contract_detail": gettext_lazy("Balance"),
    "contract_meters": gettext_lazy("Meters"),
    "contract_heat_meters": gettext_lazy("Heat meters"),
    "contract_charges": gettext_lazy("Charges by metering point"),
}


def tabs_of(request: ProgrammeRequest, contract: Contract, current: str) -> list[dict[str, Any]]:
    place = [request.programme.slug, contract.public_id]
    return [
        {"label": label, "url": reverse(name, args=place), "current": name == current}
        for name, label in TABS.items()
    ]


def chosen_month(text: str, months: list[date], usual: date) -> date:
    """One that the contract has; else the usual one, without a fault."""
    return next((month for month in months if f"{month:%Y-%m}" == text), usual)


def month_choice(
    request: ProgrammeRequest, contract: Contract, text: str
) -> tuple[date, list[dict[str, Any]]]:
    """The month of the page and the choices. Shown first is the last one that is over."""
    current = month_of(today_of(request.programme))
    months = months_of(contract, current)
    usual = next((one for one in months if one < current or len(months) == 1), current)
    month = chosen_month(text, months, usual)
    return month, [
        {"value": f"{one:%Y-%m}", "label": local_month(one), "current": one == month} for one in months
    ]


def balance_context(request: ProgrammeRequest, contract: Contract) -> dict[str, Any]:
    month, months = month_choice(request, contract, request.GET.get("month", ""))
    statement = statement_of(contract, month)
    bill = (
        Bill.objects.filter(contract=contract, month=month, ordered_by=request.user).order_by("-pk").first()
    )
    return {
        "month": month, "months": months, "columns": column_labels(),
        "rows": [{"label": service_label(line.service), "cells": line_cells(line)} for line in statement.lines],
        "table": balance_table([(service_label(line.service), line) for line in statement.lines]),
        "query": f"month={month:%Y-%m}",
        "total": line_cells(statement.total),
        "due": money(statement.total.to_pay, request.programme.currency),
        "has_due": statement.total.to_pay > 0,
        "state": closing_chip(month), "notes": notes_of(month), "bill": bill,
        "payments": payments_of(contract, month, request.programme.currency),
    }  # fmt: skip


def closing_chip(month: date) -> dict[str, str]:
    row = closings_standing().filter(month=month).first()
    if row is None:
        return {"kind": "neutral", "label": _("month not closed yet")}
    if row.state == PeriodClosing.State.QUEUED:
        return {"kind": "warn", "label": _("being closed")}
    return {"kind": "ok", "label": _("month closed")}


def payments_of(contract: Contract, month: date, currency: str) -> list[dict[str, str]]:
    """Those that are stored one by one, with their document."""
    rows = StatementEntry.objects.filter(contract=contract, month=month, kind=StatementEntry.Kind.PAID)
    return [
        {
            "date": local_day(date.fromisoformat(row.detail["date"])), "document": row.detail["document"],
            "service": service_label(row.service), "amount": money(row.minor, currency),
        }
        for row in rows.order_by("pk")
        if "document" in row.detail
    ]  # fmt: skip


def charges_context(request: ProgrammeRequest, contract: Contract) -> dict[str, Any]:
    """Of a closed month what was booked; of an open one what it would be today."""
    month, months = month_choice(request, contract, request.GET.get("month", ""))
    closed = closings_standing().filter(month=month, state=PeriodClosing.State.DONE).exists()
    rows = _booked(request, contract, month) if closed else _draft(request, contract, month)
    total = sum(row["minor"] for row in rows)
    return {
        "month": month, "months": months, "rows": rows, "closed": closed, "state": closing_chip(month),
        "total": money(total, request.programme.currency), "notes": notes_of(month), "query": f"month={month:%Y-%m}",
    }  # fmt: skip


def charges_table(rows: list[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """The rows of `charges_context` to take away; the amount as a number."""
    header = [
        _("Metering point"), _("Name"), _("About"), _("Quantity and price"), _("Remarks"), _("Amount")
    ]  # fmt: skip
    return header, [
        [
            row["point"].number or "", row["point"].name, row.get("what", ""), "; ".join(row["parts"]),
            "; ".join(str(one) for one in row["remarks"]), Decimal(row["minor"]).scaleb(-2),
        ]
        for row in rows
    ]  # fmt: skip


def _booked(request: ProgrammeRequest, contract: Contract, month: date) -> list[dict[str, Any]]:
    slug, rows = request.programme.slug, []
    for entry in entries_of(contract, month):
        row = charge_row(
            entry.point, entry.detail, entry.minor, request.programme.currency, sign=_sign(entry)
        )
        row["url"] = reverse("charge_detail", args=[slug, entry.public_id])
        row["what"] = kind_words(entry.kind, entry.about) if entry.about else ""
        rows.append(row)
    return rows


def _sign(entry: StatementEntry) -> int:
    return -1 if entry.kind == StatementEntry.Kind.REFUNDED else 1


def _draft(request: ProgrammeRequest, contract: Contract, month: date) -> list[dict[str, Any]]:
    points = list(charged_points(month).filter(contract=contract))
    found = draft(points, month, PeriodClosing.Fill.NONE, today_of(request.programme))
    currency = request.programme.currency
    return [charge_row(point, charge.detail, charge.minor, currency) for point, charge in found]


def charge_row(
    point: Any, detail: dict[str, Any], minor: int, currency: str, *, sign: int = 1
) -> dict[str, Any]:
    return {
        "point": point, "minor": sign * minor, "amount": money(sign * minor, currency),
        "parts": [f"{part_text(part, currency)} ({part_days(part)})" for part in detail.get("parts") or ()],
        "remarks": remarks_of(detail),
    }  # fmt: skip


def charge_context(request: ProgrammeRequest, entry: StatementEntry) -> dict[str, Any]:
    """A booked amount down to the days it was made of, as they were then."""
    currency, detail = request.programme.currency, entry.detail
    parts = [
        {
            "label": full_label(PARAMETERS[part["key"]]) if part["key"] in PARAMETERS else part["key"],
            "days": part_days(part), "text": part_text(part, currency), "cost": number_text(part["cost"], 4),
        }
        for part in detail.get("parts") or ()
    ]  # fmt: skip
    return {
        "entry": entry, "parts": parts, "remarks": remarks_of(detail), "month": local_month(entry.about or entry.month),
        "what": kind_words(entry.kind, entry.about), "amount": money(_sign(entry) * entry.minor, currency),
        "was": money(detail["was"], currency) if "was" in detail else "",
        "now": money(detail["now"], currency) if "now" in detail else "", "tables": _day_tables(detail),
    }  # fmt: skip


def _day_tables(detail: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "unit": unit_name(unit),
            "rows": [
                {
                    "day": formats.date_format(date.fromisoformat(day), "SHORT_DATE_FORMAT"),
                    "value": plain(text) if text else "—", "chip": {"kind": STATUS[status], "label": status_word(status)},
                }
                for day, text, status in rows
            ],
        }
        for unit, rows in (detail.get("days") or {}).items()
    ]  # fmt: skip


def fixed_keys(points: list[MeteringPoint], prices: Parameters, today: date) -> list[str]:
    """Capacity rates and standing charges that are set, of the services that these points are charged for."""
    services = dict.fromkeys(service_of(one[0].prices[0][0]) for p in points if (one := components_of(p)))
    capacity = [f"{one}_capacity" for one in services if one in CAPACITY]
    standing = [f"standing_{one}" for one in services]
    return [key for key in capacity if prices.price(key, today)] + [
        key for key in standing if int(prices.at(key, today)[2:])
    ]


def tariff_text(parameter: Parameter, stored: str, currency: str) -> str:
    """1 985,47 ₽/Gcal; 4,12 ₽ a day."""
    if parameter.kind == "price":
        return f"{price_text(int(stored), currency)}/{unit_name(parameter.unit)}"
    return f"{price_text(int(stored[2:]), currency)} {BASES[stored[:1]]}"


def tariffs_context(request: ProgrammeRequest, contract: Contract) -> dict[str, Any]:
    """The prices that the contract's metering points take today, with since when."""
    today, currency = today_of(request.programme), request.programme.currency
    prices = parameters_of_programme()
    points = list(charged_points(month_of(today)).filter(contract=contract))
    keys = dict.fromkeys(key for p in points for one in components_of(p) for key, _factor in one.prices)
    shown = [key for key in keys if prices.price(key, today)] + fixed_keys(points, prices, today)
    labels = dict(BILLED)
    rows = []
    for key in shown:
        service = service_of(key.removeprefix("standing_"))
        since = prices.since([key], today)
        vat = value_text(PARAMETERS[f"vat_{service}"], prices.at(f"vat_{service}", today), currency)
        rows.append(
            {
                "label": full_label(PARAMETERS[key]),
                "price": tariff_text(PARAMETERS[key], prices.at(key, today), currency),
                "vat": vat, "since": local_day(since) if since else "—", "service": labels[service],
            }
        )  # fmt: skip
    return {"rows": rows, "today": local_day(today)}
