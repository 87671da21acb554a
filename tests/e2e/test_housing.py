"""Journey 1: from the registration of a programme to an occupant who sees this month beside the last, in French."""

from __future__ import annotations

import json
import re
import urllib.request
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.e2e.portal_process import ROOT, Portal
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
PARIS = ZoneInfo("Europe/Paris")
PROGRAMME, SLUG = "Résidence d'Été", "residence-dete"
SERIAL = "WGQV2LWVM2WFKXM3FBN99168"
INSTALLER, OPERATOR, OCCUPANT = "installateur@e2e.example", "exploitant@e2e.example", "camille@e2e.example"
CHOSEN = "Hiver à 19 degrés"
# What dwelling 101 uses a day, in the unit of the register: last month, this month, and so far today.
DAILY = {
    ("heat-101", "energy"): (Decimal(30), Decimal(36), Decimal(7)),
    ("cold-101", "volume"): (Decimal("0.200"), Decimal("0.150"), Decimal("0.050")),
    ("hot-101", "volume"): (Decimal("0.080"), Decimal("0.100"), Decimal("0.020")),
    ("elec-101", "peak"): (Decimal("4.00"), Decimal("5.00"), Decimal("1.00")),
    ("elec-101", "off-peak"): (Decimal("2.00"), Decimal("3.00"), Decimal("0.50")),
}
# of a kWh: the prices of electricity are set unless somebody sets others, those of heat and water are not
PRICES = {"off-peak": Decimal("0.0984"), "peak": Decimal("0.1391")}


class Course:
    """The readings of two months, at each local midnight, and what must be shown of them."""

    def __init__(self, now: datetime) -> None:
        self.today = now.astimezone(PARIS).date()
        self.first = self.today.replace(day=1)
        self.before = (self.first - timedelta(days=1)).replace(day=1)

    def index(self, key: tuple[str, str], day: date) -> Decimal:
        """At the midnight on which `day` begins."""
        last, this, _today = DAILY[key]
        return (
            1000 + last * (min(day, self.first) - self.before).days + this * max(0, (day - self.first).days)
        )

    def final(self, key: tuple[str, str]) -> Decimal:
        """What the meter stands at now."""
        return self.index(key, self.today) + DAILY[key][2]

    def items(self) -> list[dict[str, object]]:
        days = [self.before + timedelta(days=n) for n in range((self.today - self.before).days + 1)]
        return [
            {"seq": seq, "meter": key[0], "register": key[1], "value": str(self.index(key, day)),
             "taken_at": datetime.combine(day, time(), PARIS).astimezone(UTC).isoformat()}
            for seq, (key, day) in enumerate((key, day) for key in DAILY for day in days)
        ]  # fmt: skip

    def used(self, *keys: tuple[str, str]) -> Decimal:
        """This month until now."""
        return sum((self.final(key) - self.index(key, self.first) for key in keys), Decimal(0))

    def used_before(self, *keys: tuple[str, str]) -> Decimal:
        """As many days of last month as this month has had, today included."""
        end = min(self.before + timedelta(days=self.today.day), self.first)
        return sum((self.index(key, end) - self.index(key, self.before) for key in keys), Decimal(0))


def french(value: Decimal, digits: int) -> str:
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{rounded:,}".replace(",", " ").replace(".", ",")


def kwh(value: Decimal) -> str:
    return f"{french(value, 0 if value >= 10 else 1 if value >= 1 else 2)} kWh"


def m3(value: Decimal) -> str:
    return f"{french(value, 3)} m³"


def euros(off_peak: Decimal, peak: Decimal) -> str:
    return f"{french(off_peak * PRICES['off-peak'] + peak * PRICES['peak'], 2)} €"


