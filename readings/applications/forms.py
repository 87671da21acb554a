"""The application's form, and the department's answer."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Contract
from servers.models import Medium

ASKED = (Medium.HEAT, Medium.HOT_WATER, Medium.COLD_WATER)


def media_offered() -> list[tuple[str, str]]:
    return [(str(one.value), str(one.label).capitalize()) for one in ASKED]


class ApplicationForm(forms.Form):
    """`contract` is the one of the page: it is shown, and cannot be changed."""

    name = forms.CharField(label=_("Name of the consumer"), max_length=200)
    address = forms.CharField(label=_("Address"), max_length=250, help_text=_("Where the meter hangs."))
    organisation = forms.CharField(
        label=_("Servicing organisation"), max_length=200, required=False,
        help_text=_("Who looks after the meter for you."),
    )  # fmt: skip
    medium = forms.ChoiceField(label=_("System"))
    model = forms.CharField(
        label=_("Meter model"), max_length=80, required=False, help_text=_("For example Multical 602.")
    )
    serial = forms.CharField(
        label=_("Factory number of the meter"), max_length=40, required=False,
        help_text=_("It stands on the meter and in its passport."),
    )  # fmt: skip
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, contract: Contract, **kwargs: Any) -> None:
        initial = {"name": contract.holder, "address": contract.address, "token": uuid.uuid4()}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        self.fields["medium"].choices = media_offered()  # type: ignore[attr-defined]

    def clean_serial(self) -> str:
        return "".join(self.cleaned_data["serial"].split())


class SettingsFileForm(forms.Form):
    file = forms.FileField(
        label=_("Settings file"), widget=forms.ClearableFileInput({"accept": ".xml"}), allow_empty_file=True,
        max_length=200, error_messages={"required": _("Choose the settings file of the field console.")},
    )  # fmt: skip


class ChosenForm(forms.Form):
    """What goes with the chosen points of a settings file; the points themselves stand signed in `plan`."""

    organisation = forms.CharField(max_length=200, required=False)


class AssignForm(forms.Form):
    number = forms.CharField(
        label=_("Metering point number"), max_length=20,
        help_text=_("Nobody else in the utility has it, and it stays for good."),
    )  # fmt: skip


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The consumer reads this sentence in the mail."),
    )  # fmt: skip
