"""What each parameter is, its formula and an example, in the words of docs/tariffs.md; shown beside its field.

The numbers of the examples are tested against the formulas themselves (tests/tariffs/test_parameter_help.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Help:
    what: Any
    formula: Any
    example: Any


_BANDS = _("cost = Σ over the bands: kWh × price of the band")
_BANDS_EXAMPLE = _("2 kWh off-peak and 3 kWh peak: 2 × 0.0984 + 3 × 0.1391 = 0.6141, so 0.61.")
_KWH = _("cost = kWh × price")
_TEMPO = Help(
    _("A kWh of a day of this colour. The colour holds from 6:00 to 6:00 of the next day; off-peak is from 22:00."),
    _BANDS, _("10 kWh × 0.0763 = 0.763, so 0.76."),
)  # fmt: skip
_GCAL = Help(
    _("For heat that is read in Gcal (Allotment and units)."),
    _("1 Gcal = 1163 kWh; cost = Gcal × price"), _("0.5 Gcal × 1985.47 = 992.735, so 992.74."),
)  # fmt: skip
_CAPACITY = Help(
    _("What is charged each month for the heat load of a contract, whatever was used; a month that is not whole takes "
      "its share of its days."),
    _("cost = load in Gcal/h × rate × days charged ÷ days of the month"),
    _("0.2 Gcal/h × 1000 for 15 of 30 days: 100.00."),
)  # fmt: skip
_STANDING = Help(
    _("Charged for each of the reader's days up to today on which a meter of the service stands there."),
    _("of a day: the month's charge ÷ its number of days"), _("12.40 a month is 0.40 a day in January."),
)  # fmt: skip
_VAT = Help(
    _("With a rate, prices and standing charges are net; without one they hold the tax already."),
    _("amount = net × (1 + rate ÷ 100), rounded once at the line"), _("10.00 net at 20 % are 12.00."),
)  # fmt: skip
_BOILER_SPLIT = Help(
    _("The part of a boiler's energy that makes hot water in this season; the rest is heating. Hot water with a meter of "
      "its own is not split off. Seasons begin on 21 March, June, September and December."),
    _("hot water = kWh × % ÷ 100; heating = kWh − hot water"),
    _("200 kWh at 15 %: 30 kWh of hot water, 170 kWh of heating."),
)  # fmt: skip
_PUMP_SPLIT = Help(
    _("The part of a heat pump's energy that makes hot water in this season; the rest is heating or cooling, by the day. "
      "Seasons begin on 21 March, June, September and December."),
    _("hot water = kWh × % ÷ 100; heating or cooling = kWh − hot water"),
    _("200 kWh at 30 % in spring: 60 kWh of hot water, 140 kWh of heating."),
)  # fmt: skip
_DHW = _("kWh = 1.163 × m³ × (outlet − inlet)")
_DHW_EXAMPLE = _("2.5 m³ from 12 °C to 55 °C: 1.163 × 2.5 × 43 = 125.0225 kWh.")
_PUMP = _("heating: start of heating ≤ day < start of cooling; else cooling")
_PUMP_EXAMPLE = _("1 October and 1 June: heating on 31 May, cooling on 1 June.")
_VOLUME = _("cost = m³ × price")

HELP: dict[str, Help] = {
    "electricity_base": Help(
        _("A kWh with the option Base, and where nobody can tell the bands apart."), _KWH,
        _("100 kWh × 0.1256 = 12.56."),
    ),
    "electricity_off_peak": Help(
        _("A kWh of the off-peak hours, by the clock or by a register of the meter."), _BANDS, _BANDS_EXAMPLE
    ),
    "electricity_peak": Help(
        _("A kWh outside the off-peak hours, by the clock or by a register of the meter."), _BANDS, _BANDS_EXAMPLE
    ),
    "electricity_ejp_normal": Help(
        _("A kWh outside the announced EJP days."), _BANDS, _("200 kWh × 0.1068 = 21.36.")
    ),
    "electricity_ejp": Help(
        _("A kWh between 7:00 of an announced day and 1:00 of the next."), _BANDS, _("10 kWh × 0.5367 = 5.367, so 5.37."),
    ),
    **{
        f"electricity_tempo_{hour}_{colour}": _TEMPO
        for hour in ("off_peak", "peak")
        for colour in ("blue", "white", "red")
    },
    "gas_coefficient": Help(
        _("How much energy a m³ of gas holds; it stands on the supplier's bill."),
        _("kWh = m³ × conversion coefficient"), _("12.5 m³ × 10.97 = 137.125 kWh."),
    ),
    "gas": Help(
        _("A kWh of gas; its meter counts m³, which the coefficient makes kWh."),
        _("cost = m³ × conversion coefficient × price"), _("12.5 m³ × 10.97 × 0.0842 = 11.545925, so 11.55."),
    ),
    "heating": Help(_("A kWh of heat for heating."), _KWH, _("100 kWh × 0.0951 = 9.51.")),
    "hot_water": Help(
        _("A kWh of the heat in hot water; the water itself has its own price below."), _KWH,
        _("125.0225 kWh × 0.0951 = 11.88963975, so 11.89."),
    ),
    "cooling": Help(_("A kWh of cold for cooling."), _KWH, _("40 kWh × 0.1391 = 5.564, so 5.56.")),
    **{f"{usage}_gcal": _GCAL for usage in ("heating", "hot_water", "cooling")},
    **{f"{usage}_capacity": _CAPACITY for usage in ("heating", "hot_water")},
    "cold_water_m3": Help(_("A m³ of cold water."), _VOLUME, _("2.5 m³ × 3.90 = 9.75.")),
    "hot_water_m3": Help(
        _("The water itself, without its heat: hot water costs this and the heat in it."), _VOLUME,
        _("2.5 m³ × 3.90 = 9.75, and 11.89 for the heat in it."),
    ),
    "electricity_option": Help(
        _("What divides a day where a meter has one register: nothing, off-peak hours, announced EJP days, Tempo colours. "
          "A meter's own tariff registers win over the clock."),
        _BANDS, _BANDS_EXAMPLE,
    ),
    "off_peak_hours": Help(
        _("Up to three windows with commas, over midnight too. The bands of a day add up to the day exactly."),
        _("off-peak = index at the end of a window − index at its beginning"),
        _("22:00-06:00: eight hours off-peak; 12:30-14:00, 22:00-04:30: eight as well."),
    ),
    **{f"standing_{key}": _STANDING for key in ("electricity", "gas", "heating", "hot_water", "cooling", "water")},
    **{f"vat_{key}": _VAT for key in ("electricity", "gas", "heating", "hot_water", "cooling", "water")},
    "common_key": Help(
        _("How the dwellings of a building share what the meters of its common areas count."),
        _("share = consumption × living area ÷ all living areas; in equal parts: consumption ÷ dwellings"),
        _("3 kWh for 50 m² of 600 m²: 0.25 kWh."),
    ),
    "heat_unit": Help(
        _("In which unit heat is read on pages, charts and sheets; a sum that holds electricity too stays in kWh."),
        _("1 Gcal = 1163 kWh"), _("581.5 kWh = 0.5 Gcal."),
    ),
    "boiler_delta": Help(
        _("By how much a boiler warms the water that its meter counts."), _("kWh = 1.163 × m³ × ΔT"),
        _("10 m³ × 20 K: 232.6 kWh."),
    ),
    "dhw_inlet": Help(_("How cold the water comes in that is made hot."), _DHW, _DHW_EXAMPLE),
    "dhw_outlet": Help(_("How hot the water leaves; above the inlet."), _DHW, _DHW_EXAMPLE),
    **{f"boiler_{season}": _BOILER_SPLIT for season in ("spring", "summer", "autumn", "winter")},
    **{f"heat_pump_{season}": _PUMP_SPLIT for season in ("spring", "summer", "autumn", "winter")},
    "heating_from": Help(_("From this day on what a heat pump uses is heating."), _PUMP, _PUMP_EXAMPLE),
    "cooling_from": Help(_("From this day on what a heat pump uses is cooling."), _PUMP, _PUMP_EXAMPLE),
}  # fmt: skip
