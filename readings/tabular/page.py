"""The first rows of a table beside what they would become with the columns that are chosen now."""

from __future__ import annotations

from typing import Any

from accounts.access import ProgrammeRequest
from accounts.templatetags.releve import local_time
from readings.hand_entry.page import counter_labels, steps_text
from readings.imports.page import import_crumbs
from readings.ingest.wallclock import as_utc, point_zone
from readings.models import ImportJob
from readings.refusals import issue_text
from readings.tabular.forms import MappingForm
from readings.tabular.rows import TableReading
from readings.tabular.services import Head, mapping_first, rows_checked


def mapping_context(
    request: ProgrammeRequest, job: ImportJob, head: Head, form: MappingForm
) -> dict[str, Any]:
    mapping = form.mapping() if form.is_valid() else mapping_first(head, request.actor)
    checked = rows_checked(job, head, mapping, request.actor) if not form.errors else []
    rows = [
        {"line": row.line, "cells": list(row), **(_become(checked[place]) if checked else {})}
        for place, row in enumerate(head.rows)
    ]
    return {
        "job": job,
        "form": form,
        "names": head.names,
        "rows": rows,
        "bad": sum("problem" in row for row in rows),
        "crumbs": import_crumbs(request, job),
    }


def _become(item: Any) -> dict[str, str]:
    if not isinstance(item, TableReading):
        field = f"{item['field']}: " if item["field"] else ""
        return {"problem": f"{field}{issue_text(item['code'])}"}
    counter = item.counter
    zone = point_zone(item.point)
    return {
        "point": item.point.number or item.point.name,
        "register": counter_labels([counter])[counter.ref],
        "time": local_time(as_utc(item.at), zone),
        "value": steps_text(item.value, counter.exponent, counter.unit),
    }
