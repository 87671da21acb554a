"""The roles of docs/operations.md, started as it says without Docker: two web servers, three workers by queue, beat.

Then the portal's whole work goes through them: a server is activated, publishes and sends readings, an archive is
imported, a mail is sent, a total is shown. What each process did is read from its log and from the figures.
"""

from __future__ import annotations

import json
import os
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from accounts.jobs import queue_of
from portal.queues import QUEUES
from testkit.gateway import SERIAL, document
from testkit.servers import free_port
from tests.e2e.portal_process import Portal, until
from tests.readings.archive_kit import lers

pytestmark = pytest.mark.slow
CELERY = (
    "-m",
    "celery",
    "-A",
    "portal",
    "-q",
    "worker",
    "-P",
    "threads",
    "-c",
    "2",
    "--without-gossip",
    "--without-mingle",
)
WORKERS = {"worker-mail": "releve,mail", "worker-imports": "imports", "worker-rest": "totals,reports"}
PASSWORD = "compteur 7"
HOURS = [(f"2026-01-15T{hour:02}:00:00", {"T_in": "98.45"}) for hour in range(24)]
TOKEN = "the-token-of-the-figures"
BEGIN = """
import json
from datetime import UTC, datetime
from accounts.access import actor_of
from accounts.models import Contract, Role
from accounts.services.operators import operator_invite
from accounts.tenancy import tenant_scope
from servers.models import Meter, MeteringPoint, MeterInstallation
from testkit.gateway import make_server
from testkit.world import join, make_programme, make_user
home, heat = make_programme("Tilleuls", "tilleuls"), make_programme("Тепло", "teplo", kind="utility")
person = make_user("desk@example.org")
for programme in (home, heat):
    join(person, programme, Role.OPERATOR)
_server, password = make_server(home)
with tenant_scope(heat.pk):
    contract = Contract.objects.create(kind="contract", number="02000000", city="Чита", holder="ТСЖ", phone="9991234567")
    point = MeteringPoint.objects.create(number="101", name="101", medium="heat", usage="heating", contract=contract,
                                         totals_source="archive")
    MeterInstallation.objects.create(meter=Meter.objects.create(serial="1", medium="heat"), point=point,
                                     installed_at=datetime(2012, 1, 1, tzinfo=UTC))
with tenant_scope(home.pk):
    operator_invite(actor=actor_of(person, home), email="new@example.org")
print(json.dumps({"password": password, "point": str(point.public_id)}))
"""


