"""Whom a consumer can call: two departments of the utility, on the help page, in mails and under every refusal."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from readings.models import DeskSettings


@dataclass(frozen=True)
class Department:
    name: str
    phones: str
    email: str


def desk_settings() -> DeskSettings:
    """Of the programme in scope; the defaults while nobody has saved any."""
    return DeskSettings.objects.first() or DeskSettings()


def contacts_of() -> list[Department]:
    """Those of which a phone or an address is known. Called in scope."""
    kept = desk_settings()
    found = [
        Department(kept.metering_name or _("Metering department"), kept.metering_phones, kept.metering_email),
        Department(kept.software_name or _("Software department"), kept.software_phones, kept.software_email),
    ]
    return [one for one in found if one.phones or one.email]
