"""The way from an empty programme to occupants who see their consumption; each step follows what really stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.models import Membership, Role
from servers.models import Server

_checks: dict[str, Callable[[], bool]] = {}


def register_step_check(key: str, done: Callable[[], bool]) -> None:
    """For a step whose state another app keeps: `tariffs` asks whether a price was ever saved."""
    _checks[key] = done


def optional_url(name: str, *args: Any) -> str:
    """The address of a page of an app further left; empty while there is none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def first_steps(actor: Actor, servers: list[Server]) -> list[dict[str, Any]]:
    """For components/steps.html. What this person may not do has a text that says who does, and no button."""
    slug = actor.programme.slug
    published = any(server.published_at for server in servers)
    waiting = not published and any(server.activated_at for server in servers)
    first = servers[0] if servers else None
    invited = _invited(actor)
    steps: list[dict[str, Any]] = [
        _step(
            actor, Permission.MANAGE_SERVERS, _("Create a server"), bool(servers), optional_url("server_create", slug),
            _("The box on site, by the serial number on its label."),
        ),
        _step(
            actor, Permission.SEE_SERVERS, _("Activate and publish"),
            published,
            optional_url("server_detail", slug, first.public_id) if first else "",
            _("The box is connected; publish the building with the configurator.") if waiting
            else _("Enter the password of the mail in the configurator, then publish the building."),
            _("Open the server"),
        ),
        _step(
            actor, Permission.MANAGE_OPERATORS, _("Name an operator"), Role.OPERATOR in invited,
            optional_url("operator_list", slug),
            _("The operator follows the buildings and manages the occupants."),
        ),
        _step(
            actor, Permission.MANAGE_OCCUPANTS, _("Invite the occupants"), Role.OCCUPANT in invited,
            optional_url("occupant_create", slug),
            _("Each sees the consumption of their own dwelling, from the day they moved in."),
        ),
    ]  # fmt: skip
    url = optional_url("tariff_parameters", slug)
    if "tariffs" in _checks and url:  # a step that leads nowhere would never be done
        label, text = _("Check the tariffs"), _("So that consumption is also an amount.")
        done = _checks["tariffs"]()
        steps.append(_step(actor, Permission.MANAGE_PARAMETERS, label, done, url, text))
    return steps


def _step(
    actor: Actor, permission: Permission, label: str, done: bool, url: str, text: str, action: str = ""
) -> dict[str, Any]:
    step = {"label": label, "done": done, "text": text, "action": action or label}
    if actor.may(permission):
        step["url"] = url
    return step


def _invited(actor: Actor) -> set[str]:
    """Which roles somebody was asked into; an occupant is invited with the entry of their dwelling."""
    rows = Membership.objects.filter(programme=actor.programme, role__in=[Role.OPERATOR, Role.OCCUPANT])
    return set(rows.values_list("role", flat=True).distinct())
