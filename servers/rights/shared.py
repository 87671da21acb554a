"""The common areas as an occupant sees them: the meters and devices that they have a right to, by zone."""

from __future__ import annotations

from typing import Any

from accounts.access import Actor
from accounts.texts import natural_key
from servers.models import CommonArea
from servers.rights.decide import rights_of
from servers.selectors.contents import Contents, contents_of


def shared_areas(actor: Actor) -> list[dict[str, Any]]:
    """Zones as dicts `area`, `contents`, as people count. Values are clipped to the person's days (last_values)."""
    rights = rights_of(actor)
    points = {point.pk: point for point in rights.points()}
    devices = {device.pk: device for device in rights.devices()}
    areas: dict[int, CommonArea] = {}
    things: list[Any] = [*points.values(), *devices.values()]
    for one in things:
        if one.common_area is not None:
            areas[one.common_area.pk] = one.common_area
    found = contents_of(actor, "common_area", list(areas), past=False)
    rows = []
    for area in sorted(
        areas.values(), key=lambda one: (natural_key(one.building.name), natural_key(one.name))
    ):
        contents = found[area.pk]
        seen = Contents(
            meters=[meter for meter in contents.meters if meter.point.pk in points],
            devices=[device for device in contents.devices if device.pk in devices],
        )
        rows.append({"area": area, "contents": seen})
    return rows
