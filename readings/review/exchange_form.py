"""The form of a meter exchange: when, which meter, and two indexes a register."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.templatetags.releve import unit_name
from readings.review.exchanges import Indexes
from readings.review.forms import decimal_text
from servers.models import Register


class ExchangeForm(forms.Form):
    at = forms.DateTimeField(
        label=gettext_lazy("Time of the exchange"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    manufacturer = forms.CharField(label=gettext_lazy("Manufacturer"), max_length=60, required=False)
    serial = forms.CharField(label=gettext_lazy("Serial number of the new meter"), max_length=40)

    def __init__(
        self, data: Any = None, *, zone: ZoneInfo, registers: list[Register], manufacturer: str
    ) -> None:
        super().__init__(data, initial={"manufacturer": manufacturer})
        self.zone, self.registers = zone, registers
        self.fields["at"].help_text = _("Local time of the metering point, %(zone)s.") % {"zone": zone.key}
        for number, register in enumerate(registers, 1):
            name = str(register.get_quantity_display())
            if register.tariff_index:
                name += ", " + _("tariff %(number)s") % {"number": register.tariff_index}
            given = {"name": name, "unit": unit_name(register.unit)}
            self.fields[f"closing_{number}"] = self._index(_("Closing index, %(name)s, %(unit)s") % given)
            self.fields[f"opening_{number}"] = self._index(_("Opening index, %(name)s, %(unit)s") % given)

    @staticmethod
    def _index(label: str, initial: str = "") -> forms.CharField:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        return forms.CharField(label=label, max_length=24, widget=widget, initial=initial)

    def clean_at(self) -> datetime:
        # the browser sends a wall clock; which zone it is of, the form knows
        given: datetime = self.cleaned_data["at"]
        return given.replace(tzinfo=self.zone, second=0, microsecond=0)

    def indexes(self) -> dict[int, Indexes]:
        return {
            register.pk: Indexes(
                decimal_text(self.cleaned_data[f"closing_{number}"]),
                decimal_text(self.cleaned_data[f"opening_{number}"]),
            )
            for number, register in enumerate(self.registers, 1)
        }

    def refuse(self, error: DomainError) -> None:
        field = {
            "in_future": "at", "before_installation": "at", "same_serial": "serial", "stands_elsewhere": "serial",
        }.get(error.code)  # fmt: skip
        if "field" in error.data:
            numbers = {register.pk: number for number, register in enumerate(self.registers, 1)}
            field = f"{error.data['field']}_{numbers[error.data['register']]}"
        self.add_error(field if field in self.fields else None, str(error))