def site_file(folder: Path, course: Course, port: str) -> Path:
    """The example's site on our bus; the meters of 101 stand still at what the course ends with."""
    text = (ROOT / "gateway_sim" / "examples" / "site.toml").read_text(encoding="utf-8")
    text = text.replace("socket://127.0.0.1:10001", port)
    for meter, register in DAILY:
        pattern = rf'(ref = "{meter}"\n.*?ref = "{register}"\n.*?index = )"[\d.]+", per_day = "[\d.]+"'
        text, count = re.subn(
            pattern, rf'\g<1>"{course.final((meter, register))}", per_day = "0"', text, count=1, flags=re.S
        )
        assert count == 1, (meter, register)
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_from_registration_to_the_occupants_month(
    portal: Portal, visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    course = Course(datetime.now(tz=UTC))
    installer = visitor("fr", "housing")
    register_and_activate(portal, installer)
    password = create_server(portal, installer)
    site = gateway(portal, course, password, tmp_path)
    estate(installer)
    operator = name_operator(portal, installer, visitor)
    create_occupant(operator, course)
    send_two_months(portal, course, tmp_path / "state")
    portal.agent("run", "--once", "--state", str(tmp_path / "state"), "--site", str(site))
    occupant = accept_as_occupant(portal, visitor)
    see_the_month(occupant, course)


def register_and_activate(portal: Portal, person: Visitor) -> None:
    person.go("/")
    person.look("sign-in")
    person.follow("/register/")
    person.look("register")
    person.fill(name=PROGRAMME, email=INSTALLER, email_again=INSTALLER)
    person.answer_question()
    person.send()
    person.at("/mail-sent/$")
    person.sees(INSTALLER)
    person.look("mail-sent")
    mail = portal.mail(INSTALLER)
    assert PROGRAMME in mail.text
    person.go(mail.link)
    person.look("activate")
    person.choose_password("court")
    person.send()
    assert person.refused("password")
    person.choose_password(CHOSEN)
    person.send()
    person.at(rf"/p/{SLUG}/$")
    person.look("programme-view-empty")
    person.expected_status = {410}
    person.go(mail.link)
    person.look("link-used")
    person.expected_status = set()
    person.sign_out()
    keyboard_sign_in(person)


def keyboard_sign_in(person: Visitor) -> None:
    """By the programme's name, without a mouse."""
    person.go("/")
    keys = person.page.keyboard
    login = person.page.locator('[name="login"]')
    for _step in range(20):
        if login.evaluate("element => element === document.activeElement"):
            break
        keys.press("Tab")
    keys.type(PROGRAMME)
    keys.press("Tab")
    keys.type(CHOSEN)
    keys.press("Enter")
    person.at(rf"/p/{SLUG}/$")


def create_server(portal: Portal, person: Visitor) -> str:
    person.follow(f"/p/{SLUG}/servers/")
    person.at("/servers/$")
    person.look("servers-empty")
    person.follow("/servers/create/")
    person.fill(serial="WGQV-2LWV-M2WF-KXM3-FBN9-916O", description="Serveur Lila")
    person.send()
    assert "O" in person.refused("serial")
    person.look("server-letter-o")
    person.fill(serial="wgqv-2lwv-m2wf-kxm3-fbn9-9168")
    person.send()
    person.at(r"/servers/[0-9a-f-]{36}/$")
    person.sees("WGQV-2LWV-M2WF-KXM3-FBN9-9168")
    person.look("server-new")
    mail = portal.mail(INSTALLER, number=2)
    assert "WGQV-2LWV-M2WF-KXM3-FBN9-9168" in mail.text
    (password,) = re.findall(r"^([0-9A-NP-Z]{30})$", mail.text, re.M)
    return str(password)


def gateway(portal: Portal, course: Course, password: str, folder: Path) -> Path:
    """Meters on a bus, and the box that reads them: activated, published, run once."""
    site = site_file(folder, course, "socket://127.0.0.1:10001")
    bus = portal.bus(site)
    address, meters, _word = bus.splitlines()[0].split()
    assert meters == "14"
    site = site_file(folder, course, address)
    state, secret = str(folder / "state"), folder / "password"
    secret.write_text("A" * 30)
    activate = (
        "activate",
        "--state",
        state,
        "--portal",
        portal.url,
        "--serial",
        SERIAL,
        "--password-file",
        str(secret),
    )
    refused = portal.agent(*activate, accept=(3,))
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "Traceback" not in refused.stderr
    secret.write_text(password)
    assert "Activated" in portal.agent(*activate).stdout
    assert "14 meters" in portal.agent("publish", "--state", state, "--site", str(site)).stdout
    told = portal.agent("run", "--once", "--state", state, "--site", str(site)).stdout
    assert re.match(r"14 of 14 meters answered, (\d+) readings taken, \1 delivered, 0 rejected", told), told
    return site


def estate(person: Visitor) -> None:
    person.go(f"/p/{SLUG}/")
    person.sees("Bâtiment A", "Appartement 101", "Appartement 302")
    person.look("programme-view")
    person.go(f"/p/{SLUG}/?view=dwelling")
    person.look("programme-view-by-dwelling")
    person.go(f"/p/{SLUG}/")
    person.page.get_by_role("link", name="Appartement 101").first.click()
    person.at("/dwellings/")
    person.sees("68150101")
    person.look("dwelling")
    person.follow(f"/p/{SLUG}/servers/")
    person.page.locator("table a").first.click()
    person.sees("WGQV-2LWV-M2WF-KXM3-FBN9-9168", str(datetime.now(tz=PARIS).year))
    person.look("server")
    for address, name in (
        ("servers/by-dwelling/", "servers-by-dwelling"),
        ("account/", "account"),
        ("account/email/", "account-email"),
        ("account/password/", "account-password"),
        ("parameters/tariffs/", "parameters-tariffs"),
        ("parameters/advanced/", "parameters-advanced"),
    ):
        person.go(f"/p/{SLUG}/{address}")
        person.look(name)


def name_operator(portal: Portal, installer: Visitor, visitor: Callable[..., Visitor]) -> Visitor:
    installer.follow("/operators/")
    installer.fill(email=OPERATOR, email_again=OPERATOR)
    installer.send()
    expect(installer.page.locator("main table")).to_contain_text(OPERATOR)
    installer.look("operators")
    operator = visitor("fr", "operator", phone=True)
    operator.go(portal.mail(OPERATOR).link)
    operator.look("operator-invited")
    operator.choose_password(CHOSEN)
    operator.page.locator('[name="legal"]').check()
    operator.send()
    operator.at(rf"/p/{SLUG}/$")
    return operator


def create_occupant(operator: Visitor, course: Course) -> None:
    operator.follow("/occupants/")
    operator.look("occupants-empty")
    operator.follow("/occupants/create/")
    operator.fill(
        dwelling="Appartement 101", name="Camille Renard", email=OCCUPANT, move_in=course.before.isoformat()
    )
    operator.look("occupant-create")
    operator.send()
    operator.at("/occupants/$")
    operator.sees("Camille Renard", "Appartement 101")
    operator.look("occupants")


def send_two_months(portal: Portal, course: Course, state: Path) -> None:
    """What the box had read before: as a batch through the gateway API, with its own token."""
    body = json.dumps({"batch": str(uuid.uuid4()), "spool": "1", "items": course.items()}).encode()
    request = urllib.request.Request(
        f"{portal.url}/api/v1/readings", data=body, method="POST",
        headers={"Authorization": f"Bearer {(state / 'token').read_text().strip()}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request) as answer:
        results = json.load(answer)["results"]
    assert {result["status"] for result in results} == {"accepted"}, results[:5]


def accept_as_occupant(portal: Portal, visitor: Callable[..., Visitor]) -> Visitor:
    occupant = visitor("fr", "occupant", phone=True)
    occupant.go(portal.mail(OCCUPANT).link)
    occupant.look("occupant-invited")
    occupant.choose_password(CHOSEN)
    occupant.send()
    occupant.at(rf"/p/{SLUG}/home/$")
    occupant.sign_out()
    occupant.go("/")
    occupant.sign_in(OCCUPANT, CHOSEN)
    occupant.at(rf"/p/{SLUG}/home/$")
    return occupant


def see_the_month(occupant: Visitor, course: Course) -> None:
    """This month by usage in kWh, m³ and €, with last month beside it: each figure exact."""
    occupant.look("home")
    heat, sockets = [("heat-101", "energy")], [("elec-101", "off-peak"), ("elec-101", "peak")]
    cold, hot = [("cold-101", "volume")], [("hot-101", "volume")]
    hot_kwh = course.used(*hot) * Decimal("1.163") * (55 - 12)
    hot_kwh_before = course.used_before(*hot) * Decimal("1.163") * (55 - 12)
    occupant.sees(
        "Appartement 101",
        kwh(course.used(*heat)),
        kwh(course.used_before(*heat)),
        kwh(hot_kwh),
        kwh(hot_kwh_before),
        kwh(course.used(*sockets)),
        kwh(course.used_before(*sockets)),
        euros(*(course.used(key) for key in sockets)),
        m3(course.used(*cold)),
        m3(course.used_before(*cold)),
        m3(course.used(*hot)),
        m3(course.used_before(*hot)),
    )
    occupant.go(f"/p/{SLUG}/home/?period=year")
    assert "0,00 €" not in occupant.text  # of the year before nothing is known, which is not nothing used
    occupant.look("home-year")
    occupant.go(f"/p/{SLUG}/home/parameters/tariffs/")
    occupant.look("home-tariffs")
    occupant.expected_status = {403}
    occupant.go(f"/p/{SLUG}/servers/")
    expect(occupant.page.locator("main")).to_be_visible()
    occupant.look("forbidden")
    occupant.expected_status = set()
