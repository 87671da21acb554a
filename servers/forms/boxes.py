"""Forms of the server pages."""

from __future__ import annotations

from django import forms
from django.conf import settings
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


class SilenceField(forms.TypedChoiceField):
    """Minutes; None as the portal's settings say, 0 never."""

    def __init__(self) -> None:
        hours = [(180, 3), (720, 12), (1440, 24), (4320, 72)]
        usual = _("as usual: %(minutes)s minutes") % {"minutes": settings.SERVER_SILENT_AFTER_MINUTES}
        super().__init__(
            label=_("Tell the operators when it is silent"),
            required=False,
            coerce=int,
            empty_value=None,
            choices=[
                ("", usual),
                (15, _("after 15 minutes")),
                (60, _("after an hour")),
                *((minutes, _("after %(hours)s hours") % {"hours": number}) for minutes, number in hours),
                (0, _("never")),
            ],
            help_text=_("One mail when nothing has been heard for so long, and one when it is back."),
        )


class ServerEditForm(forms.Form):
    description = DescriptionField()
    silent_after_minutes = SilenceField()


class ServerReplaceForm(forms.Form):
    serial = SerialField()
