"""Totals records of a LERS file as what they are: index readings, for a point that is billed from its index."""

from __future__ import annotations

from django.utils import timezone

from readings.archives.totals import COUNTED, register_of, steps
from readings.imports.readings_before import job_readings_store
from readings.ingest.columns import COLUMNS
from readings.models import ArchiveRecord, ImportJob, Reading
from readings.services.storing import NewReading
from servers.models import MeteringPoint, MeterInstallation, Register

LIMIT = 10**15  # of an index, in steps; beyond it integers no longer add up safely


def take_totals(*, job: ImportJob, point: MeteringPoint, meter_id: int, series_id: int) -> int:
    """Readings from the records that this import has just written; returns how many are new or changed.

    They go through the same waist as a gateway's. The number of the import is their place in the order of
    corrections: a later file beats an earlier one, a gateway and an operator beat both.
    """
    if point.totals_source != MeteringPoint.TotalsSource.INDEX:
        return 0
    installations = list(
        MeterInstallation.objects.filter(point=point, meter_id=meter_id).order_by("installed_at")
    )
    records = ArchiveRecord.objects.filter(series_id=series_id, import_job=job).order_by("start")
    registers: dict[tuple[int, str], Register] = {}
    rows: list[NewReading] = []
    for start, *values in records.values_list("start", *(COLUMNS[name] for name in COUNTED)):
        hung = ([i for i in installations if i.installed_at.timestamp() <= start] or installations[:1])[-1]
        for name, value in zip(COUNTED, values, strict=True):
            if value is None or not 0 <= (index := steps(value)) < LIMIT:
                continue
            if (hung.pk, name) not in registers:
                registers[hung.pk, name] = register_of(hung, name)
            rows.append(NewReading(registers[hung.pk, name].pk, start, index, seq=job.pk))
    outcomes = job_readings_store(job=job, rows=rows, source=Reading.Source.FILE, now=timezone.now())
    return sum(outcome.status in ("accepted", "corrected") for outcome in outcomes)
