"""The page of announced days: a month is saved, or a list is brought; both whole or not at all."""

from __future__ import annotations

from typing import IO, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page
from accounts.errors import DomainError
from accounts.tables import table_kind, table_response
from tariffs.colours.file import LineFault, colour_list_read
from tariffs.colours.page import ColoursPage, MonthForm
from tariffs.services.colours import colours_save


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PARAMETERS)
def day_colours(request: ProgrammeRequest, slug: str) -> HttpResponse:
    request.nav_name = "tariff_parameters"
    page = ColoursPage.of(request.actor, request.POST if request.method == "POST" else request.GET)
    if kind := table_kind(request.GET):
        header, rows = page.table()
        return table_response(rows, name=f"{page.option} {page.season}", header=header, kind=kind)
    form, faults = page.form(), []
    if request.method == "POST" and "file" in request.FILES:
        faults = _brought(request, page)
    elif request.method == "POST":
        form = page.form(request.POST)
        _saved(request, page, form)
    if request.method == "POST" and not faults and not form.errors:
        return redirect(reverse("day_colours", args=[slug]) + page.address())
    return form_page(request, "tariffs/day_colours.html", {**page.context(form), "faults": faults})


def _saved(request: ProgrammeRequest, page: ColoursPage, form: MonthForm) -> None:
    if not form.is_valid():
        return
    chosen = form.chosen()
    if "rest_blue" in request.POST and page.option == "tempo":
        chosen = {day: colour or "blue" for day, colour in chosen.items()}
    try:
        changed = colours_save(actor=request.actor, option=page.option, colours=chosen)
    except DomainError as error:
        for fault in error.data.get("faults", []):
            name = f"d-{fault.day.isoformat()}"
            form.add_error(name if name in form.fields else None, fault.sentence)
        if not form.errors:
            form.add_error(None, str(error))
        return
    _tell(request, len(changed))


def _brought(request: ProgrammeRequest, page: ColoursPage) -> list[LineFault]:
    """The faults of the list, each with its line; none where it was kept."""
    file = cast(UploadedFile, request.FILES["file"])
    try:
        brought = colour_list_read(cast(IO[bytes], file), str(file.name), page.option)
    except DomainError as error:
        return list(error.data.get("faults", [LineFault(0, str(error))]))
    try:
        changed = colours_save(actor=request.actor, option=page.option, colours=brought.colours)
    except DomainError as error:
        return brought.at_lines(error.data.get("faults", [])) or [LineFault(0, str(error))]
    _tell(request, len(changed))
    return []


def _tell(request: ProgrammeRequest, count: int) -> None:
    if count:
        text = ngettext("%(count)s day saved.", "%(count)s days saved.", count) % {"count": count}
        messages.success(request, text + " " + _("The costs of these days follow in a moment."))
    else:
        messages.info(request, _("Nothing was changed."))
