"""Finding a utility's contracts and metering points."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.access import Actor, Permission
from portal.search.kinds import Hit, Kind
from portal.search.wanted import Wanted, best, ranked
from readings.doors import visible_contracts
from servers.doors import visible_points


def contracts(actor: Actor, wanted: Wanted, most: int) -> list[Hit]:
    """By number, phone, holder and address."""
    rows = visible_contracts(actor).order_by("number", "pk")
    values = rows.values_list("public_id", "number", "phone", "holder", "address", "city").iterator()
    found = best(ranked(wanted, values, lambda row: row[3:], lambda row: row[1:3]), most)
    slug = actor.programme.slug
    return [
        Hit(
            row[1],
            " · ".join(filter(None, row[3:5])),
            reverse("contract_detail", args=[slug, row[0]]),
            exact=True,
        )
        for row in found
    ]


def points(actor: Actor, wanted: Wanted, most: int) -> list[Hit]:
    """In service now: by number, name, address, and the contract and its holder."""
    rows = visible_points(actor).filter(retired_at=None).order_by("number", "pk")
    columns = ("public_id", "number", "name", "address", "contract__number", "contract__holder")
    found = best(
        ranked(
            wanted,
            rows.values_list(*columns),
            lambda row: [text or "" for text in row[2:]],
            lambda row: row[1:2],
        ),
        most,
    )
    slug = actor.programme.slug
    return [
        Hit(" ".join(filter(None, row[1:3])), " · ".join(filter(None, [row[5], row[3]])),
            reverse("point_detail", args=[slug, row[0]]))
        for row in found
    ]  # fmt: skip


UTILITY = [
    Kind(
        "contracts",
        gettext_lazy("Contracts"),
        Permission.MANAGE_CONTRACTS,
        contracts,
        "contract_list",
        utility=True,
    ),
    Kind(
        "points",
        gettext_lazy("Metering points"),
        Permission.MANAGE_CONTRACTS,
        points,
        "point_list",
        utility=True,
    ),
]
