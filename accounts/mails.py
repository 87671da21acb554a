"""The mails of the account pages: their subjects, and what mints their secrets while they are sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import OutboxMessage
from accounts.outbox import mail_kind
from accounts.services.addresses import address_secrets, handover_secrets
from accounts.services.invitations import membership_secrets
from accounts.services.passwords import reset_secrets


def _with_notice(message: OutboxMessage) -> dict[str, Any]:
    return {**membership_secrets(message), "legal_notice": settings.LEGAL_NOTICE}


def register() -> None:
    mail_kind(
        "programme_created",
        subject=lambda context: _("Relevé – Creation of a programme"),
        secrets=membership_secrets,
    )
    mail_kind(
        "operator_opened",
        subject=lambda context: _("Relevé – Opening of an operator account"),
        secrets=_with_notice,
    )
    mail_kind(
        "utility_joined",
        subject=lambda context: _("Relevé – Your account with %(name)s") % {"name": context["programme"]},
        secrets=membership_secrets,
    )
    mail_kind(
        "programme_handed_over",
        subject=lambda context: _("Relevé – A programme is handed over to you"),
        secrets=handover_secrets,
    )
    mail_kind(
        "password_forgotten", subject=lambda context: _("Relevé – Forgotten password"), secrets=reset_secrets
    )
    mail_kind("password_changed", subject=lambda context: _("Relevé – Your password was changed"))
    mail_kind(
        "address_prove",
        subject=lambda context: _("Relevé – Confirm your new address"),
        secrets=address_secrets,
    )
    mail_kind("address_changed", subject=lambda context: _("Relevé – An e-mail address was changed"))
    mail_kind("export_ready", subject=lambda context: _("Relevé – The copy of your data is ready"))
    mail_kind("account_erased", subject=lambda context: _("Relevé – Your account is erased"))
    mail_kind("factor_changed", subject=lambda context: _factor_subject(context["what"]))


_FACTOR_SUBJECTS: dict[str, Callable[[], str]] = {
    "app_added": lambda: _("Relevé – An authenticator app was set up"),
    "app_removed": lambda: _("Relevé – Your authenticator app was removed"),
    "passkey_added": lambda: _("Relevé – A passkey was set up"),
    "passkey_removed": lambda: _("Relevé – A passkey was removed"),
    "codes_renewed": lambda: _("Relevé – You have new recovery codes"),
    "code_used": lambda: _("Relevé – A recovery code was used to sign in"),
}


def _factor_subject(what: str) -> str:
    word = _FACTOR_SUBJECTS.get(what)
    return word() if word else _("Relevé – The sign-in to your account was changed")


register()
