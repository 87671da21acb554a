"""Pages of readings/ in a housing programme."""

from __future__ import annotations

from accounts.models import Role
from testkit.matrix.row import FORM, OCCUPANT, OPERATOR, POST, STAFF, Row

HOUSING: dict[str, Row] = {
    "occupant_home": Row(OCCUPANT),
    "home_cost": Row(OCCUPANT),
    "dwelling_consumption": Row(OPERATOR, key="dwelling"),
    "dwelling_cost": Row(OPERATOR, key="dwelling"),
    "overview": Row(OPERATOR),
    "home_sheets": Row(OCCUPANT),
    "home_hints": Row(OCCUPANT, FORM, body=lambda s: {"kind": "energy", "usage": "", "limit": "300"}),
    "home_hint_end": Row(OCCUPANT, POST, "hint", hidden={Role.OCCUPANT.value: "other_hint"}),
    "sheet_list": Row(OPERATOR),
    "sheet_settings": Row(STAFF, FORM, body=lambda s: {"contacts": "Call us."}),
    "sheet_detail": Row(OPERATOR | OCCUPANT, key="sheet", hidden={Role.OCCUPANT.value: "other_sheet"}),
    "sheet_download": Row(OPERATOR | OCCUPANT, key="sheet", hidden={Role.OCCUPANT.value: "other_sheet"}),
    "sheet_send_again": Row(OPERATOR, POST, "sheet"),
    "building_overview": Row(OPERATOR, key="building"),
    "completeness": Row(STAFF),
    "completeness_export": Row(STAFF),
    "review_list": Row(OPERATOR),
    "review_item": Row(OPERATOR, FORM, "review", lambda s: {"decision": "accepted"}),
    "review_take_back": Row(OPERATOR, POST, "decided"),
    "review_limits": Row(STAFF, FORM, body=lambda s: {"kind": "heat/energy", "rate": "100"}),
    "meter_exchange": Row(
        OPERATOR, FORM, "exchange_point",
        lambda s: {"at": "2026-01-02T10:00", "serial": "Z1", "closing_1": "9", "opening_1": "0"},
    ),
    "meter_exchange_undo": Row(OPERATOR, POST, "exchanged_point"),
    "origin_dwelling": Row(OPERATOR | OCCUPANT, key="dwelling", hidden={Role.OCCUPANT.value: "neighbour"}),
    "origin_register": Row(
        OPERATOR | OCCUPANT, key="register", hidden={Role.OCCUPANT.value: "other_register"}
    ),
}  # fmt: skip
