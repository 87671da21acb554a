"""A copy of one's data, erasure that keeps the building's totals, and retention."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.jobs import job_enqueue
from accounts.models import AuditEntry, DataExport, Membership, OutboxMessage, User
from accounts.privacy.export import tables_of
from accounts.privacy.registry import holders
from accounts.privacy.retention import retention_enforce
from accounts.services.audit import audit_record
from accounts.tenancy import tenant_models, tenant_scope, unscoped
from readings.models import Hint, MonthlySheet, UploadReminder
from servers.models import Occupancy, OccupantRight
from tariffs.models import Level, ParameterValue
from testkit.estate import make_home
from testkit.people import mails_to, visitor
from testkit.world import PASSWORD, World, join

pytestmark = pytest.mark.django_db


def settle(world: World, *, move_out: date | None = None) -> Occupancy:
    ours = world.ours
    place = make_home(ours.programme)
    with tenant_scope(ours.programme.pk):
        home = Occupancy(dwelling=place.dwelling, user=ours.occupant, name="Camille Roy", move_in=date(2020, 1, 1),
                         move_out=move_out)  # fmt: skip
        home.save()
        audit_record(actor=ours.actor(ours.operator), action="occupancy.created",
                     target_kind="dwelling", detail={"email": ours.occupant.email, "name": "Camille Roy"})  # fmt: skip
    return home


def inside(person: User) -> Any:
    client = visitor()
    client.post("/", {"login": person.email, "password": PASSWORD})
    return client


def test_a_copy_is_made_by_a_job_and_fetched_by_its_person_alone_in_time(world: World) -> None:
    settle(world)
    me, other = inside(world.ours.occupant), inside(world.theirs.occupant)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert me.post("/account/data/export/").status_code == 302
        me.post("/account/data/export/")  # one at a time
        export = DataExport.objects.get()
        url = f"/account/data/{export.public_id}/"
        assert me.get(url).status_code == 404  # not made yet
        (told,) = mails_to(world.ours.occupant.email)
        assert "/account/data/" in told.body and str(export.public_id) not in told.body
        answer = me.get(url)
        assert answer.headers["Cache-Control"] == "no-store, private"
        archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
        data = json.loads(archive.read("data.json"))
        assert data["account"][0]["email"] == world.ours.occupant.email
        assert data["occupancies"][0]["dwelling"] and data["roles"][0]["programme"] == "Les Tilleuls"
        assert {f"{name}.csv" for name in data} | {"data.json"} == set(archive.namelist())
        text = archive.read("data.json").decode()
        assert "acacias" not in text and "password" not in text.replace("password_", "")
        assert other.get(url).status_code == visitor().get(url).status_code + 102 == 404
        stored = DataExport.objects.get().stored_as
        clock.shift(timedelta(days=3, seconds=1))
        assert inside(world.ours.occupant).get(url).status_code == 404
        retention_enforce()
    assert not default_storage.exists(stored) and not DataExport.objects.exists()


# Every key to a person or a stay, and where it is in their copy; "-" and why not. A new one without a line fails.
DATA_MAP = {
    "accounts.AuditEntry.actor": "deeds",
    "accounts.BrowserSession.user": "browsers",
    "accounts.ContractClaim.user": "contracts",
    "accounts.DataExport.user": "- the copy itself",
    "accounts.EmailToken.user": "- digests of links; their mails stand under mails",
    "accounts.Membership.user": "roles",
    "admin.LogEntry.user": "- nothing writes it",
    "mfa.Authenticator.user": "factors",
    "account.EmailAddress.user": "- allauth's, unused: the address is the account's",
    "readings.Bill.ordered_by": "bills",
    "readings.HandEntry.entered_by": "typed_readings",
    "readings.Hint.user": "hints",
    "readings.ImportJob.uploaded_by": "uploads",
    "readings.MonthlySheet.user": "sheets",
    "readings.NumberApplication.applicant": "applications",
    "readings.UploadReminder.user": "reminders",
    "servers.CommandOrder.ordered_by": "device_orders",
    "servers.Occupancy.user": "occupancies",
    "servers.OccupantRight.occupancy": "rights",
    "tariffs.ParameterValue.changed_by": "own_tariffs",
}
WORK_OF_STAFF = ("decided_by", "closed_by", "reopened_by", "undone_by", "created_by", "DayColour.changed_by",
                 "StatementImport.uploaded_by", "TableImport.uploaded_by", "PointTerms.set_by",
                 "ArchivesParcel.ordered_by")  # stands under deeds  # fmt: skip


def test_the_copy_holds_everything_that_points_at_a_person(world: World) -> None:
    keys = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.many_to_one and field.concrete and field.related_model in (User, Occupancy)
    }
    unsaid = {key for key in keys - set(DATA_MAP) if not key.endswith(WORK_OF_STAFF)}
    assert unsaid == set()
    home, person = settle(world), world.ours.occupant
    with tenant_scope(world.ours.programme.pk):
        OccupantRight(right="euros", key="euros", occupancy=home, allowed=False).save()
        Hint(user=person, dwelling=home.dwelling, kind="energy", limit=300).save()
        MonthlySheet(user=person, dwelling=home.dwelling, month=date(2026, 1, 1)).save()
        UploadReminder(user=person, period=date(2026, 1, 1)).save()
        ParameterValue(level=Level.OCCUPANT_DWELLING, dwelling=home.dwelling, key="price.gas", value="1",
                       valid_from=date(2026, 1, 1), changed_by=person).save()  # fmt: skip
    tables = tables_of(person)
    assert {"rights", "hints", "sheets", "reminders", "own_tariffs", "occupancies", "roles"} <= set(tables)
    assert (tables["rights"][0]["allowed"], tables["own_tariffs"][0]["value"]) == (False, "1")
    theirs = tables_of(world.theirs.occupant)
    assert not {"rights", "hints", "sheets", "reminders", "own_tariffs"} & set(theirs)
    with tenant_scope(world.ours.programme.pk):
        for holder in holders():
            holder.erase(person, world.ours.programme)
        assert not Hint.objects.exists() and not OccupantRight.objects.exists()


def hits(words: str) -> list[str]:
    """Tables in which a text still stands."""
    found = []
    with unscoped(reason="the test looks everywhere"):
        for model in (*tenant_models(), User, OutboxMessage, Membership, DataExport):
            if any(words.casefold() in repr(row).casefold() for row in model._default_manager.values_list()):
                found.append(model.__name__)
    return found


def test_erasure_takes_the_person_and_leaves_the_building(world: World) -> None:
    home = settle(world)
    person, email = world.ours.occupant, world.ours.occupant.email
    # told to somebody else, and an address of before
    for to, context in (
        (
            "heir@new.example",
            {"old_email": email, "programme": "Les Tilleuls", "said": f"Call {email.upper()}."},
        ),
        (email, {"email": email, "old_email": "before@tilleuls.example", "programme": ""}),
        (
            "before@tilleuls.example",
            {"email": email, "old_email": "before@tilleuls.example", "programme": ""},
        ),
    ):
        OutboxMessage.objects.create(kind="address_changed", recipient=to, state="sent", context=context)
    with tenant_scope(world.ours.programme.pk):
        AuditEntry(action="occupant.invited", detail={"email": "before@tilleuls.example"}).save()
    me, elsewhere = inside(person), inside(person)
    assert set(hits(email)) >= {"AuditEntry", "User"} and "Occupancy" in hits("Camille Roy")
    form = {"password": PASSWORD, "sure": "on"}
    assert (
        "The password is not right"
        in me.post("/account/data/erase/", {**form, "password": "x"}).content.decode()
    )
    assert me.post("/account/data/erase/", {"password": PASSWORD}).status_code == 422  # not sure
    assert me.post("/account/data/erase/", form).url == "/"
    assert elsewhere.get("/account/").status_code == 302
    assert [message.subject for message in mails_to(email)] == ["Relevé – Your account is erased"]
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        mails_to(email)  # the worker does the rest
    assert hits(email) == [] and hits("Camille Roy") == [] and hits("Occupant tilleuls") == []
    assert hits("before@tilleuls.example") == [] and "OutboxMessage" in hits("heir@new.example")
    again = inside(person)
    assert again.get("/account/").status_code == 302
    with tenant_scope(world.ours.programme.pk):
        kept = Occupancy.objects.get(pk=home.pk)
        assert (
            kept.move_in == date(2020, 1, 1)
            and kept.move_out == timezone.now().astimezone(world.ours.programme.zone).date()
        )
        assert AuditEntry.objects.get(action="occupancy.created").detail["email"].startswith("erased-")
        assert AuditEntry.objects.filter(action="person.erased").count() == 1
    assert User.objects.filter(email=world.theirs.occupant.email, is_active=True).exists()


def test_the_last_administrator_hands_over_first(world: World) -> None:
    boss = world.ours.administrator
    me = inside(boss)
    form = {"password": PASSWORD, "sure": "on"}
    assert "Les Tilleuls" in me.get("/account/data/erase/").content.decode()
    assert me.post("/account/data/erase/", form).status_code == 422
    boss.refresh_from_db()
    assert boss.is_active
    join(world.ours.operator, world.ours.programme, "administrator")
    assert me.post("/account/data/erase/", form).url == "/"


def test_what_is_past_its_time_goes(world: World, settings: Any, run_jobs: Any) -> None:
    old, fresh = "old@mail.example", "fresh@mail.example"
    home = settle(world, move_out=date(2020, 6, 1))
    for to, days in ((old, 181), (fresh, 179)):
        OutboxMessage.objects.create(kind="password_changed", recipient=to, state="sent", context={"email": to},
                                     created_at=timezone.now() - timedelta(days=days))  # fmt: skip
    with tenant_scope(world.ours.programme.pk):
        for action, days in (("rights.changed", 1096), ("server.edited", 1094)):
            AuditEntry(action=action, at=timezone.now() - timedelta(days=days)).save()
    settings.RETENTION_OCCUPANCY_DAYS = 0
    retention_enforce()
    with tenant_scope(world.ours.programme.pk):
        assert Occupancy.objects.get(pk=home.pk).name == "Camille Roy"  # 0 keeps it
    settings.RETENTION_OCCUPANCY_DAYS = 1095
    for _twice in range(2):  # two rings, one job
        job_enqueue(kind="retention", key="retention")
    run_jobs()
    with tenant_scope(world.ours.programme.pk):
        assert Occupancy.objects.get(pk=home.pk).name == ""
        actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert actions == {"server.edited", "occupancy.created"}
    assert hits(old) == [] and hits(fresh) == ["OutboxMessage"]
