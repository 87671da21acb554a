"""Mails about imports."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.outbox import mail_kind


def _import_subject(context: dict[str, Any]) -> str:
    if context["state"] == "refused":
        return _("Your file was refused: %(file)s") % context
    return _("Your readings were accepted, receipt %(receipt)s") % context


mail_kind("import_finished", subject=_import_subject)
