"""Forms of the server pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from servers.services.boxes import serial_checked


class SerialField(forms.CharField):
    """Typed with or without dashes and spaces, in any case; the cleaned value is the bare 24 characters."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Serial number"),
            max_length=80,
            help_text=_(
                "24 letters and digits from the label, with or without dashes. The letter O never occurs."
            ),
            widget=forms.TextInput(
                attrs={
                    "autocomplete": "off",
                    "autocapitalize": "characters",
                    "spellcheck": "false",
                    "placeholder": "XXXX-XXXX-XXXX-XXXX-XXXX-XXXX",
                }
            ),
        )

    def clean(self, value: str) -> str:
        typed = super().clean(value)
        try:
            return serial_checked(typed)
        except DomainError as error:
            raise forms.ValidationError(str(error), code=error.code) from None


class DescriptionField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Description"), max_length=120, help_text=_("The name of the server in the programme.")
        )


class ServerForm(forms.Form):
    serial = SerialField()
    description = DescriptionField()


class ServerEditForm(forms.Form):
    description = DescriptionField()


class ServerReplaceForm(forms.Form):
    serial = SerialField()
