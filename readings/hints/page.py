"""What the occupant's page says of water that does not stop, with the figures it rests on."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from readings.consumption.selectors import DwellingMeters, Spans
from readings.hints.leak import DAYS
from readings.hints.mails import leak_lines
from readings.hints.services import own_leaks


def leak_hints(meters: DwellingMeters, visible: Spans) -> list[dict[str, str]]:
    leaks = own_leaks(meters, visible, timezone.now(), meters.zone)
    lines = leak_lines([{"medium": one.medium, "hours": one.hours, "least": str(one.least)} for one in leaks])
    said = _("Water has not stopped for %(days)s days. A tap, a flush or a safety valve may be running.")
    return [{"text": " ".join([said % {"days": DAYS}, *lines])}] if lines else []
