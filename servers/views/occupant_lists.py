"""Occupants as a list: taken in with a look at every line first, and given out in the same form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.tables import KINDS, table_read, table_response
from accounts.tables.lists import WRONG, Plan, lines_opened, lines_signed
from servers.forms.occupants import ListForm
from servers.selectors.occupants import exported_rows
from servers.services import occupant_lists as lists

WHAT = "occupants"
MOST_BYTES = 2_000_000
VERDICTS = {
    lists.NEW: (lambda: _("new"), "ok"),
    lists.SAME: (lambda: _("stands already"), "neutral"),
    lists.ENDS: (lambda: _("move-out noted"), "ok"),
    WRONG: (lambda: _("not possible"), "bad"),
}


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_OCCUPANTS)
def occupant_import(request: ProgrammeRequest, slug: str) -> HttpResponse:
    if "plan" in request.POST:
        return _confirmed(request, slug)
    form = ListForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            table = table_read(file, file.name, max_rows=lists.MOST_LINES, max_bytes=MOST_BYTES)
            lines = lists.COLUMNS.lines(table)
            return _preview(request, lists.plan_made(actor=request.actor, lines=lines), file.name)
        except DomainError as error:
            form.add_error("file", str(error))
    return form_page(request, "servers/occupant_import.html", {**_about(request), "form": form})


def _about(request: ProgrammeRequest) -> dict[str, Any]:
    slug = request.programme.slug
    people = {"label": _("Occupants"), "url": reverse("occupant_list", args=[slug])}
    columns = [str(label) for label in lists.LABELS.values()]
    return {"crumbs": [people, {"label": _("Import a list")}], "columns": columns, "most": lists.MOST_LINES}


def _preview(request: ProgrammeRequest, plan: Plan[lists.Line], name: str) -> HttpResponse:
    """Every line with what would become of it; the yes carries the lines along."""
    rows = [
        {"line": line, "label": VERDICTS[line.verdict][0](), "kind": VERDICTS[line.verdict][1]}
        for line in plan.lines
    ]
    context = {
        **_about(request), "plan": plan, "rows": rows, "name": name, "wrong": plan.count(WRONG),
        "changing": plan.count(*lists.CHANGING),
        "new": plan.count(lists.NEW), "ends": plan.count(lists.ENDS), "same": plan.count(lists.SAME),
        "signed": lines_signed(request.actor, WHAT, [(line.number, line.cells) for line in plan.lines]),
    }  # fmt: skip
    return form_page(request, "servers/occupant_preview.html", context)


def _confirmed(request: ProgrammeRequest, slug: str) -> HttpResponse:
    try:
        lines = lines_opened(request.actor, WHAT, request.POST["plan"])
        plan = lists.plan_apply(actor=request.actor, lines=lines)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("occupant_import", slug)
    new = plan.count(lists.NEW)
    if plan.count(*lists.CHANGING):
        said = ngettext("%(count)s occupant added.", "%(count)s occupants added.", new) % {"count": new}
        messages.success(request, said)
    else:
        messages.info(request, _("Nothing was changed: all lines stand already."))
    return redirect("occupant_list", slug)


@require_GET
@requires(Permission.SEE_OCCUPANTS)
def occupant_export(request: ProgrammeRequest, slug: str) -> HttpResponseBase:
    """Who lives and lived where, with the columns that the import takes."""
    kind = request.GET.get("kind", "")
    header = [str(label) for label in lists.LABELS.values()]
    return table_response(
        exported_rows(request.actor),
        name=_("Occupants"),
        header=header,
        kind=kind if kind in KINDS else "csv",
    )
