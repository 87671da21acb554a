"""The seed's password rule beside Django's own ones."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class DigitValidator:
    """At least one digit, of any script."""

    def validate(self, password: str, user: object = None) -> None:
        if not any(character.isdigit() for character in password):
            raise ValidationError(
                _("The password must contain at least one digit."), code="password_no_digit"
            )

    def get_help_text(self) -> str:
        return _("Your password must contain at least one digit.")
