"""Buildings, dwellings, common areas and devices of a publication."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from servers.models import Building, CommonArea, Device, Dwelling, MeterRef, Server
from servers.publication_document import DeviceEntry, Document, PlaceEntry
from servers.services.publication_difference import Difference

Place = Dwelling | CommonArea


def estate_apply(
    *, server: Server, document: Document, at: datetime, difference: Difference
) -> dict[str, Place]:
    """Bring the places of this server's document about; what other servers publish stays as it is.

    Returns the places by ref. A place that vanished from the document is retired at `at`, never deleted.
    """
    gone = set(Server.objects.exclude(removed_at=None).values_list("pk", flat=True))
    buildings = _buildings_apply(document, difference)
    places: dict[str, Place] = {}
    for model, kind, dwelling in ((Dwelling, "dwellings", True), (CommonArea, "common_areas", False)):
        entries = [entry for entry in document.places if entry.dwelling == dwelling]
        applier = _Places(server, gone, model, kind, at, difference)
        places |= applier.apply(entries, buildings)
    _buildings_retire(document, buildings, at, difference)
    return places


def _buildings_apply(document: Document, difference: Difference) -> dict[str, Building]:
    standing: dict[str, Building] = {building.ref: building for building in Building.objects.all()}
    created, changed = [], []
    for entry in document.buildings:
        building = standing.get(entry.ref)
        if building is None:
            created.append(Building(ref=entry.ref, name=entry.name))
            difference.add("buildings", "new", ref=entry.ref, name=entry.name)
            continue
        if building.retired_at is not None:
            difference.add("buildings", "new", ref=entry.ref, name=entry.name)
        elif building.name != entry.name:
            difference.add("buildings", "renamed", ref=entry.ref, old=building.name, new=entry.name)
        else:
            continue
        building.name, building.retired_at = entry.name, None
        changed.append(building)
    standing |= {building.ref: building for building in Building.objects.bulk_create(created)}
    Building.objects.bulk_update(changed, ["name", "retired_at"])
    return standing


def _buildings_retire(
    document: Document, buildings: dict[str, Building], at: datetime, difference: Difference
) -> None:
    """A building stands as long as any server has a place in it (or it is named in this document)."""
    named = {entry.ref for entry in document.buildings}
    lived_in = set(Dwelling.objects.filter(retired_at=None).values_list("building_id", flat=True))
    lived_in |= set(CommonArea.objects.filter(retired_at=None).values_list("building_id", flat=True))
    emptied = [
        building
        for building in buildings.values()
        if building.ref not in named
        and building.retired_at is None
        and building.pk not in lived_in
        # only what a publication filled can be emptied by one
        and (_had_places(Dwelling, building) or _had_places(CommonArea, building))
    ]
    for building in emptied:
        building.retired_at = at
        difference.add("buildings", "vanished", ref=building.ref, name=building.name)
    Building.objects.bulk_update(emptied, ["retired_at"])


def _had_places(model: type[Any], building: Building) -> bool:
    return bool(model.objects.filter(building=building, server__isnull=False).exists())


class _Places:
    def __init__(
        self,
        server: Server,
        gone: set[int],
        model: type[Any],
        kind: str,
        at: datetime,
        difference: Difference,
    ) -> None:
        self.server, self.gone, self.model, self.kind = server, gone, model, kind
        self.at, self.difference = at, difference
        self.fields = ["name", "building", "server", "retired_at"]
        if model is Dwelling:
            self.fields += ["floor", "area_cm2"]

    def apply(self, entries: list[PlaceEntry], buildings: dict[str, Building]) -> dict[str, Place]:
        rows: list[Any] = list(self.model.objects.select_related("building"))
        by_slot = {(row.building_id, row.ref): row for row in rows}
        own = {row.ref: row for row in rows if row.server_id == self.server.pk and row.retired_at is None}
        found: dict[str, Place] = {}
        created, changed = [], []
        for entry in entries:
            building = buildings[entry.building]
            row = by_slot.get((building.pk, entry.ref)) or own.get(entry.ref)
            if row is None:
                row = self.model(ref=entry.ref, retired_at=self.at)  # takes its values below
                created.append(row)
            elif self._is_anothers(row):
                found[entry.ref] = row
                continue
            if self._differs(row, entry, building):
                self._set(row, entry, building)
                if row.pk is not None:
                    changed.append(row)
            found[entry.ref] = row
        vanished = [row for row in own.values() if found.get(row.ref) is not row]
        self._retire(vanished)
        self.model.objects.bulk_update(changed + vanished, self.fields, batch_size=500)
        for row in self.model.objects.bulk_create(created, batch_size=1000):
            found[row.ref] = row
        return found

    def _is_anothers(self, row: Any) -> bool:
        """Published by another server that is still there: this one may hang meters in it, no more."""
        return (
            row.server_id not in (None, self.server.pk)
            and row.server_id not in self.gone
            and row.retired_at is None
        )

    def _differs(self, row: Any, entry: PlaceEntry, building: Building) -> bool:
        """Whether the row is to be written; notes what a person would call the change."""
        note = self.difference.add
        if row.retired_at is not None or row.pk is None:
            note(self.kind, "new", ref=entry.ref, name=entry.name)
            return True
        if row.building_id != building.pk:
            note(self.kind, "moved", ref=entry.ref, old=row.building.ref, new=building.ref)
        if row.name != entry.name:
            note(self.kind, "renamed", ref=entry.ref, old=row.name, new=entry.name)
        facts = self.model is Dwelling and (row.floor, row.area_cm2) != (entry.floor, entry.area_cm2)
        if facts:
            note(self.kind, "changed", ref=entry.ref, name=entry.name)
        return bool(
            facts
            or row.building_id != building.pk
            or row.name != entry.name
            or row.server_id != self.server.pk
        )

    def _set(self, row: Any, entry: PlaceEntry, building: Building) -> None:
        row.name, row.building, row.server, row.retired_at = entry.name, building, self.server, None
        if self.model is Dwelling:
            row.floor, row.area_cm2 = entry.floor, entry.area_cm2

    def _retire(self, vanished: list[Any]) -> None:
        """A place where another server still has meters goes over to that server instead."""
        heirs = self._heirs(vanished) if vanished else {}
        for row in vanished:
            if row.pk in heirs:
                row.server_id = heirs[row.pk]
            else:
                row.retired_at = self.at
            self.difference.add(self.kind, "vanished", ref=row.ref, name=row.name)

    def _heirs(self, vanished: list[Any]) -> dict[int, int]:
        column = "dwelling_id" if self.model is Dwelling else "common_area_id"
        path = f"meter__installations__point__{column}"
        rows = (
            MeterRef.objects.filter(
                valid_to=None, meter__installations__removed_at=None, server__removed_at=None
            )
            .exclude(server=self.server)
            .filter(**{f"{path}__isnull": False})
            .values_list(path, "server_id")
        )
        wanted = {row.pk for row in vanished}
        return {place: server for place, server in rows if place in wanted}


def devices_apply(
    *,
    server: Server,
    entries: Iterable[DeviceEntry],
    places: dict[str, Place],
    at: datetime,
    difference: Difference,
) -> None:
    standing: dict[str, Device] = {device.ref: device for device in Device.objects.filter(server=server)}
    created, changed, named = [], [], set()
    for entry in entries:
        named.add(entry.ref)
        place = places[entry.place]
        device = standing.get(entry.ref)
        before = _device_values(device) if device is not None else None
        if device is None:
            device = Device(server=server, ref=entry.ref)
            created.append(device)
        device.name, device.kind, device.commands = entry.name, entry.kind, list(entry.commands)
        device.dwelling = place if isinstance(place, Dwelling) else None
        device.common_area = place if isinstance(place, CommonArea) else None
        was_retired, device.retired_at = device.retired_at is not None, None
        if before is None or was_retired:
            difference.add("devices", "new", ref=entry.ref, name=entry.name)
        elif before != _device_values(device):
            _note_device(difference, entry, before, _device_values(device))
        else:
            continue
        if before is not None:
            changed.append(device)
    for device in standing.values():
        if device.ref not in named and device.retired_at is None:
            device.retired_at = at
            changed.append(device)
            difference.add("devices", "vanished", ref=device.ref, name=device.name)
    Device.objects.bulk_create(created, batch_size=1000)
    Device.objects.bulk_update(
        changed, ["name", "kind", "commands", "dwelling", "common_area", "retired_at"], batch_size=500
    )


def _device_values(device: Device) -> tuple[Any, ...]:
    return device.dwelling_id, device.common_area_id, device.name, device.kind, tuple(device.commands)


def _note_device(
    difference: Difference, entry: DeviceEntry, before: tuple[Any, ...], after: tuple[Any, ...]
) -> None:
    if before[:2] != after[:2]:
        difference.add("devices", "moved", ref=entry.ref, name=entry.name, new=entry.place)
    if before[2] != after[2]:
        difference.add("devices", "renamed", ref=entry.ref, old=before[2], new=after[2])
    if before[3:] != after[3:]:
        difference.add("devices", "changed", ref=entry.ref, name=entry.name)
