"""The way from the programme down to a place, and to what stands below it, as components/breadcrumbs.html takes it."""

from __future__ import annotations

from django.urls import reverse

from accounts.access import Actor, Permission
from servers.first_steps import optional_url
from servers.models import Building, CommonArea, Dwelling

Crumb = dict[str, str]
Place = Building | Dwelling | CommonArea
PAGES = {Building: "building_detail", Dwelling: "dwelling_detail", CommonArea: "common_area_detail"}


def zone_crumbs(actor: Actor, place: Place, *below: tuple[str, str]) -> list[Crumb]:
    """Programme, building, place, then `below` as (label, address); the last one is where the reader is.

    An occupant has no page above their dwelling; a place that was retired has none either.
    """
    building = place if isinstance(place, Building) else place.building
    zones = [(actor.programme.name, _programme_url(actor)), (building.name, _url(actor, building))]
    if place is not building:
        zones.append((place.name, _url(actor, place)))
    trail = [{"label": label, "url": url} for label, url in (*zones, *below)]
    trail[-1]["url"] = ""
    return trail


def _programme_url(actor: Actor) -> str:
    may = actor.may(Permission.SEE_PROGRAMME)
    return reverse("programme_view", args=[actor.programme.slug]) if may else ""


def _url(actor: Actor, place: Place) -> str:
    if actor.may(Permission.SEE_PROGRAMME):
        gone = isinstance(place, Building) and place.retired_at is not None
        return "" if gone else reverse(PAGES[type(place)], args=[actor.programme.slug, place.public_id])
    return optional_url("occupant_home", actor.programme.slug) if isinstance(place, Dwelling) else ""
