"""The hints that an occupant asks for, and the link that ends one."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import Permission, ProgrammeRequest, public, requires
from accounts.answers import form_page
from accounts.errors import DomainError
from accounts.models import Programme
from accounts.templatetags.releve import CURRENCIES
from accounts.tenancy import tenant_scope
from readings.consumption.periods import period_of
from readings.consumption.selectors import DwellingMeters
from readings.hints.budget import progress_of
from readings.hints.forms import BudgetForm
from readings.hints.leak import DAYS
from readings.hints.services import hint_end, hint_save
from readings.models import Hint
from servers.crumbs import zone_crumbs
from servers.doors import occupied_days
from servers.models import Dwelling
from servers.rights.decide import may_see_euros
from tariffs.places import present_homes


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_OWN_HOME)
def home_hints(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """Of the dwelling the person lives in today; who lives in several chooses."""
    homes = present_homes(request.actor)
    if not homes:
        return render(request, "readings/home_empty.html")
    wanted = request.GET.get("dwelling", "") or str(homes[0].public_id)
    dwelling = next((home for home in homes if str(home.public_id) == wanted), None)
    if dwelling is None:
        raise Http404
    symbol = CURRENCIES.get(request.programme.currency, (request.programme.currency, 2))[0]
    euros = may_see_euros(request.actor, dwelling)
    form = BudgetForm(request.POST if "limit" in request.POST else None, euros=euros, symbol=symbol)
    if request.method == "POST" and _saved(request, dwelling, form):
        messages.success(request, _("Saved."))
        return redirect(f"{request.path}?dwelling={dwelling.public_id}")
    context = {
        "form": form,
        "dwelling": dwelling,
        "crumbs": zone_crumbs(request.actor, dwelling, (_("Budget and water alerts"), "")),
        "homes": homes,
        "days": DAYS,
        **_standing(request, dwelling),
    }
    return form_page(request, "readings/home_hints.html", context)


def _saved(request: ProgrammeRequest, dwelling: Dwelling, form: BudgetForm) -> bool:
    try:
        if "leak" in request.POST:
            hint_save(actor=request.actor, dwelling=dwelling, kind=Hint.Kind.LEAK)
            return True
        if form.is_valid():
            data = form.cleaned_data
            hint_save(
                actor=request.actor,
                dwelling=dwelling,
                kind=data["kind"],
                usage=data["usage"],
                limit=form.stored_limit(),
            )
            return True
    except DomainError as error:
        form.add_error(None, str(error)) if form.is_bound else messages.error(request, str(error))
    return False


def _standing(request: ProgrammeRequest, dwelling: Dwelling) -> dict[str, Any]:
    """What the person has asked for, each budget with how far this month has come."""
    hints = list(Hint.objects.filter(user=request.user, dwelling=dwelling).order_by("kind", "usage"))
    meters = DwellingMeters(dwelling, occupied_days(request.actor, dwelling))
    zone = ZoneInfo(dwelling.building.time_zone or request.programme.time_zone)
    month = period_of("month", timezone.now().astimezone(zone).date())
    used = meters.consumption(month.first_day, month.end_day)
    budgets = []
    for hint in hints:
        progress = progress_of(hint, used, request.programme.currency)
        if progress is not None and (hint.kind != Hint.Kind.MONEY or may_see_euros(request.actor, dwelling)):
            budgets.append({"public_id": hint.public_id, **progress.texts()})
    return {"budgets": budgets, "leak": next((hint for hint in hints if hint.kind == Hint.Kind.LEAK), None)}


@require_POST
@requires(Permission.SEE_OWN_HOME)
def home_hint_end(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    if not hint_end(public_id=public_id, user=request.user):
        raise Http404
    messages.success(request, _("It is ended: no more mails about it."))
    return redirect("home_hints", slug=slug)


@require_http_methods(["GET", "POST"])
@public
def hint_stop(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponse:
    """The link of the mail: its key is known to its reader only. A click asks, so that a mail program's look does
    not end it."""
    programme = Programme.objects.filter(slug=slug).first()
    if programme is None:
        raise Http404
    done = False
    with tenant_scope(programme.pk):
        if request.method == "POST":
            done = hint_end(public_id=public_id)
        known = done or Hint.objects.filter(public_id=public_id).exists()
    context = {"done": done, "known": known, "programme": programme}
    return render(request, "readings/hint_stop.html", context, status=200 if known else 404)
