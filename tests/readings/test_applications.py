"""An application for a metering point number: sent, decided, and the settings file that the field console reads."""

from __future__ import annotations

import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, Contract
from accounts.tenancy import tenant_scope
from gateway_sim.console.settings_file import read_settings
from readings.applications.meter_models import model_code
from readings.applications.prefill import refusal_text
from readings.applications.settings_file import ConsolePoint, settings_bytes
from readings.applications.settings_read import SettingsRefused, settings_read
from readings.models import NumberApplication
from servers.models import Meter, MeteringPoint
from testkit.world import Utility, World, make_utility
from tests.gateway_sim.field.console_kit import Bench
from tests.readings.archive_kit import make_contract, make_point

TYPED = {
    "name": "ГСК «Мир»", "address": "ул. Столярова, 14а", "organisation": "ООО «Сервис»", "medium": "heat",
    "model": "Multical 602", "serial": "6512 345",
}  # fmt: skip


@pytest.fixture
def contract(world: World) -> Contract:
    with tenant_scope(world.utility.programme.pk):
        make_point("101", contract=make_contract("02009999"))
        return make_contract("02005235", world.utility.consumer)


def url(name: str, *ids: Any) -> str:
    return reverse(name, args=["teplo", *ids])


def sent(utility: Utility, contract: Contract, sign_in: Any, **changes: str) -> NumberApplication:
    token = str(uuid.uuid4())
    client = sign_in(utility.consumer)
    for _twice in (1, 2):  # a doubled click
        answer = client.post(url("application_new", contract.public_id), TYPED | {"token": token} | changes)
        assert answer.status_code == 302
    with tenant_scope(utility.programme.pk):
        return NumberApplication.objects.get(token=token)


def test_a_number_is_assigned_and_its_settings_file_is_read_by_the_console(
    world: World, contract: Contract, sign_in: Any, run_jobs: Any
) -> None:
    utility = world.utility
    one = sent(utility, contract, sign_in)
    desk = sign_in(utility.operator)
    assert one.name in desk.get(url("application_list")).content.decode()
    page = desk.get(url("application_detail", one.public_id))
    assert page.context["assign"].initial["number"] == "102"  # the one after the highest
    for number, status in (("101", 422), ("a b", 422), ("", 422), ("x" * 21, 422), ("102", 302)):
        answer = desk.post(url("application_number", one.public_id), {"number": number})
        assert answer.status_code == status, number
    run_jobs()
    (letter,) = mail.outbox
    assert letter.to == [utility.consumer.email]
    assert "102" in letter.subject
    assert url("application_detail", one.public_id) in letter.body
    with tenant_scope(utility.programme.pk):
        point = MeteringPoint.objects.get(number="102")
        assert (point.contract_id, point.name, point.totals_source) == (contract.pk, TYPED["name"], "archive")
        assert point.installations.get().meter.serial == "6512345"
        assert AuditEntry.objects.filter(action="application.assigned").count() == 1
    consumer = sign_in(utility.consumer)
    assert "102" in consumer.get(url("application_detail", one.public_id)).content.decode()
    file = consumer.get(url("console_settings", contract.public_id))
    assert "UniversalReader-Settings.xml" in file.headers["Content-Disposition"]
    read = read_settings(file.content, keep_passwords=True)
    (card,) = read.points
    assert (card.number, card.name, card.place, card.system, card.model, card.serial, card.password) == (
        "102", TYPED["name"], TYPED["address"], "heat", "multical602", "6512345", "",
    )  # fmt: skip
    assert (read.passwords, read.unknown, read.tcp_port) == (0, [], 10000)
    # decided once
    assert desk.post(url("application_refusal", one.public_id), {"reason": "late"}).status_code == 422
    assert desk.post(url("application_number", one.public_id), {"number": "103"}).status_code == 422


