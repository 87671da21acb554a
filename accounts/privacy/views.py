"""One's own data: a copy of it, and its erasure."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth import logout
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.factors.confirm import recently_authenticated
from accounts.forms.people import EraseForm, refuse
from accounts.models import DataExport, User
from accounts.privacy.erasure import person_erase, programmes_held_alone
from accounts.privacy.export import export_of, export_request


@require_safe
@signed_in
def own_data(request: HttpRequest) -> HttpResponse:
    exports = DataExport.objects.filter(user=cast(User, request.user)).order_by("-pk")[:5]
    return form_page(
        request,
        "accounts/data.html",
        {"exports": exports, "held": programmes_held_alone(cast(User, request.user))},
    )


@require_POST
@signed_in
@recently_authenticated
def data_export(request: HttpRequest) -> HttpResponse:
    try:
        export_request(user=cast(User, request.user))
        messages.success(request, _("Your copy is being made. A mail tells you when it is ready."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("own_data")


@require_safe
@signed_in
def data_download(request: HttpRequest, public_id: str) -> HttpResponse:
    export = export_of(cast(User, request.user), public_id)
    if export is None:
        raise Http404
    response = FileResponse(
        default_storage.open(export.stored_as, "rb"), as_attachment=True, filename="releve.zip"
    )
    response.headers["Cache-Control"] = "no-store, private"
    return cast(HttpResponse, response)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@signed_in
def data_erase(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = EraseForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            person_erase(user=user, password=form.cleaned_data["password"])
        except DomainError as error:
            refuse(form, error)
        else:
            logout(request)
            messages.success(
                request, _("Your account is closed, and what was known about you is being erased.")
            )
            return redirect("home")
    return form_page(request, "accounts/data_erase.html", {"form": form, "held": programmes_held_alone(user)})
