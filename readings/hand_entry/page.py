"""What stands on the pages of typed readings: previous values beside the fields, warnings in words, receipts."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.templatetags.releve import local_time, plain, unit_name
from readings.hand_entry.forms import EntryForm
from readings.hand_entry.plausible import neighbours
from readings.hand_entry.services import Checked
from readings.ingest.wallclock import as_utc, point_zone
from readings.models import HandEntry
from readings.refusals import issue_sentence
from readings.tabular.places import Counter
from servers.models import MeteringPoint, Quantity

LISTED = 12
WARNINGS: dict[str, Any] = {
    "falls": gettext_lazy("lower than the previous reading"),
    "above_next": gettext_lazy("higher than a later reading"),
    "too_fast": gettext_lazy("more than the meter can count in this time"),
    "spike": gettext_lazy("much more than usual"),
}


def steps_text(value: int, exponent: int, unit: str) -> str:
    exact = Decimal(value).scaleb(exponent).normalize()
    whole = exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact
    return f"{plain(whole)}\xa0{unit_name(unit)}"


def counter_labels(counters: list[Counter]) -> dict[str, str]:
    """The quantity with its unit; where two count the same, the register's own name tells them apart."""
    often = Tally(counter.quantity for counter in counters)
    return {
        counter.ref: f"{str(Quantity(counter.quantity).label).capitalize()}, {unit_name(counter.unit)}"
        + (f" ({counter.ref})" if often[counter.quantity] > 1 else "")
        for counter in counters
    }


def entry_form(point: MeteringPoint, counters: list[Counter], data: Any = None) -> EntryForm:
    now = timezone.now()
    return EntryForm(
        data, counters=counters, labels=counter_labels(counters), helps=_helps(point, counters, now),
        zone=point_zone(point), now=now,
    )  # fmt: skip


def _helps(point: MeteringPoint, counters: list[Counter], now: datetime) -> dict[str, str]:
    found = {}
    for counter in counters:
        before, _after = neighbours(
            counter.register.pk if counter.register else None, int(now.timestamp()) + 1
        )
        found[counter.ref] = (
            _("Previous reading: %(value)s on %(time)s")
            % {
                "value": steps_text(before[0].value, counter.exponent, counter.unit),
                "time": local_time(as_utc(before[0].at), point_zone(point)),
            }
            if before
            else _("No previous reading")
        )
    return found


def faults_show(form: EntryForm, checked: Checked) -> None:
    for ref, code in checked.faults.items():
        form.add_error(form.field_of(ref), issue_sentence(code))


def warnings_show(form: EntryForm, checked: Checked) -> None:
    """Beside each field what is unlikely, and above all the request to look again."""
    for ref, codes in checked.warnings.items():
        form.add_error(form.field_of(ref), warning_text(codes))
    form.add_error("confirmed", _("Look at the meter again and tick this if the values are right."))


def warning_text(codes: Iterable[str]) -> str:
    return _("Unlikely: %(reasons)s.") % {
        "reasons": ", ".join(str(WARNINGS.get(code, code)) for code in codes)
    }


def entry_row(entry: HandEntry) -> dict[str, Any]:
    register = entry.register
    point = register.installation.point
    return {
        "entry": entry,
        "point": point,
        "meter": register.installation.meter,
        "label": str(Quantity(register.quantity).label).capitalize(),
        "value": steps_text(entry.value, register.exponent, register.unit),
        "was": steps_text(entry.corrects.value, register.exponent, register.unit) if entry.corrects else "",
        "time": local_time(as_utc(entry.at), point_zone(point)),
        "entered": local_time(entry.created_at, point_zone(point)),
        "warnings": warning_text(entry.warnings) if entry.warnings else "",
    }


def entry_rows(entries: Iterable[HandEntry]) -> list[dict[str, Any]]:
    rows = [entry_row(entry) for entry in entries]
    corrected = {row["entry"].corrects_id for row in rows}
    return [row | {"open": row["entry"].pk not in corrected} for row in rows]
