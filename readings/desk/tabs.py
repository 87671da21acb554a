"""The pages of the utility's desk, one beside the other."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.access import ProgrammeRequest


def desk_tabs(request: ProgrammeRequest, current: str) -> list[dict[str, Any]]:
    request.nav_name = "desk_home"
    pages = [
        ("desk_home", _("Readings due")),
        ("application_list", _("Applications")),
        ("point_list", _("Metering points")),
        ("contract_import", pgettext("desk", "Import of contracts")),
        ("claim_list", _("Claims")),
        ("archives_export", _("Archives")),
        ("desk_settings", _("Settings")),
    ]
    return [
        {"label": label, "url": reverse(name, args=[request.programme.slug]), "current": name == current}
        for name, label in pages
    ]
