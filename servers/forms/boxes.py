"""Forms of the server pages."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext, ngettext
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
        super().__init__(
            label=_("Tell the operators when it is silent"),
            required=False,
            coerce=int,
            empty_value=None,
            choices=_silences,
            help_text=_("One mail when nothing has been heard for so long, and one when it is back."),
        )


def _silences() -> list[tuple[int | str, str]]:
    """Asked with each form, so that the words are those of its reader."""
    usual = gettext("as usual: %(minutes)s minutes") % {"minutes": settings.SERVER_SILENT_AFTER_MINUTES}
    hours = [
        (60 * number, ngettext("after %(hours)s hour", "after %(hours)s hours", number) % {"hours": number})
        for number in (1, 3, 12, 24, 72)
    ]
    return [("", usual), (15, gettext("after 15 minutes")), *hours, (0, gettext("never"))]


class ServerEditForm(forms.Form):
    description = DescriptionField()
    silent_after_minutes = SilenceField()


class ServerReplaceForm(forms.Form):
    serial = SerialField()
