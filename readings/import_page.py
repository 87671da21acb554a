"""What stands on the page of one import: how far it is, then its report and receipt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import ProgrammeRequest
from accounts.models import Job
from accounts.templatetags.releve import local_time
from readings.contract_cards import Chip
from readings.ingest.wallclock import point_zone
from readings.models import ImportJob
from readings.parameters import KINDS, LABELS
from readings.refusals import issue_text, refusal_text
from readings.services.imports import WAITING, import_refuse
from servers.doors import visible_points
from servers.models import MeteringPoint

State = ImportJob.State
FIELDS = {
    "start": gettext_lazy("time"), "point": gettext_lazy("metering point"),
    "serial": gettext_lazy("meter number"), "system": gettext_lazy("system"),
}  # fmt: skip
PER_PAGE = 100


def state_chip(job: ImportJob) -> Chip:
    return {
        State.QUEUED: Chip("neutral", _("waiting")),
        State.RUNNING: Chip("neutral", _("being read")),
        State.DONE: Chip("ok", _("accepted")),
        State.DONE_WITH_ISSUES: Chip("warn", _("accepted with remarks")),
        State.REFUSED: Chip("bad", _("refused")),
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
    if done:
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
    issues = job.issues.order_by("pk")
    page = Paginator(issues, PER_PAGE).get_page(request.GET.get("page"))
    total = int(job.report.get("issues_total", 0))
    return context | {
        "chip": state_chip(job),
        "refusal": refusal_text(job.refusal, job.refusal_data) if job.refusal else "",
        "offers": _offers(request, job),
        "points": [_point(request, entry) for entry in job.report.get("points", ())],
        "issues": page,
        "issue_rows": [_issue(issue) for issue in page],
        "issues_hidden": max(0, total - page.paginator.count),
        "ignored": ", ".join(job.report.get("ignored", ())),
        "different": int(job.report.get("different", 0)),
        "finished": local_time(job.finished_at, zone),
        "received": local_time(job.created_at, zone),
        "zone": zone.key,
        "crumbs": _crumbs(request, job),
    }


def _offers(request: ProgrammeRequest, job: ImportJob) -> list[MeteringPoint]:
    """The right points for a file that was sent to the wrong one, as far as they are still the reader's."""
    if job.refusal != "other_point" or not job.stored_as:
        return []
    ids = [offer["id"] for offer in job.refusal_data.get("offers", ())]
    return list(visible_points(request.actor).filter(public_id__in=ids).order_by("number"))


def _crumbs(request: ProgrammeRequest, job: ImportJob) -> list[dict[str, str]]:
    slug = request.programme.slug
    items = [{"label": _("Personal account"), "url": reverse("contract_list", args=[slug])}]
    if job.point is not None:
        url = reverse("point_detail", args=[slug, job.point.public_id])
        items.append({"label": job.point.name, "url": url})
    return [*items, {"label": job.file_name, "url": ""}]


def _point(request: ProgrammeRequest, entry: dict[str, Any]) -> dict[str, Any]:
    point = None
    if entry["matched"] and entry["number"]:
        point = visible_points(request.actor).filter(number=entry["number"]).first()
    order = {kind: place for place, kind in enumerate(KINDS)}
    intervals = [
        interval
        | {
            "label": KINDS.get(interval["kind"], interval["kind"]),
            "period": _span(interval["kind"], interval["start"], interval["end"]),
        }
        for interval in sorted(entry["intervals"], key=lambda interval: order.get(interval["kind"], 9))
    ]
    gaps = [
        {"label": KINDS[gap["kind"]], "period": _span(gap["kind"], gap["start"], gap["end"])}
        for gap in entry["gaps"]
    ]
    return entry | {"point": point, "intervals": intervals, "gaps": gaps}


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
