"""Pages of tariffs/."""

from __future__ import annotations

from testkit.matrix.row import FORM, OCCUPANT, OPERATOR, STAFF, Row

TARIFFS: dict[str, Row] = {
    "tariff_parameters": Row(STAFF, FORM, body=lambda s: {"heating": "0,0951"}),
    "advanced_parameters": Row(STAFF, FORM, body=lambda s: {"boiler_winter": "20"}),
    "building_tariff_parameters": Row(OPERATOR, FORM, "building", lambda s: {"heating": "0,0951"}),
    "building_advanced_parameters": Row(OPERATOR, FORM, "building", lambda s: {"boiler_winter": "20"}),
    "dwelling_tariff_parameters": Row(OPERATOR, FORM, "dwelling", lambda s: {"heating": "0,0951"}),
    "dwelling_advanced_parameters": Row(OPERATOR, FORM, "dwelling", lambda s: {"boiler_winter": "20"}),
    "day_colours": Row(
        STAFF, FORM, body=lambda s: {"option": "tempo", "month": "2026-11", "d-2026-11-03": "red"}
    ),
    "sharing_parameters": Row(STAFF, FORM, body=lambda s: {"common_key": "area"}),
    "building_sharing_parameters": Row(OPERATOR, FORM, "building", lambda s: {"common_key": "area"}),
    "home_tariffs": Row(OCCUPANT, FORM, body=lambda s: {"heating": "0,0951"}),
}  # fmt: skip
