"""The list of contracts and phones: taken in with a look at every line first, and given out in the same form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Actor, Permission, ProgrammeRequest, requires
from accounts.errors import DomainError
from accounts.tables import KINDS, table_read, table_response
from readings.desk import contract_lists as lists
from readings.desk.forms import ListFileForm
from readings.desk.tabs import desk_tabs

GOOD_FOR = 3600  # seconds between the look and the yes
MOST_BYTES = 3_000_000
SHOWN = 300  # lines on the page, the wrong ones first


def verdicts() -> dict[str, tuple[str, str]]:
    return {
        lists.NEW: (pgettext("contract", "new"), "ok"), lists.SAME: (_("stands already"), "neutral"),
        lists.CHANGED: (_("changed"), "warn"), lists.WRONG: (_("not possible"), "bad"),
    }  # fmt: skip


def plan_signed(actor: Actor, lines: list[tuple[int, lists.Cells]]) -> str:
    """The lines on their way through the page, for this person in this programme only."""
    return signing.dumps(lines, salt=_salt(actor), compress=True)


def _salt(actor: Actor) -> str:
    return f"contracts:{actor.programme.public_id}:{actor.user.public_id}"


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def contract_import(request: ProgrammeRequest, slug: str) -> HttpResponse:
    if "plan" in request.POST:
        return _confirmed(request, slug)
    form = ListFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            table = table_read(file, file.name, max_rows=lists.MOST_LINES, max_bytes=MOST_BYTES)
            return _preview(request, lists.lines_read(table), file.name)
        except DomainError as error:
            form.add_error("file", str(error))
    context = {**_about(request), "form": form}
    return render(request, "readings/desk/contract_import.html", context, status=422 if form.errors else 200)


def _about(request: ProgrammeRequest) -> dict[str, Any]:
    columns = [{"label": label, "optional": name not in lists.NEEDED} for name, label in lists.LABELS.items()]
    return {"tabs": desk_tabs(request, "contract_import"), "columns": columns, "most": lists.MOST_LINES}


def _preview(request: ProgrammeRequest, lines: list[tuple[int, lists.Cells]], name: str) -> HttpResponse:
    plan = lists.plan_made(lines)
    words = verdicts()
    ordered = sorted(plan.lines, key=lambda line: (line.verdict != lists.WRONG, line.number))
    rows = [
        {"line": line, "label": words[line.verdict][0], "kind": words[line.verdict][1],
         "changes": ", ".join(str(lists.LABELS[one]) for one in line.changes)}
        for line in ordered[:SHOWN]
    ]  # fmt: skip
    context = {
        **_about(request), "plan": plan, "rows": rows, "name": name, "more": len(plan.lines) - len(rows),
        **{verdict: plan.count(verdict) for verdict in words}, "signed": plan_signed(request.actor, lines),
    }  # fmt: skip
    return render(request, "readings/desk/contract_preview.html", context)


def _confirmed(request: ProgrammeRequest, slug: str) -> HttpResponse:
    try:
        lines = signing.loads(request.POST["plan"], salt=_salt(request.actor), max_age=GOOD_FOR)
        plan = lists.plan_apply(actor=request.actor, lines=lines)
    except signing.BadSignature:
        messages.error(request, _("Please choose the file again: the look at it is too old."))
        return redirect("contract_import", slug)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("contract_import", slug)
    if plan.changes:
        new, changed = plan.count(lists.NEW), plan.count(lists.CHANGED)
        said = ngettext("%(count)s contract added.", "%(count)s contracts added.", new) % {"count": new}
        more = ngettext("%(count)s contract changed.", "%(count)s contracts changed.", changed)
        messages.success(request, f"{said} {more % {'count': changed}}" if changed else said)
    else:
        messages.info(request, _("Nothing was changed: all lines stand already."))
    return redirect("contract_list", slug)


@require_GET
@requires(Permission.MANAGE_CONTRACTS)
def contract_export(request: ProgrammeRequest, slug: str) -> HttpResponseBase:
    """All contracts, with the columns that the import takes."""
    kind = request.GET.get("kind", "")
    header = [str(label) for label in lists.LABELS.values()]
    return table_response(
        lists.exported_rows(), name=_("Contracts"), header=header, kind=kind if kind in KINDS else "csv"
    )
