"""Statements as people read them: labels, amounts with two decimals, a charge in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.releve import amount_text as price_amount
from accounts.templatetags.releve import local_month, money, number_text, plain, unit_name
from readings.models import StatementEntry

NAMES = ("opening", "charged", "additional", "refunded", "paid", "closing", "to_pay")
STATUS = {
    "measured": "ok", "estimated": "warn", "substituted": "warn", "filled": "warn", "disputed": "bad", "missing": "bad"
}  # fmt: skip


def column_labels() -> list[str]:
    return [
        _("Opening balance"), _("Charged"), _("Additionally charged"), _("Refunded"), _("Paid"),
        _("Closing balance"), _("To pay"),
    ]  # fmt: skip


def amount_text(minor: int) -> str:
    """Without the currency, which stands once above the table."""
    return number_text(Decimal(minor).scaleb(-2), 2)


def line_cells(line: Any) -> list[str]:
    values = line if isinstance(line, Mapping) else {name: getattr(line, name) for name in NAMES}
    return [amount_text(values[name]) for name in NAMES]


def balance_table(rows: Iterable[tuple[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """(service, line) as header and rows to take away: amounts as numbers."""
    header = [_("Service"), *column_labels()]
    return header, [
        [label, *(Decimal(getattr(line, name)).scaleb(-2) for name in NAMES)] for label, line in rows
    ]


def status_word(status: str) -> str:
    return {
        "measured": _("measured"), "estimated": _("estimated"), "substituted": _("substituted"),
        "filled": _("mean of the month"), "disputed": _("disputed"), "missing": _("missing"),
    }[status]  # fmt: skip


def part_text(part: Mapping[str, Any], currency: str) -> str:
    """12,345 Gcal × 1 678,90 ₽ + VAT 20 %; 0,35 Gcal/h × 512 340,00 ₽ a month, 12 of 31 days; 31 days × 4,12 ₽"""
    kind = part.get("kind")
    if kind == "capacity":
        load = f"{plain(Decimal(part['load']))}\xa0{unit_name('Gcal/h')}"
        text = _a_month(part, f"{load} × {_price_text(part, currency)}")
    elif kind == "standing" and part["basis"] == "m":
        text = _a_month(part, _price_text(part, currency))
    elif kind == "standing":
        days = ngettext("%(count)s day", "%(count)s days", part["count"]) % {"count": part["count"]}
        text = f"{days} × {_price_text(part, currency)}"
    else:
        quantity = f"{plain(Decimal(part['quantity']))}\xa0{unit_name(part['unit'])}"
        if part["price"] is None:
            return _("%(quantity)s without a price") % {"quantity": quantity}
        text = f"{quantity} × {_price_text(part, currency)}"
    if part["vat"]:
        rate = plain(Decimal(part["vat"]).scaleb(-4).normalize())
        text = _("%(text)s + VAT %(rate)s %%") % {"text": text, "rate": rate}
    return text


def _price_text(part: Mapping[str, Any], currency: str) -> str:
    return price_text(part["price"], currency)


def price_text(stored: int, currency: str) -> str:
    """10⁻⁴ of the currency with at least two decimals: 1 985,47 ₽; 0,1256 €."""
    price = Decimal(stored).scaleb(-4).normalize()
    return price_amount(price, max(2, -int(price.as_tuple().exponent)), currency)


def _a_month(part: Mapping[str, Any], amount: str) -> str:
    """Of a month that is not whole its share of the days is told."""
    text = _("%(amount)s a month") % {"amount": amount}
    if part["count"] == part["of"]:
        return text
    share = _("%(count)s of %(of)s days") % {"count": part["count"], "of": part["of"]}
    return f"{text}, {share}"


def part_days(part: Mapping[str, Any]) -> str:
    first, last = (date.fromisoformat(part[name]) for name in ("first", "last"))
    short = [formats.date_format(day, "SHORT_DATE_FORMAT") for day in (first, last)]
    return short[0] if first == last else "–".join(short)


def remarks_of(detail: Mapping[str, Any]) -> list[str]:
    """What a reader has to know of a charge: no price, days that are missing or were filled."""
    found = []
    if detail.get("priced") is False:
        found.append(_("No tariff is set."))
    if missing := detail.get("missing"):
        found.append(
            ngettext(
                "%(count)s day without a value is not charged.",
                "%(count)s days without a value are not charged.",
                missing,
            )
            % {"count": missing}
        )
    if filled := detail.get("filled"):
        found.append(
            ngettext(
                "%(count)s day takes the mean of the month.",
                "%(count)s days take the mean of the month.",
                filled,
            )
            % {"count": filled}
        )
    return found


def kind_words(kind: str, about: date | None) -> str:
    if about is None:
        return _("Charged")
    word = _("Additionally charged") if kind == StatementEntry.Kind.ADDITIONAL else _("Refunded")
    return _("%(word)s for %(month)s") % {"word": word, "month": local_month(about)}


def charge_rows(charges: Iterable[Mapping[str, Any]], currency: str) -> list[list[str]]:
    """A row a charge of a bill: point, how it came about, amount."""
    rows = []
    for one in charges:
        about = date.fromisoformat(one["about"]) if one["about"] else None
        parts = [part_text(part, currency) for part in one["detail"].get("parts") or ()]
        texts = [kind_words(one["kind"], about)] if about else []
        sign = -1 if one["kind"] == StatementEntry.Kind.REFUNDED else 1
        rows.append(
            [
                one["point"],
                "\n".join([*texts, *parts, *remarks_of(one["detail"])]),
                money(sign * one["minor"], currency),
            ]
        )
    return rows
