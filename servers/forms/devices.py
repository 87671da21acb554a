"""Ordering a command, and how a programme has its devices switched."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.models import User
from accounts.services.attempts import Limit, attempts_check, attempts_count
from servers.models import Device

GUESSES = Limit("device-password", 5, 900)


class OrderForm(forms.Form):
    """One command by one button. `key` makes a double click one order; `password` only where it is asked for."""

    command = forms.CharField(max_length=32, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, device: Device, ask_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.device = user, device
        self.initial.setdefault("key", uuid.uuid4())
        if not ask_password:
            del self.fields["password"]

    def clean_command(self) -> str:
        command: str = self.cleaned_data["command"]
        if command not in self.device.commands:
            raise forms.ValidationError(_("This device does not know that command."))
        return command

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        try:
            attempts_check(limit=GUESSES, who=str(self.user.pk))
        except DomainError as error:
            raise forms.ValidationError(str(error)) from None
        if not self.user.check_password(password):
            attempts_count(limit=GUESSES, who=str(self.user.pk))
            raise forms.ValidationError(_("This is not your password."))
        return password


class DeviceSettingsForm(forms.Form):
    NEVER = ""

    reauth_minutes = forms.TypedChoiceField(
        label=_("Ask for the password before a command"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("never: being signed in is enough")),
            ("0", _("before each command")),
            ("15", _("when it was last given more than 15 minutes ago")),
            ("60", _("when it was last given more than an hour ago")),
        ],
    )
    audit = forms.BooleanField(
        label=_("Keep who ordered which command in the audit log"),
        required=False,
    )
