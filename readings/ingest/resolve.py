"""Which metering point and meter each stretch of a file belongs to, and what stands in the way.

Number, factory number and system are checked together: a number typed wrongly would put a stranger's heat on a
bill. A point that the uploader may not see is answered like one that does not exist.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from readings.lers.model import FileSummary, Series
from servers.models import Medium, MeteringPoint, MeterInstallation

_MEDIUM_OF_SYSTEM: dict[str, Medium] = {
    "Heat": Medium.HEAT,
    "Steam": Medium.HEAT,
    "HotWater": Medium.HOT_WATER,
    "ColdWater": Medium.COLD_WATER,
    "Gas": Medium.GAS,
    "Electricity": Medium.ELECTRICITY,
}
ARCHIVE_KINDS = ("hour", "day", "month", "totals", "current")


@dataclass(frozen=True)
class Finding:
    """One thing that was not taken as it stood. `line` 0: the file as a whole."""

    line: int
    point: str
    field: str
    value: str
    code: str


@dataclass
class Match:
    """Where the rows of one series go. `refusal` names why nowhere, else `installations` holds the meters."""

    series: Series
    point: MeteringPoint | None = None
    installations: list[MeterInstallation] = field(default_factory=list)
    refusal: str = ""
    offered: MeteringPoint | None = None

    @property
    def number(self) -> str:
        return (self.point.number if self.point else None) or self.series.point or ""

    @property
    def serial(self) -> str:
        if self.installations and not self.series.serial:
            return self.installations[-1].meter.serial
        return self.series.serial or ""


def same_serial(one: str, other: str) -> bool:
    """Factory numbers are typed with and without blanks and leading zeros."""
    return _serial_key(one) == _serial_key(other)


_SERIAL_LABEL = re.compile(
    r"(?:зав(?:одской)?\.?|сер(?:ийный)?\.?)?\s*(?:№|номер)|зав\.|s/n:?", re.IGNORECASE
)
_POINT_LABEL = re.compile(r"(?:ту|точка)?\s*(?:№|no\.?|n|#)?\s*0*([1-9]\d*)", re.ASCII)
_WIDEST = 4  # leading zeros of a point's number in the register


def _serial_key(serial: str) -> str:
    key = serial_plain("".join(serial.split()).casefold())
    return key.lstrip("0") or key


def serial_plain(text: str) -> str:
    """A factory number without what people write in front of it: "зав. № 123" is 123."""
    label = _SERIAL_LABEL.match(text)
    return (text[label.end() :].lstrip(".: ") if label else "") or text


def _plain_number(number: str) -> str:
    """A point's number without its label and leading zeros: "№ 101" and "0101" are 101; empty for other words."""
    found = _POINT_LABEL.fullmatch(number.strip().casefold())
    return found[1] if found else ""


def points_called(numbers: set[str], visible: QuerySet[MeteringPoint]) -> dict[str, MeteringPoint]:
    """The point that each number of a file means: the one so called, else the only one of that plain number."""
    visible = visible.filter(retired_at=None).select_related("programme", "building")
    known = {point.number or "": point for point in visible.filter(number__in=sorted(numbers))}
    plain = {number: key for number in numbers - known.keys() if (key := _plain_number(number))}
    wanted = {key.zfill(len(key) + zeros) for key in plain.values() for zeros in range(_WIDEST + 1)}
    alike: dict[str, list[MeteringPoint]] = defaultdict(list)
    for point in visible.filter(number__in=sorted(wanted)) if wanted else ():
        alike[_plain_number(point.number or "")].append(point)
    return known | {number: alike[key][0] for number, key in plain.items() if len(alike[key]) == 1}


def resolve(
    summary: FileSummary,
    *,
    visible: QuerySet[MeteringPoint],
    chosen: MeteringPoint | None,
    number_wins: bool = False,
) -> list[Match]:
    """One `Match` a series, in the order of the file.

    `chosen` is for series without a number. On a page it is also what the person meant: a file that holds other
    points only is then refused, unless `number_wins`.
    """
    used = [series for series in summary.series if series.records or series.device_errors]
    numbers = {series.point for series in used if series.point}
    known = points_called(numbers, visible)
    installed = _installations({*known.values(), *([chosen] if chosen else [])})
    # A file for several points may be given in at any one of them; a file that does not hold the chosen point
    # at all was meant for another one.
    meant = None if number_wins else chosen
    elsewhere = meant is not None and bool(numbers) and meant not in known.values()
    return [_match(series, known, chosen, elsewhere, installed) for series in used]


def _installations(points: Iterable[MeteringPoint]) -> dict[int, list[MeterInstallation]]:
    found: dict[int, list[MeterInstallation]] = {point.pk: [] for point in points}
    rows = MeterInstallation.objects.filter(point_id__in=found).select_related("meter")
    for installation in rows.order_by("installed_at", "pk"):
        found[installation.point_id].append(installation)
    return found


def _match(
    series: Series,
    known: Mapping[str, MeteringPoint],
    chosen: MeteringPoint | None,
    elsewhere: bool,
    installed: dict[int, list[MeterInstallation]],
) -> Match:
    if series.point is None:
        point = chosen
        if point is None:
            return Match(series, refusal="point_needed")
    else:
        point = known.get(series.point)
        if point is None:
            return Match(series, refusal="unknown_point")
        if elsewhere:
            return Match(series, refusal="other_point", offered=point)
    match = Match(series, point=point)
    medium = _MEDIUM_OF_SYSTEM.get(series.system or "")
    if medium and point.medium != Medium.OTHER and medium != point.medium:
        match.refusal = "system_mismatch"
    elif series.kind not in ARCHIVE_KINDS and series.records:
        match.refusal = "unknown_kind"
    else:
        _find_meter(match, installed[point.pk])
    return match


def _find_meter(match: Match, installations: list[MeterInstallation]) -> None:
    serial = match.series.serial
    if not installations:
        match.refusal = "no_meter"
    elif not serial:
        match.installations = installations
    else:
        match.installations = [i for i in installations if same_serial(i.meter.serial, serial)]
        if not match.installations:
            match.refusal = "serial_mismatch"


def finding_of(match: Match) -> Finding:
    """The refusal of a series, as a line of the report."""
    series = match.series
    fields = {"serial_mismatch": ("serial", series.serial), "system_mismatch": ("system", series.system)}
    name, value = fields.get(match.refusal, ("point", series.point))
    return Finding(0, series.point or "", name, value or "", match.refusal)
