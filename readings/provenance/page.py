"""The pages "where does this figure come from", as prepared texts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.access import Permission, ProgrammeRequest
from accounts.templatetags.releve import local_day, local_month, local_time, plain, unit_name
from readings.archives.page import value_text as archive_text
from readings.archives.parameters import KINDS, remarks
from readings.archives.selectors import masks_of
from readings.completeness.page import month_of, place_name
from readings.consumption.selectors import clipped
from readings.crumbs import point_crumbs
from readings.ingest.columns import BIT, COLUMNS, unit_of
from readings.models import ArchiveRecord, ImportJob, Reading, ReviewItem, TotalStatus
from readings.provenance.access import Traced
from readings.provenance.sources import FileRow, file_row, table_row, telegrams_of
from readings.provenance.trace import DayTrace, day_trace, month_totals
from readings.totals.drain import totals_drain
from readings.totals.selectors import day_quantities, in_unit, next_month
from servers.models import Register
from tariffs.texts import band_text


def status_chip(status: int) -> dict[str, str]:
    return {
        TotalStatus.MEASURED: {"kind": "ok", "label": _("measured")},
        TotalStatus.ESTIMATED: {"kind": "warn", "label": _("estimated")},
        TotalStatus.DISPUTED: {"kind": "bad", "label": _("disputed")},
        TotalStatus.SUBSTITUTED: {"kind": "neutral", "label": _("put in by an operator")},
    }[TotalStatus(status)]


def amount(steps: int, register: Register) -> str:
    return f"{plain(in_unit(steps, register.exponent))}\xa0{unit_name(register.unit)}"


def register_name(register: Register) -> str:
    name = str(register.get_quantity_display()).capitalize()
    if register.tariff_index:
        name += ", " + _("tariff %(number)s") % {"number": register.tariff_index}
    return name


def registers_context(request: ProgrammeRequest, traced: list[Traced]) -> dict[str, Any]:
    """A month of all registers of a place: what each adds to the figures."""
    today = timezone.now().astimezone(request.programme.zone).date()
    first = month_of(request.GET.get("month", f"{today:%Y-%m}"), today)
    end = next_month(first)
    counting = [one for one in traced if one.register.kind == Register.Kind.CUMULATIVE]
    totals_drain(programme_id=request.programme.pk, registers=[one.register.pk for one in counting])
    rows = []
    for one in traced:
        found: dict[str, Any] = {"quantity": 0, "days": set(), "status": 0}
        for start, stop in clipped(one.visible, first, end):
            part = month_totals([one.register.pk], start, stop).get(one.register.pk)
            if part:
                found["quantity"] += part["quantity"]
                found["days"] |= part["days"]
                found["status"] = max(found["status"], part["status"])
        if not clipped(one.visible, first, end):
            continue
        rows.append(_register_row(request, one, first, found))
    return {
        "rows": [row for row in rows if row["days"] or row["current"]],
        "month_label": local_month(first),
        "month_key": f"{first:%Y-%m}",
        "months": _months(first, today),
    }


def registers_table(context: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """The registers of a month to take away: amounts as numbers of their units."""
    header = [
        _("Medium"), _("Meter register"), _("Serial number"), _("Counted"), _("Unit"), _("Days"), _("State")
    ]  # fmt: skip
    return header, [
        [
            str(row["medium"]), row["name"], row["serial"], row["counted"], row["unit"], row["days"],
            row["chip"]["label"] if row["chip"] else "",
        ]
        for row in context["rows"]
    ]  # fmt: skip


def _register_row(
    request: ProgrammeRequest, traced: Traced, first: date, found: dict[str, Any]
) -> dict[str, Any]:
    register, slug = traced.register, request.programme.slug
    point = register.installation.point
    at_contract = register.installation.point.contract_id is not None
    page = "origin_contract_register" if at_contract else "origin_register"
    url = reverse(page, args=[slug, register.public_id])
    return {
        "name": register_name(register), "medium": register.installation.point.get_medium_display(),
        "place": place_name(register.installation.point), "serial": register.installation.meter.serial,
        "amount": amount(found["quantity"], register) if found["days"] else "—", "days": len(found["days"]),
        "counted": in_unit(found["quantity"], register.exponent) if found["days"] else None,
        "unit": unit_name(register.unit),
        "chip": status_chip(found["status"]) if found["days"] else None,
        "current": register.retired_at is None and register.installation.removed_at is None,
        "url": f"{url}?month={first:%Y-%m}",
        "exchange_url": reverse("meter_exchange", args=[slug, point.public_id])
        if request.actor.may(Permission.REVIEW_READINGS) and register.installation.removed_at is None
        else "",
    }  # fmt: skip


def _months(first: date, today: date) -> list[dict[str, Any]]:
    before, after = (first - timedelta(days=1)).replace(day=1), next_month(first)
    return [
        {"label": "‹", "name": _("Before"), "url": f"?month={before:%Y-%m}"},
        {"label": local_month(first), "url": f"?month={first:%Y-%m}", "current": True},
        {"label": "›", "name": _("After"), "url": f"?month={after:%Y-%m}" if after <= today else ""},
    ]


def month_context(request: ProgrammeRequest, traced: Traced, first: date) -> dict[str, Any]:
    """The days of a month of one register; an instantaneous one shows its lowest, mean and highest value."""
    today = timezone.now().astimezone(traced.zone).date()
    context = {
        **_about(request, traced), "month_label": local_month(first), "months": _months(first, today),
        "query": f"month={first:%Y-%m}",
    }  # fmt: skip
    if traced.register.kind != Register.Kind.CUMULATIVE:
        return context | {"extremes": _extremes(traced, first)}
    totals_drain(programme_id=traced.register.programme_id, registers=[traced.register.pk])
    rows = []
    total, worst = 0, 0
    for start, stop in clipped(traced.visible, first, next_month(first)):
        for one in day_quantities([traced.register.pk], start, stop):
            total, worst = total + one.quantity, max(worst, one.status)
            rows.append(
                {
                    "day": local_day(one.day), "url": f"?day={one.day.isoformat()}", "band": band_text(one.band),
                    "amount": amount(one.quantity, traced.register), "chip": status_chip(one.status),
                    "hours": plain(round(one.seconds / 3600, 1)), "found": one,
                }
            )  # fmt: skip
    banded = len({row["band"] for row in rows}) > 1
    return context | {
        "rows": rows, "banded": banded, "total": amount(total, traced.register) if rows else "",
        "total_chip": status_chip(worst),
    }  # fmt: skip


def month_table(context: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """The days of a register's month to take away, as exact numbers."""
    register = context["register"]
    unit = unit_name(register.unit)
    if "extremes" in context:
        header = [
            _("Day"),
            *(f"{name} ({unit})" for name in (_("Lowest"), _("Mean"), _("Highest"))),
            _("Readings"),
        ]
        return header, [
            [one.day, in_unit(one.low, register.exponent), one.mean(register.exponent),
             in_unit(one.high, register.exponent), one.count]
            for one in (row["found"] for row in context["extremes"])
        ]  # fmt: skip
    header = [_("Day"), _("Tariff band"), f"{_('Counted')} ({unit})", _("Seconds covered"), _("State")]
    return header, [
        [row["found"].day, row["band"], in_unit(row["found"].quantity, register.exponent), row["found"].seconds,
         row["chip"]["label"]]
        for row in context["rows"]
    ]  # fmt: skip


