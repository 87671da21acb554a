"""Addresses typed twice, programmes, passwords."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.captcha import CaptchaMixin
from accounts.errors import DomainError
from accounts.models import Programme, User
from accounts.services.programmes import NAME_MAX, programme_name_checked

PASSWORD_MAX = 128  # more is no password, it is work for the hash


def refuse(form: forms.BaseForm, error: DomainError) -> None:
    """Show a service's refusal at its field, and ask a new question where there is one."""
    field = error.data.get("field")
    form.add_error(field if field in form.fields else None, str(error))
    if isinstance(form, CaptchaMixin):
        form.renew()


class EmailTwiceForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("New e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    email_again = forms.EmailField(
        label=gettext_lazy("Confirm the e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_email_again(self) -> str:
        again = str(self.cleaned_data["email_again"]).lower()
        if "email" in self.cleaned_data and again != self.cleaned_data["email"]:
            raise forms.ValidationError(_("The two addresses are not the same."))
        return again


class CurrentEmailForm(EmailTwiceForm):
    """The present address grey above the new one."""

    current_email = forms.EmailField(label=gettext_lazy("Current e-mail"), disabled=True)
    field_order = ["current_email", "email", "email_again"]


class RegistrationForm(CaptchaMixin, EmailTwiceForm):
    name = forms.CharField(
        label=gettext_lazy("Programme name"),
        help_text=gettext_lazy("Letters and digits, at most 80 characters."),
        # a longer one is refused by the rule below, in our words
        max_length=1000,
        widget=forms.TextInput(attrs={"maxlength": NAME_MAX, "autocomplete": "organization"}),
    )
    field_order = ["name", "email", "email_again", "captcha", "challenge"]

    def clean_name(self) -> str:
        try:
            return programme_name_checked(self.cleaned_data["name"])
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error


class JoinForm(CaptchaMixin, EmailTwiceForm):
    field_order = ["email", "email_again", "captcha", "challenge"]


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


class NewPasswordForm(forms.Form):
    """A new password, twice. `user` is who it is for: it may not resemble their address."""

    password = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        max_length=PASSWORD_MAX,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=gettext_lazy("Confirm the password"),
        strip=False,
        max_length=PASSWORD_MAX,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if "password" in self.fields:
            self.fields["password"].help_text = " ".join(password_validation.password_validators_help_texts())

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password, self.user)
        return password

    def clean_password_again(self) -> str:
        again = str(self.cleaned_data["password_again"])
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError(_("The two passwords are not the same."))
        return again


class ChangePasswordForm(NewPasswordForm):
    current = forms.CharField(
        label=gettext_lazy("Current password"),
        strip=False,
        max_length=PASSWORD_MAX,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["current", "password", "password_again"]


class LinkForm(NewPasswordForm):
    """What the page of a link asks: a password of somebody who has none, the legal notice of an operator."""

    legal = forms.BooleanField(label=gettext_lazy("I have read the legal notice and accept it."))

    def __init__(self, *args: Any, needs_password: bool, needs_legal_notice: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_password:
            del self.fields["password"], self.fields["password_again"]
        if not needs_legal_notice:
            del self.fields["legal"]


class ProgrammeAccountForm(forms.ModelForm):
    email = forms.EmailField(label=gettext_lazy("E-mail"), disabled=True)
    field_order = ["name", "email"]

    class Meta:
        model = Programme
        fields = ["name", "address_line_1", "address_line_2", "postal_code", "town", "country"]
        labels = {
            "address_line_1": gettext_lazy("First line of the address"),
            "address_line_2": gettext_lazy("Second line of the address"),
            "postal_code": gettext_lazy("Postal code"),
            "town": gettext_lazy("Town"),
            "country": gettext_lazy("Country"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].disabled = True  # grey, and deaf to what is sent


class PersonForm(forms.ModelForm):
    email = forms.EmailField(label=gettext_lazy("E-mail"), disabled=True)
    field_order = ["email", "name"]

    class Meta:
        model = User
        fields = ["name"]
        labels = {"name": gettext_lazy("Name")}


class EraseForm(forms.Form):
    """The last word before an account goes."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        max_length=PASSWORD_MAX,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    sure = forms.BooleanField(label=gettext_lazy("I know that this cannot be undone."))
