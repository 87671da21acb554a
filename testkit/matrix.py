"""The world and the table of the access matrix (tests/portal/test_access_matrix.py).

One `Row` a page: in which kind of programme it stands, who may open it, by which method, which object its address
names. A new route needs a row here, or the matrix fails with its address.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.access import actor_of
from accounts.models import (
    Contract,
    ContractClaim,
    EmailToken,
    Membership,
    OutboxMessage,
    Programme,
    Role,
    User,
)
from accounts.services.tokens import token_mint
from accounts.tables.lists import lines_signed
from accounts.tenancy import tenant_scope
from readings.models import (
    Bill,
    HandEntry,
    Hint,
    ImportJob,
    MonthlySheet,
    PeriodClosing,
    Reading,
    StatementEntry,
)
from readings.statements.bills import bill_figures
from servers.models import (
    Building,
    CommandOrder,
    CommonArea,
    Device,
    Dwelling,
    FoundMeter,
    Meter,
    MeteringPoint,
    MeterInstallation,
    Occupancy,
    OccupantRight,
    Publication,
    Register,
)
from testkit.desk_rows import contract_plan, desk_rows
from testkit.gateway import document, make_box, make_server
from testkit.people import CHOSEN
from testkit.review_rows import contract_register_ids, review_ids
from testkit.world import PASSWORD, join, make_programme, make_user

ROLES: tuple[str, ...] = (Role.ADMINISTRATOR, Role.OPERATOR, Role.OCCUPANT, Role.CONSUMER)
STATEMENT_LINES = b"contract;month;service;charged\n02000000;2026-01;penalty;5\n"
ARCHIVE = (
    b'<?xml version="1.0" encoding="utf-8"?><lersData><measurePoint><syncNumber>101</syncNumber><intervals>'
    b"<interval><dataType>Hour</dataType><record><dateTime>2026-01-15T00:00:00</dateTime><T_in>98.4</T_in>"
    b"</record></interval></intervals></measurePoint></lersData>"
)


@dataclass
class Side:
    """One programme with a person a role and one of everything; `ids` are public ids by a short name."""

    programme: Programme
    people: dict[str, User]
    ids: dict[str, str] = field(default_factory=dict)
    token: str = ""  # of its server
    serial: str = ""
    waiting: tuple[str, str] = ("", "")  # serial and password of a server that is not activated yet


def make_side(slug: str, kind: str, *, serials: tuple[str, str]) -> Side:
    programme = make_programme(slug.capitalize(), slug, kind=kind)
    people = {role: make_user(f"{role}@{slug}.example", name=role, language="en") for role in ROLES}
    for role, user in people.items():
        join(user, programme, role)
    side = Side(programme, people)
    operator = Membership.objects.get(programme=programme, role=Role.OPERATOR)
    side.ids["operator"] = str(operator.public_id)
    side.ids["mail"] = str(
        OutboxMessage.objects.create(
            programme=programme, kind="programme_created", recipient=f"mail@{slug}.example", state="failed"
        ).public_id
    )
    if kind == Programme.Kind.UTILITY:
        with tenant_scope(programme.pk):
            _contracts(side)
    else:
        _estate(side, *serials)
    for name, purpose in (("address", "change_email"), ("reset", "reset_password")):
        side.ids[name] = token_mint(
            purpose=EmailToken.Purpose(purpose), user=people[Role.OCCUPANT], new_email=f"new@{slug}.example"
        )
    return side


def _estate(side: Side, serial: str, waiting: str) -> None:
    box = make_box(side.programme, serial)
    side.token, side.serial = box.token, serial
    assert box.publish(document())["state"] == "done"
    _server, password = make_server(side.programme, waiting, "Waiting")
    side.waiting = (waiting, password)
    with tenant_scope(side.programme.pk):
        homes = {dwelling.ref: dwelling for dwelling in Dwelling.objects.all()}
        occupancy = Occupancy.objects.create(
            dwelling=homes["A-101"], user=side.people[Role.OCCUPANT], move_in=date(2026, 1, 1)
        )
        light = Device.objects.get()
        OccupantRight.objects.create(right="device", device=light, key=f"device:{light.pk}")
        order = CommandOrder.objects.create(
            device=light,
            command="on",
            state="sent",
            expires_at=timezone.now() + timedelta(hours=1),
        )
        things: dict[str, Any] = {
            "server": box.server,
            "building": Building.objects.get(),
            "dwelling": homes["A-101"],
            "neighbour": homes["A-102"],
            "area": CommonArea.objects.get(),
            "occupancy": occupancy,
            "publication": Publication.objects.get(),
            "order": order,
            **_sheets(side, homes),
            **_hints(side, homes),
            "device": light,
            "closed_device": Device.objects.create(
                server=box.server,
                ref="pump",
                name="Pump",
                kind="pump",
                commands=["on"],
                common_area=light.common_area,
            ),
            "meter": Meter.objects.order_by("pk")[0],
            "found_meter": FoundMeter.objects.create(server=box.server, serial="00000077", address="7"),
        }
    side.ids |= {name: str(thing.public_id) for name, thing in things.items()}
    with tenant_scope(side.programme.pk):
        side.ids |= review_ids()


def _sheets(side: Side, homes: dict[str, Dwelling]) -> dict[str, Any]:
    """The occupant's own, and one of the neighbours'."""
    figures = {
        "euros": False, "days": 31, "known_days": 31, "estimated": False, "usages": [{"key": "heating", "now": "12.345"}],
        "waters": [], "shares": [], "total": {}, "priced": False, "average": None, "prices": [], "indexes": [],
        "mix": [], "mix_note": "", "contacts": "",
    }  # fmt: skip
    return {
        name: MonthlySheet.objects.create(
            dwelling=homes[ref], user=side.people[role], month=date(2026, 1, 1), figures=figures
        )
        for name, ref, role in (("sheet", "A-101", Role.OCCUPANT), ("other_sheet", "A-102", Role.OPERATOR))
    }


def _hints(side: Side, homes: dict[str, Dwelling]) -> dict[str, Any]:
    return {
        name: Hint.objects.create(dwelling=homes[ref], user=side.people[role], kind="leak")
        for name, ref, role in (("hint", "A-101", Role.OCCUPANT), ("other_hint", "A-102", Role.OPERATOR))
    }


def _contracts(side: Side) -> None:
    consumer = side.people[Role.CONSUMER]
    contracts = {}
    for name, number in (("contract", "02000000"), ("other_contract", "02009999")):
        contracts[name] = Contract.objects.create(
            kind="contract", number=number, city="Чита", holder="ГСК «Мир»", phone="9991234567"
        )
    ContractClaim.objects.create(contract=contracts["contract"], user=consumer)
    points, jobs = {}, {}
    for name, number, of in (
        ("point", "101", "contract"),
        ("second_point", "102", "contract"),
        ("other_point", "201", "other_contract"),
    ):
        points[name] = MeteringPoint.objects.create(
            number=number, name=f"Point {number}", medium="heat", usage="heating", contract=contracts[of],
            totals_source="archive",
        )  # fmt: skip
        meter = Meter.objects.create(serial=f"0000{number}", medium="heat")
        MeterInstallation.objects.create(
            meter=meter, point=points[name], installed_at=datetime(2020, 1, 1, tzinfo=UTC)
        )
    for name, uploader, point in (
        ("job", consumer, "point"),
        ("other_job", side.people[Role.OPERATOR], "point"),
    ):
        jobs[name] = ImportJob.objects.create(
            uploaded_by=uploader, point=points[point], file_name="a.xml", stored_as="imports/a",
            sha256="0" * 64, size=5, state="refused", refusal="other_point",
        )  # fmt: skip
    jobs |= desk_rows(side.people, contracts)
    jobs |= _sent(side, points["point"], contracts["contract"])
    jobs |= _statements(side, contracts, points)
    side.ids |= {name: str(thing.public_id) for name, thing in {**contracts, **points, **jobs}.items()}
    side.ids |= contract_register_ids(points["point"], points["other_point"])


def _statements(side: Side, contracts: dict[str, Any], points: dict[str, Any]) -> dict[str, Any]:
    """A closed month with a charge and a bill of each contract."""
    month, consumer, desk = date(2025, 12, 1), side.people[Role.CONSUMER], side.people[Role.OPERATOR]
    closing = PeriodClosing.objects.create(month=month, state="done", closed_by=desk)
    found: dict[str, Any] = {"closing": closing}
    for prefix, person in (("", consumer), ("other_", desk)):
        contract = contracts[f"{prefix}contract"]
        found[f"{prefix}charge"] = StatementEntry.objects.create(
            contract=contract, month=month, service="main", kind="charged", minor=12345, currency="RUB",
            key=f"matrix:{prefix}", point=points[f"{prefix}point"], closing=closing,
        )  # fmt: skip
        found[f"{prefix}bill"] = Bill.objects.create(
            contract=contract, month=month, ordered_by=person, content="0" * 64, made_at=timezone.now(),
            figures=bill_figures(contract, month),
        )  # fmt: skip
    return found


def _sent(side: Side, point: MeteringPoint, contract: Contract) -> dict[str, Any]:
    """Files in each state that a page is for, and readings typed by the consumer and by the desk."""
    consumer, desk = side.people[Role.CONSUMER], side.people[Role.OPERATOR]
    counted = MeteringPoint.objects.create(
        number="103", name="Point 103", medium="hot_water", usage="hot_water", contract=contract
    )
    meter = Meter.objects.create(serial="0000103", medium="hot_water")
    hung = MeterInstallation.objects.create(
        meter=meter, point=counted, installed_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    register = Register.objects.create(
        installation=hung, ref="V_in", quantity="volume", unit="m3", exponent=-6
    )
    table = default_storage.save("imports/matrix.csv", ContentFile(b"time;point;value\n2026-01-15;103;5\n"))
    found: dict[str, Any] = {"index_point": counted}
    for name, state, more in (
        ("checked_job", "checked", {}),
        ("done_job", "done", {"receipt_number": "20260115-1"}),
        ("table_job", "mapping", {"format": "table", "uploaded_by": desk, "stored_as": table, "point": None}),
    ):
        fields: dict[str, Any] = {"uploaded_by": consumer, "point": point, "stored_as": "imports/a", **more}
        found[name] = ImportJob.objects.create(file_name="a.csv", sha256=name, size=5, state=state, **fields)
    for name, person, at in (("entry", consumer, 1_768_435_200), ("other_entry", desk, 1_768_521_600)):
        Reading.objects.create(register=register, at=at, value=5_000_000, source=Reading.Source.HAND, seq=1)
        found[name] = HandEntry.objects.create(
            register=register,
            at=at,
            value=5_000_000,
            entered_by=person,
            token=uuid.uuid4(),
            receipt_number=name,
        )
    return found


Body = Callable[[Side], dict[str, Any]]


def _nothing(side: Side) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Row:
    """A page under /p/<slug>/. `hidden` names, by role, an object of the same programme which that role may not see."""

    roles: frozenset[str]
    methods: tuple[str, ...] = ("GET",)
    key: str = ""
    body: Body = _nothing
    kind: str = Programme.Kind.HOUSING
    hidden: dict[str, str] = field(default_factory=dict)


def _occupant_plan(side: Side) -> str:
    """A list that the operator has looked at."""
    actor = actor_of(side.people[Role.OPERATOR], side.programme)
    assert actor is not None
    cells = ["", "Appartement 102", "A. Benali", "benali@example.org", "2026-02-01", ""]
    return lines_signed(actor, "occupants", [(2, cells)])


ADMIN, OPERATOR, OCCUPANT, CONSUMER = (frozenset({role}) for role in ROLES)
STAFF = ADMIN | OPERATOR
FORM = ("GET", "POST")
POST = ("POST",)
UTILITY: dict[str, Any] = {"kind": Programme.Kind.UTILITY}
ADDRESS: Body = lambda side: {"email": "fresh@example.org", "email_again": "fresh@example.org"}  # noqa: E731
HIDDEN_POINT = {Role.CONSUMER.value: "other_point"}
HIDDEN_CONTRACT = {Role.CONSUMER.value: "other_contract"}
HIDDEN_ENTRY = {Role.CONSUMER.value: "other_entry"}
HIDDEN_APPLICATION = {Role.CONSUMER.value: "other_application"}
HIDDEN_JOB = {Role.CONSUMER.value: "other_job"}

PAGES: dict[str, Row] = {
    "programme_account": Row(ADMIN, FORM, body=lambda side: {"town": "Lyon"}),
    "account_email": Row(ADMIN, FORM, body=ADDRESS),
    "account_password": Row(
        ADMIN, FORM, body=lambda s: {"current": PASSWORD, "password": CHOSEN, "password_again": CHOSEN},
    ),
    "audit": Row(STAFF),
    "mail_list": Row(STAFF),
    "mail_retry": Row(STAFF, POST, "mail"),
    "looks": Row(OCCUPANT | CONSUMER),
    "operator_list": Row(ADMIN, FORM, body=ADDRESS),
    "operator_change": Row(ADMIN, FORM, "operator", ADDRESS),
    "operator_remove": Row(ADMIN, FORM, "operator"),
    "operator_buildings": Row(
        ADMIN, FORM, "operator", lambda s: {"scope": "some", "buildings": [s.ids["building"]]}
    ),
    "server_list": Row(STAFF),
    "server_by_dwelling": Row(STAFF),
    "server_create": Row(
        ADMIN, FORM, body=lambda s: {"serial": "N" * 24, "description": "New"}
    ),
    "server_detail": Row(STAFF, key="server"),
    "server_edit": Row(ADMIN, POST, "server", lambda s: {"description": "Changed"}),
    "server_password": Row(ADMIN, POST, "server"),
    "server_twin_dismiss": Row(ADMIN, POST, "server"),
    "meter_list": Row(STAFF),
    "meter_detail": Row(STAFF, FORM, "meter", lambda s: {"verified_until": "2031-05-01"}),
    "found_meters": Row(STAFF),
    "found_meter": Row(STAFF, FORM, "found_meter", lambda s: {"note": "cellar"}),
    "device_list": Row(STAFF | OCCUPANT),
    "device_detail": Row(STAFF | OCCUPANT, key="device", hidden={Role.OCCUPANT.value: "closed_device"}),
    "device_order": Row(
        OPERATOR | OCCUPANT, POST, "device", lambda s: {"command": "on", "key": str(uuid.uuid4())},
        hidden={Role.OCCUPANT.value: "closed_device"},
    ),
    "device_settings": Row(ADMIN, FORM, body=lambda s: {"reauth_minutes": "15"}),
    "server_replace": Row(ADMIN, FORM, "server", lambda s: {"serial": "P" * 24}),
    "server_remove": Row(ADMIN, FORM, "server"),
    "programme_view": Row(STAFF),
    "building_detail": Row(STAFF, key="building"),
    "dwelling_detail": Row(STAFF | OCCUPANT, key="dwelling", hidden={Role.OCCUPANT.value: "neighbour"}),
    "common_area_detail": Row(STAFF, key="area"),
    "occupant_list": Row(OPERATOR),
    "occupant_create": Row(
        OPERATOR, FORM,
        body=lambda s: {
            "dwelling": s.ids["neighbour"], "name": "A. Benali", "email": "benali@example.org", "move_in": "2026-02-01"
        },
    ),
    "occupant_edit": Row(OPERATOR, FORM, "occupancy", lambda s: {"name": "Other", "move_in": "2026-01-02"}),
    "occupant_move_out": Row(OPERATOR, FORM, "occupancy", lambda s: {"move_out": "2026-03-01"}),
    "occupant_invite": Row(OPERATOR, POST, "occupancy"),
    "occupant_remove": Row(OPERATOR, FORM, "occupancy"),
    "occupant_import": Row(OPERATOR, FORM, body=lambda s: {"plan": _occupant_plan(s)}),
    "occupant_export": Row(OPERATOR),
    "occupant_rights": Row(OPERATOR, FORM, "occupancy", lambda s: {"euros": "no"}),
    "rights": Row(STAFF, FORM),
    "home_common": Row(OCCUPANT),
    "occupant_home": Row(OCCUPANT),
    "dwelling_consumption": Row(OPERATOR, key="dwelling"),
    "overview": Row(OPERATOR),
    "home_sheets": Row(OCCUPANT),
    "home_hints": Row(OCCUPANT, FORM, body=lambda s: {"kind": "energy", "usage": "", "limit": "300"}),
    "home_hint_end": Row(OCCUPANT, POST, "hint", hidden={Role.OCCUPANT.value: "other_hint"}),
    "sheet_list": Row(OPERATOR),
    "sheet_settings": Row(STAFF, FORM, body=lambda s: {"contacts": "Call us."}),
    "sheet_detail": Row(OPERATOR | OCCUPANT, key="sheet", hidden={Role.OCCUPANT.value: "other_sheet"}),
    "sheet_download": Row(OPERATOR | OCCUPANT, key="sheet", hidden={Role.OCCUPANT.value: "other_sheet"}),
    "sheet_send_again": Row(OPERATOR, POST, "sheet"),
    "building_overview": Row(OPERATOR, key="building"),
    "completeness": Row(STAFF),
    "completeness_export": Row(STAFF),
    "review_list": Row(OPERATOR),
    "review_item": Row(OPERATOR, FORM, "review", lambda s: {"decision": "accepted"}),
    "review_take_back": Row(OPERATOR, POST, "decided"),
    "review_limits": Row(STAFF, FORM, body=lambda s: {"kind": "heat/energy", "rate": "100"}),
    "meter_exchange": Row(
        OPERATOR, FORM, "exchange_point",
        lambda s: {"at": "2026-01-02T10:00", "serial": "Z1", "closing_1": "9", "opening_1": "0"},
    ),
    "meter_exchange_undo": Row(OPERATOR, POST, "exchanged_point"),
    "origin_dwelling": Row(OPERATOR | OCCUPANT, key="dwelling", hidden={Role.OCCUPANT.value: "neighbour"}),
    "origin_point": Row(OPERATOR | CONSUMER, key="point", hidden=HIDDEN_POINT, **UTILITY),
    "origin_register": Row(
        OPERATOR | OCCUPANT, key="register", hidden={Role.OCCUPANT.value: "other_register"}
    ),
    "origin_contract_register": Row(
        OPERATOR | CONSUMER, key="contract_register", hidden={Role.CONSUMER.value: "other_contract_register"}, **UTILITY
    ),
    "tariff_parameters": Row(STAFF, FORM, body=lambda s: {"heating": "0,0951"}),
    "advanced_parameters": Row(STAFF, FORM, body=lambda s: {"boiler_winter": "20"}),
    "building_tariff_parameters": Row(OPERATOR, FORM, "building", lambda s: {"heating": "0,0951"}),
    "building_advanced_parameters": Row(OPERATOR, FORM, "building", lambda s: {"boiler_winter": "20"}),
    "dwelling_tariff_parameters": Row(OPERATOR, FORM, "dwelling", lambda s: {"heating": "0,0951"}),
    "dwelling_advanced_parameters": Row(OPERATOR, FORM, "dwelling", lambda s: {"boiler_winter": "20"}),
    "day_colours": Row(
        STAFF, FORM, body=lambda s: {"option": "tempo", "month": "2026-11", "d-2026-11-03": "red"}
    ),
    "sharing_parameters": Row(STAFF, FORM, body=lambda s: {"common_key": "area"}),
    "building_sharing_parameters": Row(OPERATOR, FORM, "building", lambda s: {"common_key": "area"}),
    "home_tariffs": Row(OCCUPANT, FORM, body=lambda s: {"heating": "0,0951"}),
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
    "archives_export": Row(OPERATOR, **UTILITY),
    "utility_help": Row(OPERATOR | CONSUMER, **UTILITY),
    "application_list": Row(OPERATOR | CONSUMER, **UTILITY),
    "application_new": Row(
        CONSUMER, FORM, "contract",
        lambda s: {"name": "ТСЖ", "address": "Чита", "medium": "heat", "token": str(uuid.uuid4())},
        hidden=HIDDEN_CONTRACT, **UTILITY,
    ),
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
            "hour_stamp": "end", "day_stamp": "start", "month_stamp": "start", "decimal": "any", "duplicates": "all",
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

# A permitted POST that changes no row: the invited person has followed the link already, there is no alarm.
CHANGES_NOTHING = {"occupant_invite", "server_twin_dismiss"}

# pages that name an object in their body or query, not in their path: (page, method, role, field, its object)
REFERENCES = [
    ("occupant_create", "POST", Role.OPERATOR, "dwelling", "neighbour"),
    ("occupant_home", "GET", Role.OCCUPANT, "dwelling", "dwelling"),
    ("home_tariffs", "GET", Role.OCCUPANT, "dwelling", "dwelling"),
    ("import_send_on", "POST", Role.CONSUMER, "point", "point"),
]


@dataclass(frozen=True)
class Outside:
    """A page outside any programme. `anonymous` and `member` are the answers to (GET, POST) with `args`."""

    anonymous: tuple[int, int]
    member: tuple[int, int]
    args: tuple[str, ...] = ()
    token: str = ""  # a link of a mail: the name of its secret in `Side.ids`
    signed_in: bool = False


PERSONAL: dict[str, Any] = {"anonymous": (302, 302), "signed_in": True}
OUTSIDE: dict[str, Outside] = {
    "legal": Outside((200, 405), (200, 405)),
    "set_language": Outside((405, 302), (405, 302)),
    "home": Outside((200, 200), (302, 302)),
    "hint_stop": Outside(
        (404, 404), (404, 404), ("no-such-programme", "00000000-0000-4000-8000-000000000000")
    ),
    "sign_out": Outside((405, 302), (405, 302)),
    "choose_programme": Outside((302, 405), (302, 405), signed_in=True),
    "second_step": Outside((302, 302), (302, 302)),
    "passkey_options": Outside((200, 405), (200, 405)),
    "passkey_sign_in": Outside((405, 302), (405, 302)),
    "confirm": Outside(**PERSONAL, member=(200, 200)),
    "own_security": Outside((302, 405), (200, 405), signed_in=True),
    "app_add": Outside(**PERSONAL, member=(200, 200)),
    "app_remove": Outside(**PERSONAL, member=(200, 302)),
    "passkey_add": Outside(**PERSONAL, member=(404, 404)),  # the tests' site is an address of digits
    "passkey_remove": Outside(**PERSONAL, member=(404, 404), args=(str(uuid.uuid4()),)),
    "recovery_renew": Outside((405, 302), (405, 302), signed_in=True),
    "browsers_end": Outside((405, 302), (405, 302), signed_in=True),
    "browser_end": Outside((405, 302), (405, 302), ("0" * 40,), signed_in=True),
    "own_data": Outside((302, 405), (200, 405), signed_in=True),
    "data_export": Outside((405, 302), (405, 302), signed_in=True),
    "data_download": Outside((302, 405), (404, 405), (str(uuid.uuid4()),), signed_in=True),
    "data_erase": Outside(**PERSONAL, member=(200, 200)),
    "register": Outside((200, 200), (200, 200)),
    "mail_sent": Outside((302, 405), (302, 405)),
    "activate": Outside((410, 410), (410, 410), ("no-such-link",)),
    "password_forgotten": Outside((200, 200), (200, 200)),
    "password_reset": Outside((200, 200), (200, 200), token="reset"),
    "address_confirm": Outside(**PERSONAL, member=(410, 410), token="address"),
    "own_account": Outside(**PERSONAL, member=(200, 200)),
    "own_email": Outside(**PERSONAL, member=(200, 200)),
    "own_password": Outside(**PERSONAL, member=(200, 200)),
    "mailbox": Outside((200, 405), (200, 405)),
    "mail": Outside((404, 405), (404, 405), ("no-such-mail",)),
    "mail_html": Outside((404, 405), (404, 405), ("no-such-mail",)),
    "style": Outside((200, 405), (200, 405)),
}

READINGS: dict[str, Any] = {
    "batch": str(uuid.uuid4()),
    "items": [{"seq": 1, "meter": "heat-101", "register": "energy", "taken_at": "2026-11-01T10:00:00Z", "value": "5"}],
}  # fmt: skip

# (method, route) -> body and the answer to the right token; `{}` in a route takes the id of `key`
API: dict[tuple[str, str], tuple[Any, int, str]] = {
    ("DELETE", "api/v1/activation"): (None, 200, ""),
    ("POST", "api/v1/activation/resume"): ({}, 200, ""),
    ("POST", "api/v1/activation/token"): ({}, 200, ""),
    ("POST", "api/v1/scan"): ({"found": [{"serial": "00000009"}]}, 200, ""),
    ("PUT", "api/v1/publication"): (document(2), 202, ""),
    ("GET", "api/v1/publication/<job>"): (None, 200, "publication"),
    ("POST", "api/v1/heartbeat"): ({"agent": "test"}, 200, ""),
    ("POST", "api/v1/commands/<command>/result"): ({"state": "done"}, 200, "order"),
    ("POST", "api/v1/readings"): (READINGS, 200, ""),
}
API_OPEN = {  # open to all, and what a GET answers
    "api/v1/openapi.json": 200,
    "api/v1/docs": 200,
    "api/v1/": 404,
    "api/v1/<path:rest>": 404,
}
