"""How a step of a line was computed, in words and numbers."""

from __future__ import annotations

from calendar import monthrange
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.templatetags import releve
from readings.consumption.breakdown import Formula, Source
from readings.consumption.words import service_label, usage_labels, water_labels
from readings.costs.lines import STANDING, How, Line, Step
from tariffs.catalogue import PARAMETERS
from tariffs.texts import unit_text
from tariffs.units import CUBIC_METRES, KWH

FINE = Decimal("0.000001")  # of money and quantities that are not whole


def exactly(amount: Fraction, least: int = 3) -> str:
    """With the digits it has, from `least` to six: 12.3450 → 12.345; a third → 0.333333."""
    value = (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(FINE).normalize()
    exponent = value.as_tuple().exponent
    return releve.number_text(value, max(least, -exponent if isinstance(exponent, int) else 0))


def exact_money(amount: Fraction, currency: str) -> str:
    """Before it is rounded: 2.3481 €."""
    symbol = releve.CURRENCIES.get(currency, (currency, 2))[0]
    return f"{exactly(amount, 2)}\u00a0{symbol}"


def line_label(line: Line) -> str:
    usages, waters = usage_labels(), water_labels()
    if line.kind == STANDING:
        return _("Standing charge: %(service)s") % {"service": service_label(line.key)}
    label = waters[line.key] if line.kind.endswith("water") else usages[line.key]
    return _("Share of the common areas: %(usage)s") % {"usage": label} if line.is_common else label


def price_text(how: How, currency: str) -> str:
    """ "0,0984 €/kWh"; "11,5000 € a month"; nothing where no price is set."""
    if not how.price:
        return ""
    parameter = PARAMETERS[how.price_key]
    unit = unit_text(parameter, currency)
    if how.stored:
        basis = _("a month") if how.stored[:1] == "m" else _("a day")
        return f"{releve.price(how.price)}\u00a0{unit} {basis}"
    return f"{releve.price(how.price)}\u00a0{unit}"


def price_name(how: How) -> str:
    """Which price of the tariffs page it is."""
    parameter = PARAMETERS.get(how.price_key)
    return str(parameter.label) if parameter is not None and not how.stored else ""


def counted_text(step: Step, source: Source) -> str:
    """What the register counted, in its own unit."""
    return f"{exactly(step.counted)}\u00a0{releve.unit_name(source.unit)}"


def amount_text(step: Step, line: Line) -> str:
    """What is priced: kWh, Gcal or m³; days, or months as a fraction of the month's days."""
    if step.how.stored:
        days = str(int(step.amount))
        if step.how.stored[:1] == "m":
            days = f"{days}/{monthrange(step.first.year, step.first.month)[1]}"
            return _("%(days)s of a month") % {"days": days}
        return _("%(days)s days") % {"days": days} if int(step.amount) != 1 else _("1 day")
    unit = "m3" if line.kind.endswith("water") else "Gcal" if step.how.price_key.endswith("_gcal") else "kWh"
    return f"{exactly(step.priced_amount)}\u00a0{releve.unit_name(unit)}"


def formula_text(line: Line, step: Step, source: Source) -> str:
    """Each step from what was counted to what is priced; empty where they are the same."""
    formula, factors = step.how.formula, []
    if formula.kind == "gas":
        factors.append(f"{_four(formula.numbers[0])} {unit_text(PARAMETERS['gas_coefficient'], '')}")
    elif formula.kind in ("water", "boiler"):
        factors.append(_water(formula))
    elif line.kind.endswith("energy") and source.unit != "kWh":
        factors.append(
            f"{exactly(KWH[source.unit], 0)} {pgettext('unit', 'kWh')}/{releve.unit_name(source.unit)}"
        )
    elif line.kind.endswith("water") and CUBIC_METRES[source.unit] != 1:
        factors.append(
            f"{exactly(CUBIC_METRES[source.unit], 0)} {pgettext('unit', 'm³')}/{releve.unit_name(source.unit)}"
        )
    if formula.percent is not None:
        factors.append(f"{releve.percent(formula.percent)} ({season_label(formula.season)})")
    if step.how.price_key.endswith("_gcal") and source.unit != "Gcal":
        factors.append(f"1/{exactly(KWH['Gcal'], 0)} {releve.unit_name('Gcal')}/{pgettext('unit', 'kWh')}")
    if formula.kind == "pump":
        heats = line.key == "heating"
        return _("heat pump, time of heating") if heats else _("heat pump, time of cooling")
    return " × ".join(["", *factors]).strip()


def _water(formula: Formula) -> str:
    constant = releve.plain(Decimal("1.163"))
    if formula.kind == "boiler":
        return f"{constant} × {_short(formula.numbers[0])}\u00a0K"
    outlet, inlet = formula.numbers
    if outlet <= inlet:  # water that was not warmed
        return f"{constant} × 0\u00a0K"
    return f"{constant} × ({_short(outlet)} − {_short(inlet)})\u00a0K"


def share_text(how: How) -> str:
    if how.share is None:
        return ""
    key, own, total = how.share
    if key == "area":
        words = {"own": _square_metres(own), "all": _square_metres(total)}
        return _("by living area: %(own)s of %(all)s m²") % words
    return _("in equal parts: 1 of %(count)s dwellings") % {"count": total}


def season_label(season: str) -> str:
    labels: dict[str, Any] = {
        "spring": _("Spring"), "summer": _("Summer"), "autumn": _("Autumn"), "winter": _("Winter"),
    }  # fmt: skip
    return str(labels[season]).lower()


def _square_metres(area: int) -> str:
    return exactly(Fraction(area, 10_000), 0)


def _four(number: Fraction) -> str:
    return releve.number_text(Decimal(number.numerator) / Decimal(number.denominator), 4)


def _short(number: Fraction) -> str:
    return exactly(number, 0)
