"""Who may open which page. Each view says it in one line, and the start fails for a view that does not.

    @require_GET
    @requires(Permission.SEE_PROGRAMME)
    def programme_view(request): ...

`request.actor` is the person in this programme: their roles and the permissions these give.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import Programme, Role, User

View = TypeVar("View", bound=Callable[..., Any])


class Permission(enum.Enum):
    SEE_PROGRAMME = "see_programme"  # zones, devices, meters, last values
    SEE_SERVERS = "see_servers"
    MANAGE_SERVERS = "manage_servers"
    MANAGE_METERS = "manage_meters"  # verification dates, and what a scan found
    SWITCH_DEVICES = "switch_devices"  # of common areas; an occupant those they were given
    MANAGE_OPERATORS = "manage_operators"
    MANAGE_PROGRAMME_ACCOUNT = "manage_programme_account"
    SEE_OCCUPANTS = "see_occupants"
    MANAGE_OCCUPANTS = "manage_occupants"
    SEE_CONSUMPTION = "see_consumption"  # of dwellings, within the rules of occupancy
    REVIEW_READINGS = "review_readings"  # decide about flagged values, record meter exchanges
    MANAGE_PARAMETERS = "manage_parameters"
    MANAGE_PLACE_PARAMETERS = "manage_place_parameters"  # of a building or a dwelling
    MANAGE_OWN_TARIFFS = "manage_own_tariffs"  # of the dwelling one lives in
    MANAGE_RIGHTS = "manage_rights"
    SEE_OWN_HOME = "see_own_home"
    SEE_OWN_CONTRACTS = "see_own_contracts"
    UPLOAD_ARCHIVES = "upload_archives"
    ENTER_READINGS = "enter_readings"  # by hand
    IMPORT_TABLES = "import_tables"  # CSV and XLSX
    MANAGE_LERS_PROFILE = "manage_lers_profile"  # how the utility's senders write their archives
    SEE_AUDIT = "see_audit"  # who changed what; an operator of some buildings what concerns those
    SEE_MAILS = "see_mails"  # that a mail was sent, to whom and when
    MANAGE_CONTRACTS = "manage_contracts"  # the utility's desk


ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.SEE_PROGRAMME,
            Permission.SEE_SERVERS,
            Permission.MANAGE_SERVERS,
            Permission.MANAGE_METERS,
            Permission.MANAGE_OPERATORS,
            Permission.MANAGE_PROGRAMME_ACCOUNT,
            Permission.MANAGE_PARAMETERS,
            Permission.MANAGE_RIGHTS,
            Permission.SEE_AUDIT,
            Permission.SEE_MAILS,
            Permission.MANAGE_LERS_PROFILE,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            Permission.SEE_PROGRAMME,
            Permission.SEE_SERVERS,
            Permission.MANAGE_METERS,
            Permission.SWITCH_DEVICES,
            Permission.SEE_OCCUPANTS,
            Permission.MANAGE_OCCUPANTS,
            Permission.SEE_CONSUMPTION,
            Permission.REVIEW_READINGS,
            Permission.MANAGE_PARAMETERS,
            Permission.MANAGE_PLACE_PARAMETERS,
            Permission.MANAGE_RIGHTS,
            Permission.SEE_AUDIT,
            Permission.SEE_MAILS,
            Permission.MANAGE_CONTRACTS,
            Permission.UPLOAD_ARCHIVES,
            Permission.ENTER_READINGS,
            Permission.IMPORT_TABLES,
            Permission.MANAGE_LERS_PROFILE,
        }
    ),
    Role.OCCUPANT: frozenset(
        {Permission.SEE_OWN_HOME, Permission.SWITCH_DEVICES, Permission.MANAGE_OWN_TARIFFS}
    ),
    Role.CONSUMER: frozenset(
        {Permission.SEE_OWN_CONTRACTS, Permission.UPLOAD_ARCHIVES, Permission.ENTER_READINGS}
    ),
}


# What concerns everybody in the programme is no business of an operator of some of its buildings.
PROGRAMME_WIDE = frozenset(
    {
        Permission.MANAGE_PARAMETERS,
        Permission.MANAGE_RIGHTS,
        Permission.SEE_MAILS,
        Permission.MANAGE_CONTRACTS,
        Permission.UPLOAD_ARCHIVES,
        Permission.IMPORT_TABLES,
        Permission.MANAGE_LERS_PROFILE,
    }
)


@dataclass(frozen=True)
class Actor:
    """A person in a programme. Doors (`access_*`) take one; a task makes its own with `actor_of`.

    `buildings`: the keys of the only buildings that this operator sees; None for the whole programme.
    """

    user: User
    programme: Programme
    roles: frozenset[str]
    permissions: frozenset[Permission] = field(default_factory=frozenset)
    buildings: frozenset[int] | None = None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def has_role(self, role: str) -> bool:
        return role in self.roles

    def covers(self, building_id: int | None) -> bool:
        """Is this building (None: a thing outside of all buildings) within what the operator looks after?"""
        return self.buildings is None or building_id in self.buildings


def actor_of(user: User, programme: Programme) -> Actor | None:
    """The person's accepted roles there, or None for a stranger."""
    accepted = dict(
        programme.memberships.filter(user=user, accepted_at__isnull=False).values_list("role", "buildings")
    )
    if not accepted:
        return None
    buildings = buildings_of(accepted)
    permissions: set[Permission] = set()
    for role in accepted:
        granted = ROLE_PERMISSIONS[role]
        permissions |= (
            granted - PROGRAMME_WIDE if role == Role.OPERATOR and buildings is not None else granted
        )
    return Actor(user, programme, frozenset(accepted), frozenset(permissions), buildings)


