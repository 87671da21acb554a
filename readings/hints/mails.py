"""The two mails of the hints. Both say how to end them; a hint that was ended meanwhile sends nothing."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import OutboxMessage
from accounts.outbox import MailNotNeeded, mail_kind
from accounts.templatetags import releve
from accounts.tenancy import tenant_scope
from readings.consumption.words import water_labels
from readings.hints.budget import Progress
from readings.hints.leak import DAYS
from readings.models import Hint


def _hint(message: OutboxMessage) -> Hint:
    if message.programme_id is None:
        raise MailNotNeeded("the programme is gone")
    with tenant_scope(message.programme_id):
        found: Hint | None = Hint.objects.filter(public_id=message.context["hint"]).first()
    if found is None:
        raise MailNotNeeded("the hint was ended")
    return found


def _addresses(context: dict[str, Any]) -> dict[str, str]:
    page = reverse("occupant_home", args=[context["slug"]])
    stop = reverse("hint_stop", args=[context["slug"], context["hint"]])
    return {"url": f"{settings.SITE_URL}{page}", "stop_url": f"{settings.SITE_URL}{stop}"}


def _budget(message: OutboxMessage) -> dict[str, Any]:
    context = message.context
    progress = Progress(_hint(message), Fraction(context["used"]), context["limit"], context["currency"])
    month = releve.local_month(date.fromisoformat(context["month"]))
    return {**progress.texts(), "month_label": month, **_addresses(context)}


def _leak(message: OutboxMessage) -> dict[str, Any]:
    _hint(message)
    return {"lines": leak_lines(message.context["leaks"]), "days": DAYS, **_addresses(message.context)}


def leak_lines(leaks: list[dict[str, Any]]) -> list[str]:
    """One sentence a meter, with the figures it rests on."""
    return [
        _("%(meter)s: at least %(least)s l in each of %(hours)s hours, about %(day)s l a day.")
        % {
            "meter": water_labels()[one["medium"]],
            "least": releve.number(Fraction(one["least"]), 1),
            "hours": one["hours"],
            "day": releve.number(Fraction(one["least"]) * 24),
        }
        for one in leaks
    ]


def _budget_subject(context: dict[str, Any]) -> str:
    if context["threshold"] >= 100:
        return _("Your budget of %(month)s is used up: %(dwelling)s") % {
            "month": context["month_label"], "dwelling": context["dwelling"],
        }  # fmt: skip
    return _("Four fifths of your budget of %(month)s are used: %(dwelling)s") % {
        "month": context["month_label"], "dwelling": context["dwelling"],
    }  # fmt: skip


mail_kind("budget", subject=_budget_subject, secrets=_budget)
mail_kind("leak", subject=lambda context: _("Water does not stop: %(dwelling)s") % context, secrets=_leak)
