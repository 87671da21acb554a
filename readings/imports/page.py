"""What stands on the page of one import: how far it is, its preview, then its report and receipt."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.access import Permission, ProgrammeRequest
from accounts.lists import ListAsked
from accounts.models import Job
from accounts.templatetags.releve import local_day, local_time, plain, unit_name
from readings.archives.parameters import KINDS, LABELS, label_of, unit_label
from readings.archives.selectors import meter_of
from readings.contract_cards import Chip
from readings.desk.contacts import contacts_of
from readings.imports.profile import profile_in_force, replacing_allowed
from readings.imports.services import DONE, WAITING, import_refuse
from readings.ingest.wallclock import point_zone
from readings.models import ImportJob
from readings.refusals import issue_text, refusal_text
from servers.doors import visible_points
from servers.models import MeteringPoint

State = ImportJob.State
FIELDS = {
    "start": gettext_lazy("time"), "point": gettext_lazy("metering point"),
    "serial": gettext_lazy("meter number"), "system": gettext_lazy("system"),
}  # fmt: skip
INDEX = pgettext_lazy("archive", "Index readings")
PER_PAGE = 100
ISSUE_ORDER = {
    "line": ("line",), "remark": ("code", "line"), "field": ("field", "line"), "value": ("value", "line"),
    "point": ("point", "line"),
}  # fmt: skip


def state_chip(job: ImportJob) -> Chip:
    return {
        State.MAPPING: Chip("warn", _("columns to be chosen")),
        State.QUEUED: Chip("neutral", _("waiting")),
        State.RUNNING: Chip("neutral", _("being read")),
        State.CHECKED: Chip("warn", _("to be confirmed")),
        State.CANCELLED: Chip("neutral", _("cancelled")),
        State.DONE: Chip("ok", _("accepted")),
        State.DONE_WITH_ISSUES: Chip("warn", _("accepted with remarks")),
        State.REFUSED: Chip("bad", _("refused")),
        State.UNDONE: Chip("neutral", _("taken back")),
    }[State(job.state)]


def _settle_lost(job: ImportJob) -> None:
    """A worker that died each time cannot say so itself: the job's row does."""
    if job.state in WAITING:
        rows = Job.objects.filter(programme_id=job.programme_id, kind="import_archive", ref=str(job.pk))
        if rows.filter(state=Job.State.FAILED).exists():
            import_refuse(job=job, code="internal")
            job.refresh_from_db()


