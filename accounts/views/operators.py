"""Operators of a programme: named, readdressed and removed by its administrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.buildings import building_choices, building_names
from accounts.doors import access_operator, visible_operators
from accounts.errors import DomainError
from accounts.forms.operators import ALL, SOME, BuildingsForm, OperatorForm
from accounts.forms.people import CurrentEmailForm, refuse
from accounts.lists import ListAsked
from accounts.models import Membership
from accounts.services import operators
from accounts.tables import table_kind, table_response

OPERATOR_ORDER: dict[str, Callable[[Membership], Any]] = {
    "email": lambda one: one.user.email,
    "state": lambda one: one.accepted_at is None,
    "since": lambda one: one.accepted_at or one.created_at,
}
FORM_METHODS = ["GET", "HEAD", "POST"]


def _mailed(request: ProgrammeRequest, slug: str, email: str) -> HttpResponse:
    messages.success(request, _("A mail with a link is on its way to %(email)s.") % {"email": email})
    return redirect("operator_list", slug)


@require_http_methods(FORM_METHODS)
@requires(Permission.MANAGE_OPERATORS)
def operator_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    choices = building_choices()
    form = OperatorForm(posted(request), buildings=choices)
    if request.method == "POST" and form.is_valid():
        try:
            email = form.cleaned_data["email"]
            operators.operator_invite(actor=request.actor, email=email, buildings=form.keys)
            return _mailed(request, slug, email)
        except DomainError as error:
            refuse(form, error)
    asked = ListAsked.of(request.GET, OPERATOR_ORDER)
    every = visible_operators(request.actor).order_by("user__email").select_related("user")
    found = asked.rows(every, lambda one: f"{one.user.email} {one.user.name}", OPERATOR_ORDER)
    listed = asked.context(found)
    rows = [
        {"operator": one, "all": one.buildings is None, "buildings": building_names(one.buildings, choices)}
        for one in (found if table_kind(request.GET) else listed["page"])
    ]
    if kind := table_kind(request.GET):
        header, table = _table(rows)
        return table_response(table, name=_("Operators"), header=header, kind=kind)
    context = {**listed, "form": form, "rows": rows, "choices": choices, "any": bool(found or asked.q)}
    return form_page(request, "accounts/operators.html", context)


def _table(rows: list[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """Header and rows to take away."""
    return [_("E-mail"), _("Buildings"), _("State"), _("Since")], [
        [
            row["operator"].user.email,
            _("All") if row["all"] else ", ".join(row["buildings"]),
            _("active") if row["operator"].accepted_at else _("invited"),
            row["operator"].accepted_at or row["operator"].created_at,
        ]
        for row in rows
    ]


def _crumbs(membership: Membership) -> list[dict[str, str]]:
    url = reverse("operator_list", args=[membership.programme.slug])
    return [{"label": _("Operators"), "url": url}, {"label": membership.user.email}]


@require_http_methods(FORM_METHODS)
@requires(Permission.MANAGE_OPERATORS)
def operator_buildings(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    membership = access_operator(request.actor, public_id)
    choices = building_choices()
    ticked = [choice.public_id for choice in choices if choice.pk in (membership.buildings or ())]
    initial = {"scope": ALL if membership.buildings is None else SOME, "buildings": ticked}
    form = BuildingsForm(
        request.POST if request.method == "POST" else None, buildings=choices, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        keys = form.keys
        if (
            keys is not None
        ):  # a building that stands no longer is not on the page, and its history stays theirs
            keys = [*keys, *(set(membership.buildings or ()) - {choice.pk for choice in choices})]
        operators.operator_buildings_change(actor=request.actor, membership=membership, buildings=keys)
        messages.success(request, _("Saved."))
        return redirect("operator_list", slug)
    return form_page(
        request,
        "accounts/operator_buildings.html",
        {"crumbs": _crumbs(membership), "form": form, "operator": membership},
    )


@require_http_methods(FORM_METHODS)
@requires(Permission.MANAGE_OPERATORS)
def operator_change(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    membership = access_operator(request.actor, public_id)
    form = CurrentEmailForm(posted(request), initial={"current_email": membership.user.email})
    if request.method == "POST" and form.is_valid():
        try:
            email = form.cleaned_data["email"]
            operators.operator_readdress(actor=request.actor, membership=membership, email=email)
            return _mailed(request, slug, email)
        except DomainError as error:
            refuse(form, error)
    return form_page(
        request,
        "accounts/operator_change.html",
        {"crumbs": _crumbs(membership), "form": form, "operator": membership},
    )


@require_http_methods(FORM_METHODS)
@requires(Permission.MANAGE_OPERATORS)
def operator_remove(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    membership = access_operator(request.actor, public_id)
    if request.method == "POST":
        operators.operator_remove(actor=request.actor, membership=membership)
        messages.success(request, _("%(email)s is no operator any more.") % {"email": membership.user.email})
        return redirect("operator_list", slug)
    return form_page(
        request, "accounts/operator_remove.html", {"crumbs": _crumbs(membership), "operator": membership}
    )
