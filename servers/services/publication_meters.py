"""Meters of a publication: which meter stands behind a ref, at which metering point, since when.

A new serial under a ref is an exchange: the old installation and the old ref end at the publication's time, the
point goes on. A meter at another place gets another point, so that nobody inherits somebody else's consumption.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from servers.models import Dwelling, Meter, MeteringPoint, MeterInstallation, MeterRef, Server
from servers.publication_document import Fault, MeterEntry
from servers.services.publication_difference import Difference
from servers.services.publication_estate import Place

Key = tuple[str, str]  # manufacturer, serial
Row = TypeVar("Row")
CHUNK = 5000  # below every database's limit of parameters


class PublicationRefused(Exception):
    """Only the database could tell: these faults refuse the document whole."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass
class Wanted:
    """One meter of the document on its way to an installation."""

    entry: MeterEntry
    place: Place
    meter: Meter
    point: MeteringPoint | None = None
    installation: MeterInstallation | None = None


@dataclass
class _Standing:
    """What the database knows of the refs of this server and of the meters of the document."""

    refs: list[MeterRef]
    meters: dict[Key, Meter]
    installations: list[MeterInstallation]
    adopted: list[MeterRef]  # open refs of servers that have been removed
    open_by_meter: dict[int, list[MeterInstallation]] = field(default_factory=dict)
    current: dict[str, MeterRef] = field(default_factory=dict)


def in_chunks(rows: Any, column: str, values: Iterable[Any]) -> Iterator[Any]:
    """`rows.filter(column__in=values)` in pieces that every database takes."""
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), CHUNK):
        yield from rows.filter(**{f"{column}__in": wanted[start : start + CHUNK]})


def write_same(model: Any, rows: Iterable[Any], column: str) -> None:
    """Write a column that has one value in all `rows`: far cheaper than a CASE for each of them."""
    by_value: dict[Any, list[int]] = defaultdict(list)
    for row in rows:
        by_value[getattr(row, column)].append(row.pk)
    for value, ids in by_value.items():
        for start in range(0, len(ids), CHUNK):
            model.objects.filter(pk__in=ids[start : start + CHUNK]).update(**{column: value})


def meters_apply(
    *,
    server: Server,
    entries: Iterable[MeterEntry],
    places: dict[str, Place],
    at: datetime,
    difference: Difference,
) -> tuple[list[Wanted], datetime]:
    """Bring meters, points, installations and refs about.

    Returns them with the instant at which changes took effect: `at`, or later where something began after it.
    Raises `PublicationRefused` for a meter that another server publishes.
    """
    entries = list(entries)
    standing = _load(server, entries)
    at = _not_before(standing, at)
    wanted = [
        Wanted(entry, places[entry.place], standing.meters[_key(entry)])
        for entry in _with_meters(entries, standing)
    ]
    _choose_points(standing, wanted)
    _note(standing, wanted, difference)
    _refs_end(standing, wanted, at)
    _points_write(wanted)
    _installations_write(standing, wanted, at)
    _refs_begin(server, standing, wanted, at)
    return wanted, at


def _key(entry: MeterEntry) -> Key:
    return entry.manufacturer, entry.serial


def _load(server: Server, entries: list[MeterEntry]) -> _Standing:
    refs = list(MeterRef.objects.filter(server=server).select_related("meter").order_by("pk"))
    found = in_chunks(Meter.objects.all(), "serial", [entry.serial for entry in entries])
    keys = {_key(entry) for entry in entries}
    meters = {(m.manufacturer, m.serial): m for m in found if (m.manufacturer, m.serial) in keys}
    ids = {meter.pk for meter in meters.values()}
    foreign = MeterRef.objects.filter(valid_to=None).exclude(server=server).select_related("server")
    adopted = []
    faults = []
    path_of = {meters[_key(e)].pk: e for e in entries if _key(e) in meters}
    for ref in in_chunks(foreign, "meter_id", ids):
        if ref.server.removed_at is not None:
            adopted.append(ref)
        else:
            entry = path_of[ref.meter_id]
            faults.append(Fault(f"meters[{entry.index}].serial", "anothers", {"serial": entry.serial}))
    if faults:
        raise PublicationRefused(sorted(faults, key=lambda fault: fault.path))
    ids |= {ref.meter_id for ref in refs}
    rows = MeterInstallation.objects.select_related("point", "meter").order_by("installed_at", "pk")
    installations = list(in_chunks(rows, "meter_id", ids))
    standing = _Standing(refs, meters, installations, adopted)
    standing.current = {ref.ref: ref for ref in refs if ref.valid_to is None}
    opened: dict[int, list[MeterInstallation]] = defaultdict(list)
    for installation in installations:
        # a contract's point belongs to the utility's desk: no publication moves its meter
        if installation.removed_at is None and installation.point.contract_id is None:
            opened[installation.meter_id].append(installation)
    standing.open_by_meter = dict(opened)
    return standing


