"""What a heat meter's card tells beyond its numbers: how complete this month is, and what the meter showed last."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.templatetags.releve import local_day, local_month, percent
from readings.archives import selectors as archives
from readings.archives.page import time_text, value_text
from readings.ingest.wallclock import WallClock, point_zone
from servers.models import Meter, MeteringPoint

SHOWN = 3  # of the values that a heating engineer looks at first


def card_facts(point: MeteringPoint, meter: Meter | None) -> list[dict[str, str]]:
    """Names with values: verification and admission as days, completeness of the month so far."""
    clock = WallClock(point_zone(point))
    now = int(timezone.now().timestamp())
    today = clock.day_of(now)
    start, _end = archives.month_bounds(clock, today)
    share = archives.completeness(point, start, now - now % 3600).percent
    return [
        {"label": _("Verified until"), "value": local_day(meter.verified_until if meter else None)},
        {"label": _("Admitted until"), "value": local_day(point.admitted_until)},
        {
            "label": _("Completeness"),
            "value": f"{percent(share, 1)} · {local_month(today)}",  # a long label would leave no room on a phone
        },
    ]


def card_last(point: MeteringPoint) -> dict[str, str] | None:
    """What the meter showed last: the first few values with their time; None before anything was sent."""
    at, values = archives.latest(point, archives.extents(point))
    if at is None:
        return None
    shown = [f"{one['label']} {value_text(one['value'])}\xa0{one['unit']}" for one in values[:SHOWN]]
    when = time_text(WallClock(point_zone(point)), "hour", at)
    return {"label": _("Last values, %(time)s") % {"time": when}, "value": "; ".join(shown)}
