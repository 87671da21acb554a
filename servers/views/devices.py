"""Devices of common areas: how they stand, their commands, and what became of each order."""

from __future__ import annotations

import time
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
from accounts.factors.confirm import CONFIRMED_AT, confirm_page
from accounts.lists import ListAsked
from accounts.tables import table_kind, table_response
from servers.forms.devices import DeviceSettingsForm, OrderForm
from servers.models import Device
from servers.selectors.boxes import state_of
from servers.selectors.devices import (
    DEVICE_ORDER,
    access_seen_device,
    access_switched_device,
    device_rows,
    device_text,
    may_switch,
    orders_of,
)
from servers.selectors.tables import devices_table, orders_table
from servers.services.commands import command_order, device_settings, device_settings_save


def _crumbs(request: ProgrammeRequest, *last: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": _("Devices"), "url": reverse("device_list", args=[request.programme.slug])}, *last]


def _is_proven(request: ProgrammeRequest) -> bool:
    """Whether the programme lets this person switch without being asked again who they are."""
    minutes = device_settings().reauth_minutes
    since = time.time() - float(request.session.get(CONFIRMED_AT, 0))
    return minutes is None or since < minutes * 60


@require_GET
@requires(Permission.SEE_PROGRAMME, Permission.SWITCH_DEVICES)
def device_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    every = device_rows(request.actor)
    asked = ListAsked.of(request.GET, DEVICE_ORDER)
    rows = asked.rows(every, device_text, DEVICE_ORDER)
    if kind := table_kind(request.GET):
        header, table = devices_table(rows)
        return table_response(table, name=_("Devices"), header=header, kind=kind)
    context = {
        "any": bool(every),
        **asked.context(rows),
        "staff": request.actor.may(Permission.SEE_PROGRAMME),
        "manages": request.actor.may(Permission.MANAGE_SERVERS),
    }
    return render(request, "servers/devices/list.html", context)


def _page(request: ProgrammeRequest, device: Device, form: OrderForm, *, status: int = 200) -> HttpResponse:
    context = {
        "device": device,
        "server_state": state_of(device.server),
        "form": form if may_switch(request.actor, device) else None,
        "orders": orders_of(request.actor, device),
        "staff": request.actor.may(Permission.SEE_PROGRAMME),
        "crumbs": _crumbs(request, {"label": device.name}),
    }
    part = request.htmx and request.method == "GET"
    template = "servers/devices/state.html" if part else "servers/devices/detail.html"
    return form_page(request, template, context, status=status)


@require_GET
@requires(Permission.SEE_PROGRAMME, Permission.SWITCH_DEVICES)
def device_detail(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    """The same address answers htmx with the part that changes."""
    device = access_seen_device(request.actor, public_id)
    if kind := table_kind(request.GET):
        header, table = orders_table(orders_of(request.actor, device, None).rows)
        return table_response(table, name=f"{device.name} {_('Orders')}", header=header, kind=kind)
    return _page(request, device, OrderForm(device=device))


@require_POST
@requires(Permission.SWITCH_DEVICES)
def device_order(request: ProgrammeRequest, slug: str, public_id: UUID) -> HttpResponse:
    device = access_switched_device(request.actor, public_id)
    form = OrderForm(request.POST, device=device)
    if not form.is_valid():
        return _page(request, device, form, status=422)
    if not _is_proven(request):  # the confirmation sends the order again by itself
        return confirm_page(request, following=request.get_full_path(), again=True)
    try:
        command, key = form.cleaned_data["command"], form.cleaned_data["key"]
        command_order(actor=request.actor, device=device, command=command, key=key)
    except DomainError as error:
        form.add_error(None, str(error))
        return _page(request, device, form, status=422)
    messages.success(request, _("Ordered. The server takes it with its next contact."))
    return redirect("device_detail", slug, public_id)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_SERVERS)
def device_settings_edit(request: ProgrammeRequest, slug: str) -> HttpResponse:
    kept = device_settings()
    initial = {"reauth_minutes": kept.reauth_minutes, "audit": kept.audit}
    form = DeviceSettingsForm(posted(request), initial=initial)
    if request.method == "POST":
        form = DeviceSettingsForm(request.POST)
        if form.is_valid():
            device_settings_save(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("device_settings", slug)
    context = {"form": form, "crumbs": _crumbs(request, {"label": _("How devices are switched")})}
    return form_page(request, "servers/devices/settings.html", context)
