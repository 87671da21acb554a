"""The tour as a list: where it begins, and where it ends."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import Permission, ProgrammeRequest, requires
from portal.tour.stops import stops_of
from portal.tour.strip import marked


@require_GET
@requires(Permission.SEE_PROGRAMME, Permission.SEE_OWN_HOME, Permission.SEE_OWN_CONTRACTS)
def tour(request: ProgrammeRequest, slug: str) -> HttpResponse:
    stops = [
        (stop, marked(stop, request.actor, number)) for number, stop in enumerate(stops_of(request.actor), 1)
    ]
    context = {
        "stops": [{"title": stop.title, "text": stop.text, "url": url} for stop, url in stops],
        "first": next((url for _stop, url in stops if url), ""),
    }
    return render(request, "portal/tour/stops.html", context)
