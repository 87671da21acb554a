"""Who of the staff looked at my dwelling's consumption, or at my contract."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.audit.selectors import lines_of
from accounts.tables import table_kind, table_response
from accounts.templatetags.releve import local_time
from servers.selectors.looks import looks_of

PER_PAGE = 50
EXPORT_MAX = 20_000


@require_safe
@requires(Permission.SEE_OWN_HOME, Permission.SEE_OWN_CONTRACTS)
def looks(request: ProgrammeRequest, slug: str) -> HttpResponse:
    entries, zone = looks_of(request.actor), request.programme.zone
    if kind := table_kind(request.GET):
        rows = [
            (local_time(line.at, zone), line.who, line.sentence)
            for line in lines_of(list(entries[:EXPORT_MAX]))
        ]
        header = [_("Time"), _("Person"), _("What")]
        return table_response(rows, name=_("Who looked"), header=header, kind=kind)
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "lines": lines_of(list(page)), "zone": request.programme.time_zone}
    return render(request, "servers/looks.html", context)
