"""Who of the staff looked at my dwelling's consumption, or at my contract."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.audit.selectors import lines_of
from servers.selectors.looks import looks_of

PER_PAGE = 50


@require_safe
@requires(Permission.SEE_OWN_HOME, Permission.SEE_OWN_CONTRACTS)
def looks(request: ProgrammeRequest, slug: str) -> HttpResponse:
    page = Paginator(looks_of(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "lines": lines_of(list(page)), "zone": request.programme.time_zone}
    return render(request, "servers/looks.html", context)
