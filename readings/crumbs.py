"""The way from below the programme to where the reader is, on the pages of a utility."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Permission, ProgrammeRequest
from servers.crumbs import Crumb, zone_crumbs
from servers.models import MeteringPoint


def point_crumbs(request: ProgrammeRequest, point: MeteringPoint, *below: tuple[str, str]) -> list[Crumb]:
    """From the programme or the contract to a metering point, then (label, address) of what stands below it."""
    place = point.dwelling or point.common_area or point.building
    if point.contract is None and place is not None:
        return zone_crumbs(request.actor, place, *below)
    slug = request.programme.slug
    above = [(point.number or point.name, reverse("point_detail", args=[slug, point.public_id]))]
    if point.contract is not None:
        contract = (point.contract.number, reverse("contract_detail", args=[slug, point.contract.public_id]))
        above.insert(0, contract)
    return crumbs(request, *above, *below)


def desk_crumbs(request: ProgrammeRequest, *items: tuple[str, str]) -> list[Crumb]:
    """The same from the utility's desk down."""
    desk = reverse("desk_home", args=[request.programme.slug])
    return [{"label": label, "url": url} for label, url in ((_("Utility's desk"), desk), *items)]


def crumbs(request: ProgrammeRequest, *items: tuple[str, str]) -> list[Crumb]:
    """(label, address) from the list of contracts down; the last one has none: there the reader is.

    Without items the reader is at the list itself.
    """
    desk = request.actor.may(Permission.MANAGE_CONTRACTS)
    account = reverse("contract_list", args=[request.programme.slug]) if items else ""
    above = (_("Contracts") if desk else _("Personal account"), account)
    return [{"label": label, "url": url} for label, url in (above, *items)]
