"""Forms of the account pages."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Programme, Role


class SignInForm(LoginForm):
    """Sign in by e-mail address or by the programme's name, which stands for its administrator."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("Programme name or e-mail"),
            max_length=254,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
        )
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs.pop("placeholder", None)  # the label says it already
        self.fields.pop("remember", None)

    def clean_login(self) -> str:
        typed = self.cleaned_data["login"].strip()
        if "@" in typed:
            return typed.lower()
        holder = (
            Membership.objects.filter(
                role=Role.ADMINISTRATOR,
                accepted_at__isnull=False,
                programme__name_key=Programme.key_of(typed),
            )
            .values_list("user__email", flat=True)
            .first()
        )
        return holder or typed
