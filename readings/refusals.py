"""One clear sentence for each reason why a file, or a line of it, was not taken. Codes are stable, texts translated."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servers.models import Medium

# Why a whole file is refused. %(name)s are taken from the refusal's data; %(line)s is the line of the file.
REFUSALS: dict[str, Any] = {
    "empty": gettext_lazy("The file is empty."),
    "too_large": gettext_lazy("The file is too large."),
    "bad_archive": gettext_lazy(
        "The compressed file is damaged. Copy it from the field console once more and send it again."
    ),
    "nested_archive": gettext_lazy("The compressed file holds another compressed file. Send the inner one."),
    "encrypted_archive": gettext_lazy("The compressed file is protected by a password. Send it without one."),
    "unsafe_archive": gettext_lazy("The compressed file is built in an unsafe way and was not opened."),
    "encoding": gettext_lazy(
        "The file is written in an encoding that is not supported. Supported are UTF-8, UTF-16 and Windows-1251."
    ),
    "bad_encoding": gettext_lazy("The file holds bytes that do not fit its encoding (line %(line)s)."),
    "doctype": gettext_lazy("The file holds a document type declaration (DOCTYPE), which archives never do."),
    "xinclude": gettext_lazy("The file refers to other files, which archives never do."),
    "broken_xml": gettext_lazy(
        "The file is damaged or cut off: its XML breaks in line %(line)s. Nothing was stored; "
        "save the archive in the field console once more and send it again."
    ),
    "limit": gettext_lazy("The file is built in an unusual way that goes beyond what is safe to read."),
    "not_lers": gettext_lazy(
        "This is not a LERS archive. Send the XML, XML.GZ or ZIP file that the field console saved."
    ),
    "no_records": gettext_lazy("The file holds no archive records."),
    "source_error": gettext_lazy("The file holds an error message of the sending system instead of data."),
    "soap_fault": gettext_lazy("The file holds an error message of the sending system instead of data."),
    "electricity_80020": gettext_lazy(
        "This is an electricity file (format 80020). Heat and hot water are sent as a LERS archive."
    ),
    "settings_file": gettext_lazy(
        "This is the settings file of the field console, not an archive. "
        "Send the file that it saved after reading the meter."
    ),
    "workbook": gettext_lazy(
        "This Excel workbook is broken or protected by a password. Save it once more without one, or save the sheet "
        "as CSV and send that."
    ),
    "workbook_inside": gettext_lazy("The ZIP holds a workbook and no archive. Send the workbook as it is."),
    "other_archive": gettext_lazy(
        "This is a RAR, 7z or other archive that is not opened here. Pack the files as ZIP, or send them as they are."
    ),
    "old_workbook": gettext_lazy(
        "This is a workbook of an old Excel (.xls or XML 2003). Save it as .xlsx or as CSV and send that."
    ),
    "open_document": gettext_lazy(
        "This is an OpenDocument file (.ods). Save the sheet as .xlsx or as CSV and send that."
    ),
    "pdf": gettext_lazy(
        "This is a PDF, a picture of the archive for people. Send the file that the field console or the meter's program "
        "saved: XML, ZIP, CSV or XLSX."
    ),
    "picture": gettext_lazy(
        "This is a picture. Send the file that the field console or the meter's program saved: XML, ZIP, CSV or XLSX."
    ),
    "web_page": gettext_lazy(
        "This is a web page, even if its name ends in .xls. Open it in Excel, save it as .xlsx or as CSV and send that."
    ),
    "document": gettext_lazy(
        "This is a text document. Send the file that the field console or the meter's program saved: XML, ZIP, CSV or XLSX."
    ),
    "ambiguous_date": gettext_lazy(
        "The dates of this file can be read two ways (%(found)s): the day or the month may stand first. Nothing was "
        "stored; ask the utility to set the order of dates in its import profile."
    ),
    "settings_beside": gettext_lazy(
        "Among the archives stands the settings file of the field console, which holds passwords. "
        "Nothing was kept; send the archives without it."
    ),
    "mixed_units": gettext_lazy(
        "The file writes one parameter in two units (line %(line)s). Nothing was stored."
    ),
    "unknown_unit": gettext_lazy(
        "The file writes a parameter in a unit that is not known here (%(found)s). Nothing was stored."
    ),
    "too_many_records": gettext_lazy(
        "The file holds too many records. Send it in parts, for example by month."
    ),
    "too_many_series": gettext_lazy("The file holds too many metering points. Send it in parts."),
    "other_point": gettext_lazy("This file is for another metering point: %(numbers)s. Nothing was stored."),
    "point_needed": gettext_lazy(
        "The file does not say which metering point it belongs to. Open the meter and send the file there."
    ),
    "unknown_point": gettext_lazy(
        "The file is for metering point %(numbers)s, which is not among yours. Check the number in the field console."
    ),
    "serial_mismatch": gettext_lazy(
        "The file was read from meter no. %(found)s, but meter no. %(expected)s is registered here. Nothing was stored."
    ),
    "system_mismatch": gettext_lazy(
        "The file is for another system (%(found)s), but this metering point measures %(expected)s. Nothing was stored."
    ),
    "no_meter": gettext_lazy(
        "No meter is registered at this metering point yet. Ask the metering department."
    ),
    "unknown_kind": gettext_lazy("The file does not say whether its records are hours, days or months."),
    "no_rows": gettext_lazy("Not one row of the table could be taken. Nothing was stored."),
    "not_a_table": gettext_lazy("The file is no table that can be read. Send it as CSV or XLSX."),
    "too_many_rows": gettext_lazy("The table has too many rows. Send it in parts, for example by year."),
    "too_many_columns": gettext_lazy("The table has too many columns."),
    "internal": gettext_lazy(
        "The file could not be processed because of a fault on our side. Nothing was stored."
    ),
}

# Why a line or a value was not taken as it stood.
ISSUES: dict[str, Any] = {
    "bad_number": gettext_lazy("not a number that can be read in one way only"),
    "number_out_of_range": gettext_lazy("number out of range"),
    "bad_time": gettext_lazy("not a date or time"),
    "end_of_day": gettext_lazy(
        "24:00 names the end of a period, but the import profile says that stamps are beginnings"
    ),
    "ends_told": gettext_lazy(
        "the file's times go to 24:00, so they were read as the ends of their periods, although the import profile says "
        "beginnings"
    ),
    "time_out_of_range": gettext_lazy("date out of range"),
    "missing_time": gettext_lazy("a record without a time"),
    "duplicate_field": gettext_lazy("the same value twice in one record"),
    "unknown_flag": gettext_lazy("unknown mark of the record"),
    "unknown_mark": gettext_lazy("unknown mark of a value"),
    "unknown_kind": gettext_lazy("neither hours, days nor months"),
    "unsupported_kind": gettext_lazy("a kind of archive that is not kept"),
    "numeric_parameter": gettext_lazy("a parameter given by number only, which cannot be trusted"),
    "placeholder_zero": gettext_lazy("a zero that may stand for a missing value"),
    "ambiguous_point": gettext_lazy("several numbers for one metering point"),
    "kind_conflict": gettext_lazy("contradictory kinds of archive"),
    "bad_field_count": gettext_lazy("a line with the wrong number of fields"),
    "no_known_value": gettext_lazy("a record in which no value has a known name"),
    "likely_mojibake": gettext_lazy("letters that look wrongly encoded"),
    "duplicate_record": gettext_lazy(
        "another record for the same time in the same file; this one was left out"
    ),
    "period_closed": gettext_lazy(
        "other values than those stored for a period that the utility has closed; they were left out, ask the utility"
    ),
    "skipped_time": gettext_lazy("a time that did not exist, because clocks were put forward"),
    "offset_differs": gettext_lazy("the file's time zone differs from the metering point's"),
    "unknown_point": gettext_lazy("a metering point that is not among yours"),
    "other_point": gettext_lazy("another metering point than the one chosen"),
    "point_needed": gettext_lazy("records without a metering point"),
    "serial_mismatch": gettext_lazy("another meter than the one registered there"),
    "system_mismatch": gettext_lazy("another system than the one measured there"),
    "no_meter": gettext_lazy("no meter is registered at this metering point"),
    "out_of_service": gettext_lazy("this metering point is out of service"),
    "archive_point": gettext_lazy("this point is counted from its meter's archive: send the archive file"),
    "unknown_register": gettext_lazy("this meter has no such register"),
    "ambiguous_register": gettext_lazy("this meter has several registers; the table has to name one"),
    "unit_mismatch": gettext_lazy("a unit that does not fit the register"),
    "future": gettext_lazy("a time in the future"),
    "too_large": gettext_lazy("more digits than an index can have"),
    "negative": gettext_lazy("an index below zero"),
    "beyond_rollover": gettext_lazy("more than this counter can show"),
}


def refusal_text(code: str, data: dict[str, Any] | None = None) -> str:
    """The sentence for a refused file, in the reader's language."""
    given = {"line": "?", "numbers": "", "found": "", "expected": "", **(data or {})}
    given["numbers"] = ", ".join(given["numbers"]) if isinstance(given["numbers"], list) else given["numbers"]
    if given["expected"] in Medium.values:
        given["expected"] = Medium(given["expected"]).label
    sentence = REFUSALS.get(code)
    if sentence is None:
        return _("The file was refused (%(code)s).") % {"code": code}
    return str(sentence) % given


def issue_text(code: str) -> str:
    """In a list of remarks, beside the value that it is about."""
    return str(ISSUES.get(code, code))


def issue_sentence(code: str) -> str:
    """The same below a field of a form."""
    text = issue_text(code)
    return f"{text[:1].upper()}{text[1:]}."
