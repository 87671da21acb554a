"""Journey 2: a consumer joins a utility, adds a contract, sends archives and sees values, in Russian."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.portal_process import ROOT, Portal
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SLUG = "teplo-e2e"
ADMINISTRATOR, CONSUMER = "direction@teplo-e2e.example", "mir@teplo-e2e.example"
CHOSEN = "Зима 19 градусов"
GOLDEN = Path(__file__).parent / "archive_101.xml"  # two days of hours and three days
SAMPLES = ROOT.parent / "shared" / "samples" / "lers"
# What the utility's own records say. The contract page and the upload are the consumer's work.
RECORDS = f"""
from datetime import datetime, UTC
from accounts.models import Contract, Programme
from accounts.tenancy import tenant_scope
from servers.models import Meter, MeteringPoint, MeterInstallation
with tenant_scope(Programme.objects.get(slug="{SLUG}").pk):
    contract = Contract.objects.create(kind="contract", number="02000000", city="Чита", holder="ГСК «Мир»",
                                       address="ул. Столярова, 14а", phone="9991234567")
    meter = Meter.objects.create(serial="00000001", medium="heat")
    for number, medium, usage in (("101", "heat", "heating"), ("102", "hot_water", "hot_water")):
        point = MeteringPoint.objects.create(number=number, name="Дом " + number, medium=medium, usage=usage,
                                             contract=contract, totals_source="archive", address="ул. Столярова, 14а")
        MeterInstallation.objects.create(meter=meter, point=point, installed_at=datetime(2012, 1, 1, tzinfo=UTC))
"""
STORED = f"""
from accounts.models import Programme
from accounts.tenancy import tenant_scope
from readings.models import ArchiveRecord
with tenant_scope(Programme.objects.get(slug="{SLUG}").pk):
    print(ArchiveRecord.objects.count())
"""


def test_from_joining_to_the_values(portal: Portal, visitor: Callable[..., Visitor], tmp_path: Path) -> None:
    portal.manage("create_programme", "--name", "Тепло", "--slug", SLUG, "--kind", "utility", "--time-zone", "Asia/Chita",
                  "--administrator", ADMINISTRATOR, "--activated")  # fmt: skip
    portal.manage("shell", "-c", RECORDS)
    consumer = visitor("ru", "utility", phone=True)
    join(portal, consumer)
    add_contract(consumer)
    open_meter(consumer)
    upload(consumer, GOLDEN, "golden")
    assert see_report(consumer) == [[48, 48, 0, 0, 0], [3, 3, 0, 0, 0]]
    see_values(consumer)
    refuse_broken(portal, consumer, tmp_path)
    twice(consumer)
    every_good_sample(consumer)


def join(portal: Portal, person: Visitor) -> None:
    person.go(f"/p/{SLUG}/join/")
    person.look("join")
    person.fill(email=CONSUMER, email_again=CONSUMER)
    person.answer_question()
    person.send()
    person.at("/mail-sent/$")
    person.go(portal.mail(CONSUMER).link)
    person.look("activate")
    person.choose_password(CHOSEN)
    person.send()
    person.at(rf"/p/{SLUG}/contracts/$")
    person.look("contracts-empty")


def add_contract(person: Visitor) -> None:
    person.follow("/contracts/add/")
    person.fill(city="Чита", number="02000000", phone="999 765-43-21")
    person.expected_status = {422}
    person.send()
    sentences = person.page.locator("main .field-error li, main .error-summary li")
    expect(sentences.first).to_be_visible()
    assert len(set(sentences.all_inner_texts())) == 1
    person.look("contract-wrong-phone")
    person.expected_status = set()
    person.fill(phone="+7 999 123-45-67")
    person.send()
    person.at(r"/contracts/[0-9a-f-]{36}/$")
    person.sees("02000000", "ГСК «Мир»", "ул. Столярова, 14а")
    person.look("contract")
    person.go(f"/p/{SLUG}/contracts/")
    person.look("contracts")
    person.page.get_by_role("link", name="02000000").first.click()


def open_meter(person: Visitor) -> None:
    """From the contract's balance to its heat meters, then to the one."""
    person.at(r"/contracts/[0-9a-f-]{36}/")
    person.loaded()
    meter = person.page.get_by_role("link", name="Дом 101")
    if not meter.count():
        person.page.locator(".title-aside a").first.click()
    meter.first.click()
    person.at(r"/points/[0-9a-f-]{36}/$")
    person.sees("00000001", "101")
    person.look("meter-empty")