def _not_before(standing: _Standing, at: datetime) -> datetime:
    """Periods never overlap or shrink to nothing, also when two documents come within one second."""
    second = timedelta(seconds=1)
    edges = [installation.installed_at + second for installation in standing.installations]
    edges += [row.removed_at for row in standing.installations if row.removed_at is not None]
    edges += [ref.valid_from + second for ref in standing.refs if ref.valid_from is not None]
    edges += [ref.valid_to for ref in standing.refs if ref.valid_to is not None]
    return max([at, *edges])


def _with_meters(entries: list[MeterEntry], standing: _Standing) -> list[MeterEntry]:
    """Make the meters that nobody knew; a changed medium is a corrected one."""
    created = [
        Meter(manufacturer=entry.manufacturer, serial=entry.serial, medium=entry.medium)
        for entry in entries
        if _key(entry) not in standing.meters
    ]
    for meter in Meter.objects.bulk_create(created, batch_size=1000):
        standing.meters[meter.manufacturer, meter.serial] = meter
    corrected = []
    for entry in entries:
        meter = standing.meters[_key(entry)]
        if meter.medium != entry.medium:
            meter.medium = entry.medium
            corrected.append(meter)
    Meter.objects.bulk_update(corrected, ["medium"], batch_size=500)
    return entries


def _at_place(point: MeteringPoint, place: Place) -> bool:
    if isinstance(place, Dwelling):
        return point.dwelling_id == place.pk
    return point.common_area_id == place.pk


def _choose_points(standing: _Standing, wanted: list[Wanted]) -> None:
    """One point a meter ref and place: where the ref is, else where the meter is, else where the ref once was."""
    claimed: set[int] = set()

    def choose(item: Wanted, candidates: Iterable[MeteringPoint]) -> None:
        if item.point is not None:
            return
        for point in candidates:
            if point.pk not in claimed and point.contract_id is None and _at_place(point, item.place):
                claimed.add(point.pk)
                item.point = point
                return

    def open_points(meter_id: int) -> list[MeteringPoint]:
        return [row.point for row in standing.open_by_meter.get(meter_id, ())]

    for item in wanted:
        if current := standing.current.get(item.entry.ref):
            choose(item, open_points(current.meter_id))
    for item in wanted:
        choose(item, open_points(item.meter.pk))
    once: dict[str, list[MeteringPoint]] = defaultdict(list)
    points_of: dict[int, list[MeteringPoint]] = defaultdict(list)
    for installation in standing.installations:
        if installation.point.retired_at is not None:
            points_of[installation.meter_id].append(installation.point)
    for ref in standing.refs:
        once[ref.ref] += points_of.get(ref.meter_id, ())
    for item in wanted:
        choose(item, once.get(item.entry.ref, ()))


def _note(standing: _Standing, wanted: list[Wanted], difference: Difference) -> None:
    was_ref = {ref.meter_id: ref.ref for ref in standing.current.values()}
    refs = {item.entry.ref for item in wanted}
    kept = {item.meter.pk for item in wanted}
    for item in wanted:
        entry, current = item.entry, standing.current.get(item.entry.ref)
        if current is None:
            old = was_ref.get(item.meter.pk)
            if old is not None and old not in refs:
                difference.add("meters", "renamed", ref=entry.ref, old=old, new=entry.ref)
            else:
                difference.add("meters", "new", ref=entry.ref, name=entry.serial)
                continue
        elif current.meter_id != item.meter.pk:
            difference.add("meters", "exchanged", ref=entry.ref, old=current.meter.serial, new=entry.serial)
        before = current.meter_id if current is not None else item.meter.pk
        points = [row.point for row in standing.open_by_meter.get(before, ())]
        if points and not any(_at_place(point, item.place) for point in points):
            difference.add("meters", "moved", ref=entry.ref, name=entry.serial, new=entry.place)
        if item.point is not None and (item.point.usage, item.point.medium) != (entry.usage, entry.medium):
            difference.add("meters", "changed", ref=entry.ref, name=entry.serial)
    for ref in standing.current.values():
        if ref.ref not in refs and ref.meter_id not in kept:
            difference.add("meters", "vanished", ref=ref.ref, name=ref.meter.serial)