class Fleet(Portal):
    """Every role a process of its own, as in docker-compose.yml."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ports = [self.port, free_port()]
        self.environment |= {"METRICS_TOKEN": TOKEN, "LOG_FORMAT": "json", "WEB_WORKERS": "1"}

    def start(self) -> None:
        python = sys.executable
        self.manage("migrate", "-v", "0")
        for number, port in enumerate(self.ports, 1):
            self.environment["WEB_BIND"] = f"127.0.0.1:{port}"
            self._child(
                f"web-{number}",
                python,
                "-m",
                "gunicorn",
                "portal.wsgi",
                "-c",
                "python:portal.operations.gunicorn",
            )
        for name, queues in WORKERS.items():
            self._child(name, python, *CELERY, "-Q", queues, "-n", f"{name}@localhost")
        self._child("beat", python, "-m", "celery", "-A", "portal", "-q", "beat", "--pidfile", "")

    def web(self, number: int) -> str:
        return f"http://127.0.0.1:{self.ports[number - 1]}"

    def is_ready(self, number: int) -> bool:
        try:
            return requests.get(f"{self.web(number)}/health/ready", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def lines(self, name: str) -> list[dict[str, Any]]:
        """What a role logged. Celery warns in plain text of a superuser, which these tests may be."""
        told = (self.folder / f"{name}.log").read_text().splitlines()
        return [json.loads(line) for line in told if line.startswith("{")]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if not os.environ.get("DATABASE_URL"):
        pytest.skip("more than one machine needs PostgreSQL and Redis; runs in that lane")
    fleet = Fleet(tmp_path_factory.mktemp("fleet"))
    try:
        fleet.start()
        yield fleet
    finally:
        fleet.stop()


class Box:
    """A server that speaks to whichever web server it is told to."""

    def __init__(self, fleet: Fleet, password: str) -> None:
        self.fleet = fleet
        answer = requests.post(
            f"{fleet.web(1)}/api/v1/activation", json={"serial": SERIAL, "password": password}, timeout=9
        )
        assert answer.status_code == 201, answer.text
        self.token = answer.json()["token"]

    def ask(self, web: int, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.fleet.web(web)}/api/v1{path}"
        answer = requests.request(method, url, json=body, headers=headers, timeout=9)
        assert answer.status_code in (200, 202), answer.text
        return answer.json()

    def publish(self) -> None:
        job = self.ask(2, "PUT", "/publication", document())["job"]
        until(lambda: self.ask(1, "GET", f"/publication/{job}")["state"] == "done", "the publication")

    def send(self, web: int, *, day: str, value: str) -> str:
        item = {
            "seq": web,
            "meter": "heat-101",
            "register": "energy",
            "taken_at": f"{day}T00:00:00+01:00",
            "value": value,
        }
        return str(
            self.ask(web, "POST", "/readings", {"batch": str(uuid.uuid4()), "items": [item]})["results"][0][
                "status"
            ]
        )


class Person:
    def __init__(self, web: str, email: str) -> None:
        self.session, self.web = requests.Session(), web
        self.post("/", {"login": email, "password": PASSWORD})

    def get(self, path: str) -> str:
        answer = self.session.get(f"{self.web}{path}", timeout=9)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, path: str, fields: dict[str, str], files: Any = None) -> str:
        """The path that the answer leads to."""
        self.session.get(f"{self.web}{path.removesuffix('upload/')}", timeout=9)
        form = {**fields, "csrfmiddlewaretoken": self.session.cookies["csrftoken"]}
        answer = self.session.post(f"{self.web}{path}", form, files=files, allow_redirects=False, timeout=9)
        assert answer.status_code == 302, answer.text[:2000]
        return str(answer.headers["Location"])


def figures(fleet: Fleet) -> dict[tuple[str, ...], float]:
    answer = requests.get(f"{fleet.web(2)}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=9)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_main_work_goes_through_all_roles(fleet: Fleet) -> None:
    made = json.loads(fleet.manage("shell", "-v", "0", "-c", BEGIN))
    until(lambda: fleet.is_ready(1) and fleet.is_ready(2), "two web servers")
    box = Box(fleet, made["password"])
    box.publish()
    assert (
        box.send(1, day="2026-11-01", value="100")
        == box.send(2, day="2026-11-02", value="112.5")
        == "accepted"
    )

    person = Person(fleet.web(1), "desk@example.org")
    receipt = person.post(f"/p/teplo/points/{made['point']}/upload/", {}, {"file": ("a.xml", lers(HOURS))})
    person.web = fleet.web(2)  # the session is known to both
    until(lambda: "Receipt number" in person.get(receipt), "the import")
    assert re.search(r">\s*24\s*<", person.get(receipt)), "the hours of the file"
    assert fleet.mail("new@example.org").link
    _hurry(fleet)
    until(lambda: figures(fleet).get(("releve_jobs_ended_total", "totals", "done")), "the totals")
    homes = set(re.findall(r"/p/tilleuls/dwellings/[0-9a-f-]{36}/", person.get("/p/tilleuls/")))
    assert len(homes) == 2
    assert any("12.5" in person.get(f"{home}consumption/?month=2026-11") for home in homes), (
        "the total is shown"
    )

    found = figures(fleet)
    assert found[("releve_ingest_batches_total", "stored")] == 2, "one by each web server, added up by either"
    assert all(found[("releve_queue_silence_seconds", queue)] < 60 for queue in QUEUES)
    for name, queues in WORKERS.items():
        kinds = {line["kind"] for line in fleet.lines(name) if line["message"] == "job done"}
        assert {queue_of(kind).value for kind in kinds} == {*queues.split(",")} - {"reports"}, (name, kinds)
    told = [line for n in (1, 2) for line in fleet.lines(f"web-{n}") if line["logger"] == "releve.request"]
    assert {line["route"] for line in told} >= {"api/v1/readings", "api/v1/activation"}
    everything = fleet.logs()
    assert (
        made["password"] not in everything and box.token not in everything and "Traceback" not in everything
    )


def _hurry(fleet: Fleet) -> None:
    """Totals wait a while for what else may come; the test does not."""
    connection = psycopg2.connect(fleet.environment["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_job SET due_at = now() WHERE kind = 'totals'")
    connection.close()
