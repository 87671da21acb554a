"""The demo's occupants see the meter of the hall and switch its light and shutter."""

from __future__ import annotations

from accounts.access import Actor
from servers.models import OccupantRight
from servers.rights.services import rights_save
from servers.rights.table import Line, lines_of, standing_areas

OPENED = {"light-hall", "shutter-hall"}


def seed_rights(actor: Actor) -> None:
    areas = standing_areas(actor)
    device, meter = OccupantRight.Right.DEVICE, OccupantRight.Right.METER
    lines = [*lines_of(actor, device, areas), *lines_of(actor, meter, areas)]
    chosen = {line.key: _is_opened(line) for line in lines}
    rights_save(actor=actor, lines=lines, chosen=chosen)


def _is_opened(line: Line) -> bool:
    device = line.target.get("device")
    return line.key == OccupantRight.Right.METER if device is None else device.ref in OPENED
