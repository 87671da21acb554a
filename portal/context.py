"""What base.html needs on every page: where the person is, and where they may go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Permission
from portal.appearance import appearance_of
from portal.guides import guide_url
from portal.tour.strip import strip_of, tour_url
from portal.trails import steps_of

# (label, URL name, the permission that shows it); the first of each person's list is their home
HOUSING_NAV = [
    (gettext_lazy("Programme view"), "programme_view", Permission.SEE_PROGRAMME),
    (gettext_lazy("Meters"), "meter_list", Permission.MANAGE_METERS),
    (gettext_lazy("Consumption"), "overview", Permission.SEE_CONSUMPTION),
    (gettext_lazy("Monthly sheets"), "sheet_list", Permission.SEE_CONSUMPTION),
    (gettext_lazy("Servers"), "server_list", Permission.SEE_SERVERS),
    (gettext_lazy("Readings"), "completeness", Permission.SEE_SERVERS),
    (gettext_lazy("Operators"), "operator_list", Permission.MANAGE_OPERATORS),
    (gettext_lazy("Occupants"), "occupant_list", Permission.SEE_OCCUPANTS),
    (gettext_lazy("Parameters"), "tariff_parameters", Permission.MANAGE_PARAMETERS),
    (gettext_lazy("My consumption"), "occupant_home", Permission.SEE_OWN_HOME),
    (gettext_lazy("Devices"), "device_list", Permission.SWITCH_DEVICES),
    (gettext_lazy("Common areas"), "home_common", Permission.SEE_OWN_HOME),
    (gettext_lazy("Monthly sheets"), "home_sheets", Permission.SEE_OWN_HOME),
    (gettext_lazy("My tariffs"), "home_tariffs", Permission.MANAGE_OWN_TARIFFS),
    (gettext_lazy("Files sent"), "upload_list", Permission.IMPORT_TABLES),
]
UTILITY_NAV = [
    (gettext_lazy("Contracts"), "contract_list", Permission.SEE_OWN_CONTRACTS),
    (gettext_lazy("Contracts"), "contract_list", Permission.MANAGE_CONTRACTS),
    (gettext_lazy("Files sent"), "upload_list", Permission.UPLOAD_ARCHIVES),
    (gettext_lazy("Utility's desk"), "desk_home", Permission.MANAGE_CONTRACTS),
    (gettext_lazy("Statements"), "period_list", Permission.MANAGE_CONTRACTS),
    (gettext_lazy("Readings"), "completeness", Permission.SEE_SERVERS),
    (gettext_lazy("Operators"), "operator_list", Permission.MANAGE_OPERATORS),
    (gettext_lazy("Tariffs"), "tariff_parameters", Permission.MANAGE_PARAMETERS),
    (gettext_lazy("Help"), "utility_help", Permission.SEE_OWN_CONTRACTS),
    (gettext_lazy("Reading of files"), "lers_profile", Permission.MANAGE_LERS_PROFILE),
]

# entries that stand below another one, where the person has that one: the first row stays one line long
BELOW = {
    "device_list": "programme_view",
    "sheet_list": "overview",
    "completeness": "meter_list",
    "upload_list": "meter_list",
    "tariff_parameters": "period_list",
    "lers_profile": "upload_list",
}

# what stands in the person's menu while they are in a programme
PROGRAMME_MENU = [
    (gettext_lazy("Journal"), "audit", (Permission.SEE_AUDIT,)),
    (gettext_lazy("Mails sent"), "mail_list", (Permission.SEE_MAILS,)),
    (gettext_lazy("Who looked"), "looks", (Permission.SEE_OWN_HOME, Permission.SEE_OWN_CONTRACTS)),
]

# pages whose address alone does not tell the entry they belong to
SECTIONS = {
    "buildings": "programme_view",
    "dwellings": "programme_view",
    "common-areas": "programme_view",
    "points": "contract_list",
    "imports": "upload_list",
    "entries": "contract_list",
}


def shell(request: HttpRequest) -> dict[str, Any]:
    programme = getattr(request, "programme", None)
    actor = getattr(request, "actor", None)
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    nav = _folded(_nav(request, programme, actor)) if actor else []
    return {
        "shell": {
            "programme": programme,
            "nav": nav,
            "crumbs": _crumbs(request, programme, nav) if signed_in else [],
            "section": next((entry["below"] for entry in nav if entry["current"] and entry["below"]), []),
            "who": str(user) if signed_in else None,
            "menu": _menu(programme, actor) if signed_in else [],
            "search_url": _search_url(programme, actor),
            "tour_url": tour_url(programme, actor),
            "tour": strip_of(request, actor),
            "appearance": appearance_of(request),
            "demo_mailbox_url": reverse("mailbox") if settings.DEMO_MAILBOX else None,
        }
    }


def _search_url(programme: Any, actor: Any) -> str:
    """For who looks after a programme or a part of it."""
    may = programme and actor and actor.may(Permission.SEE_PROGRAMME)
    return reverse("search", args=[programme.slug]) if may else ""


def _nav(request: HttpRequest, programme: Any, actor: Any) -> list[dict[str, Any]]:
    entries = UTILITY_NAV if programme.is_utility else HOUSING_NAV
    nav: list[dict[str, Any]] = []
    named = getattr(request, "nav_name", None) or SECTIONS.get(_section(request.path))
    for label, name, permission in entries:
        if not actor.may(permission):
            continue
        try:
            url = reverse(name, args=[programme.slug])
        except NoReverseMatch:
            continue
        if all(entry["url"] != url for entry in nav):  # a page may be opened by either of two permissions
            nav.append({"name": name, "label": label, "url": url, "current": name == named})
    if not named:
        above = [entry for entry in nav if _is_below(request.path, str(entry["url"]))]
        for entry in above:
            entry["current"] = entry is max(above, key=lambda one: len(str(one["url"])))
    return nav


def _folded(nav: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of the first row; `below`: the pages of each one's section, itself first, empty where it is alone.

    `page` says that the entry is the very page, `current` that the page is in its section.
    """
    first = {entry["name"]: {**entry, "page": entry["current"], "below": []} for entry in nav}
    for name, above in BELOW.items():
        if name in first and above in first:
            parent, entry = first[above], first.pop(name)
            parent["below"] = parent["below"] or [{**parent, "below": []}]
            parent["below"].append(entry)
            parent["current"] = parent["current"] or entry["current"]
            parent["page"] = parent["page"] and not entry["current"]
    return list(first.values())


