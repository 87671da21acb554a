"""Journey 7: a netbook in the cellar. Two simulated heat meters are read with the field console, by hours, and the
consumer uploads both files in the portal and sees October there. Every part is a process of its own."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from gateway_sim.meters import plant
from tests.e2e import test_utility as utility
from tests.e2e.portal_process import ROOT, Portal, until
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SLUG, CONSUMER = "pult-e2e", "cellar@teplo.example"
METERS = {"201": ("multical601", "MULTICAL 601", "6512345"), "202": ("spt943", "СПТ943 rev. 3", "12345")}
OCTOBER = 31 * 24  # hours
RECORDS = f"""
from datetime import datetime, UTC
from accounts.models import Contract, Programme
from accounts.tenancy import tenant_scope
from servers.models import Meter, MeteringPoint, MeterInstallation
with tenant_scope(Programme.objects.get(slug="{SLUG}").pk):
    contract = Contract.objects.create(kind="contract", number="02000000", city="Чита", holder="ГСК «Мир»",
                                       address="ул. Столярова, 14а", phone="9991234567")
    for number, serial in (("201", "6512345"), ("202", "12345")):
        meter = Meter.objects.create(serial=serial, medium="heat")
        point = MeteringPoint.objects.create(number=number, name="Дом " + number, medium="heat", usage="heating",
                                             contract=contract, totals_source="archive", address="ул. Столярова, 14а")
        MeterInstallation.objects.create(meter=meter, point=point, installed_at=datetime(2012, 1, 1, tzinfo=UTC))
"""
STORED = f"""
from accounts.models import Programme
from accounts.tenancy import tenant_scope
from readings.models import ArchiveRecord
with tenant_scope(Programme.objects.get(slug="{SLUG}").pk):
    print(ArchiveRecord.objects.filter(series__kind="hour").count())
"""


@contextmanager
def verb(log: Path, *words: str) -> Iterator[str]:
    """A verb of gateway_sim that runs until it is told to end; the first line that it prints."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway_sim", *words], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield str(until(lambda: log.read_text().strip(), words[0])).splitlines()[0]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()