def upload(person: Visitor, file: Path, name: str) -> None:
    """Send a file on the meter's page, and wait on its own page until the worker has read it."""
    send_file(person, file)
    wait_until_read(person)
    person.look(f"import-{name}")


def send_file(person: Visitor, file: Path) -> None:
    person.page.locator('input[type="file"]').set_input_files(file)
    person.send("#upload")
    person.at(r"/imports/[0-9a-f-]{36}/$")


def wait_until_read(person: Visitor) -> None:
    """Until its receipt or its refusal; a file that differs from what is stored waits for a word in between."""
    finished = person.page.locator("main .alert-danger:visible, main dl.facts code:visible")
    keep = person.page.locator('main button[name="answer"][value="keep"]')
    for _look in range(5):  # shown anew when another file has changed what is stored meanwhile
        expect(finished.or_(keep).first).to_be_visible(timeout=180_000)
        if not keep.count():
            return
        person.look("import-preview")
        keep.click()
        person.page.wait_for_load_state()
    raise AssertionError("the preview comes again and again")


def meter_page(person: Visitor) -> None:
    person.page.locator('main a[href*="/points/"]').first.click()
    person.at("/points/")


def see_report(person: Visitor) -> list[list[int]]:
    """A receipt, and a row an interval: in the file, accepted, already there, replaced, rejected."""
    expect(person.page.locator("main dl.facts code")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    assert re.search(r"\d{8}-\d+", person.text)
    person.loaded()
    rows = person.page.locator("main section table").first.locator("tbody tr")
    counts = [
        [int(cell.replace("\u202f", "")) for cell in row.locator("td").all_inner_texts()]
        for row in rows.all()
    ]
    assert counts
    for in_file, *parts in counts:
        assert in_file == sum(parts) > 0
    return counts


def see_values(person: Visitor) -> None:
    meter_page(person)
    person.page.locator('#archive select[name="parameter"]').select_option("T_in")
    person.page.locator('#archive form button[type="submit"]').first.click()
    person.at("parameter=T_in")
    expect(person.page.locator("#archive svg:visible").first).to_be_visible()
    person.loaded()
    for summary in person.page.locator("#archive summary").all():
        summary.click()
    person.sees("98,45")  # the first hour as the file has it
    assert person.page.locator("#archive table tbody tr").count() >= 3
    person.look("meter")


def refuse_broken(portal: Portal, person: Visitor, folder: Path) -> None:
    before = portal.manage("shell", "-v", "0", "-c", STORED)
    broken = folder / "broken.xml"
    broken.write_bytes(GOLDEN.read_bytes()[:-120])
    upload(person, broken, "broken")
    alert = person.page.locator("main .alert-danger:visible")
    expect(alert).to_have_count(1)
    assert not re.search(r"Traceback|lxml|Error|Exception", alert.inner_text())
    meter_page(person)
    other = folder / "picture.xml"
    other.write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    person.expected_status = {422}
    person.page.locator('input[type="file"]').set_input_files(other)
    person.send("#upload")
    assert person.refused("file")
    person.look("meter-not-lers")
    person.expected_status = set()
    assert portal.manage("shell", "-v", "0", "-c", STORED) == before
    assert int(before) > 0


def twice(person: Visitor) -> None:
    """The same file again leads to its report, and says so with the receipt's number."""
    upload(person, GOLDEN, "again")
    receipt = re.search(r"\d{8}-\d+", person.page.locator("main dl.facts").first.inner_text())
    assert receipt
    expect(person.page.locator("main .alert:visible").first).to_contain_text(receipt[0])


def every_good_sample(person: Visitor) -> None:
    """Whatever the field console is known to write: all are sent, then each report is read."""
    files = [path for path in sorted(SAMPLES.glob("*.xml*")) if path.name.startswith(("recon-", "fact-api-"))]
    meter_page(person)
    meter, pages = person.page.url, {}
    for path in files:
        person.go(meter)
        send_file(person, path)
        pages[path.name] = person.page.url
    for name, address in pages.items():
        person.go(address)
        wait_until_read(person)
        assert person.page.locator("main .alert-danger:visible").count() == 0, (name, person.text)
        if "errors" not in name:  # a list of the meter's faults holds no intervals
            see_report(person)
    if pages:
        person.look("import-sample")