def _extremes(traced: Traced, first: date) -> list[dict[str, Any]]:
    """Daily lowest, mean and highest value, of the days that the reader may see."""
    from readings.provenance.extremes import day_extremes

    register = traced.register
    return [
        {
            "day": local_day(one.day), "url": f"?day={one.day.isoformat()}", "count": one.count,
            "low": amount(one.low, register), "high": amount(one.high, register),
            "mean": f"{plain(one.mean(register.exponent))}\xa0{unit_name(register.unit)}", "found": one,
        }
        for start, stop in clipped(traced.visible, first, next_month(first))
        for one in day_extremes(register.pk, start, stop, traced.zone)
    ]  # fmt: skip


def _named(traced: Traced) -> str:
    """Medium and quantity: a place may have several."""
    medium = capfirst(traced.register.installation.point.get_medium_display())
    return f"{medium}, {register_name(traced.register).lower()}"


def _about(request: ProgrammeRequest, traced: Traced, *below: tuple[str, str]) -> dict[str, Any]:
    register, slug = traced.register, request.programme.slug
    point = register.installation.point
    place_url = ""
    if point.dwelling is not None:
        place_url = reverse("origin_dwelling", args=[slug, point.dwelling.public_id])
    elif point.contract_id is not None:
        place_url = reverse("origin_point", args=[slug, point.public_id])
    trail = below or ((_named(traced), ""),)
    if place_url:
        trail = ((_("Where the figures come from"), place_url), *trail)
    return {
        "register": register, "name": register_name(register), "point": point, "place": place_name(point),
        "place_url": place_url, "serial": register.installation.meter.serial, "zone": traced.zone.key,
        "crumbs": point_crumbs(request, point, *trail),
    }  # fmt: skip