def test_a_refusal_tells_its_reason_and_a_consumer_withdraws(
    world: World, contract: Contract, sign_in: Any, run_jobs: Any
) -> None:
    one, two = (sent(world.utility, contract, sign_in) for _number in range(2))
    desk = sign_in(world.utility.operator)
    assert desk.post(url("application_refusal", one.public_id), {"reason": ""}).status_code == 422
    desk.post(url("application_refusal", one.public_id), {"reason": "Нет допуска <b>узла</b>."})
    run_jobs()
    (letter,) = mail.outbox
    assert "Нет допуска <b>узла</b>." in letter.body
    consumer = sign_in(world.utility.consumer)
    assert "Нет допуска &lt;b&gt;" in consumer.get(url("application_detail", one.public_id)).content.decode()
    assert consumer.post(url("application_take_back", one.public_id)).status_code == 302
    assert consumer.post(url("application_take_back", two.public_id)).status_code == 302
    with tenant_scope(world.utility.programme.pk):
        states = dict(NumberApplication.objects.values_list("public_id", "state"))
    assert states == {one.public_id: "refused", two.public_id: "withdrawn"}
    assert desk.post(url("application_number", two.public_id), {"number": "500"}).status_code == 422
    with tenant_scope(world.utility.programme.pk):
        assert not MeteringPoint.objects.filter(number="500").exists()


def test_a_known_meter_becomes_a_second_circuit(world: World, contract: Contract, sign_in: Any) -> None:
    with tenant_scope(world.utility.programme.pk):
        make_point("201", serial="6512345", contract=contract)
    one = sent(world.utility, contract, sign_in, medium="hot_water")
    desk = sign_in(world.utility.operator)
    assert "201" in desk.get(url("application_detail", one.public_id)).content.decode()
    desk.post(url("application_number", one.public_id), {"number": "202"})
    with tenant_scope(world.utility.programme.pk):
        meter = Meter.objects.get(serial="6512345")
        assert sorted(meter.installations.values_list("point__number", flat=True)) == ["201", "202"]


def test_who_may_open_what(world: World, contract: Contract, sign_in: Any) -> None:
    utility = world.utility
    one = sent(utility, contract, sign_in)
    other = make_utility("Другая", "drugaya")
    with tenant_scope(utility.programme.pk):
        foreign = Contract.objects.get(number="02009999")
    consumer, desk = sign_in(utility.consumer), sign_in(utility.operator)
    stranger, out = sign_in(other.operator), Client()
    table = [
        # (address, method, consumer, desk)
        (url("application_list"), "get", 200, 200),
        (url("application_detail", one.public_id), "get", 200, 200),
        (url("application_detail", uuid.uuid4()), "get", 404, 404),
        (url("application_new", contract.public_id), "get", 200, 403),
        (url("application_new", foreign.public_id), "get", 404, 403),
        (url("console_settings", contract.public_id), "get", 200, 200),
        (url("console_settings", foreign.public_id), "get", 404, 200),
        (url("application_number", one.public_id), "post", 403, 422),
        (url("application_refusal", one.public_id), "post", 403, 422),
        (url("application_take_back", one.public_id), "post", 302, 403),
        (url("application_number", one.public_id), "get", 405, 405),
        (url("console_settings", contract.public_id), "post", 405, 405),
    ]
    for address, method, theirs, staff in table:
        assert getattr(consumer, method)(address).status_code == theirs, (address, method)
        assert getattr(desk, method)(address).status_code == staff, (address, method)
        if method == "get" and theirs != 405:
            assert stranger.get(address).status_code == 404, address
            assert out.get(address).url.startswith("/?next="), address
    bad = url("application_detail", one.public_id).replace(str(one.public_id), "no-uuid")
    assert desk.get(bad).status_code == 404


@pytest.mark.pure
def test_the_settings_file_of_odd_names() -> None:
    odd = ConsolePoint("7", "A & <B>\x00\ud800 «Ж»", 'ул. "Мира"', "gas", "СПТ 941.20", "1")
    read = read_settings(settings_bytes([odd, ConsolePoint("8", "Без счётчика")]))
    assert [(card.number, card.name, card.system) for card in read.points] == [
        ("7", "A & <B> «Ж»", "gas"), ("8", "Без счётчика", "heat"),
    ]  # fmt: skip
    assert read.points[0].place == 'ул. "Мира"'
    assert [model_code(name) for name in ("multical 601", "MULTICAL602", "Карат-307", "ТВ7", "")] == [
        72, 132, 74, 103, None,
    ]  # fmt: skip


