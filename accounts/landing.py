"""Where a person belongs: the first page of each role in a programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Membership, Programme, Role, User

# the role that says most comes first; each with its page, and one that is always there
HOME_OF_ROLE: dict[str, tuple[str, ...]] = {
    Role.ADMINISTRATOR: ("programme_view", "programme_account"),
    Role.OPERATOR: ("programme_view",),
    Role.OCCUPANT: ("occupant_home",),
    Role.CONSUMER: ("contract_list",),
}
OPERATOR_OF_UTILITY = ("desk_home", "programme_view")


@dataclass(frozen=True)
class Place:
    """One programme of a person, by one of their roles."""

    programme: Programme
    role: str
    url: str

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)


def landing_url(programme: Programme, role: str) -> str:
    desk = programme.is_utility and role == Role.OPERATOR
    for name in OPERATOR_OF_UTILITY if desk else HOME_OF_ROLE[role]:
        try:
            return reverse(name, args=[programme.slug])
        except NoReverseMatch:
            continue
    return reverse("choose_programme")


def places_of(user: User) -> list[Place]:
    """Where a person may go, one row a programme and page, programmes by name."""
    memberships = Membership.objects.filter(
        user=user, accepted_at__isnull=False, programme__activated_at__isnull=False
    ).select_related("programme")
    order = list(HOME_OF_ROLE)
    places: dict[str, Place] = {}
    for membership in sorted(memberships, key=lambda m: (m.programme.name_key, order.index(m.role))):
        url = landing_url(membership.programme, membership.role)
        places.setdefault(url, Place(membership.programme, membership.role, url))
    return list(places.values())


def safe_next(request: HttpRequest) -> str:
    """The page asked for before signing in, if it is one of ours; else empty."""
    return safe_path(request, request.POST.get("next") or request.GET.get("next") or "")


def safe_path(request: HttpRequest, given: Any) -> str:
    """`given`, if it is a path of this site; else empty."""
    ours = url_has_allowed_host_and_scheme(
        given, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # a path of ours, never an address with a host in it
    return given if ours and given.startswith("/") else ""
