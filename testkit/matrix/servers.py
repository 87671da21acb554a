"""Pages of servers/."""

from __future__ import annotations

import uuid

from accounts.access import actor_of
from accounts.models import Role
from accounts.tables.lists import lines_signed
from testkit.matrix.row import ADMIN, CONSUMER, FORM, OCCUPANT, OPERATOR, POST, STAFF, Row
from testkit.matrix.side import Side


def _occupant_plan(side: Side) -> str:
    """A list that the operator has looked at."""
    actor = actor_of(side.people[Role.OPERATOR], side.programme)
    assert actor is not None
    cells = ["", "Appartement 102", "A. Benali", "benali@example.org", "2026-02-01", ""]
    return lines_signed(actor, "occupants", [(2, cells)])


SERVERS: dict[str, Row] = {
    "looks": Row(OCCUPANT | CONSUMER),
    "server_list": Row(STAFF),
    "server_by_dwelling": Row(STAFF),
    "server_create": Row(
        ADMIN, FORM, body=lambda s: {"serial": "N" * 24, "description": "New"}
    ),
    "server_detail": Row(STAFF, key="server"),
    "server_edit": Row(ADMIN, POST, "server", lambda s: {"description": "Changed"}),
    "server_password": Row(ADMIN, POST, "server"),
    "server_twin_dismiss": Row(ADMIN, POST, "server"),
    "meter_list": Row(STAFF),
    "meter_detail": Row(STAFF, FORM, "meter", lambda s: {"verified_until": "2031-05-01"}),
    "found_meters": Row(STAFF),
    "found_meter": Row(STAFF, FORM, "found_meter", lambda s: {"note": "cellar"}),
    "device_list": Row(STAFF | OCCUPANT),
    "device_detail": Row(STAFF | OCCUPANT, key="device", hidden={Role.OCCUPANT.value: "closed_device"}),
    "device_order": Row(
        OPERATOR | OCCUPANT, POST, "device", lambda s: {"command": "on", "key": str(uuid.uuid4())},
        hidden={Role.OCCUPANT.value: "closed_device"},
    ),
    "device_settings": Row(ADMIN, FORM, body=lambda s: {"reauth_minutes": "15"}),
    "server_replace": Row(ADMIN, FORM, "server", lambda s: {"serial": "P" * 24}),
    "server_remove": Row(ADMIN, FORM, "server"),
    "programme_view": Row(STAFF),
    "first_steps": Row(STAFF, POST, body=lambda s: {"away": "1"}),
    "building_detail": Row(STAFF, key="building"),
    "dwelling_detail": Row(STAFF | OCCUPANT, key="dwelling", hidden={Role.OCCUPANT.value: "neighbour"}),
    "common_area_detail": Row(STAFF, key="area"),
    "occupant_list": Row(OPERATOR),
    "occupant_create": Row(
        OPERATOR, FORM,
        body=lambda s: {
            "dwelling": s.ids["neighbour"], "name": "A. Benali", "email": "benali@example.org", "move_in": "2026-02-01"
        },
    ),
    "occupant_edit": Row(OPERATOR, FORM, "occupancy", lambda s: {"name": "Other", "move_in": "2026-01-02"}),
    "occupant_move_out": Row(OPERATOR, FORM, "occupancy", lambda s: {"move_out": "2026-03-01"}),
    "occupant_invite": Row(OPERATOR, POST, "occupancy"),
    "occupant_remove": Row(OPERATOR, FORM, "occupancy"),
    "occupant_import": Row(OPERATOR, FORM, body=lambda s: {"plan": _occupant_plan(s)}),
    "occupant_export": Row(OPERATOR),
    "occupant_rights": Row(OPERATOR, FORM, "occupancy", lambda s: {"euros": "no"}),
    "rights": Row(STAFF, FORM),
    "home_common": Row(OCCUPANT),
}  # fmt: skip
