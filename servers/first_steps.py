"""The way of a new programme to people who see their consumption; each step follows what really stands.

A kind of programme has its steps: those of housing stand here, `readings` brings a utility's.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.models import Membership, Programme, Role
from servers.doors import visible_servers
from servers.models import Server

PUT_AWAY = "put_away"


@dataclass(frozen=True)
class Step:
    """`key` names what is asked of the database; `done` says it where the step knows already. `action`: the button's
    words, where they differ from the label."""

    key: str
    permission: Permission
    label: str
    text: str
    url: str
    action: str = ""
    done: bool | None = None


@dataclass(frozen=True)
class FirstSteps:
    """`items` for components/steps.html, empty when all is done; `put_away`: the person does not want to see them."""

    items: list[dict[str, Any]]
    put_away: bool = False

    @property
    def next(self) -> dict[str, Any] | None:
        return next((item for item in self.items if not item["done"]), None)


Builder = Callable[[Actor, Sequence[Server] | None], list[Step]]
Rows = Callable[[], QuerySet[Any]]
_checks: dict[str, tuple[Rows, ...]] = {}
_builders: dict[str, Builder] = {}


def register_step_check(key: str, *rows: Rows) -> None:
    """For a step whose state another app keeps, done as soon as there is a row in one of them: `tariffs` names the
    saved prices."""
    _checks[key] = rows


def register_steps(kind: str, builder: Builder) -> None:
    """The steps of a kind of programme."""
    _builders[kind] = builder


def optional_url(name: str, *args: Any) -> str:
    """The address of a page of an app further left; empty while there is none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def first_steps(actor: Actor, servers: Sequence[Server] | None = None) -> FirstSteps:
    """What this person may do of it; what others do is not theirs to see. `servers`: those they see, if known."""
    builder = _builders.get(actor.programme.kind)
    steps = builder(actor, servers) if builder else []
    steps = [step for step in steps if actor.may(step.permission) and step.url]
    if all(step.done for step in steps):
        return FirstSteps([])
    state = _state(actor, {step.key for step in steps if step.done is None})
    items = [
        {
            "label": step.label, "text": step.text, "url": step.url, "action": step.action or step.label,
            "done": state.get(step.key, False) if step.done is None else step.done,
        }
        for step in steps
    ]  # fmt: skip
    return FirstSteps([] if all(item["done"] for item in items) else items, state[PUT_AWAY])


def _state(actor: Actor, keys: set[str]) -> dict[str, bool]:
    """Which roles somebody was asked into (an occupant with the entry of their dwelling), what other apps keep, and
    whether this person has put the steps away. One query."""
    members = Membership.objects.filter(programme=actor.programme)
    questions: dict[str, Any] = {role: Exists(members.filter(role=role)) for role in keys & set(Role.values)}
    for key in keys & set(_checks):
        questions[key] = functools.reduce(operator.or_, (Exists(rows()) for rows in _checks[key]))
    questions[PUT_AWAY] = Exists(members.filter(user=actor.user, first_steps_put_away_at__isnull=False))
    found = Programme.objects.filter(pk=actor.programme.pk).annotate(**questions)
    return found.values(*questions).get()


def operator_step(actor: Actor, text: str) -> Step:
    url = optional_url("operator_list", actor.programme.slug)
    return Step(Role.OPERATOR, Permission.MANAGE_OPERATORS, _("Name an operator"), text, url)


def tariffs_step(actor: Actor, text: str) -> Step:
    url = optional_url("tariff_parameters", actor.programme.slug)
    return Step("tariffs", Permission.MANAGE_PARAMETERS, _("Check the tariffs"), text, url)


def housing_steps(actor: Actor, servers: Sequence[Server] | None) -> list[Step]:
    slug = actor.programme.slug
    servers = list(visible_servers(actor).order_by("pk")) if servers is None else servers
    return [
        Step(
            "server", Permission.MANAGE_SERVERS, _("Create a server"),
            _("The box on site, by the serial number on its label."), optional_url("server_create", slug),
            done=bool(servers),
        ),
        _publication_step(slug, servers),
        operator_step(actor, _("The operator follows the buildings and manages the occupants.")),
        Step(
            Role.OCCUPANT, Permission.MANAGE_OCCUPANTS, _("Invite the occupants"),
            _("Each sees the consumption of their own dwelling, from the day they moved in."),
            optional_url("occupant_create", slug),
        ),
        tariffs_step(actor, _("So that consumption is also an amount.")),
    ]  # fmt: skip


def _publication_step(slug: str, servers: Sequence[Server]) -> Step:
    published = any(server.published_at for server in servers)
    waiting = not published and any(server.activated_at for server in servers)
    text = (
        _("The box is connected; publish the building with the configurator.")
        if waiting
        else _("Enter the password of the mail in the configurator, then publish the building.")
    )
    url = (
        optional_url("server_detail", slug, servers[0].public_id)
        if servers
        else optional_url("server_list", slug)
    )
    label = _("Activate and publish")
    return Step("publication", Permission.SEE_SERVERS, label, text, url, _("Open the server"), done=published)


register_steps(Programme.Kind.HOUSING, housing_steps)
