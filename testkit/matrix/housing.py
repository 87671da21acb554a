"""The things of a housing programme that the rows name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Role
from accounts.tenancy import tenant_scope
from readings.models import Hint, MonthlySheet
from servers.models import (
    Building,
    CommandOrder,
    CommonArea,
    Device,
    Dwelling,
    FoundMeter,
    Meter,
    Occupancy,
    OccupantRight,
    Publication,
)
from testkit.gateway import document, make_box, make_server
from testkit.matrix.side import Side
from testkit.review_rows import review_ids


def estate_make(side: Side, serial: str, waiting: str) -> None:
    box = make_box(side.programme, serial)
    side.token, side.serial = box.token, serial
    assert box.publish(document())["state"] == "done"
    _server, password = make_server(side.programme, waiting, "Waiting")
    side.waiting = (waiting, password)
    with tenant_scope(side.programme.pk):
        homes = {dwelling.ref: dwelling for dwelling in Dwelling.objects.all()}
        occupancy = Occupancy.objects.create(
            dwelling=homes["A-101"], user=side.people[Role.OCCUPANT], move_in=date(2026, 1, 1)
        )
        light = Device.objects.get()
        OccupantRight.objects.create(right="device", device=light, key=f"device:{light.pk}")
        order = CommandOrder.objects.create(
            device=light,
            command="on",
            state="sent",
            expires_at=timezone.now() + timedelta(hours=1),
        )
        things: dict[str, Any] = {
            "server": box.server,
            "building": Building.objects.get(),
            "dwelling": homes["A-101"],
            "neighbour": homes["A-102"],
            "area": CommonArea.objects.get(),
            "occupancy": occupancy,
            "publication": Publication.objects.get(),
            "order": order,
            **_sheets(side, homes),
            **_hints(side, homes),
            "device": light,
            "closed_device": Device.objects.create(
                server=box.server,
                ref="pump",
                name="Pump",
                kind="pump",
                commands=["on"],
                common_area=light.common_area,
            ),
            "meter": Meter.objects.order_by("pk")[0],
            "found_meter": FoundMeter.objects.create(server=box.server, serial="00000077", address="7"),
        }
    side.ids |= {name: str(thing.public_id) for name, thing in things.items()}
    with tenant_scope(side.programme.pk):
        side.ids |= review_ids()


def _sheets(side: Side, homes: dict[str, Dwelling]) -> dict[str, Any]:
    """The occupant's own, and one of the neighbours'."""
    figures = {
        "euros": False, "days": 31, "known_days": 31, "estimated": False, "usages": [{"key": "heating", "now": "12.345"}],
        "waters": [], "shares": [], "total": {}, "priced": False, "average": None, "prices": [], "indexes": [],
        "mix": [], "mix_note": "", "contacts": "",
    }  # fmt: skip
    return {
        name: MonthlySheet.objects.create(
            dwelling=homes[ref], user=side.people[role], month=date(2026, 1, 1), figures=figures
        )
        for name, ref, role in (("sheet", "A-101", Role.OCCUPANT), ("other_sheet", "A-102", Role.OPERATOR))
    }


def _hints(side: Side, homes: dict[str, Dwelling]) -> dict[str, Any]:
    return {
        name: Hint.objects.create(dwelling=homes[ref], user=side.people[role], kind="leak")
        for name, ref, role in (("hint", "A-101", Role.OCCUPANT), ("other_hint", "A-102", Role.OPERATOR))
    }
