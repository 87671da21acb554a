"""The page of the search; the field stands in the header of every page of staff."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import Permission, ProgrammeRequest, requires
from portal.search.estate import HOUSING, INSTRUMENTS
from portal.search.kinds import searched
from portal.search.utility import UTILITY
from portal.search.wanted import LONGEST, wanted_of

KINDS = [*UTILITY, *HOUSING, *INSTRUMENTS]


@require_GET
@requires(Permission.SEE_PROGRAMME)
def search(request: ProgrammeRequest, slug: str) -> HttpResponse:
    """What an operator of some buildings may not open is not found either."""
    wanted = wanted_of(request.GET.get("q", ""))
    context: dict[str, Any] = {
        "q": wanted.text if wanted else "",
        "found": searched(KINDS, request.actor, wanted) if wanted else [],
        "kinds": [kind.label for kind in KINDS if kind.stands_for(request.actor)],
        "longest": LONGEST,
    }
    return render(request, "portal/search/results.html", context)
