"""The form of a LERS profile and the list of its versions, each with what it changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.access import ProgrammeRequest
from accounts.templatetags.releve import local_time, unit_name
from readings.archives.parameters import UNITS
from readings.imports.profile import EDITED
from readings.imports.units import FACTORS
from readings.models import LersProfile
from readings.tabular.forms import zone_check

LISTED = 50
LABELS: dict[str, Any] = {
    "hour_stamp": gettext_lazy("The time of an hour record is"),
    "day_stamp": gettext_lazy("The date of a day record is"),
    "month_stamp": gettext_lazy("The date of a month record is"),
    "time_zone": gettext_lazy("Time zone of the times"),
    "decimal": gettext_lazy("Decimal mark"),
    "date_order": gettext_lazy("A date such as 03/04/2026"),
    "duplicates": gettext_lazy("Values that are stored already"),
    "Q": gettext_lazy("Unit of heat"),
    "M": gettext_lazy("Unit of mass"),
    "V": gettext_lazy("Unit of volume"),
    "P": gettext_lazy("Unit of pressure"),
}


class ProfileForm(forms.Form):
    hour_stamp = forms.ChoiceField(label=LABELS["hour_stamp"], choices=LersProfile.Stamp.choices)
    day_stamp = forms.ChoiceField(label=LABELS["day_stamp"], choices=LersProfile.Stamp.choices)
    month_stamp = forms.ChoiceField(label=LABELS["month_stamp"], choices=LersProfile.Stamp.choices)
    time_zone = forms.CharField(
        label=LABELS["time_zone"], required=False, max_length=64, validators=[zone_check],
        help_text=gettext_lazy(
            "Empty: that of each metering point. A meter whose clock is never changed is, for example, Etc/GMT-9."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    Q = forms.ChoiceField(label=LABELS["Q"])
    M = forms.ChoiceField(label=LABELS["M"])
    V = forms.ChoiceField(label=LABELS["V"])
    P = forms.ChoiceField(label=LABELS["P"])
    decimal = forms.ChoiceField(label=LABELS["decimal"], choices=LersProfile.Decimal.choices)
    date_order = forms.ChoiceField(
        label=LABELS["date_order"], choices=LersProfile.DateOrder.choices,
        help_text=gettext_lazy("Only for dates with slashes; a file without one that leaves no choice is refused."),
    )  # fmt: skip
    duplicates = forms.ChoiceField(
        label=LABELS["duplicates"], choices=LersProfile.Duplicates.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for family, units in FACTORS.items():
            field: Any = self.fields[family]
            field.choices = [(unit, _unit(unit)) for unit in units]

    @staticmethod
    def from_values(values: dict[str, Any]) -> dict[str, Any]:
        kept = {family: next(iter(units)) for family, units in FACTORS.items()}
        return {**values, **kept, **values["units"]}

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        units = {
            family: given[family] for family, known in FACTORS.items() if given[family] != next(iter(known))
        }
        return {name: given[name] for name in EDITED if name != "units"} | {"units": units}


def _unit(unit: str) -> str:
    names = {
        "kgf/cm2": str(UNITS["kgf/cm²"]), "MPa": pgettext("unit", "MPa"), "kPa": pgettext("unit", "kPa"),
    }  # fmt: skip
    return names.get(unit) or unit_name(unit)


def versions_shown(request: ProgrammeRequest) -> list[dict[str, Any]]:
    """Newest first, each with the fields in which it differs from the one before it."""
    rows = list(LersProfile.objects.select_related("created_by").order_by("-version")[: LISTED + 1])
    before = [*rows[1:], LersProfile(version=0)][: len(rows)]
    return [
        {
            "version": row.version,
            "who": str(row.created_by) if row.created_by else "—",
            "when": local_time(row.created_at, request.programme.zone),
            "changes": _changes(earlier, row),
        }
        for row, earlier in zip(rows, before, strict=True)
    ][:LISTED]


def _changes(old: LersProfile, new: LersProfile) -> list[str]:
    found = []
    for name in EDITED:
        if name != "units" and getattr(old, name) != getattr(new, name):
            shown = getattr(new, f"get_{name}_display", lambda name=name: getattr(new, name))()
            found.append(_("%(name)s: %(value)s") % {"name": LABELS[name], "value": shown or "—"})
    for family, units in FACTORS.items():
        first = next(iter(units))
        unit = new.units.get(family, first)
        if old.units.get(family, first) != unit:
            found.append(_("%(name)s: %(value)s") % {"name": LABELS[family], "value": _unit(unit)})
    return found
