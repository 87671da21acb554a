"""What is received and missing this period, the reminders, the settings, and the consumer's help."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.services.audit import audit_record
from accounts.tables import KINDS, table_response
from readings.desk.contacts import contacts_of, desk_settings
from readings.desk.due_page import DuePage
from readings.desk.forms import SETTINGS, SettingsForm
from readings.desk.help import help_steps
from readings.desk.reminders import reminders_now
from readings.desk.tabs import desk_tabs
from readings.views.contracts import SEE
from servers.first_steps import first_steps


@require_GET
@requires(Permission.MANAGE_CONTRACTS)
def desk_home(request: ProgrammeRequest, slug: str) -> HttpResponseBase:
    page = DuePage(request.programme, request.GET)
    kind = request.GET.get("export", "")
    if kind in KINDS:
        header, rows = page.table()
        return table_response(rows, name=f"{_('Readings due')} {page.key}", header=header, kind=kind)
    context: dict[str, Any] = {
        **page.context(), "tabs": desk_tabs(request, "desk_home"),
        "review_url": reverse("review_list", args=[slug]), "steps": first_steps(request.actor),
    }  # fmt: skip
    return render(request, "readings/desk/home.html", context)


@require_POST
@requires(Permission.MANAGE_CONTRACTS)
def reminders_send_now(request: ProgrammeRequest, slug: str) -> HttpResponse:
    page = DuePage(request.programme, request.POST)
    if page.key != request.POST.get("month", page.key):
        messages.error(request, _("This month is not known here. Nobody was reminded."))
        return redirect("desk_home", slug)
    sent = reminders_now(actor=request.actor, month=page.period.first)
    if sent:
        said = ngettext("%(count)s reminder is on its way.", "%(count)s reminders are on their way.", sent)
        messages.success(request, said % {"count": sent})
    else:
        messages.info(request, _("Nobody is left to remind of this period."))
    response = redirect("desk_home", slug)
    response["Location"] += f"?month={page.key}"
    return response


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_CONTRACTS)
def desk_settings_edit(request: ProgrammeRequest, slug: str) -> HttpResponse:
    kept = desk_settings()
    form = SettingsForm(posted(request), initial=SettingsForm.initial_of(kept))
    if request.method == "POST" and form.is_valid():
        for name in SETTINGS:
            setattr(kept, name, form.cleaned_data[name])
        kept.save()
        audit_record(
            actor=request.actor, action="desk.settings", target_kind="programme",
            target=str(request.programme.public_id), detail=form.cleaned_data,
        )  # fmt: skip
        messages.success(request, _("Saved."))
        return redirect("desk_settings", slug)
    context = {"form": form, "tabs": desk_tabs(request, "desk_settings")}
    return form_page(request, "readings/desk/settings.html", context)


@require_GET
@requires(*SEE)
def utility_help(request: ProgrammeRequest, slug: str) -> HttpResponse:
    context = {"steps": help_steps(request), "contacts": contacts_of()}
    return render(request, "readings/desk/help.html", context)
