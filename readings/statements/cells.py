"""The cells of a table of statement lines or payments: headings in three languages, months, days and money. Pure."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

HEADINGS: dict[str, tuple[str, ...]] = {
    "contract": (
        "contract", "contract number", "account", "договор", "№ договора", "номер договора", "лицевой счёт", "л/с",
        "лицевой счёт / договор", "contrat", "numéro de contrat",
    ),
    "month": ("month", "period", "период", "месяц", "mois", "période"),
    "service": ("service", "услуга", "prestation"),
    "opening": ("opening balance", "сальдо на начало", "solde initial", "solde d'ouverture"),
    "charged": ("charged", "начислено", "facturé"),
    "additional": ("additionally charged", "доначислено", "facturé en plus", "supplément facturé"),
    "refunded": ("refunded", "возврат", "remboursé"),
    "paid": ("paid", "оплата", "оплачено", "payé"),
    "closing": ("closing balance", "сальдо на конец", "solde final", "solde de clôture"),
    "to_pay": ("to pay", "к оплате", "à payer"),
    "date": ("date", "payment date", "дата", "дата оплаты", "дата платежа", "date de paiement"),
    "amount": ("amount", "сумма", "сумма оплаты", "сумма платежа", "montant"),
    "document": ("document", "документ", "№ документа", "номер документа", "платёжный документ", "pièce"),
    "currency": ("currency", "валюта", "devise"),
}  # fmt: skip
SERVICES = {
    "main": ("main", "main services", "основные услуги", "prestations principales", "services principaux"),
    "penalty": ("penalty", "пеня", "пени", "pénalité", "pénalités"),
}
MONTHS = (
    ("январь", "january", "janvier"), ("февраль", "february", "février"), ("март", "march", "mars"),
    ("апрель", "april", "avril"), ("май", "may", "mai"), ("июнь", "june", "juin"), ("июль", "july", "juillet"),
    ("август", "august", "août"), ("сентябрь", "september", "septembre"), ("октябрь", "october", "octobre"),
    ("ноябрь", "november", "novembre"), ("декабрь", "december", "décembre"),
)  # fmt: skip
MOST = 10**13  # minor units: more money than a utility has
_AMOUNT = re.compile(r"([+-]?)([0-9]{1,12})(?:[.,]([0-9]{1,2})0*)?", re.ASCII)
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})(?:[ T]00:00(?::00)?)?)?", re.ASCII)
_DOTTED = re.compile(r"(?:([0-9]{1,2})[./])?([0-9]{1,2})[./]([0-9]{4})", re.ASCII)
_NAMED = re.compile(r"([^\W\d_]+)\s+([0-9]{4})(?:\s*г\.?)?")


def folded(text: str) -> str:
    return " ".join(text.replace("ё", "е").replace("Ё", "Е").split()).strip(" :*.").casefold()


_BY_HEADING = {folded(text): name for name, texts in HEADINGS.items() for text in texts}
_BY_SERVICE = {folded(text): name for name, texts in SERVICES.items() for text in texts}


def column_of(heading: str) -> str | None:
    """A unit in brackets after the heading ("Начислено, руб.") is no part of its name."""
    return _BY_HEADING.get(folded(re.split(r"[,(]", heading)[0]))


def service_of(text: str) -> str:
    """The known services by their code, any other by its own name."""
    return _BY_SERVICE.get(folded(text), " ".join(text.split())) if text.strip() else "main"


def minor_of(text: str) -> int | None:
    """Money as minor units; None for what is none. Comma or point, spaces between thousands, at most two decimals."""
    plain = re.sub(r"(?<=[0-9])[ \u00a0\u202f'](?=[0-9]{3})", "", text.strip().replace("\u2212", "-"))
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        return None
    minor = int(Decimal(f"{found[2]}.{found[3] or '0'}") * 100)
    return None if minor >= MOST else -minor if found[1] == "-" else minor


def month_of_text(text: str) -> date | None:
    """2026-10, 10.2026, 01.10.2026, октябрь 2026, as its first day."""
    text = text.strip()
    if named := _NAMED.fullmatch(text):
        number = next((n for n, names in enumerate(MONTHS, 1) if named[1].casefold() in names), None)
        return _date(int(named[2]), number, 1) if number else None
    day = day_of_text(text, alone=True)
    return day.replace(day=1) if day else None


def day_of_text(text: str, *, alone: bool = False) -> date | None:
    """An ISO or a day-first date; with `alone` a month without its day is its first day."""
    if found := _ISO.fullmatch(text.strip()):
        year, month, day = found[1], found[2], found[3]
    elif found := _DOTTED.fullmatch(text.strip()):
        day, month, year = found[1], found[2], found[3]
    else:
        return None
    return None if day is None and not alone else _date(int(year), int(month), int(day or 1))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 2000 <= year < 2100 else None
    except ValueError:
        return None
