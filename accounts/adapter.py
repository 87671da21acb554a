"""How we use allauth: for sessions, sign-in, its limits and second factors; registration is our own."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.factors.confirm import confirmed_now


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy(
            "The programme name, the e-mail or the password is not right."
        ),
        "too_many_login_attempts": gettext_lazy(
            "Too many attempts to sign in. Please wait five minutes and try again."
        ),
    }

    def get_login_stages(self) -> list[str]:
        return ["accounts.factors.stage.SecondStep"]

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        confirmed_now(request)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Our own mails tell what changed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The page after sign-in says enough; allauth's own messages are not in our words."""

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        # reached only with the right password, so it tells nothing to a stranger
        messages.error(request, _("This account is closed. Ask the person who invited you."))
        return redirect("home")
