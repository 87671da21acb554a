"""The first steps of a programme, put away or taken out again."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.landing import safe_next
from servers.services.first_steps import first_steps_put


@require_POST
@requires(Permission.SEE_PROGRAMME)
def first_steps_keep(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """`away` is 1 or 0; back to the page that showed them."""
    first_steps_put(actor=request.actor, away=request.POST.get("away") == "1")
    return redirect(safe_next(request) or "programme_view", *([] if safe_next(request) else [slug]))