def day_context(request: ProgrammeRequest, traced: Traced, day: date) -> dict[str, Any]:
    if traced.register.kind == Register.Kind.CUMULATIVE:
        totals_drain(programme_id=traced.register.programme_id, registers=[traced.register.pk])
    trace = day_trace(traced, day)
    staff = request.actor.may(Permission.REVIEW_READINGS)
    # a telegram tells of other days and registers too: it is for those who judge readings
    telegrams = telegrams_of(traced, trace.readings) if staff and trace.batches else {}
    superseded: dict[int, list[str]] = {}
    for old in trace.superseded:
        superseded.setdefault(old.at, []).append(amount(old.value, traced.register))
    month = f"?month={day:%Y-%m}"
    return {
        **_about(request, traced, (_named(traced), month), (local_day(day), "")),
        "day_label": local_day(day), "trace": trace,
        "totals": [
            {"band": band_text(one.band), "amount": amount(one.quantity, traced.register), "chip": status_chip(one.status)}
            for one in trace.totals
        ],
        "readings": [
            _reading(request, traced, trace, one, superseded.get(one.at, []), staff)
            | {"telegram": telegrams.get(one.at, ())}
            for one in trace.readings
        ],
        "records": [_record(request, traced, trace, one, staff) for one in trace.records],
        "found": _file_row(request, traced, trace),
        "before": day - timedelta(days=1) if traced.sees(day - timedelta(days=1)) else None,
        "after": day + timedelta(days=1) if traced.sees(day + timedelta(days=1)) else None,
    }  # fmt: skip


def _reading(
    request: ProgrammeRequest, traced: Traced, trace: DayTrace, one: Reading, old: list[str], staff: bool
) -> dict[str, Any]:
    batch = trace.batches.get(one.received_at)
    job = trace.jobs.get(one.seq) if one.source == Reading.Source.FILE else None
    item = trace.reviews.get((one.at, ""))
    return {
        "when": _moment(one.at, traced), "value": amount(one.value, traced.register), "used": one.used,
        "inside": trace.start <= one.at <= trace.end, "source": _source(one, batch), "spool": one.spool,
        "seq": one.seq, "from_gateway": one.source == Reading.Source.GATEWAY, "batch": batch.uuid if batch else "",
        "received": local_time(one.received_at, traced.zone), "old": old,
        "job": job, "job_url": _job_url(request, job),
        "row_url": f"?day={trace.day.isoformat()}&reading={one.at}#row" if _is_of_table(job) else "",
        "review": _review(request, item, staff),
    }  # fmt: skip


