"""The utility's desk: contracts from a list, claims, metering points, what is due, archives, comparison, help."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.jobs import job_enqueue
from accounts.models import AuditEntry, Contract, ContractClaim
from accounts.tenancy import tenant_scope
from readings.desk.periods import period_now, period_of
from readings.models import DeskSettings, ImportJob, UploadReminder
from servers.models import Meter, MeteringPoint
from testkit.world import World, join, make_user
from tests.readings.archive_kit import lers, make_contract, make_point

CHITA = ZoneInfo("Asia/Chita")
HEAD = "Договор;Город;Потребитель;Адрес;Телефон\n"
GOOD = (
    HEAD
    + "02000001;Чита;ООО «Север»;ул. Новая, 3;+7 (914) 555-03-03\n123456;Чита;Иванов И. И.;;89145550404\n"
)


def url(name: str, *ids: Any) -> str:
    return reverse(name, args=["teplo", *ids])


def listed(client: Any, text: str, name: str = "contracts.csv") -> Any:
    return client.post(url("contract_import"), {"file": SimpleUploadedFile(name, text.encode())})


def taken(client: Any, page: Any) -> Any:
    return client.post(url("contract_import"), {"plan": page.context["signed"]}, follow=True)


def contracts(world: World) -> list[tuple[str, ...]]:
    with tenant_scope(world.utility.programme.pk):
        return sorted(Contract.objects.values_list("kind", "number", "holder", "phone"))


def test_contracts_and_phones_come_from_a_list_all_or_none(world: World, sign_in: Any) -> None:
    desk = sign_in(world.utility.operator)
    page = listed(desk, GOOD)
    assert contracts(world) == []  # looking stores nothing
    taken(desk, page)
    stands = [
        ("contract", "02000001", "ООО «Север»", "9145550303"),
        ("person", "123456", "Иванов И. И.", "9145550404"),
    ]
    assert contracts(world) == stands
    again = listed(desk, GOOD)
    assert [line.verdict for line in again.context["plan"].lines] == ["same", "same"]
    taken(desk, again)
    assert contracts(world) == stands
    changed = listed(desk, GOOD.replace("03-03", "03-04").replace("ул. Новая, 3", ""))
    assert [(line.verdict, line.changes) for line in changed.context["plan"].lines] == [
        ("changed", ["phone"]), ("same", []),
    ]  # fmt: skip
    taken(desk, changed)
    assert contracts(world)[0][3] == "9145550304"
    export = b"".join(desk.get(url("contract_export"), {"kind": "csv"}).streaming_content).decode()
    assert [line.verdict for line in listed(desk, export).context["plan"].lines] == ["same", "same"]
    with tenant_scope(world.utility.programme.pk):
        Contract.objects.filter(number="02000001").update(
            holder="=Север", address="-1"
        )  # guarded in the export
    export = b"".join(desk.get(url("contract_export"), {"kind": "csv"}).streaming_content).decode()
    assert "'=Север" in export
    assert [line.verdict for line in listed(desk, export).context["plan"].lines] == ["same", "same"]
    forged = desk.post(url("contract_import"), {"plan": "x"}, follow=True).content.decode()
    assert "too old" in forged


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("02000001;Чита;A;;914", "phone"),
        ("2000001x;Чита;A;;9145550303", "digits"),
        (";Чита;A;;9145550303", "digits"),
        ("02000002;;A;;9145550303", "City"),
        (f"02000002;Чита;{'х' * 201};;9145550303", "Holder"),
        ("123456;Чита;B;;9145550303\n123456;Чита;B;;9145550303", "line 3"),
    ],
)
def test_one_bad_line_keeps_the_whole_list_out(world: World, sign_in: Any, line: str, word: str) -> None:
    desk = sign_in(world.utility.operator)
    page = listed(
        desk, f"{HEAD}{GOOD.splitlines()[1]}\n{line}\n".replace("02000001;Чита;ООО", "02000009;Чита;ООО")
    )
    wrong = [one for one in page.context["plan"].lines if one.verdict == "wrong"]
    assert len(wrong) == 1
    assert word in wrong[0].problem
    taken(desk, page)
    assert contracts(world) == []


def test_a_claim_is_ended_by_the_desk(world: World, sign_in: Any) -> None:
    consumer = world.utility.consumer
    with tenant_scope(world.utility.programme.pk):
        contract = make_contract("02005235", consumer)
    desk, theirs = sign_in(world.utility.operator), sign_in(consumer)
    detail = url("contract_detail", contract.public_id)
    assert theirs.get(detail).status_code == 200
    assert consumer.email in desk.get(url("claim_list"), {"q": "5235"}).content.decode()
    assert consumer.email not in desk.get(url("claim_list"), {"q": "мир нет"}).content.decode()
    end = url("claim_end", contract.public_id)
    assert "5235" in desk.get(end, {"person": consumer.public_id}).content.decode()
    assert desk.post(end, {"person": "x"}).status_code == 404
    assert theirs.post(end, {"person": consumer.public_id}).status_code == 403
    desk.post(end, {"person": consumer.public_id})
    assert desk.post(end, {"person": consumer.public_id}).status_code == 404  # ended before
    assert theirs.get(detail).status_code == 404
    with tenant_scope(world.utility.programme.pk):
        assert ContractClaim.objects.get().removed_at is not None
        assert AuditEntry.objects.filter(action="contract.claim_ended").count() == 1
    assert consumer.email in desk.get(url("claim_list"), {"which": "ended"}).content.decode()


def test_a_point_is_made_and_edited_and_keeps_its_number(world: World, sign_in: Any) -> None:
    with tenant_scope(world.utility.programme.pk):
        make_contract("02000001")
        make_point("101")
    desk = sign_in(world.utility.operator)
    typed = {
        "number": "102", "contract": "02000001", "name": "Дом 2", "address": "ул. Новая, 2", "medium": "heat",
        "totals_source": "archive", "admitted_until": "2027-09-01", "serial": "777", "model": "ВКТ-7",
        "verified_on": "2024-09-01", "verified_until": "2028-09-01",
    }  # fmt: skip
    for wrong in (
        {"number": "101"}, {"number": "a b"}, {"contract": "99"}, {"medium": "x"}, {"verified_until": "2020-01-01"},
        {"serial": ""}, {"admitted_until": "0001-01-01"},
    ):  # fmt: skip
        assert desk.post(url("point_new"), typed | wrong).status_code == 422, wrong
    assert desk.post(url("point_new"), typed).status_code == 302
    with tenant_scope(world.utility.programme.pk):
        point = MeteringPoint.objects.get(number="102")
        assert Meter.objects.get(serial="777").verified_until == date(2028, 9, 1)
        assert str(point.contract) == "02000001"
    edit = typed | {"number": "999", "name": "Дом 2а", "medium": "hot_water"}
    assert desk.post(url("point_edit", point.public_id), edit).status_code == 302
    with tenant_scope(world.utility.programme.pk):
        point.refresh_from_db()
    assert (point.number, point.name, point.usage) == ("102", "Дом 2а", "hot_water")
    found = desk.get(url("point_list"), {"q": "новая 777"}).context["rows"]
    assert [row.point.number for row in found] == ["102"]
    assert b"777" in b"".join(desk.get(url("point_list"), {"export": "csv"}).streaming_content)


@pytest.mark.pure
def test_periods_and_the_days_that_count_for_them() -> None:
    march = period_of(date(2026, 3, 9), DeskSettings(due_day=25), CHITA)
    assert (march.due, march.reach) == (date(2026, 3, 25), date(2026, 3, 19))
    after = period_of(date(2026, 3, 1), DeskSettings(due_day=5, due_next_month=True), CHITA)
    assert (after.due, after.reach) == (date(2026, 4, 5), date(2026, 3, 25))
    for today, kept, first in (
        (date(2026, 3, 25), DeskSettings(due_day=25), date(2026, 3, 1)),
        (date(2026, 3, 26), DeskSettings(due_day=25), date(2026, 4, 1)),
        (date(2026, 1, 5), DeskSettings(due_day=5, due_next_month=True), date(2025, 12, 1)),
        (date(2026, 1, 6), DeskSettings(due_day=5, due_next_month=True), date(2026, 1, 1)),
    ):
        assert period_now(today, kept, CHITA).first == first


def send(client: Any, point: MeteringPoint, day: str, run_jobs: Any) -> ImportJob:
    file = lers([(f"{day}T0{hour}:00:00", {"Q_delta": "0.5", "T_in": 90 + hour}) for hour in range(4)])
    content = file.replace(b"<syncNumber>101<", f"<syncNumber>{point.number}<".encode())
    answer = client.post(
        url("archive_upload", point.public_id),
        {"file": SimpleUploadedFile("a.xml", content, "application/xml")},
    )
    assert answer.status_code == 302
    run_jobs()
    with tenant_scope(point.programme_id):
        return ImportJob.objects.order_by("-pk")[0]


def test_what_is_received_late_and_missing_and_who_is_reminded(
    world: World, sign_in: Any, run_jobs: Any
) -> None:
    programme, consumer = world.utility.programme, world.utility.consumer
    other = make_user("other@teplo.example", name="Other")
    join(other, programme, "consumer")
    with tenant_scope(programme.pk):
        first = make_contract("02000001", consumer, other)
        points = [make_point(str(number), contract=first) for number in (101, 102, 103)]
        make_point("201", contract=make_contract("02000002"))  # nobody's yet
        DeskSettings.objects.create(due_day=25, remind=True, remind_before=3, metering_phones="38-41-15")
    theirs, desk = sign_in(consumer), sign_in(world.utility.operator)

    def states() -> list[str]:
        page = desk.get(url("desk_home"), {"month": "2026-03"})
        return [str(row.arrival.state) for row in page.context["rows"]]

    with time_machine.travel("2026-03-21T02:00:00Z"):
        job_enqueue(kind="upload_reminders", programme_id=programme.pk)
        run_jobs()
        assert mail.outbox == []  # not the day yet
        send(theirs, points[0], "2026-03-20", run_jobs)
        send(theirs, points[1], "2026-03-10", run_jobs)  # does not reach into the last days
        assert states() == ["received", "waited_for", "waited_for", "waited_for"]
    mail.outbox.clear()
    with time_machine.travel("2026-03-22T02:00:00Z"):
        for _twice in (1, 2):
            job_enqueue(kind="upload_reminders", programme_id=programme.pk)
            run_jobs()
        desk = sign_in(world.utility.operator)  # a session lives hours
        for wrong in ("2026-13", "", "1999-01", "March"):  # never the period that happens to run
            said = desk.post(url("reminders_send"), {"month": wrong}, follow=True).content.decode()
            assert "Nobody was reminded" in said, wrong
        assert desk.post(url("reminders_send"), {"month": "2026-03"}).status_code == 302
        run_jobs()
    assert sorted(one.to[0] for one in mail.outbox) == [consumer.email, other.email]
    body = mail.outbox[0].body
    assert "102" in body
    assert "38-41-15" in body
    assert "101 " not in body
    with tenant_scope(programme.pk):
        assert UploadReminder.objects.count() == 2
    with time_machine.travel("2026-03-27T02:00:00Z"):
        theirs, desk = sign_in(consumer), sign_in(world.utility.operator)  # a session lives hours
        late = send(theirs, points[1], "2026-03-21", run_jobs)
        assert states() == ["received", "late", "missing", "missing"]
        theirs.post(url("import_take_back", late.public_id))
        run_jobs()
        assert states() == ["received", "missing", "missing", "missing"]
        page = desk.get(url("desk_home"), {"month": "2026-03", "state": "missing", "q": "02000002"})
        assert [row.arrival.point.number for row in page.context["rows"]] == ["201"]
        table = desk.get(url("desk_home"), {"month": "2026-03", "export": "xlsx"})
        assert table.content[:2] == b"PK"
        assert desk.get(url("desk_home"), {"month": "nonsense", "state": "x"}).status_code == 200


def test_archives_go_out_and_come_in_again(world: World, sign_in: Any, run_jobs: Any) -> None:
    programme = world.utility.programme
    with tenant_scope(programme.pk):
        point = make_point("101", contract=make_contract("02000001", world.utility.consumer))
    theirs, desk = sign_in(world.utility.consumer), sign_in(world.utility.operator)
    send(theirs, point, "2026-03-20", run_jobs)
    ask = {"first": "2026-03-20", "last": "2026-03-20", "kind": "hour"}
    files: dict[str, bytes] = {}
    for form in ("csv", "lers"):
        answer = desk.get(url("archives_export"), ask | {"format": form})
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:
            (name,) = packed.namelist()
            assert "101" in name
            files[form] = packed.read(name)
    assert files["csv"].decode().splitlines()[1].startswith("2026-03-20T00:00:00+09:00,90,")
    again = theirs.post(
        url("archive_upload", point.public_id),
        {"file": SimpleUploadedFile("b.xml", files["lers"]), "check": "1"},
    )
    run_jobs()
    with tenant_scope(programme.pk):
        job = ImportJob.objects.order_by("-pk")[0]
    assert again.status_code == 302
    page = desk.get(url("import_detail", job.public_id))
    (interval,) = page.context["points"][0]["intervals"]
    assert (interval["in_file"], interval["change"]["identical"]) == (4, 4)
    for wrong in (
        {"first": "2026-04-02"}, {"last": "2029-01-01"}, {"kind": "x"}, {"first": "2020-01-01", "last": "2020-01-02"},
    ):  # fmt: skip
        assert desk.get(url("archives_export"), ask | {"format": "csv"} | wrong).status_code == 422, wrong
    sheet = theirs.get(url("archive_export", point.public_id), {"kind": "hour", "format": "xlsx"})
    assert sheet.content[:2] == b"PK"


def test_two_periods_stand_beside_each_other(world: World, sign_in: Any, run_jobs: Any) -> None:
    with tenant_scope(world.utility.programme.pk):
        point = make_point("101", contract=make_contract("02000001", world.utility.consumer))
    theirs = sign_in(world.utility.consumer)
    page = url("archive_compare", point.public_id)
    assert theirs.get(page).status_code == 200  # nothing sent yet
    rows = [
        (f"2026-03-{day}T00:00:00", {"Q_delta": value}) for day, value in ((10, "4"), (11, "5"), (20, "5"))
    ]
    file = SimpleUploadedFile("a.xml", lers(rows, kind="Day"), "application/xml")
    theirs.post(url("archive_upload", point.public_id), {"file": file})
    run_jobs()
    ask = {
        "kind": "day", "parameter": "Q_delta", "first": "2026-03-10", "last": "2026-03-11", "second": "2026-03-20",
    }  # fmt: skip
    result = theirs.get(page, ask).context["result"]
    found = [(pair.first, pair.second, pair.difference, pair.percent) for pair in result.pairs]
    assert [[str(one) for one in row] for row in found] == [
        ["4.0", "5.0", "1.0", "25.0"],
        ["5.0", "None", "None", "None"],
    ]
    assert (result.summed, str(result.total.difference)) == (True, "1.0")
    text = b"".join(theirs.get(page, ask | {"export": "csv"}).streaming_content).decode()
    assert len(text.splitlines()) == 3
    for wrong in ({"parameter": "x"}, {"last": "2026-01-01"}, {"first": "no"}, {"last": "9999-12-31"}):
        assert theirs.get(page, ask | wrong).status_code == 422, wrong


def test_staff_who_open_a_contract_leave_a_trace(world: World, sign_in: Any) -> None:
    with tenant_scope(world.utility.programme.pk):
        contract = make_contract("02000001", world.utility.consumer)
        point = make_point("101", contract=contract)
        DeskSettings.objects.create(metering_phones="38-41-15", software_email="it@teplo.example")
    for user in (world.utility.consumer, world.utility.operator, world.utility.operator):
        client = sign_in(user)
        assert client.get(url("contract_detail", contract.public_id)).status_code == 200
        assert client.get(url("point_detail", point.public_id)).status_code == 200
    with tenant_scope(world.utility.programme.pk):
        (entry,) = AuditEntry.objects.filter(action="contract.seen")
        assert (entry.actor, entry.target) == (world.utility.operator, str(contract.public_id))
    help_page = sign_in(world.utility.consumer).get(url("utility_help")).content.decode()
    assert "38-41-15" in help_page
    assert "it@teplo.example" in help_page
    form = {"due_day": "31", "remind_before": "3"}
    desk = sign_in(world.utility.operator)
    assert desk.post(url("desk_settings"), form).status_code == 422
    assert desk.post(url("desk_settings"), form | {"due_day": "5", "due_next_month": "on"}).status_code == 302
    with tenant_scope(world.utility.programme.pk):
        kept = DeskSettings.objects.get()
    assert (kept.due_day, kept.due_next_month, kept.metering_phones) == (5, True, "")
