"""Pages of readings/ of a utility."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Role
from testkit.desk_rows import contract_plan, settings_plan
from testkit.matrix.row import (
    CONSUMER,
    FORM,
    HIDDEN_APPLICATION,
    HIDDEN_CONTRACT,
    HIDDEN_ENTRY,
    HIDDEN_JOB,
    HIDDEN_POINT,
    OPERATOR,
    POST,
    STAFF,
    UTILITY,
    Row,
)
from testkit.matrix.side import Side

STATEMENT_LINES = b"contract;month;service;charged\n02000000;2026-01;penalty;5\n"
ARCHIVE = (
    b'<?xml version="1.0" encoding="utf-8"?><lersData><measurePoint><syncNumber>101</syncNumber><intervals>'
    b"<interval><dataType>Hour</dataType><record><dateTime>2026-01-15T00:00:00</dateTime><T_in>98.4</T_in>"
    b"</record></interval></intervals></measurePoint></lersData>"
)


def _settings_plan(side: Side) -> dict[str, Any]:
    """A point of a settings file that the consumer has looked at."""
    return settings_plan(side.people[Role.CONSUMER], side.programme, side.ids["contract"])


DESK: dict[str, Row] = {
    "origin_point": Row(OPERATOR | CONSUMER, key="point", hidden=HIDDEN_POINT, **UTILITY),
    "origin_contract_register": Row(
        OPERATOR | CONSUMER, key="contract_register", hidden={Role.CONSUMER.value: "other_contract_register"}, **UTILITY
    ),
    "contract_list": Row(OPERATOR | CONSUMER, **UTILITY),
    "desk_home": Row(OPERATOR, **UTILITY),
    "reminders_send": Row(OPERATOR, POST, **UTILITY),
    "desk_settings": Row(
        OPERATOR, FORM, body=lambda s: {"due_day": "20", "remind_before": "2"}, **UTILITY
    ),
    "contract_import": Row(
        OPERATOR, FORM, body=lambda s: {"plan": contract_plan(s.people[Role.OPERATOR], s.programme)}, **UTILITY
    ),
    "contract_export": Row(OPERATOR, **UTILITY),
    "claim_list": Row(OPERATOR, **UTILITY),
    "claim_end": Row(
        OPERATOR, FORM, "contract", lambda s: {"person": str(s.people[Role.CONSUMER].public_id)}, **UTILITY
    ),
    "point_list": Row(OPERATOR, **UTILITY),
    "point_new": Row(
        OPERATOR, FORM,
        body=lambda s: {
            "number": "900", "contract": "02000000", "name": "New", "medium": "heat", "totals_source": "archive",
        }, **UTILITY,
    ),
    "point_edit": Row(
        OPERATOR, FORM, "point",
        lambda s: {"contract": "02000000", "name": "Other", "medium": "heat", "totals_source": "archive"}, **UTILITY,
    ),
    "archive_compare": Row(OPERATOR | CONSUMER, key="point", hidden=HIDDEN_POINT, **UTILITY),
    "archives_export": Row(
        OPERATOR, FORM, body=lambda s: {"first": "2026-01-01", "last": "2026-01-02", "kind": "day", "format": "csv"},
        **UTILITY,
    ),
    "parcel_download": Row(OPERATOR, key="parcel", **UTILITY),
    "point_terms": Row(
        OPERATOR, FORM, "point", lambda s: {"load": "0.5", "valid_from": "2026-01-01"}, **UTILITY
    ),
    "point_retire": Row(OPERATOR, FORM, "second_point", lambda s: {"last": "2026-01-01"}, **UTILITY),
    "contract_new": Row(
        OPERATOR, FORM,
        body=lambda s: {
            "kind": "contract", "number": "02003333", "city": "Чита", "holder": "New", "phone": "9145550303",
        }, **UTILITY,
    ),
    "contract_edit": Row(
        OPERATOR, FORM, "contract",
        lambda s: {"kind": "contract", "number": "02000000", "city": "Чита", "holder": "Other", "phone": "9991234567"},
        **UTILITY,
    ),
    "utility_help": Row(OPERATOR | CONSUMER, **UTILITY),
    "application_list": Row(OPERATOR | CONSUMER, **UTILITY),
    "application_new": Row(
        CONSUMER, FORM, "contract",
        lambda s: {"name": "ТСЖ", "address": "Чита", "medium": "heat", "token": str(uuid.uuid4())},
        hidden=HIDDEN_CONTRACT, **UTILITY,
    ),
    "application_prefill": Row(CONSUMER, FORM, "contract", _settings_plan, hidden=HIDDEN_CONTRACT, **UTILITY),
    "console_settings": Row(OPERATOR | CONSUMER, key="contract", hidden=HIDDEN_CONTRACT, **UTILITY),
    "application_detail": Row(OPERATOR | CONSUMER, key="application", hidden=HIDDEN_APPLICATION, **UTILITY),
    "application_number": Row(OPERATOR, POST, "application", lambda s: {"number": "777"}, **UTILITY),
    "application_refusal": Row(OPERATOR, POST, "application", lambda s: {"reason": "No contract."}, **UTILITY),
    "application_take_back": Row(CONSUMER, POST, "application", hidden=HIDDEN_APPLICATION, **UTILITY),
    "contract_add": Row(
        CONSUMER, FORM, **UTILITY,
        body=lambda s: {"kind": "contract", "city": "Чита", "number": "02009999", "phone": "9991234567"},
    ),
    "contract_detail": Row(OPERATOR | CONSUMER, key="contract", hidden=HIDDEN_CONTRACT, **UTILITY),
    "contract_remove": Row(CONSUMER, FORM, "contract", hidden=HIDDEN_CONTRACT, **UTILITY),
    "contract_meters": Row(OPERATOR | CONSUMER, key="contract", hidden=HIDDEN_CONTRACT, **UTILITY),
    "contract_heat_meters": Row(OPERATOR | CONSUMER, key="contract", hidden=HIDDEN_CONTRACT, **UTILITY),
    "contract_charges": Row(OPERATOR | CONSUMER, key="contract", hidden=HIDDEN_CONTRACT, **UTILITY),
    "contract_tariffs": Row(OPERATOR | CONSUMER, key="contract", hidden=HIDDEN_CONTRACT, **UTILITY),
    "bill_create": Row(
        OPERATOR | CONSUMER, POST, "contract", lambda s: {"month": "2025-12"}, hidden=HIDDEN_CONTRACT, **UTILITY
    ),
    "charge_detail": Row(
        OPERATOR | CONSUMER, key="charge", hidden={Role.CONSUMER.value: "other_charge"}, **UTILITY
    ),
    "bill_download": Row(OPERATOR | CONSUMER, key="bill", hidden={Role.CONSUMER.value: "other_bill"}, **UTILITY),
    "heat_account": Row(OPERATOR | CONSUMER, key="point", hidden=HIDDEN_POINT, **UTILITY),
    "period_list": Row(OPERATOR, **UTILITY),
    "period_close": Row(OPERATOR, POST, body=lambda s: {"month": "2026-01", "fill": "none"}, **UTILITY),
    "period_reopen": Row(OPERATOR, FORM, "closing", lambda s: {"reason": "test"}, **UTILITY),
    "statement_import": Row(
        OPERATOR, FORM, **UTILITY,
        body=lambda s: {"file": SimpleUploadedFile("s.csv", STATEMENT_LINES)},
    ),
    "point_detail": Row(OPERATOR | CONSUMER, key="point", hidden=HIDDEN_POINT, **UTILITY),
    "archive_upload": Row(
        OPERATOR | CONSUMER, POST, "point", lambda s: {"file": SimpleUploadedFile("a.xml", ARCHIVE)},
        hidden=HIDDEN_POINT, **UTILITY,
    ),
    "archive_export": Row(OPERATOR | CONSUMER, key="point", hidden=HIDDEN_POINT, **UTILITY),
    "import_detail": Row(OPERATOR | CONSUMER, key="job", hidden=HIDDEN_JOB, **UTILITY),
    "import_progress": Row(OPERATOR | CONSUMER, key="job", hidden=HIDDEN_JOB, **UTILITY),
    "import_decide": Row(
        OPERATOR | CONSUMER, POST, "checked_job", lambda s: {"answer": "keep"}, hidden=HIDDEN_JOB, **UTILITY
    ),
    "import_take_back": Row(OPERATOR | CONSUMER, FORM, "done_job", hidden=HIDDEN_JOB, **UTILITY),
    "import_receipt": Row(OPERATOR | CONSUMER, FORM, "done_job", hidden=HIDDEN_JOB, **UTILITY),
    "import_mapping": Row(
        OPERATOR, FORM, "table_job", **UTILITY,
        body=lambda s: {"time": "time", "point": "point", "value": "value", "decimal": "any", "import": "1"},
    ),
    "upload_list": Row(
        OPERATOR | CONSUMER, FORM, body=lambda s: {"file": SimpleUploadedFile("b.xml", ARCHIVE)}, **UTILITY
    ),
    "table_new": Row(
        OPERATOR, FORM, body=lambda s: {"file": SimpleUploadedFile("b.csv", b"time;value\n2026-01-15;7\n")}, **UTILITY
    ),
    "lers_profile": Row(
        STAFF, FORM, **UTILITY,
        body=lambda s: {
            "hour_stamp": "end", "day_stamp": "start", "month_stamp": "start", "decimal": "any", "date_order": "dmy",
            "duplicates": "all",
            "Q": "Gcal", "M": "t", "V": "m3", "P": "kgf/cm2",
        },
    ),
    "entry_new": Row(
        OPERATOR | CONSUMER, FORM, "index_point", hidden=HIDDEN_POINT, **UTILITY,
        body=lambda s: {"at": "2026-01-20T10:00", "token": str(uuid.uuid4()), "value_0": "6"},
    ),
    "entry_detail": Row(OPERATOR | CONSUMER, key="entry", hidden=HIDDEN_ENTRY, **UTILITY),
    "entry_receipt": Row(OPERATOR | CONSUMER, key="entry", hidden=HIDDEN_ENTRY, **UTILITY),
    "entry_correct": Row(
        OPERATOR | CONSUMER, FORM, "entry", hidden=HIDDEN_ENTRY, **UTILITY,
        body=lambda s: {"value": "4,9", "reason": "typed wrongly", "token": str(uuid.uuid4())},
    ),
    "import_send_on": Row(
        OPERATOR | CONSUMER, POST, "job", lambda s: {"point": s.ids["second_point"]}, hidden=HIDDEN_JOB, **UTILITY
    ),
}  # fmt: skip
