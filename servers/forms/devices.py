"""Ordering a command, and how a programme has its devices switched."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from servers.models import Device


class OrderForm(forms.Form):
    """One command by one button. `key` makes a double click one order."""

    command = forms.CharField(max_length=32, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, device: Device) -> None:
        super().__init__(data, initial={"key": uuid.uuid4()})
        self.device = device

    def clean_command(self) -> str:
        command: str = self.cleaned_data["command"]
        if command not in self.device.commands:
            raise forms.ValidationError(_("This device does not know that command."))
        return command


class DeviceSettingsForm(forms.Form):
    reauth_minutes = forms.TypedChoiceField(
        label=_("Ask for the password before a command"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("never: being signed in is enough")),
            ("1", _("before each command")),
            ("15", _("when it was last given more than 15 minutes ago")),
            ("60", _("when it was last given more than an hour ago")),
        ],
    )
    audit = forms.BooleanField(
        label=_("Keep who ordered which command in the audit log"),
        required=False,
    )
