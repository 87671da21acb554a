"""What allauth asks us about factors: how secrets lie in the table, and who this site is."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


def _box() -> MultiFernet:
    """The present key first; the older ones still open what they closed (SECRET_KEY_FALLBACKS)."""
    from cryptography.fernet import Fernet, MultiFernet  # 7 MB, which a worker that opens none can do without

    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(sha256(f"releve.factor:{key}".encode()).digest())) for key in keys]
    )


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    return _box().decrypt(sealed.encode()).decode()


class FactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This is not the right code, or it was used already. Wait for the next one."),
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Our own mails tell it (accounts.factors.services)."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        # from the settings, as the links of mails: a passkey belongs to the site, not to a Host header
        return {"id": urlsplit(settings.SITE_URL).hostname or "localhost", "name": "Relevé"}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        return {"id": user.public_id.bytes, "display_name": str(user), "name": user.email}
