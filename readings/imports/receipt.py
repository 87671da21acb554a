"""The receipt of an accepted file or entry as PDF, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from accounts.templatetags.releve import local_time
from readings.ingest.wallclock import point_zone
from readings.models import ImportJob

if TYPE_CHECKING:
    from accounts.pdf import Document

SHOWN_GAPS = 60


def import_receipt(job: ImportJob, points: list[dict[str, Any]], warnings: list[str]) -> bytes:
    """`points` as the page of the import lists them (readings.imports.page)."""
    from accounts.pdf import Document  # 30 MB, which a worker that prints nothing can do without

    programme = job.programme
    zone = point_zone(job.point) if job.point else programme.zone
    title = _("Receipt %(number)s") % {"number": job.receipt_number}
    document = Document(get_language() or "en", title, subtitle=programme.name, foot=title, zone=zone)
    if job.undone_at:
        document.paragraph(
            _("This import was taken back on %(time)s.") % {"time": local_time(job.undone_at, zone)},
            strong=True,
        )
    document.facts(
        [
            (_("File"), job.file_name),
            (_("Received"), local_time(job.created_at, zone)),
            (_("Accepted"), local_time(job.finished_at, zone)),
            (_("Time zone"), zone.key),
            (_("SHA-256 of the file"), job.sha256),
            (_("Sent by"), str(job.uploaded_by) if job.uploaded_by else "—"),
        ]
    )
    for entry in points:
        _point(document, entry)
    for warning in warnings:
        document.paragraph(warning)
    return document.bytes()


def _point(document: Document, entry: dict[str, Any]) -> None:
    serial = f" · {_('no. %(serial)s') % {'serial': entry['serial']}}" if entry["serial"] else ""
    document.heading(_("Metering point %(number)s") % {"number": entry["number"] or "—"} + serial)
    document.table(
        [_("Interval"), _("In the file"), _("New"), _("Already there"), _("Replaced"), _("Rejected")],
        [
            [f"{one['label']}, {one['period']}", *(str(one[name]) for name in
             ("in_file", "accepted", "skipped", "replaced", "rejected"))]
            for one in entry["intervals"]
        ],
        numbers=range(1, 6), widths=[38, 12, 11, 13, 13, 15],
    )  # fmt: skip
    if entry["gaps"]:
        gaps = "; ".join(f"{gap['label']}: {gap['period']}" for gap in entry["gaps"][:SHOWN_GAPS])
        document.paragraph(_("Missing in between: %(gaps)s") % {"gaps": gaps})


def entry_receipt(rows: list[dict[str, Any]]) -> bytes:
    """Of entries that one form held (rows of readings.hand_entry.page)."""
    from accounts.pdf import Document

    first = rows[0]
    point, entry = first["point"], first["entry"]
    title = _("Receipt %(number)s") % {"number": entry.receipt_number}
    document = Document(
        get_language() or "en", title, subtitle=point.programme.name, foot=title, zone=point_zone(point)
    )
    document.facts(
        [
            (_("Metering point"), f"{point.number or ''} {point.name}".strip()),
            (_("Address"), point.address),
            (_("Meter number"), first["meter"].serial),
            (_("Read on"), first["time"]),
            (_("Entered"), first["entered"]),
            (_("Entered by"), str(entry.entered_by) if entry.entered_by else "—"),
        ]
    )
    document.table([pgettext("meter", "Register"), _("Value"), _("Receipt")],
                   [[row["label"], row["value"], row["entry"].receipt_number] for row in rows], numbers=[1])  # fmt: skip
    return document.bytes()
