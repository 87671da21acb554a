"""The services of docker-compose.yml, each started by its own command, without Docker: migrate, two web servers, a
worker for each group of queues, beat. Their secrets come as files, and only migrate signs in to the database as its owner.

Then the portal's whole work goes through them: a server is activated, publishes and sends readings, an archive is
imported, a mail is sent, a total is shown, a table is divided into months. What each process did is read from its log
and from the figures.
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
import yaml
from prometheus_client.parser import text_string_to_metric_families

from accounts.jobs import queue_of
from portal.queues import QUEUES
from testkit.cluster import free_port
from testkit.gateway import SERIAL, document
from testkit.lint import compose, image
from testkit.roles import two_roles
from tests.e2e.portal_process import Portal, until
from tests.readings.archive_kit import lers

pytestmark = pytest.mark.slow
COMPOSE = yaml.safe_load(compose.FILE.read_text(encoding="utf-8"))["services"]
IMAGE = json.loads(dict(image.instructions(image.FILE.read_text(encoding="utf-8")))["CMD"])
WORKERS = [name for name in COMPOSE if name.startswith("worker-")]
PASSWORD = "compteur 7"
LIGHTLY = ("-P", "threads", "--without-gossip", "--without-mingle")
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


def command_of(service: str) -> list[str]:
    """What docker-compose.yml starts, by this Python."""
    first, *words = COMPOSE[service].get("command", IMAGE)
    return [sys.executable, *(["-m", first] if first != "python" else []), *words]


def queues_of(worker: str) -> set[str]:
    words = command_of(worker)
    return set(words[words.index("-Q") + 1].split(","))


class Fleet(Portal):
    """Every role a process of its own, as in docker-compose.yml."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ports = [self.port, free_port()]
        self.roles = two_roles(os.environ["DATABASE_URL"])
        self.secrets = folder / "secrets"
        self.secrets.mkdir()
        for name, secret in {
            "database_owner_url": self.roles.owner, "database_url": self.roles.web, "metrics_token": TOKEN,
            "redis_url": self.environment.pop("REDIS_URL"), "secret_key": "k" * 30 + "0123456789" * 3,
        }.items():  # fmt: skip
            (self.secrets / name).write_text(f"{secret}\n")
        del self.environment["DATABASE_URL"]
        self.plain = {**self.environment, "RELEVE_MODE": "demo", "LOG_FORMAT": "json", "WEB_WORKERS": "1"}

    @staticmethod
    def _new_database(address: str) -> str:
        return address  # its own is made with its two roles

    def be(self, service: str) -> None:
        """What is started next is given this service's files of secrets."""
        files = {
            name: value.replace("/run/secrets", str(self.secrets))
            for name, value in COMPOSE[service]["environment"].items()
            if value.startswith("/run/secrets/") and name != "EMAIL_URL_FILE"  # a demo's mails are files
        }
        self.environment = {**self.plain, **files}

    def start(self) -> None:
        self.be("migrate")
        self.manage(*command_of("migrate")[2:])
        self.be("web")
        for number, port in enumerate(self.ports, 1):
            self.environment["WEB_BIND"] = f"127.0.0.1:{port}"
            self._child(f"web-{number}", *command_of("web"))
        for (
            name
        ) in WORKERS:  # by threads and without their neighbours' gossip: two cores start them all at once
            self.be(name)
            self._child(name, *command_of(name), *LIGHTLY, "-n", f"{name}@localhost")
        self.be("beat")
        self._child("beat", *command_of("beat")[:-1], str(self.folder / "beat"))
        self.be("web")

    def web(self, number: int) -> str:
        return f"http://127.0.0.1:{self.ports[number - 1]}"

    def is_ready(self, number: int) -> bool:
        try:
            return requests.get(f"{self.web(number)}/health/ready", timeout=20).status_code == 200
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
            f"{fleet.web(1)}/api/v1/activation", json={"serial": SERIAL, "password": password}, timeout=60
        )
        assert answer.status_code == 201, answer.text
        self.token = answer.json()["token"]

    def ask(self, web: int, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.fleet.web(web)}/api/v1{path}"
        answer = requests.request(method, url, json=body, headers=headers, timeout=60)
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
        answer = self.session.get(f"{self.web}{path}", timeout=60)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, path: str, fields: dict[str, str], files: Any = None) -> str:
        """The path that the answer leads to."""
        self.session.get(f"{self.web}{path.removesuffix('upload/')}", timeout=60)
        form = {**fields, "csrfmiddlewaretoken": self.session.cookies["csrftoken"]}
        answer = self.session.post(f"{self.web}{path}", form, files=files, allow_redirects=False, timeout=60)
        assert answer.status_code == 302, answer.text[:2000]
        return str(answer.headers["Location"])