def _is_of_table(job: ImportJob | None) -> bool:
    return job is not None and job.format == ImportJob.Format.TABLE and bool(job.stored_as)


def _source(one: Reading, batch: Any) -> str:
    words = {
        Reading.Source.GATEWAY: _("gateway"), Reading.Source.HAND: _("entered by hand"),
        Reading.Source.FILE: _("file"), Reading.Source.OPERATOR: _("operator"),
    }  # fmt: skip
    word = words[Reading.Source(one.source)]
    return f"{word} {batch.server.description}" if batch else word


def _review(request: ProgrammeRequest, item: ReviewItem | None, staff: bool) -> dict[str, str] | None:
    from readings.review.items import rule_labels
    from readings.review.page import STATES

    if item is None:
        return None
    label = rule_labels()[item.rule]
    url = reverse("review_item", args=[request.programme.slug, item.public_id]) if staff else ""
    return {
        "kind": STATES[ReviewItem.State(item.state)],
        "label": f"{label}: {item.get_state_display()}",
        "url": url,
    }


def _moment(at: int, traced: Traced) -> str:
    return local_time(datetime.fromtimestamp(at, UTC), traced.zone)


def _job_url(request: ProgrammeRequest, job: Any) -> str:
    """Only to whoever may open the import itself."""
    from readings.doors import visible_import_jobs

    if job is None or not visible_import_jobs(request.actor).filter(pk=job.pk).exists():
        return ""
    return reverse("import_detail", args=[request.programme.slug, job.public_id])


def _record(
    request: ProgrammeRequest, traced: Traced, trace: DayTrace, one: ArchiveRecord, staff: bool
) -> dict[str, Any]:
    kind = trace.series[one.series_id].kind
    name = traced.register.ref
    job = trace.jobs.get(one.import_job_id)
    value = getattr(one, COLUMNS[name]) if name in COLUMNS else None
    return {
        "when": _moment(one.start, traced), "kind": KINDS.get(kind, kind),
        "value": f"{archive_text(value)}\xa0{unit_of(name)}" if value is not None else "—",
        "remarks": remarks(one.flags, masks_of(one)), "bad": bool(one.bad & BIT.get(name, 0)),
        "job": job, "job_url": _job_url(request, job),
        "row_url": f"?day={trace.day.isoformat()}&row={one.series_id}-{one.start}#row" if job and job.stored_as else "",
        "review": _review(request, trace.reviews.get((one.start, kind)), staff),
        "replaced": [_old_value(old.record, name) for old in trace.replaced
                     if (old.series_id, old.start) == (one.series_id, one.start)],
    }  # fmt: skip


def _old_value(record: dict[str, Any], name: str) -> str:
    return archive_text(record.get(COLUMNS.get(name, ""))) or "—"


def _file_row(request: ProgrammeRequest, traced: Traced, trace: DayTrace) -> dict[str, Any] | None:
    """The row of the file that the reader asked for (?row=series-start, or ?reading=instant of a table)."""
    series, _dash, start = request.GET.get("row", "").partition("-")
    for one in trace.records:
        if (str(one.series_id), str(one.start)) == (series, start):
            job = trace.jobs.get(one.import_job_id)
            row = file_row(traced, one, trace.series[one.series_id].kind, job) if job else None
            return _row_shown(_moment(one.start, traced), job, row)
    for reading in trace.readings:
        if str(reading.at) == request.GET.get("reading"):
            job = trace.jobs.get(reading.seq) if reading.source == Reading.Source.FILE else None
            if job is not None and _is_of_table(job):
                return _row_shown(_moment(reading.at, traced), job, table_row(traced, reading, job))
    return None


def _row_shown(when: str, job: ImportJob | None, row: FileRow | None) -> dict[str, Any]:
    return {
        "when": when, "job": job, "line": row.line if row else None,
        "values": list(row.values.items()) if row else [],
    }  # fmt: skip
