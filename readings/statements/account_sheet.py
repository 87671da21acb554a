"""The heat account of a metering point and month (ведомость учёта тепловой энергии): by days or by hours.

Heat, volume and mass of a day are its day total, the same that is charged (so decisions of the review are in them);
temperatures and pressures are those of the day record, else the mean of its hours. Averages are plain means of the
rows, sums are exact.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from accounts.templatetags.releve import local_day, local_month, number_text
from readings.archives import selectors as archives
from readings.archives.page import time_text
from readings.archives.parameters import label_of, remarks, unit_label
from readings.archives.totals import COUNTED, EXPONENT
from readings.ingest.columns import COLUMNS
from readings.ingest.wallclock import WallClock, point_zone
from readings.models import ArchiveRecord, DayTotal
from readings.review.overlay import Overlay, overlay_of
from readings.statements.money import month_after
from readings.statements.terms import terms_of_point
from readings.statements.words import status_word
from servers.models import MeteringPoint

MEANS = ("T_in", "T_out", "T_delta", "P_in", "P_out")
SUMS = ("M_in", "M_out", "V_in", "V_out", "Q_delta")
NORMAL = "NormalOperationDuration"
DURATIONS = (
    NORMAL, "StopDuration", "FlowUnderrunDuration", "FlowOverrunDuration", "TempDiffLowDuration", "NoPowerDuration",
    "IncidentDuration",
)  # fmt: skip
NAMES = (*MEANS, *SUMS, NORMAL)
DIGITS = {"Q_delta": 3, **dict.fromkeys(("M_in", "M_out", "V_in", "V_out", "P_in", "P_out"), 2)}
STATUSES = ("measured", "estimated", "disputed", "substituted")  # by TotalStatus
SHORT = {
    "T_in": "T1", "T_out": "T2", "T_delta": "ΔT", "P_in": "P1", "P_out": "P2", "M_in": "M1", "M_out": "M2",
    "V_in": "V1", "V_out": "V2", "Q_delta": "Q", "NormalOperationDuration": "t",
}  # fmt: skip
Values = dict[str, Fraction]


@dataclass
class Row:
    at: int
    label: str
    values: Values = field(default_factory=dict)
    remarks: str = ""


@dataclass
class HeatAccount:
    point: MeteringPoint
    month: date
    kind: str  # day or hour
    rows: list[Row]
    durations: Values
    days: list[date] = field(default_factory=list)  # of the month's period

    @property
    def names(self) -> list[str]:
        return [name for name in NAMES if any(name in row.values for row in self.rows)]

    def foot(self) -> Values:
        """The mean of what is an average, the sum of what is counted."""
        found: Values = {}
        for name in self.names:
            values = [row.values[name] for row in self.rows if name in row.values]
            whole = sum(values, Fraction(0))
            found[name] = whole / len(values) if name in MEANS else whole
        return found

    @property
    def missing(self) -> int:
        return sum(
            "Q_delta" not in row.values and not any(n in row.values for n in SUMS) for row in self.rows
        )

    def heads(self) -> list[str]:
        first = _("Day") if self.kind == "day" else _("Hour")
        return [first, *(f"{label_of(name)}, {unit_label(name)}" for name in self.names), _("Remarks")]

    def short_heads(self) -> list[dict[str, str]]:
        """As heat engineers write them, with what they mean."""
        return [
            {"short": f"{SHORT[name]}, {unit_label(name)}", "long": str(label_of(name))}
            for name in self.names
        ]

    def cells(self, values: Values) -> list[str]:
        return [text_of(name, values[name]) if name in values else "—" for name in self.names]

    def numbers(self) -> list[list[Any]]:
        """For a spreadsheet: numbers as numbers, unrounded."""
        body = [
            [row.label, *(_number(row.values.get(name)) for name in self.names), row.remarks]
            for row in self.rows
        ]
        foot = self.foot()
        return [*body, [_("Total or mean"), *(_number(foot.get(name)) for name in self.names), ""]]

    def duration_facts(self) -> list[tuple[str, str]]:
        hours = unit_label(NORMAL)
        return [
            (str(label_of(name)), f"{number_text(Decimal(float(value)), 1)}\xa0{hours}")
            for name, value in self.durations.items()
        ]

    @property
    def title(self) -> str:
        return _("Heat account, %(month)s") % {"month": local_month(self.month)}


def text_of(name: str, value: Fraction) -> str:
    return number_text(value, DIGITS.get(name, 1))


def _number(value: Fraction | None) -> Decimal | None:
    if value is None:
        return None
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(
        Decimal("0.000001")
    ).normalize() + 0


def heat_account_of(point: MeteringPoint, month: date, kind: str) -> HeatAccount:
    clock = WallClock(point_zone(point))
    period = terms_of_point(point).days_of(month)
    start, end = clock.day_start(period[0]), clock.day_start(period[-1] + timedelta(days=1))
    records = {name: archives.records(point, name, start, end) for name in ("day", "hour")}
    overlays = {
        pk: overlay_of(pk, start, end) for pk in {r.series_id for rows in records.values() for r in rows}
    }
    hours = [_row(clock, "hour", record, overlays[record.series_id]) for record in records["hour"]]
    if kind == "hour":
        return HeatAccount(
            point, month, kind, hours, _durations(records["day"], records["hour"], clock), period
        )
    by_day: dict[date, Row] = {}
    for record in records["day"]:
        by_day.setdefault(clock.day_of(record.start), _row(clock, "day", record, overlays[record.series_id]))
    return HeatAccount(
        point,
        month,
        kind,
        _days(point, period, clock, by_day, hours),
        _durations(records["day"], records["hour"], clock),
        period,
    )


def _row(clock: WallClock, kind: str, record: ArchiveRecord, overlay: Overlay) -> Row:
    row = Row(record.start, time_text(clock, kind, record.start), remarks=_remarks(record))
    for name in NAMES:
        value, _put_in = overlay.value(name, record.start, getattr(record, COLUMNS[name]))
        if value is not None:
            row.values[name] = Fraction(repr(value))
    return row


def _remarks(record: ArchiveRecord) -> str:
    return ", ".join(str(one) for one in remarks(record.flags, archives.masks_of(record)))


def _days(
    point: MeteringPoint, period: list[date], clock: WallClock, by_day: dict[date, Row], hours: list[Row]
) -> list[Row]:
    totals, tomorrow = _totals(point, period), _tomorrow(clock)
    hours_of: dict[date, list[Row]] = defaultdict(list)
    for hour in hours:
        hours_of[clock.day_of(hour.at)].append(hour)
    rows = []
    for day in (one for one in period if one < tomorrow):
        row = by_day.get(day) or _from_hours(clock, day, hours_of[day])
        row.values = {name: value for name, value in row.values.items() if name not in SUMS}
        amounts, status = totals.get(day, ({}, 0))
        row.values |= amounts
        if status:
            row.remarks = ", ".join(filter(None, (row.remarks, status_word(STATUSES[status]))))
        if not row.values:
            row.remarks = status_word("missing")
        rows.append(row)
    return rows


def _tomorrow(clock: WallClock) -> date:
    return clock.day_of(archives.now_epoch()) + timedelta(days=1)


def _from_hours(clock: WallClock, day: date, hours: list[Row]) -> Row:
    at = clock.day_start(day)
    row = Row(at, time_text(clock, "day", at))
    for name in (*MEANS, NORMAL):
        values = [hour.values[name] for hour in hours if name in hour.values]
        if values:
            whole = sum(values, Fraction(0))
            row.values[name] = whole if name == NORMAL else whole / len(values)
    return row


def _totals(point: MeteringPoint, period: list[date]) -> dict[date, tuple[Values, int]]:
    found: dict[date, tuple[Values, int]] = {}
    rows = DayTotal.objects.filter(
        register__installation__point=point, register__ref__in=list(COUNTED), register__exponent=EXPONENT,
        day__gte=period[0].toordinal(), day__lte=period[-1].toordinal(),
    )  # fmt: skip
    for ref, ordinal, quantity, status in rows.values_list("register__ref", "day", "quantity", "status"):
        values, worst = found.get(date.fromordinal(ordinal), ({}, 0))
        values[ref] = values.get(ref, Fraction(0)) + Fraction(quantity, 10**6)
        found[date.fromordinal(ordinal)] = (values, max(worst, status))
    return found


def _durations(days: list[ArchiveRecord], hours: list[ArchiveRecord], clock: WallClock) -> Values:
    """Of the day records, and of the hours of days that have none."""
    with_record = {clock.day_of(record.start) for record in days}
    counted = [*days, *(hour for hour in hours if clock.day_of(hour.start) not in with_record)]
    found: Values = {}
    for name in DURATIONS:
        values = [value for record in counted if (value := getattr(record, COLUMNS[name])) is not None]
        if values:
            found[name] = sum((Fraction(repr(value)) for value in values), Fraction(0))
    return found


def _period_text(account: HeatAccount) -> str:
    """Told where it is not the calendar month, whose name the account bears already."""
    calendar = (account.month, month_after(account.month) - timedelta(days=1))
    if not account.days or (account.days[0], account.days[-1]) == calendar:
        return ""
    return f"{local_day(account.days[0])} – {local_day(account.days[-1])}"


def head_facts(account: HeatAccount) -> list[tuple[str, str]]:
    point, meter = account.point, archives.meter_of(account.point)
    contract = point.contract
    facts = [
        (_("Holder"), contract.holder if contract else ""), (_("Contract"), contract.number if contract else ""),
        (_("Period"), _period_text(account)), (_("Address"), point.address),
        (_("Metering point"), f"{point.number or ''} {point.name}".strip()),
        (_("Meter"), f"{meter.model} {meter.serial}".strip() if meter else ""),
        (_("verified until"), local_day(meter.verified_until) if meter and meter.verified_until else ""),
    ]  # fmt: skip
    return [(label[:1].upper() + label[1:], text) for label, text in facts if text]
