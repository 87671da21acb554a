"""A box of the tests: an activated server that speaks the gateway API through Django's test client."""

from __future__ import annotations

import gzip
import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.test import Client

from accounts.jobs import run_job
from accounts.models import Job, Programme
from accounts.tenancy import tenant_scope
from servers.models import Server
from servers.services.boxes import server_add
from servers.services.credentials import password_issue, server_activate

SERIAL = "WGQV2LWVM2WFKXM3FBN99167"
OTHER_SERIAL = "A1B2C3D4E5F6G7H8I9J0K1L2"


@dataclass
class Box:
    """`put("/publication", {...})` with the token; the answer is Django's test response."""

    programme: Programme
    server: Server
    token: str

    def request(
        self, method: str, path: str, body: Any = None, *, zipped: bool = False, **headers: str
    ) -> Any:
        return call(method, path, body, token=self.token, zipped=zipped, **headers)

    def get(self, path: str) -> Any:
        return self.request("GET", path)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.request("POST", path, body, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.request("PUT", path, body, **more)

    def delete(self, path: str) -> Any:
        return self.request("DELETE", path)

    def publish(self, document: dict[str, Any]) -> dict[str, Any]:
        """Publish, let the job do its work, and give the verdict."""
        answer = self.put("/publication", document)
        assert answer.status_code == 202, answer.content
        run_publications()
        verdict: dict[str, Any] = self.get(f"/publication/{answer.json()['job']}").json()
        return verdict


def call(
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str | None = None,
    zipped: bool = False,
    **headers: str,
) -> Any:
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    sent: dict[str, str] = {"Accept-Language": "en", **headers}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    if zipped:
        data, sent["Content-Encoding"] = gzip.compress(data), "gzip"
    kind = sent.pop("Content-Type", "application/json")
    # as a server behind a socket would, errors become answers
    client = Client(raise_request_exception=False)
    return client.generic(method, f"/api/v1{path}", data, content_type=kind, headers=sent)


def make_server(
    programme: Programme, serial: str = SERIAL, description: str = "Serveur Lila"
) -> tuple[Server, str]:
    """A registered server and its password."""
    with tenant_scope(programme.pk):
        server = server_add(programme=programme, serial=serial, description=description)
        password = password_issue(server_id=server.pk)
    assert password is not None
    return server, password


def make_box(programme: Programme, serial: str = SERIAL, description: str = "Serveur Lila") -> Box:
    server, password = make_server(programme, serial, description)
    token = server_activate(serial=serial, password=password).token
    with tenant_scope(programme.pk):
        server.refresh_from_db()
    return Box(programme, server, token)


def run_publications() -> None:
    """Do the publications that wait, and nothing else."""
    for pk in (
        Job.objects.filter(kind="publication", state=Job.State.QUEUED)
        .order_by("pk")
        .values_list("pk", flat=True)
    ):
        run_job(pk)


def register(ref: str = "energy", quantity: str = "energy", unit: str = "kWh", **more: Any) -> dict[str, Any]:
    return {"ref": ref, "quantity": quantity, "unit": unit, "shared": True, **more}


def meter(ref: str, place: str, serial: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "ref": ref,
        "place": place,
        "medium": "heat",
        "usage": "heating",
        "manufacturer": "KAM",
        "serial": serial or str(uuid.uuid5(uuid.NAMESPACE_OID, ref).int)[:8],
        "registers": [register()],
        **more,
    }


def document(revision: int = 1, **more: Any) -> dict[str, Any]:
    """A building of two dwellings and a hall, three meters and a light."""
    return {
        "revision": revision,
        "buildings": [
            {
                "ref": "A",
                "name": "Bâtiment A",
                "dwellings": [
                    {"ref": "A-101", "name": "Appartement 101", "floor": 1, "area": "62.5"},
                    {"ref": "A-102", "name": "Appartement 102", "floor": 1, "area": 48},
                ],
                "common_areas": [{"ref": "A-hall", "name": "Hall"}],
            }
        ],
        "meters": [
            meter("heat-101", "A-101", "10000101"),
            meter(
                "water-101",
                "A-101",
                "20000101",
                medium="cold_water",
                usage="water",
                registers=[register("volume", "volume", "m3", rollover="100000")],
            ),
            meter("heat-102", "A-102", "10000102"),
        ],
        "devices": [
            {
                "ref": "light",
                "place": "A-hall",
                "name": "Éclairage",
                "kind": "light",
                "commands": ["on", "off"],
            }
        ],
        **more,
    }
