"""The way from an empty programme to occupants who see their consumption; each step follows what really stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.models import Membership, Programme, Role
from servers.models import Server

_checks: dict[str, Callable[[], QuerySet[Any]]] = {}


def register_step_check(key: str, rows: Callable[[], QuerySet[Any]]) -> None:
    """For a step whose state another app keeps, done as soon as there is a row: `tariffs` names the saved prices."""
    _checks[key] = rows


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
    done = _done(actor)
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
            actor, Permission.MANAGE_OPERATORS, _("Name an operator"), done[Role.OPERATOR],
            optional_url("operator_list", slug),
            _("The operator follows the buildings and manages the occupants."),
        ),
        _step(
            actor, Permission.MANAGE_OCCUPANTS, _("Invite the occupants"), done[Role.OCCUPANT],
            optional_url("occupant_create", slug),
            _("Each sees the consumption of their own dwelling, from the day they moved in."),
        ),
    ]  # fmt: skip
    url = optional_url("tariff_parameters", slug)
    if "tariffs" in _checks and url:  # a step that leads nowhere would never be done
        label, text = _("Check the tariffs"), _("So that consumption is also an amount.")
        steps.append(_step(actor, Permission.MANAGE_PARAMETERS, label, done["tariffs"], url, text))
    return steps


def _step(
    actor: Actor, permission: Permission, label: str, done: bool, url: str, text: str, action: str = ""
) -> dict[str, Any]:
    step = {"label": label, "done": done, "text": text, "action": action or label}
    if actor.may(permission):
        step["url"] = url
    return step


def _done(actor: Actor) -> dict[str, bool]:
    """Which roles somebody was asked into (an occupant with the entry of their dwelling), and what other apps keep.

    One query.
    """
    invited = Membership.objects.filter(programme=actor.programme)
    questions = {role.value: Exists(invited.filter(role=role)) for role in (Role.OPERATOR, Role.OCCUPANT)}
    questions |= {key: Exists(rows()) for key, rows in _checks.items()}
    found = Programme.objects.filter(pk=actor.programme.pk).annotate(**questions)
    return found.values(*questions).get()
