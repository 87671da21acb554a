"""The trace of a programme: who changed what, and who looked."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.audit.selectors import LINE_ORDER, entries_of, lines_of, people_of
from accounts.audit.sentences import KINDS
from accounts.lists import ListAsked
from accounts.tables import table_kind, table_response
from accounts.templatetags.releve import local_time

EXPORT_MAX = 20_000


class AuditFilter(forms.Form):
    person = forms.ChoiceField(label=gettext_lazy("Person"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    first = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, people: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody, everything = [("", _("Everybody"))], [("", _("Everything"))]
        choices: Any = self.fields
        choices["person"].choices = everybody + [(str(one.public_id), str(one)) for one in people]
        choices["kind"].choices = everything + [(code, label) for code, label, _starts in KINDS]

    @property
    def chosen(self) -> dict[str, Any]:
        """What was understood; a field that was not is left out, and says so itself."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


@require_safe
@requires(Permission.SEE_AUDIT)
def audit(request: ProgrammeRequest, slug: str) -> HttpResponseBase:
    form = AuditFilter(request.GET, people=people_of(request.actor))
    chosen = form.chosen
    if "person" in chosen:
        chosen["person"] = uuid.UUID(chosen["person"])
    filters = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    asked = ListAsked.of(request.GET, LINE_ORDER, keep=filters)
    entries = asked.ordered(entries_of(request.actor, **chosen), LINE_ORDER)
    if kind := table_kind(request.GET):
        return _export(request, entries, kind)
    listed = asked.context(entries)
    context = {
        **listed, "form": form, "lines": lines_of(list(listed["page"])), "filtered": bool(chosen),
        "zone": request.programme.time_zone,
    }  # fmt: skip
    return render(request, "accounts/audit.html", context)


def _export(request: ProgrammeRequest, entries: Any, kind: str) -> HttpResponse:
    zone = request.programme.zone
    rows = [
        (local_time(line.at, zone), line.who, line.sentence) for line in lines_of(list(entries[:EXPORT_MAX]))
    ]
    header = [_("Time"), _("Person"), _("What")]
    return table_response(rows, name=_("Journal"), header=header, kind=kind)  # type: ignore[return-value]