def settings_file(*points: str, head: str = "") -> SimpleUploadedFile:
    body = "".join(f"<measurePoint>{one}</measurePoint>" for one in points)
    return SimpleUploadedFile("s.xml", f"{head}<settings>{body}</settings>".encode())


def element(number: str, serial: str, system: str = "1", title: str = "Дом") -> str:
    return (
        f"<syncNumber>{number}</syncNumber><title>{title}</title><systemType>{system}</systemType><counterModel>29"
        f"</counterModel><counterSerialNumber>{serial}</counterSerialNumber><password>s3cret</password>"
    )


def test_a_settings_file_fills_in_applications_and_assigns_nothing(
    world: World, contract: Contract, sign_in: Any
) -> None:
    with tenant_scope(world.utility.programme.pk):
        make_point("201", serial="555", contract=contract)
    client, path = sign_in(world.utility.consumer), url("application_prefill", contract.public_id)
    file = settings_file(
        element("101", "777"),  # 101 is somebody else's: no word of that
        element("999", "555"), element("201", ""), element("5", "888", "32"), element("", "777", "2", ""),
    )  # fmt: skip
    page = client.post(path, {"file": file})
    rows = page.context["rows"]
    assert [row["found"].verdict for row in rows] == ["new", "own", "own", "other", "new"]
    assert "201" in rows[1]["text"] and "999" in rows[1]["text"]  # the assigned number beside the file's
    assert b"s3cret" not in page.content
    send = {"plan": page.context["signed"], "chosen": ["0", "1", "4"], "organisation": "ООО «Сервис»"}
    for _twice in (1, 2):
        assert client.post(path, send).status_code == 302
    with tenant_scope(world.utility.programme.pk):
        made = list(
            NumberApplication.objects.order_by("pk").values_list("name", "medium", "model", "serial", "state")
        )
        assert made == [
            ("Дом", "heat", "ВКТ-7", "777", "waiting"), (contract.holder, "hot_water", "ВКТ-7", "777", "waiting"),
        ]  # fmt: skip
        assert MeteringPoint.objects.count() == 2
    again = client.post(path, {"file": settings_file(element("101", "777"))})
    assert [row["found"].verdict for row in again.context["rows"]] == ["waits"]
    for wrong in ({"plan": "x"}, {"plan": page.context["signed"]}):
        assert client.post(path, wrong, follow=True).redirect_chain[-1][0] == path
    with tenant_scope(world.utility.programme.pk):
        assert NumberApplication.objects.count() == 2


@pytest.mark.pure
@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "broken"),
        (b"hello", "broken"),
        (b"<settings><measurePoint>", "broken"),
        (b'<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><settings>&a;</settings>', "broken"),
        (b"<settings/>", "no metering point"),
        (b"<config/>", "no settings file"),
        (b"<lersData><measurePoint/></lersData>", "Files sent"),
        (b"<settings>" + b"<measurePoint/>" * 501 + b"</settings>", "more than 500"),
        (b"<settings>" + b" " * 5_000_001 + b"</settings>", "larger than 5"),
    ],
)
def test_what_is_no_settings_file_gets_one_sentence(content: bytes, word: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        settings_read(content)
    assert word in refusal_text(refused.value.code)


def test_the_settings_file_is_taken_by_the_field_console(
    world: World, contract: Contract, sign_in: Any, tmp_path: Path
) -> None:
    """What the portal gives out, brought into the pages of `python -m gateway_sim console` as a person would."""
    with tenant_scope(world.utility.programme.pk):
        make_point("102", serial="6512345", contract=contract)
        Meter.objects.update(model="Multical 602")
    file = sign_in(world.utility.consumer).get(url("console_settings", contract.public_id)).content
    bench = Bench(tmp_path)
    bench.post("/bring-in", file=(io.BytesIO(file), "UniversalReader-Settings.xml"))
    (card,) = bench.store.points()
    assert (card.number, card.serial, card.model, card.system) == ("102", "6512345", "multical602", "heat")