def figures(fleet: Fleet) -> dict[tuple[str, ...], float]:
    answer = requests.get(f"{fleet.web(2)}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)
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
    assert all(found[("releve_queue_silence_seconds", queue)] < 600 for queue in QUEUES)
    for name in WORKERS:
        kinds = {line["kind"] for line in fleet.lines(name) if line["message"] == "job done"}
        assert {queue_of(kind).value for kind in kinds} == queues_of(name) - {"reports"}, (name, kinds)
    told = [line for n in (1, 2) for line in fleet.lines(f"web-{n}") if line["logger"] == "releve.request"]
    assert {line["route"] for line in told} >= {"api/v1/readings", "api/v1/activation"}
    everything = fleet.logs()
    assert (
        made["password"] not in everything and box.token not in everything and "Traceback" not in everything
    )

    # the tables are divided under it by their owner, and its own worker makes the months to come
    fleet.be("migrate")
    fleet.environment["PARTITIONS_AHEAD"] = "1"
    fleet.manage("partition", "--divide")
    fleet.be("web")
    _ask(fleet.roles.web, NIGHTLY)
    until(
        lambda: _ask(fleet.roles.web, PIECES) == [(2 * 5,)],
        "what was, three months, and the rest",
    )
    assert box.send(1, day="2026-11-03", value="120") == "accepted"
    fleet.manage("doctor", "--only", "isolation", "--only", "migrations")


def _hurry(fleet: Fleet) -> None:
    """Totals wait a while for what else may come; the test does not."""
    _ask(fleet.roles.web, "UPDATE accounts_job SET due_at = now() WHERE kind = 'totals'")


NIGHTLY = (
    "INSERT INTO accounts_job (public_id, kind, ref, state, due_at, attempts, error, created_at) "
    "VALUES (gen_random_uuid(), 'partitions', '', 'queued', now(), 0, '', now())"
)
PIECES = (
    "SELECT count(*) FROM pg_inherits "
    "WHERE inhparent IN ('readings_reading'::regclass, 'readings_archiverecord'::regclass)"
)


def _ask(address: str, *statements: str) -> list[tuple[Any, ...]]:
    """What the last of them gives."""
    connection = psycopg2.connect(address)
    try:
        with connection, connection.cursor() as cursor:
            for sql in statements:
                cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


NOT_THEIRS = [
    "ALTER TABLE servers_building DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE servers_building DISABLE TRIGGER ALL",
    "ALTER TABLE servers_building ADD COLUMN more integer",
    "ALTER TABLE servers_building OWNER TO CURRENT_USER",
    "DROP POLICY own_programme ON servers_building",
    "CREATE POLICY mine ON servers_building USING (true)",
    "DROP TABLE servers_building CASCADE",
    "TRUNCATE servers_building CASCADE",
    "CREATE TABLE mine (a integer)",
    "CREATE SCHEMA mine",
    "CREATE OR REPLACE FUNCTION readings_reading_own() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "DROP FUNCTION readings_reading_piece_make(date)",
    "DELETE FROM django_migrations",
    "SET session_replication_role = replica",
    "GRANT releve_all TO releve_app",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "COPY accounts_user TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT readings_reading_piece_empty('servers_building')",
    "SELECT readings_reading_piece_make('2026-11-02')",
    "SET ROLE releve_app; SELECT readings_reading_piece_make('2040-01-01')",
]


def test_who_serves_changes_no_table(fleet: Fleet) -> None:
    """Not by what an injected statement might try: the walls are the owner's."""
    for statement in (*NOT_THEIRS, f"SET ROLE {fleet.roles.owner.split('//')[1].split(':')[0]}"):
        with pytest.raises(psycopg2.Error) as refused:
            _ask(fleet.roles.web, statement)
        assert refused.value.pgcode in ("42501", "P0001"), (statement, str(refused.value))
    seen = "SELECT count(*) FROM servers_dwelling"
    assert _ask(fleet.roles.web, "SET ROLE releve_app", seen) == [(0,)], "no programme is chosen"
    assert _ask(fleet.roles.web, seen) > [(0,)] and _ask(fleet.roles.web, "SHOW is_superuser") == [("off",)]