def buildings_of(accepted: dict[str, list[int] | None]) -> frozenset[int] | None:
    """The buildings of an operator, by roles with their buildings; an administrator's programme has no bounds."""
    if Role.ADMINISTRATOR in accepted or accepted.get(Role.OPERATOR) is None:
        return None
    return frozenset(accepted[Role.OPERATOR] or ())


class ProgrammeRequest(HttpRequest):
    """What a view under /p/<slug>/ receives."""

    user: User
    programme: Programme
    actor: Actor
    htmx: Any
    nav_name: str  # the menu's entry to mark, where the address alone does not tell


@dataclass(frozen=True)
class Access:
    """What a view declared. `kind` is public, signed_in, requires or server."""

    kind: str
    permissions: frozenset[Permission] = frozenset()


def public(view: View) -> View:
    """Anybody may open it."""
    view.access = Access("public")  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Any signed-in person may open it; it shows only what is their own."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        return view(request, *args, **kwargs)

    guarded.access = Access("signed_in")  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Members of the programme who have any one of `permissions`; a stranger gets 404 from the middleware."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: ProgrammeRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not any(request.actor.may(permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.access = Access("requires", frozenset(permissions))  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def server_authenticated(view: View) -> View:
    """Marks a view of the gateway API; its own authentication (servers.api.auth) opens the scope."""
    view.access = Access("server")  # type: ignore[attr-defined]
    return view


LONGEST_WAY_BACK = (
    2000  # what browsers and proxies take as an address; Django itself refuses the very long ones
)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    from urllib.parse import urlencode, urlsplit

    from django.urls import reverse

    wanted = request.get_full_path()
    page = urlsplit(request.headers.get("Referer", ""))
    # where a form goes there is often nothing to look at: after signing in, its page is shown again
    if request.method == "POST" and page.netloc == request.get_host() and page.path.startswith("/"):
        wanted = f"{page.path}?{page.query}" if page.query else page.path
    if len(wanted) > LONGEST_WAY_BACK:
        return redirect("home")
    return redirect(f"{reverse('home')}?{urlencode({'next': wanted})}")


to_sign_in = _to_sign_in


def parse_public_id(value: str | uuid.UUID) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None