def test_from_the_cellar_to_the_portal(
    portal: Portal, browser: Browser, visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    # the portal's own records, while nobody looks
    portal.manage("create_programme", "--name", "Пульт", "--slug", SLUG, "--kind", "utility", "--time-zone", "Asia/Chita",
                  "--administrator", "direction@pult.example", "--activated")  # fmt: skip
    portal.manage("shell", "-c", RECORDS)
    data = tmp_path / "console"
    with ExitStack() as running:
        lines = {
            number: running.enter_context(
                verb(tmp_path / f"{model}.log", "simulate", "--meter", model, "--set", "now=2026-11-03T10:20",
                     "--quick", "--listen", "127.0.0.1:0")
            ).split()[0]
            for number, (model, _title, _serial) in METERS.items()
        }  # fmt: skip
        address = running.enter_context(
            verb(tmp_path / "console.log", "console", "--data", str(data), "--port", "0")
        )
        reader = Visitor(browser, address, "ru", "field")
        files = read_in_the_cellar(reader, lines, data / "data", tmp_path)
        reader.context.close()
        assert not reader.faults, "\n".join(reader.faults)
    upload_at_home(portal, visitor("ru", "field-portal"), files)
    assert int(portal.manage("shell", "-v", "0", "-c", STORED)) >= 2 * OCTOBER


# -- the console --------------------------------------------------------------------------------------------------


def read_in_the_cellar(person: Visitor, lines: dict[str, str], folder: Path, taken: Path) -> dict[str, Path]:
    person.go("/")
    person.look("empty")
    for number, line in lines.items():
        create_point(person, number, line)
    person.look("points")
    for number in lines:
        poll_october(person, number)
    return {number: find_file(person, number, folder, taken) for number in lines}


def create_point(person: Visitor, number: str, line: str) -> None:
    _model, title, serial = METERS[number]
    person.go("/")
    person.page.get_by_role("link", name="Создать").first.click()
    person.fill(name=f"Дом {number}", place="ул. Столярова, 14а", number=number)
    save(person)
    person.at("tab=meter")
    person.page.get_by_label("Модель счётчика").select_option(label=title)
    person.fill(serial=serial)
    person.page.get_by_label("Отдельный порт или адрес").check()
    person.fill(port=line)
    person.look(f"meter-{number}")
    save(person)
    person.sees("Сохранено.", serial)


def save(person: Visitor) -> None:
    person.page.get_by_role("button", name="Сохранить").click()


def poll_october(person: Visitor, number: str) -> None:
    """The row, the button, the period: by the keyboard alone."""
    person.go("/")
    row = person.page.get_by_role("radio", name=f"Дом {number}")
    row.focus()
    person.page.keyboard.press("Space")
    poll = person.page.get_by_role("button", name="Опросить")
    poll.focus()
    person.page.keyboard.press("Enter")
    person.at("/poll$")
    person.page.get_by_label("С", exact=True).fill("2026-10-01")
    person.page.get_by_label("По", exact=True).fill("2026-10-31")
    expect(person.page.get_by_label("Часовые")).to_be_checked()
    start = person.page.get_by_role("button", name="Старт")
    start.focus()
    person.page.keyboard.press("Enter")
    # a machine so loaded that a request is repeated is then asked everything twice for a minute
    expect(person.page.get_by_text("Считано всё, что запрошено.")).to_be_visible(timeout=300_000)
    person.sees(METERS[number][2])
    person.look(f"poll-{number}")


def find_file(person: Visitor, number: str, folder: Path, taken: Path) -> Path:
    """In the folder that the page names, and the same when it is downloaded from the page."""
    person.go("/")
    person.page.get_by_role("link", name="Папка с данными").first.click()
    person.sees(str(folder))
    person.look("files")
    link = person.page.get_by_role("link", name=re.compile(rf"^{number}_20261001-20261101_hour_"))
    with person.page.expect_download() as download:
        link.click()
    path = taken / download.value.suggested_filename
    download.value.save_as(path)
    assert path.read_bytes() == (folder / path.name).read_bytes()
    return path


# -- the portal ---------------------------------------------------------------------------------------------------


def upload_at_home(portal: Portal, person: Visitor, files: dict[str, Path]) -> None:
    join(portal, person)
    for number, path in files.items():
        open_meter(person, number)
        utility.upload(person, path, number)
        assert utility.see_report(person) == [[OCTOBER, OCTOBER, 0, 0, 0]]
        see_october(person, number)


def join(portal: Portal, person: Visitor) -> None:
    person.go(f"/p/{SLUG}/join/")
    person.fill(email=CONSUMER, email_again=CONSUMER)
    person.answer_question()
    person.send()
    person.at("/mail-sent/$")
    person.go(portal.mail(CONSUMER).link)
    person.choose_password(utility.CHOSEN)
    person.send()
    person.follow("/contracts/add/")
    person.fill(city="Чита", number="02000000", phone="+7 999 123-45-67")
    person.send()
    person.at(r"/contracts/[0-9a-f-]{36}/$")


def open_meter(person: Visitor, number: str) -> None:
    """From the contract to its meters, which may stand on a page of their own."""
    person.go(f"/p/{SLUG}/contracts/")
    person.page.get_by_role("link", name="02000000").first.click()
    person.at(r"/contracts/[0-9a-f-]{36}/")
    person.loaded()
    meter = person.page.get_by_role("link", name=f"Дом {number}")
    if not meter.count():
        person.page.locator(".title-aside a").first.click()
    meter.first.click()
    person.sees(METERS[number][2])


def see_october(person: Visitor, number: str) -> None:
    """The first hour of October, as the house used it, to the last digit."""
    utility.meter_page(person)
    archive = person.page.locator("#archive")
    archive.get_by_label("С", exact=True).fill("2026-10-01")
    archive.get_by_label("По", exact=True).fill("2026-10-31")
    archive.get_by_role("button", name="Показать").click()
    person.at("2026-10-01")
    person.loaded()
    for summary in person.page.locator("#archive summary").all():
        summary.click()
    first = plant.hour_of(plant.EPOCH.replace(year=2026, month=10))
    person.sees(str(plant.decimal(first.t1, 2).normalize()).replace(".", ","))
    person.look(f"october-{number}")