def _crumbs(request: HttpRequest, programme: Any, nav: list[dict[str, Any]]) -> list[dict[str, str]]:
    """From the programme to the entry of the menu that the page belongs to; a page may have a longer way of its own."""
    trail = [(programme.name, nav[0]["url"] if nav else "")] if programme else []
    trail = trail or [(_("My programmes"), reverse("choose_programme"))]
    for entry in nav:
        if entry["current"]:
            trail.append((entry["label"], entry["url"]))
            trail += [(one["label"], one["url"]) for one in entry["below"] if one["current"]]
    match = request.resolver_match
    found = [{"label": str(label), "url": str(url)} for label, url in dict.fromkeys(trail)]
    found += steps_of(match.url_name or "" if match else "", programme.slug if programme else None)
    if len(found) > 1 and found[-1]["url"] == request.path:
        found[-1]["url"] = ""
    return found if programme or found[-1]["url"] != request.path else []


def _is_below(path: str, url: str) -> bool:
    """The programme's own page stands above every address, but is the entry of none but itself."""
    return path.startswith(url) and _section(path) == _section(url)


def _section(path: str) -> str:
    """What stands after the programme in an address: /p/<slug>/servers/… is in `servers`."""
    return "/".join(path.split("/")[3:4])


def _menu(programme: Any, actor: Any) -> list[dict[str, str]]:
    menu = []
    if programme and actor and actor.may(Permission.MANAGE_PROGRAMME_ACCOUNT):
        menu.append({"label": _("Account"), "url": reverse("programme_account", args=[programme.slug])})
    else:
        menu.append({"label": _("Account"), "url": reverse("own_account")})
    if programme and actor:
        for label, name, permissions in PROGRAMME_MENU:
            if any(actor.may(permission) for permission in permissions):
                menu.append({"label": str(label), "url": reverse(name, args=[programme.slug])})
    if guide := guide_url(actor):
        menu.append({"label": _("Guide"), "url": guide})
    menu.append({"label": _("My programmes"), "url": reverse("choose_programme")})
    return menu
