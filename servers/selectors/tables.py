"""Lists of the staff's pages as tables to take away: header and rows, exact and unformatted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.templatetags.releve import unit_name
from servers.columns import Cell
from servers.models import Dwelling, FoundMeter
from servers.selectors.contents import Contents, MeterRow, RegisterRow
from servers.selectors.devices import OrderRow
from servers.selectors.estate import DwellingTable
from servers.selectors.meters import DueRow, place_of
from servers.templatetags.estate import command_word, device_word, state_word

Table = tuple[list[str], list[list[Any]]]


def meters_table(rows: Iterable[DueRow]) -> Table:
    """Installed meters with their verification."""
    header = [
        _("Serial number"), _("Manufacturer"), _("Model"), _("Place"), _("Medium"), _("Verified on"),
        _("Verified until"), _("State"),
    ]  # fmt: skip
    return header, [
        [
            row.meter.serial, row.meter.manufacturer, row.meter.model, place_of(row.installation.point),
            str(row.installation.point.get_medium_display()), row.meter.verified_on, row.meter.verified_until,
            row.label,
        ]
        for row in rows
    ]  # fmt: skip


def dwellings_table(table: DwellingTable, *, people: bool) -> Table:
    """The dwellings of a zone with what other apps add; `people`: the reader may know who lives there."""
    header = [
        _("Dwelling"), _("Building"), *([_("Occupant")] if people else []), _("Floor"), _("Living area (m²)"),
        *(str(column.label) for column in table.columns), _("Meters"), _("Devices"), _("Last synchronisation"),
        _("State"),
    ]  # fmt: skip
    return header, [
        [
            row.dwelling.name, row.dwelling.building.name, *([", ".join(row.people)] if people else []),
            row.dwelling.floor, Decimal(row.dwelling.area_cm2) / 10_000 if row.dwelling.area_cm2 else None,
            *(_cell(row.cells, at) for at in range(len(table.columns))), row.meters, row.devices,
            row.dwelling.server.last_sync_at if row.dwelling.server else None, str(row.state.label),
        ]
        for row in table.rows
    ]  # fmt: skip


def _cell(cells: Sequence[Cell], at: int) -> str:
    return cells[at].text if at < len(cells) else ""


def by_dwelling_table(dwellings: Iterable[Dwelling]) -> Table:
    """Which server stands for which dwelling (`servers.selectors.boxes.dwellings_with_servers`)."""
    header = [
        _("Apartment"), _("Building"), _("Serial number"), _("Description"), _("Last synchronisation")
    ]  # fmt: skip
    return header, [
        [one.name, one.building.name, server.serial, server.description, server.last_sync_at]
        for one in dwellings
        if (server := one.server) is not None
    ]


def devices_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Devices as they stand (`servers.selectors.devices.device_rows`)."""
    header = [_("Device"), _("Zone"), _("Building"), _("Kind"), _("State"), _("Since")]
    found = []
    for device in (row["device"] for row in rows):
        place = device.common_area or device.dwelling
        found.append([
            device.name, place.name if place else "", place.building.name if place else "",
            device_word(device.kind), state_word(device.state) if device.state else "", device.state_at,
        ])  # fmt: skip
    return header, found


def contents_table(places: Iterable[tuple[str, Contents]]) -> Table:
    """The meters of places with their registers, those that are gone after those that stand; a row a register."""
    header = [
        _("Zone"), _("Medium"), _("Usage"), _("Manufacturer"), _("Serial number"), _("Registers"), _("Unit"),
        _("Last value"), _("Read"), _("Until"),
    ]  # fmt: skip
    return header, [
        _register_cells(name, meter, row)
        for name, contents in places
        for meter in (*contents.meters, *contents.past_meters)
        for row in meter.registers
    ]


def _register_cells(place: str, meter: MeterRow, row: RegisterRow) -> list[Any]:
    instrument, register = meter.installation.meter, row.register
    name = str(register.get_quantity_display())
    if register.tariff_index:
        name += ", " + _("tariff %(number)s") % {"number": register.tariff_index}
    return [
        place, str(meter.point.get_medium_display()), str(meter.point.get_usage_display()), instrument.manufacturer,
        instrument.serial, name, unit_name(register.unit), row.last.text if row.last else "",
        row.last.at if row.last else None, meter.ended_at or register.retired_at,
    ]  # fmt: skip


def found_table(rows: Iterable[FoundMeter]) -> Table:
    """Meters that a scan found (`servers.selectors.found.found_queue`)."""
    header = [
        _("Serial number"), _("Manufacturer"), _("Medium"), _("Server"), _("Address on the bus"), _("Last seen"),
        _("Put aside"), _("Note"),
    ]  # fmt: skip
    return header, [
        [
            one.serial, one.manufacturer, str(one.get_medium_display()), one.server.description, one.address,
            one.last_seen_at, one.dismissed_at, one.note,
        ]
        for one in rows
    ]  # fmt: skip


def orders_table(rows: Iterable[OrderRow]) -> Table:
    """What was ordered of a device (`servers.selectors.devices.orders_of`)."""
    header = [_("Command"), _("State"), _("Since"), _("Message"), _("Ordered"), _("By")]
    return header, [
        [command_word(row.order.command), row.label, row.at, row.message, row.order.created_at, row.by]
        for row in rows
    ]


def servers_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Servers with their state (`servers.selectors.boxes.server_rows`)."""
    header = [
        _("Serial number"), _("Description"), _("State"), _("Publication date"), _("Last synchronisation")
    ]  # fmt: skip
    return header, [
        [
            row["server"].serial, row["server"].description, str(row["state"].label),
            row["server"].published_at, row["server"].last_sync_at,
        ]
        for row in rows
    ]  # fmt: skip
