"""What people keep about a meter, and what they note about one that a scan found."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class MeterForm(forms.Form):
    """`today` is the day it is where the programme stands: a verification of this morning is in the past."""

    model = forms.CharField(label=_("Model"), max_length=80, required=False)
    verified_on = forms.DateField(label=_("Verified on"), required=False, widget=_day())
    verified_until = forms.DateField(label=_("Verified until"), required=False, widget=_day())

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        on, until = data.get("verified_on"), data.get("verified_until")
        if on and on > self.today:
            self.add_error("verified_on", _("A verification lies in the past."))
        if on and until and until <= on:
            self.add_error("verified_until", _("It ends after the day of the verification."))
        return data


class FoundMeterForm(forms.Form):
    note = forms.CharField(
        label=_("Note"), max_length=200, required=False, help_text=_("For example where it hangs.")
    )
    dismissed = forms.BooleanField(
        label=_("It needs no place"), required=False, help_text=_("Puts it aside; it can be taken back.")
    )
