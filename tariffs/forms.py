"""The form of a parameters page: one field a parameter, and the day from which the changes hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from servers.forms.occupants import DayField
from tariffs.catalogue import BASES, Parameter, is_stored, parse
from tariffs.places import ParameterPlace
from tariffs.selectors import Parameters
from tariffs.texts import full_label, input_text, month_choices

DECIMAL = {"inputmode": "decimal", "autocomplete": "off", "maxlength": 20}
SHOWN = "shown-"  # what a field showed when the page was made: only what differs from it was changed


class MonthDayWidget(forms.MultiWidget):
    """A day of every year, by two lists: nothing to mistype, and the same in every language."""

    def __init__(self) -> None:
        days = [(f"{day:02}", str(day)) for day in range(1, 32)]
        super().__init__(
            [
                forms.Select(attrs={"class": "form-select", "aria-label": _("Day")}, choices=days),
                forms.Select(
                    attrs={"class": "form-select", "aria-label": _("Month")}, choices=month_choices()
                ),
            ]
        )

    def decompress(self, value: str | None) -> list[str]:
        return [value[3:], value[:2]] if value else ["", ""]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        day, month = super().value_from_datadict(data, files, name)
        return f"{month or ''}-{day or ''}"


class StandingWidget(forms.MultiWidget):
    """An amount, and whether it is for a day or for a month."""

    def __init__(self) -> None:
        bases = forms.Select(
            attrs={"class": "form-select", "aria-label": _("For")}, choices=list(BASES.items())
        )
        super().__init__(
            [forms.TextInput(attrs={**DECIMAL, "class": "form-control", "aria-label": _("Amount")}), bases]
        )

    def decompress(self, value: str | None) -> list[str]:
        amount, _slash, basis = (value or "").partition("/")
        return [amount, basis or "d"]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        amount, basis = super().value_from_datadict(data, files, name)
        return f"{amount or ''}/{basis or 'd'}"


# widgets of two fields: how the text of a form is parted into them
PARTED = {
    "month_day": lambda text: (text[3:], text[:2]),
    "standing": lambda text: tuple(text.split("/")),
}


def _widget(parameter: Parameter) -> forms.Widget:
    if parameter.kind == "month_day":
        return MonthDayWidget()
    if parameter.kind == "standing":
        return StandingWidget()
    if parameter.kind == "windows":
        return forms.TextInput(attrs={"autocomplete": "off", "maxlength": 60})
    if parameter.kind == "choice":
        return forms.Select(choices=parameter.choices)
    return forms.TextInput(attrs=DECIMAL)


def _form_text(parameter: Parameter, stored: str) -> str:
    text = input_text(parameter, stored)
    return f"{text}/{stored[:1]}" if parameter.kind == "standing" else text


class ParameterField(forms.Field):
    """Comma or point typed, the stored text as its cleaned value."""

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter
        super().__init__(label=full_label(parameter), required=False, widget=_widget(parameter))

    def clean(self, value: Any) -> str:
        try:
            return parse(self.parameter, str(value or ""))
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from None


class ParametersForm(forms.Form):
    """`changed()` is what the person changed. A field that the browser did not send stays as it is; fields of
    another page, a level or a place among the data are not looked at."""

    def __init__(
        self,
        data: Any = None,
        *,
        parameters: Iterable[Parameter],
        values: Parameters,
        place: ParameterPlace,
        today: date,
    ) -> None:
        self.today = today
        self.parameters = {parameter.key: parameter for parameter in parameters}
        self.standing = {key: values.find(key, today, up_to=place.level).value for key in self.parameters}
        texts = {key: _form_text(parameter, self.standing[key]) for key, parameter in self.parameters.items()}
        super().__init__(data, initial={**texts, "valid_from": today})
        for key, parameter in self.parameters.items():
            self.fields[key] = ParameterField(parameter)
        self.fields["valid_from"] = DayField(label=_("Valid from"), required=False)
        if self.is_bound:
            self.data = self._completed(texts)

    def _completed(self, texts: dict[str, str]) -> Any:
        data: Any = self.data
        data = data.copy()
        for key, text in texts.items():
            if self.fields[key].widget.value_omitted_from_data(data, self.files, key):
                parted = PARTED.get(self.parameters[key].kind)
                if parted is not None:
                    data[f"{key}_0"], data[f"{key}_1"] = parted(text)
                else:
                    data[key] = text
        return data

    def shown(self, key: str) -> str:
        """The stored text that the field showed; what stands today where the browser does not tell."""
        text = str(self.data.get(SHOWN + key, "")) if self.is_bound else ""
        return text if text and is_stored(self.parameters[key], text) else self.standing[key]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        inlet, outlet = cleaned.get("dhw_inlet"), cleaned.get("dhw_outlet")
        if inlet and outlet and int(outlet) <= int(inlet):
            self.add_error("dhw_outlet", _("The outlet must be warmer than the inlet."))
        cleaned["valid_from"] = cleaned.get("valid_from") or self.today
        return cleaned

    def changed(self) -> dict[str, str]:
        return {
            key: self.cleaned_data[key]
            for key in self.parameters
            if self.cleaned_data[key] != self.shown(key)
        }
