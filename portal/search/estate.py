"""Finding what stands in the buildings, and who lives there."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, Permission
from accounts.templatetags.releve import local_day
from portal.search.kinds import Hit, Kind
from portal.search.wanted import Wanted, best, ranked
from servers.doors import (
    visible_buildings,
    visible_common_areas,
    visible_devices,
    visible_dwellings,
    visible_occupancies,
    visible_points,
    visible_servers,
)
from servers.models import MeterInstallation, Quantity, Register
from servers.serials import serial_grouped

PLACE = ("point__dwelling__building__name", "point__dwelling__name", "point__common_area__building__name",
         "point__common_area__name", "point__number", "point__name")  # fmt: skip


def _url(actor: Actor, name: str, public_id: Any) -> str:
    return reverse(name, args=[actor.programme.slug, public_id])


def _place(building: str | None, dwelling: str | None, area_building: str | None, area: str | None,
           number: str | None, point: str) -> str:  # fmt: skip
    """Where a meter hangs, in one line; a utility's point by its number."""
    if dwelling or area:
        return f"{building or area_building}, {dwelling or area}"
    return f"{number} {point}" if number else point


def dwellings(actor: Actor, wanted: Wanted, most: int) -> list[Hit]:
    rows = visible_dwellings(actor).filter(retired_at=None).order_by("building__name", "name", "pk")
    values = rows.values_list("public_id", "name", "building__name", "ref")
    found = best(ranked(wanted, values, lambda row: row[1:]), most)
    return [Hit(row[1], row[2], _url(actor, "dwelling_detail", row[0])) for row in found]


def places(actor: Actor, wanted: Wanted, most: int) -> list[Hit]:
    """Buildings, then their common areas."""
    areas = visible_common_areas(actor).filter(retired_at=None)
    rows: list[tuple[str, Any, str, str]] = [
        ("building_detail", pk, name, "")
        for pk, name in visible_buildings(actor).values_list("public_id", "name")
    ]
    rows += [("common_area_detail", *row) for row in areas.values_list("public_id", "name", "building__name")]
    rows.sort(key=lambda row: (row[0], row[3], row[2]))
    found = best(ranked(wanted, rows, lambda row: row[2:] if row[3] else row[2:3]), most)
    return [Hit(name, building, _url(actor, page, pk)) for page, pk, name, building in found]


def meters(actor: Actor, wanted: Wanted, most: int) -> list[Hit]:
    """Each instrument once, where it hangs now or hung last."""
    rows = MeterInstallation.objects.filter(point__in=visible_points(actor).values("pk"))
    rows = rows.order_by("meter__serial", "meter_id", F("removed_at").desc(nulls_first=True), "-installed_at")
    columns = ("meter__public_id", "meter__serial", "meter__manufacturer", "meter__model", *PLACE)
    once: dict[Any, Any] = {}
    for row in rows.values_list(*columns):
        once.setdefault(row[0], row)
    fitting = ranked(wanted, once.values(), lambda row: row[2:4], lambda row: row[1:2])
    return [
        Hit(row[1], " · ".join(filter(None, [" ".join(filter(None, row[2:4])), _place(*row[4:])])),
            _url(actor, "meter_detail", row[0]), exact=True)
        for row in best(fitting, most)
    ]  # fmt: skip


def registers(actor: Actor, wanted: Wanted, most: int) -> list[Hit]:
    """By their own reference, or all those of a meter whose serial number was typed."""
    at = "installation__"
    rows = Register.objects.filter(retired_at=None, installation__removed_at=None,
                                   installation__point__in=visible_points(actor).values("pk"))  # fmt: skip
    rows = rows.filter(wanted.narrowed("ref", f"{at}meter__serial"))
    values = rows.order_by(f"{at}meter__serial", "quantity", "tariff_index", "pk").values_list(
        "public_id", "ref", "quantity", f"{at}meter__serial", f"{at}meter__public_id", "tariff_index",
        *(at + name for name in PLACE),
    )  # fmt: skip
    traces = actor.may(Permission.SEE_CONSUMPTION)
    page = "origin_contract_register" if actor.programme.is_utility else "origin_register"
    words = dict(Quantity.choices)
    return [
        Hit(f"{row[3]} / {row[1]}", " · ".join([str(words.get(row[2], row[2])), _place(*row[6:])]),
            _url(actor, page, row[0]) if traces else _url(actor, "meter_detail", row[4]), exact=True)
        for row in best(ranked(wanted, values, lambda row: (), lambda row: (row[1], row[3])), most)
    ]  # fmt: skip


def servers(actor: Actor, wanted: Wanted, most: int) -> list[Hit]:
    values = (
        visible_servers(actor).order_by("description", "pk").values_list("public_id", "serial", "description")
    )
    found = best(ranked(wanted, values, lambda row: row[2:], lambda row: row[1:2]), most)
    return [
        Hit(serial_grouped(row[1]), row[2], _url(actor, "server_detail", row[0]), exact=True) for row in found
    ]


def devices(actor: Actor, wanted: Wanted, most: int) -> list[Hit]:
    rows = visible_devices(actor).filter(retired_at=None).order_by("name", "pk").values_list(
        "public_id", "name", "dwelling__building__name", "dwelling__name", "common_area__building__name",
        "common_area__name", "ref",
    )  # fmt: skip
    found = best(ranked(wanted, rows, lambda row: [text or "" for text in row[1:]]), most)
    return [
        Hit(row[1], _place(row[2], row[3], row[4], row[5], None, ""), _url(actor, "device_detail", row[0]))
        for row in found
    ]


def occupants(actor: Actor, wanted: Wanted, most: int) -> list[Hit]:
    """Each stay of a person, the latest first: the same name may live in two dwellings, or come back."""
    columns = ("public_id", "name", "user__name", "user__email", "dwelling__building__name", "dwelling__name",
               "move_in", "move_out")  # fmt: skip
    rows = visible_occupancies(actor).order_by("-move_in", "pk").values_list(*columns)
    found = best(ranked(wanted, rows, lambda row: (row[1] or row[2], row[3])), most)
    return [
        Hit(row[1] or row[2] or row[3], f"{row[4]}, {row[5]} · {_stay(row[6], row[7])}",
            _url(actor, "occupant_edit", row[0]))
        for row in found
    ]  # fmt: skip


def _stay(move_in: Any, move_out: Any) -> str:
    if move_out is None:
        return _("since %(day)s") % {"day": local_day(move_in)}
    return f"{local_day(move_in)} – {local_day(move_out)}"


HOUSING = [
    Kind(
        "occupants",
        gettext_lazy("Occupants"),
        Permission.MANAGE_OCCUPANTS,
        occupants,
        "occupant_list",
        utility=False,
    ),
    Kind(
        "dwellings",
        gettext_lazy("Dwellings"),
        Permission.SEE_PROGRAMME,
        dwellings,
        "programme_view",
        utility=False,
    ),
    Kind(
        "places", gettext_lazy("Buildings and common areas"), Permission.SEE_PROGRAMME, places, utility=False
    ),
]
INSTRUMENTS = [
    Kind("meters", gettext_lazy("Meters"), Permission.MANAGE_METERS, meters, "meter_list", (("due", "all"),)),
    Kind("registers", gettext_lazy("Registers"), Permission.MANAGE_METERS, registers),
    Kind("servers", gettext_lazy("Servers"), Permission.SEE_SERVERS, servers, "server_list"),
    Kind("devices", gettext_lazy("Devices"), Permission.SEE_PROGRAMME, devices, "device_list", utility=False),
]  # fmt: skip
