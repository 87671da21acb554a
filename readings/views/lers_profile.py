"""How the senders of a utility write their archives: the version in force, and the ones before it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from readings.imports.profile import EDITED, lers_profile_save, profile_in_force
from readings.imports.profile_page import ProfileForm, versions_shown
from readings.models import LersProfile


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_LERS_PROFILE)
def lers_profile(request: ProgrammeRequest, slug: str) -> HttpResponse:
    if not request.programme.is_utility:
        raise Http404
    held = profile_in_force() or LersProfile(version=0)
    form = ProfileForm(
        posted(request), initial=ProfileForm.from_values({n: getattr(held, n) for n in EDITED})
    )
    if request.method == "POST" and form.is_valid():
        made = lers_profile_save(actor=request.actor, values=form.values())
        if made is None:
            messages.info(request, _("Nothing was changed."))
        else:
            messages.success(
                request,
                _("Version %(version)s holds from now on for every file that is read.")
                % {"version": made.version},
            )
        return redirect("lers_profile", slug)
    context = {"form": form, "held": held, "versions": versions_shown(request)}
    return form_page(request, "readings/lers_profile.html", context)
