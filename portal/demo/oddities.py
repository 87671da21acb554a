"""What makes the review list and the completeness page worth opening: a misread index, a hot flow, a silence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from readings.models import Reading, ReviewItem
from readings.review.rules import Rule
from readings.services.storing import NewReading, readings_store
from servers.models import Register, Server
from servers.services.lost import lost_spans_tell

PARIS = ZoneInfo("Europe/Paris")


def seed_oddities(
    server: Server, registers: Mapping[tuple[str, str], int], today: date, now: datetime
) -> None:
    """In the scope that is open, before the totals are made."""
    _misread(registers, today - timedelta(days=6), now)
    since = datetime.combine(today - timedelta(days=11), time(), PARIS)
    lost_spans_tell(server=server, gaps=[("sockets-A-103", since, since + timedelta(days=3))])
    ReviewItem.objects.create(
        subject=f"server:{server.pk}:heat-A-101/power", rule=Rule.UNKNOWN_REGISTER.value, server=server,
        at=int((now - timedelta(days=2)).timestamp()), until=int(now.timestamp()), count=48,
        field="heat-A-101/power", value="2.4",
    )  # fmt: skip


def _misread(registers: Mapping[tuple[str, str], int], day: date, now: datetime) -> None:
    """An index that leaps at noon and comes back at the next midnight: the operator leaves it out or corrects it."""
    noon = int(datetime.combine(day, time(12), PARIS).timestamp())
    for (meter, _ref), register in sorted(registers.items()):
        if meter.endswith("A-104") and meter.startswith("cold"):
            before = Reading.objects.filter(register=register, at__lt=noon).order_by("-at").first()
            exponent = Register.objects.values_list("exponent", flat=True).get(pk=register)
            if before is not None:
                leap = before.value + 90_000 * 10**-exponent
                rows = [NewReading(register, noon, int(leap), before.spool, before.seq)]
                readings_store(rows=rows, source=Reading.Source.GATEWAY, now=now)