def _points_write(wanted: list[Wanted]) -> None:
    created, changed = [], []
    for item in wanted:
        point, entry = item.point, item.entry
        values: dict[str, Any] = {"medium": entry.medium, "usage": entry.usage}
        if point is None:
            column = "dwelling" if isinstance(item.place, Dwelling) else "common_area"
            item.point = MeteringPoint(name=entry.ref, **values, **{column: item.place})
            created.append(item.point)
            continue
        values["retired_at"] = None
        if any(getattr(point, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(point, name, value)
            changed.append(point)
    MeteringPoint.objects.bulk_update(changed, ["medium", "usage", "retired_at"], batch_size=500)
    MeteringPoint.objects.bulk_create(created, batch_size=1000)


def _installations_write(standing: _Standing, wanted: list[Wanted], at: datetime) -> None:
    """End what is no longer wanted, take up what is, and retire the points that were left empty."""
    goal = {(item.meter.pk, item.point.pk) for item in wanted if item.point is not None}
    ours = {ref.meter_id for ref in standing.current.values()} | {item.meter.pk for item in wanted}
    ended = [
        row
        for meter_id in ours
        for row in standing.open_by_meter.get(meter_id, ())
        if (row.meter_id, row.point_id) not in goal
    ]
    for row in ended:
        row.removed_at = at
    used = {point for _meter, point in goal}
    left = {row.point_id: row.point for row in ended if row.point_id not in used}
    for point in left.values():
        point.retired_at = at
    write_same(MeterInstallation, ended, "removed_at")
    write_same(MeteringPoint, left.values(), "retired_at")
    _installations_begin(standing, wanted, at, {row.pk for row in ended})


def _installations_begin(
    standing: _Standing, wanted: list[Wanted], at: datetime, just_ended: set[int]
) -> None:
    last_of_meter = {row.meter_id: row for row in standing.installations}  # they come in order of time
    last_at_point: dict[int, MeterInstallation] = {row.point_id: row for row in standing.installations}
    created, again = [], []
    for item in wanted:
        assert item.point is not None
        opened = [r for r in standing.open_by_meter.get(item.meter.pk, ()) if r.point_id == item.point.pk]
        last = last_of_meter.get(item.meter.pk)
        if opened and opened[0].pk not in just_ended:
            item.installation = opened[0]
        elif (
            last is not None
            and last.point_id == item.point.pk
            and last_at_point[item.point.pk] is last
            and last.pk not in just_ended
        ):
            # a document that forgot it for a while: the meter never left, so its index simply goes on
            last.removed_at = None
            again.append(last)
            item.installation = last
        else:
            item.installation = MeterInstallation(meter=item.meter, point=item.point, installed_at=at)
            created.append(item.installation)
    write_same(MeterInstallation, again, "removed_at")
    MeterInstallation.objects.bulk_create(created, batch_size=1000)


def _refs_end(standing: _Standing, wanted: list[Wanted], at: datetime) -> None:
    meter_of = {item.entry.ref: item.meter.pk for item in wanted}
    ended = [ref for ref in standing.current.values() if meter_of.get(ref.ref) != ref.meter_id]
    ended += standing.adopted
    for ref in ended:
        ref.valid_to = at
    write_same(MeterRef, ended, "valid_to")


def _refs_begin(server: Server, standing: _Standing, wanted: list[Wanted], at: datetime) -> None:
    last = {ref.ref: ref for ref in standing.refs}  # the newest of each; `refs` comes in order of time
    created, again = [], []
    for item in wanted:
        before = last.get(item.entry.ref)
        if before is None:
            created.append(MeterRef(server=server, ref=item.entry.ref, meter=item.meter, valid_from=None))
        elif before.meter_id == item.meter.pk:
            if before.valid_to is not None:
                before.valid_to = None
                again.append(before)
        else:
            created.append(MeterRef(server=server, ref=item.entry.ref, meter=item.meter, valid_from=at))
    write_same(MeterRef, again, "valid_to")
    MeterRef.objects.bulk_create(created, batch_size=1000)
