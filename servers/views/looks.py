"""Who of the staff looked at my dwelling's consumption, or at my contract."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.audit.selectors import LINE_ORDER, lines_of
from accounts.lists import ListAsked
from accounts.tables import table_kind, table_response
from accounts.templatetags.releve import local_time
from servers.selectors.looks import looks_of

EXPORT_MAX = 20_000


@require_safe
@requires(Permission.SEE_OWN_HOME, Permission.SEE_OWN_CONTRACTS)
def looks(request: ProgrammeRequest, slug: str) -> HttpResponse:
    asked, zone = ListAsked.of(request.GET, LINE_ORDER), request.programme.zone
    entries = asked.ordered(looks_of(request.actor), LINE_ORDER)
    if kind := table_kind(request.GET):
        rows = [
            (local_time(line.at, zone), line.who, line.sentence)
            for line in lines_of(list(entries[:EXPORT_MAX]))
        ]
        header = [_("Time"), _("Person"), _("What")]
        return table_response(rows, name=_("Who looked"), header=header, kind=kind)
    listed = asked.context(entries)
    context = {**listed, "lines": lines_of(list(listed["page"])), "zone": request.programme.time_zone}
    return render(request, "servers/looks.html", context)
