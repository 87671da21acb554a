"""The operator's review list: what the rules flagged, each with its decision; and how strict the rules are."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Permission, ProgrammeRequest, parse_public_id, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.tables import table_kind, table_response
from accounts.templatetags.releve import plain as plain_number
from readings.doors import access_review_item
from readings.models import ReviewItem, ReviewLimit
from readings.review import page
from readings.review.decisions import review_decide, review_undo
from readings.review.forms import DecisionForm, LimitsForm
from readings.review.items import rule_labels
from readings.review.judging import ProgrammeLimits
from readings.review.limits import UNITS, Limits
from readings.review.thresholds import kinds_in_use, limits_reset, limits_set
from servers.doors import visible_points
from servers.models import Medium, Quantity

EXPORT_MAX = 20_000


@require_GET
@requires(Permission.REVIEW_READINGS)
def review_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    points = visible_points(request.actor)
    chosen = page.Filter.of(request.GET, points)
    wanted = parse_public_id(chosen.point) if chosen.point else None
    point = points.filter(public_id=wanted).first() if wanted else None
    if chosen.point and point is None:
        raise Http404
    asked = chosen.asked(request.GET)
    rows = asked.ordered(chosen.apply(page.visible_items(request.actor), point), page.REVIEW_ORDER)
    if kind := table_kind(request.GET):
        header, table = page.table_of(rows[:EXPORT_MAX], slug)
        return table_response(table, name=_("Readings to review"), header=header, kind=kind)
    listed = asked.context(rows)
    context = {
        **listed,
        "rows": [page.row_of(item, slug) for item in listed["page"]],
        "chosen": chosen,
        "point": point,
        "states": page.state_choices(chosen, asked),
        "rules": rule_labels(),
        "tabs": page.tabs(request.actor, "review_list"),
        "any": bool(listed["page"].paginator.count) or ReviewItem.objects.exists(),
    }
    return render(request, "readings/review/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW_READINGS)
def review_item(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    item = access_review_item(request.actor, public_id)
    row = page.row_of(item, slug)
    form = DecisionForm(posted(request), item=item, unit=page.unit_name(item.unit))
    if request.method == "POST" and form.is_valid():
        try:
            review_decide(item=item, actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Decided. The totals follow."))
            return redirect("review_list", slug)
    crumbs = [{"label": _("To review"), "url": reverse("review_list", args=[slug])}, {"label": row["rule"]}]
    context = {
        "row": row, "item": item, "form": form, "crumbs": crumbs, "open": item.state == ReviewItem.State.OPEN,
        "neighbours": page.neighbours(item), "history": page.history(item, request.programme.zone),
    }  # fmt: skip
    return form_page(request, "readings/review/item.html", context)


@require_POST
@requires(Permission.REVIEW_READINGS)
def review_take_back(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    item = access_review_item(request.actor, public_id)
    try:
        found = review_undo(item=item, actor=request.actor)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("review_item", slug, item.public_id)
    messages.success(request, _("The decision is taken back."))
    return redirect("review_item", slug, item.public_id) if found else redirect("review_list", slug)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PARAMETERS)
def review_limits(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """All limits; those of one kind (?kind=heat/energy) as a form."""
    named = request.POST.get("kind") or request.GET.get("kind", "")
    kind = next((kind for kind in kinds_in_use() if "/".join(kind) == named), None)
    if kind is not None:
        return _limit(request, slug, kind)
    if named or request.method == "POST":
        raise Http404
    limits = ProgrammeLimits()
    own = set(ReviewLimit.objects.values_list("medium", "quantity"))
    rows = [_limit_row(limits, kind, kind in own) for kind in kinds_in_use()]
    if taken := table_kind(request.GET):
        header = [_("Measured"), _("Limits"), _("Hours it may stand still"), _("Set by")]
        said = {True: _("this programme"), False: _("default")}
        table = [[row["label"], row["limit"], row["frozen"], said[row["own"]]] for row in rows]
        return table_response(table, name=_("Limits"), header=header, kind=taken)
    context = {"rows": rows, "tabs": page.tabs(request.actor, "review_limits")}
    return render(request, "readings/review/limits.html", context)


def _limit_row(limits: ProgrammeLimits, kind: tuple[str, str], own: bool) -> dict[str, Any]:
    medium, quantity = kind
    found = limits.of(medium, quantity)
    unit = page.unit_name(UNITS.get(quantity, ""))
    return {
        "medium": medium, "quantity": quantity, "label": _kind_label(medium, quantity), "own": own,
        "limit": _limit_text(found, unit), "frozen": found.frozen_hours,
    }  # fmt: skip


def _limit_text(limits: Limits, unit: str) -> str:
    if limits.rate is not None:
        return _("at most %(rate)s in an hour") % {"rate": f"{plain_number(limits.rate)}\xa0{unit}"}
    ends = (limits.low, limits.high)
    if ends == (None, None):
        return "—"
    low, high = ("…" if end is None else plain_number(end) for end in ends)
    return f"{low} – {high}\xa0{unit}"


def _kind_label(medium: str, quantity: str) -> str:
    words = {**dict(Quantity.choices), "pressure": _("pressure")}
    return f"{dict(Medium.choices).get(medium, medium)}, {words.get(quantity, quantity)}"


def _limit(request: ProgrammeRequest, slug: str, kind: tuple[str, str]) -> HttpResponse:
    medium, quantity = kind
    if request.method == "POST" and "reset" in request.POST:
        limits_reset(actor=request.actor, medium=medium, quantity=quantity)
        messages.success(request, _("The default limits hold again."))
        return redirect("review_limits", slug)
    form = LimitsForm(posted(request), quantity=quantity, limits=ProgrammeLimits().of(medium, quantity))
    if request.method == "POST" and form.is_valid():
        limits_set(actor=request.actor, medium=medium, quantity=quantity, values=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("review_limits", slug)
    label, list_url = _kind_label(medium, quantity), reverse("review_limits", args=[slug])
    context = {
        "form": form, "label": label, "unit": page.unit_name(UNITS.get(quantity, "")), "list_url": list_url,
        "kind": "/".join(kind), "crumbs": [{"label": _("Limits"), "url": list_url}, {"label": label}],
        "own": ReviewLimit.objects.filter(medium=medium, quantity=quantity).exists(),
    }  # fmt: skip
    return form_page(request, "readings/review/limit.html", context)
