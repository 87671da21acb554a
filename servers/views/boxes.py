"""The tab "Servers": by server and by dwelling, and what one may do with one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.answers import form_page, posted
from accounts.errors import DomainError
from accounts.factors.confirm import recently_authenticated
from accounts.lists import ListAsked
from accounts.tables import KINDS, table_kind, table_response
from servers.doors import access_server, visible_servers
from servers.forms.boxes import ServerEditForm, ServerForm, ServerReplaceForm
from servers.models import Server
from servers.selectors.boxes import (
    BY_DWELLING_ORDER,
    SERVER_ORDER,
    dwelling_text,
    dwellings_with_servers,
    publication_rows,
    publications_of,
    server_rows,
    server_text,
    state_of,
)
from servers.selectors.found import found_waiting
from servers.selectors.tables import by_dwelling_table, servers_table
from servers.services import boxes

PUBLICATIONS_A_PAGE = 20


def _crumbs(request: ProgrammeRequest, *last: dict[str, str]) -> list[dict[str, str]]:
    slug = request.programme.slug
    return [{"label": _("Servers"), "url": reverse("server_list", args=[slug])}, *last]


def _ways(request: ProgrammeRequest, current: str) -> list[dict[str, Any]]:
    ways = [("server_list", _("By server")), ("server_by_dwelling", _("By dwelling"))]
    slug = request.programme.slug
    return [
        {"label": label, "url": reverse(name, args=[slug]), "current": name == current}
        for name, label in ways
    ]


def _manages(request: ProgrammeRequest) -> bool:
    return request.actor.may(Permission.MANAGE_SERVERS)


@require_GET
@requires(Permission.SEE_SERVERS)
def server_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    asked = ListAsked.of(request.GET, SERVER_ORDER)
    every = server_rows(visible_servers(request.actor))
    rows = asked.rows(every, server_text, SERVER_ORDER)
    kind = request.GET.get("export", "")
    if kind in KINDS:
        header, table = servers_table(rows)
        return table_response(
            table, name=f"{request.programme.name} {_('Servers')}", header=header, kind=kind
        )
    context = {
        "any": bool(every), "ways": _ways(request, "server_list"), "manages": _manages(request),
        **asked.context(rows),
    }  # fmt: skip
    return render(request, "servers/server_list.html", context)


@require_GET
@requires(Permission.SEE_SERVERS)
def server_by_dwelling(request: ProgrammeRequest, slug: str) -> HttpResponse:
    asked = ListAsked.of(request.GET, BY_DWELLING_ORDER)
    rows = asked.rows(dwellings_with_servers(request.actor), dwelling_text, BY_DWELLING_ORDER)
    if kind := table_kind(request.GET):
        header, table = by_dwelling_table(rows)
        return table_response(table, name=_("Servers by dwelling"), header=header, kind=kind)
    context = {
        **asked.context(rows),
        "ways": _ways(request, "server_by_dwelling"),
        "manages": _manages(request),
        "has_servers": visible_servers(request.actor).exists(),
    }
    return render(request, "servers/server_by_dwelling.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_SERVERS)
def server_create(request: ProgrammeRequest, slug: str) -> HttpResponse:
    form = ServerForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            server = boxes.server_create(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.add_error("serial", str(error))
        else:
            messages.success(request, _("The server is registered. Its password is on its way by mail."))
            return redirect("server_detail", slug, server.public_id)
    context = {"form": form, "crumbs": _crumbs(request, {"label": _("Create a new server")})}
    return form_page(request, "servers/server_create.html", context)


def _detail(request: ProgrammeRequest, server: Server, form: ServerEditForm) -> HttpResponse:
    listed = ListAsked.of(request.GET).context(publications_of(request.actor, server), PUBLICATIONS_A_PAGE)
    context = {
        "server": server,
        "found": found_waiting(request.actor, server),
        "state": state_of(server),
        "form": form,
        "manages": _manages(request),
        **listed,
        "publications": publication_rows(listed["page"]),
        "crumbs": _crumbs(request, {"label": server.description}),
    }
    return form_page(request, "servers/server_detail.html", context)


@require_GET
@requires(Permission.SEE_SERVERS)
def server_detail(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    server = access_server(request.actor, public_id)
    initial = {"description": server.description, "silent_after_minutes": server.silent_after_minutes}
    return _detail(request, server, ServerEditForm(initial=initial))


@require_POST
@requires(Permission.MANAGE_SERVERS)
def server_edit(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    server = access_server(request.actor, public_id)
    form = ServerEditForm(request.POST)
    if not form.is_valid():
        return _detail(request, server, form)
    boxes.server_edit(actor=request.actor, server=server, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("server_detail", slug, public_id)


@require_POST
@requires(Permission.MANAGE_SERVERS)
def server_twin_dismiss(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    server = access_server(request.actor, public_id)
    boxes.server_twin_dismiss(actor=request.actor, server=server)
    messages.success(request, _("Noted. Should it happen again, you are told again."))
    return redirect("server_detail", slug, public_id)


@require_POST
@requires(Permission.MANAGE_SERVERS)
@recently_authenticated
def server_password(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    server = access_server(request.actor, public_id)
    boxes.server_password_renew(actor=request.actor, server=server)
    messages.success(request, _("A new password is on its way by mail; the one before it no longer works."))
    return redirect("server_detail", slug, public_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_SERVERS)
@recently_authenticated
def server_replace(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    server = access_server(request.actor, public_id)
    form = ServerReplaceForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            boxes.server_replace(actor=request.actor, server=server, serial=form.cleaned_data["serial"])
        except DomainError as error:
            form.add_error("serial", str(error))
        else:
            messages.success(request, _("The new server takes over. Its password is on its way by mail."))
            return redirect("server_detail", slug, public_id)
    return form_page(request, "servers/server_replace.html", _about(request, server, form=form))


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_SERVERS)
def server_remove(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    server = access_server(request.actor, public_id)
    if request.method == "POST":
        boxes.server_remove(actor=request.actor, server=server)
        messages.success(request, _("The server is removed. Its dwellings, meters and readings stay."))
        return redirect("server_list", slug)
    return render(request, "servers/server_remove.html", _about(request, server))


def _about(request: ProgrammeRequest, server: Server, **more: Any) -> dict[str, Any]:
    url = reverse("server_detail", args=[request.programme.slug, server.public_id])
    crumbs = _crumbs(request, {"label": server.description, "url": url})
    return {"server": server, "url": url, "crumbs": crumbs, **more}
