"""The page on which somebody says what the columns of a table are."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from readings.tabular.mapping import ROLES, Mapping

UNITS = ("Gcal", "GJ", "MWh", "kWh", "Wh", "m3", "l", "t", "kg")


class TableForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
        error_messages={"required": _("Choose a CSV or XLSX file.")},
        allow_empty_file=True,  # the service says it in its own words
        max_length=200,
    )


def zone_check(text: str) -> None:
    if text and text not in available_timezones():
        raise forms.ValidationError(_("There is no such time zone."))


class MappingForm(forms.Form):
    """One choice a role; an empty one means that the table has no such column."""

    time = forms.ChoiceField(label=_("Date and time"))
    value = forms.ChoiceField(label=_("Index"))
    point = forms.ChoiceField(
        label=_("Metering point"),
        required=False,
        help_text=_("Its number, or the factory number of its meter."),
    )
    register = forms.ChoiceField(
        label=pgettext_lazy("meter", "Register"),
        required=False,
        help_text=_("Needed only where a meter has several."),
    )
    unit = forms.ChoiceField(label=_("Column of the unit"), required=False)
    fixed_unit = forms.ChoiceField(label=_("Unit of all rows"), required=False)
    decimal = forms.ChoiceField(
        label=_("Decimal mark"),
        choices=[("any", _("point or comma")), (".", _("decimal point")), (",", _("decimal comma"))],
    )
    zone = forms.CharField(
        label=_("Time zone of the times"), required=False, validators=[zone_check], max_length=64,
        help_text=_("Empty: that of each metering point."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    name = forms.CharField(
        label=_("Keep these columns under the name"), required=False, max_length=80,
        help_text=_("A table with the same headings then finds its columns by itself."),
    )  # fmt: skip
    replace = forms.BooleanField(
        label=_("Replace values that are stored already"),
        required=False,
        help_text=_("Without this, values that are stored already stay as they are."),
    )

    def __init__(
        self, *args: Any, names: list[str], point_chosen: bool, may_replace: bool, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        columns = [(name, name) for name in names]
        for role in ROLES:
            field: Any = self.fields[role]
            field.choices = [("", "—" if role not in ("time", "value") else ""), *columns]
        units: Any = self.fields["fixed_unit"]
        units.choices = [("", _("that of the register")), *((unit, unit) for unit in UNITS)]
        self.fields["point"].required = True
        self.fields["point"].error_messages["required"] = _(
            "Choose the column that names the metering point."
        )
        if point_chosen:
            del self.fields["point"]
        if not may_replace:
            del self.fields["replace"]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        chosen = [found[role] for role in ROLES if found.get(role)]
        if len(set(chosen)) < len(chosen):
            raise forms.ValidationError(_("One column can have one meaning only."))
        return found

    def mapping(self) -> Mapping:
        given = self.cleaned_data
        return Mapping(
            **{role: given.get(role, "") for role in ROLES},
            fixed_unit=given["fixed_unit"], decimal=given["decimal"], zone=given["zone"],
        )  # fmt: skip