def progress_context(request: ProgrammeRequest, job: ImportJob) -> dict[str, Any]:
    _settle_lost(job)
    done = job.state not in WAITING
    if job.state == State.CHECKED:
        text = _("The file is checked; nothing is stored yet.")
    elif done:
        text = _("Ready.")
    elif job.state == State.QUEUED:
        text = _("The file has arrived and will be read in a moment.")
    elif job.bytes_done >= job.size:
        text = _("The file is read; its values are being stored.")
    else:
        text = _("The file is being read.")
    slug = request.programme.slug
    return {
        "job": job,
        "done": done,
        "text": text,
        "percent": min(99, job.bytes_done * 100 // job.size) if job.size else None,
        "poll_url": reverse("import_progress", args=[slug, job.public_id]),
        "reload_url": reverse("import_detail", args=[slug, job.public_id]),
    }


def import_context(request: ProgrammeRequest, job: ImportJob) -> dict[str, Any]:
    context = progress_context(request, job)
    zone = point_zone(job.point) if job.point else request.programme.zone
    asked = ListAsked.of(request.GET, ISSUE_ORDER)
    listed = asked.context(asked.ordered(job.issues.order_by("pk"), ISSUE_ORDER), PER_PAGE)
    page = listed["page"]
    total = int(job.report.get("issues_total", 0))
    return (
        context
        | listed
        | {
            "chip": state_chip(job),
            "refusal": refusal_text(job.refusal, job.refusal_data) if job.refusal else "",
            "contacts": contacts_of() if job.refusal and request.programme.is_utility else [],
            "offers": _offers(request, job),
            "points": points_shown(request, job),
            "issue_rows": [_issue(issue) for issue in page],
            "issues_hidden": max(0, total - page.paginator.count),
            "ignored": ", ".join(job.report.get("ignored", ())),
            "different": int(job.report.get("different", 0)),
            "finished": local_time(job.finished_at, zone),
            "received": local_time(job.created_at, zone),
            "undone": local_time(job.undone_at, zone),
            "zone": zone.key,
            "crumbs": import_crumbs(request, job),
            "stands": job.state in (*DONE, State.UNDONE),
            "may_undo": job.state in DONE and request.actor.may(Permission.UPLOAD_ARCHIVES),
            "checked": job.state == State.CHECKED,
            "may_confirm": job.state == State.CHECKED and request.actor.may(Permission.UPLOAD_ARCHIVES),
            "preview": _preview(request, job) if job.state == State.CHECKED else None,
            "warnings": meter_warnings(job),
        }
    )


def issues_table(job: ImportJob) -> tuple[list[str], list[list[Any]]]:
    """The remarks on a file to take away."""
    header = [_("Line"), _("Remark"), _("Field"), _("Value"), _("Metering point")]
    rows = map(_issue, job.issues.order_by("pk"))
    return header, [[row["line"], row["text"], row["field"], row["value"], row["point"]] for row in rows]


def points_shown(request: ProgrammeRequest, job: ImportJob) -> list[dict[str, Any]]:
    changes = job.report.get("changes", ())
    return [_point(request, entry, changes) for entry in job.report.get("points", ())]


def _preview(request: ProgrammeRequest, job: ImportJob) -> dict[str, Any]:
    """What a person is asked: how much is new, and whether stored values are kept or replaced."""
    changes = job.report.get("changes", ())
    different = sum(change["different"] for change in changes)
    return {
        "new": sum(change["new"] for change in changes),
        "different": different,
        "moved": bool(job.report.get("moved")),
        "may_replace": bool(different) and replacing_allowed(request.actor, profile_in_force()),
    }


def meter_warnings(job: ImportJob) -> list[str]:
    """Whose verification or admission is over: the file is taken, but its values may not count for a bill."""
    if job.point is None or job.state not in (*DONE, State.CHECKED):
        return []
    point, meter = job.point, meter_of(job.point)
    today = timezone.now().astimezone(point_zone(point)).date()
    found = []
    if meter is not None and meter.verified_until and meter.verified_until < today:
        found.append(
            _("The verification of meter no. %(serial)s ended on %(day)s. Have it verified again.")
            % {"serial": meter.serial, "day": local_day(meter.verified_until)}
        )
    if point.admitted_until and point.admitted_until < today:
        found.append(
            _("The admission of metering point %(number)s ended on %(day)s. Ask the metering department.")
            % {"number": point.number or point.name, "day": local_day(point.admitted_until)}
        )
    return found


def _offers(request: ProgrammeRequest, job: ImportJob) -> list[MeteringPoint]:
    """The right points for a file that was sent to the wrong one, as far as they are still the reader's."""
    if job.refusal != "other_point" or not job.stored_as:
        return []
    ids = [offer["id"] for offer in job.refusal_data.get("offers", ())]
    return list(visible_points(request.actor).filter(public_id__in=ids).order_by("number"))


def import_crumbs(request: ProgrammeRequest, job: ImportJob) -> list[dict[str, str]]:
    slug = request.programme.slug
    items = [{"label": _("Files sent"), "url": reverse("upload_list", args=[slug])}]
    if job.point is not None:
        url = reverse("point_detail", args=[slug, job.point.public_id])
        items.append({"label": job.point.name, "url": url})
    return [*items, {"label": job.file_name, "url": ""}]


def _point(request: ProgrammeRequest, entry: dict[str, Any], changes: Any) -> dict[str, Any]:
    point = None
    if entry["matched"] and entry.get("point"):
        point = visible_points(request.actor).filter(public_id=entry["point"]).first()
    elif entry["matched"] and entry["number"]:
        point = visible_points(request.actor).filter(number=entry["number"]).first()
    order = {kind: place for place, kind in enumerate(KINDS)}
    intervals = [
        interval
        | {
            "label": _kind(interval),
            "change": _change(entry, interval, changes),
            "period": _span(interval["kind"], interval["start"], interval["end"]),
        }
        for interval in sorted(entry["intervals"], key=lambda interval: order.get(interval["kind"], 9))
    ]
    gaps = [
        {"label": KINDS[gap["kind"]], "period": _span(gap["kind"], gap["start"], gap["end"])}
        for gap in entry["gaps"]
    ]
    samples = [sample for one in intervals if one["change"] for sample in one["change"]["samples"]]
    return entry | {"point": point, "intervals": intervals, "gaps": gaps, "samples": samples}


def _kind(interval: dict[str, Any]) -> str:
    if interval["kind"] == "index":
        return f"{INDEX} ({_name(interval['register'])})"
    return str(KINDS.get(interval["kind"], interval["kind"]))


def _name(ref: str) -> str:
    return label_of(ref) if ref in LABELS else ref


def _change(entry: dict[str, Any], interval: dict[str, Any], changes: Any) -> dict[str, Any] | None:
    """How the records of an interval stand to what is stored; None for a report of before that was kept."""
    key = (entry["number"], entry["serial"], interval["kind"], interval.get("register"))
    for change in changes:
        if (change["number"], change["serial"], change["kind"], change.get("register")) == key:
            samples = [_sample(interval["kind"], sample) for sample in change["samples"]]
            return {**change, "samples": samples}
    return None


def _sample(kind: str, sample: dict[str, Any]) -> dict[str, str]:
    unit = unit_name(sample["unit"]) if "unit" in sample else unit_label(sample["name"])
    return {
        "time": _span(kind, sample["start"], sample["start"]),
        "name": _name(sample["name"]),
        "old": _value(sample["old"], unit),
        "new": _value(sample["new"], unit),
    }


def _value(value: float | str | None, unit: str) -> str:
    if value is None:
        return "—"
    exact = Decimal(value if isinstance(value, str) else repr(value))
    return f"{plain(exact if exact.as_tuple().exponent else exact.quantize(Decimal(1)))}\xa0{unit}".strip()


def _span(kind: str, start: str | None, end: str | None) -> str:
    """Local times of a half-open interval; days are named by their first and last one."""
    if not start or not end:
        return ""
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    if kind in ("day", "month") and last > first:
        last = last - timedelta(hours=12)
        return f"{first:%d.%m.%Y} – {last:%d.%m.%Y}"
    if first == last:
        return f"{first:%d.%m.%Y %H:%M}"
    return f"{first:%d.%m.%Y %H:%M} – {last:%d.%m.%Y %H:%M}"


def _issue(issue: Any) -> dict[str, Any]:
    name = str(FIELDS.get(issue.field) or LABELS.get(issue.field) or issue.field)
    return {
        "line": issue.line or "", "point": issue.point, "field": name, "value": issue.value,
        "text": issue_text(issue.code),
    }  # fmt: skip
