"""Lists of the staff's pages as tables to take away: header and rows, exact and unformatted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from servers.selectors.meters import DueRow, place_of

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
