"""Codes and names typed on the pages of factors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.factors.services import NAME_MAX
from accounts.forms.people import PASSWORD_MAX


def _code_field(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "spellcheck": "false",
            }
        ),
    )


class CodeForm(forms.Form):
    """The second step: the app's six digits, or a recovery code."""

    code = _code_field(
        _("Code"), _("The six digits of your authenticator app, or one of your recovery codes.")
    )


class AppForm(forms.Form):
    code = _code_field(_("Code of the app"), _("The six digits that the app shows now."))


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the passkey"),
        help_text=_("So that you know it again: for example the device it is on."),
        max_length=NAME_MAX,
    )
    credential = forms.CharField(widget=forms.HiddenInput)


class ConfirmForm(forms.Form):
    prefix = "confirm"  # beside a carried form's own fields

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=PASSWORD_MAX,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    credential = forms.CharField(widget=forms.HiddenInput, required=False)
