"""A server with a token, meters behind refs, and batches to send: what the tests of ingest and totals start from."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Programme
from accounts.secrets import digest_of, make_token
from accounts.tenancy import tenant_scope
from readings import api
from readings.models import Reading
from servers.models import (
    Meter,
    MeteringPoint,
    MeterInstallation,
    MeterRef,
    Register,
    Server,
    ServerCredential,
)
from servers.services.credentials import TOKEN

LONG_AGO = datetime(2005, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
D = [f"2026-11-{day:02}T00:00:00+01:00" for day in range(1, 23)]  # midnights in Paris; D[4] is the 5th
_numbers = itertools.count(1)


@dataclass
class Box:
    """One server of a programme and its token."""

    programme: Programme
    server: Server
    token: str

    def post(self, body: Any, client: Client | None = None, **headers: Any) -> Any:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.token}")
        headers.setdefault("content_type", "application/json")
        return (client or Client()).post("/api/v1/readings", data=text, **headers)

    def send(self, *items: dict[str, Any], batch: str | None = None, **body: Any) -> list[dict[str, Any]]:
        """Post the items, expect 200, return the results."""
        answer = self.post({"batch": batch or str(uuid.uuid4()), "items": list(items), **body})
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    def statuses(self, *items: dict[str, Any], **body: Any) -> list[str]:
        return [" ".join(filter(None, (r["status"], r.get("code")))) for r in self.send(*items, **body)]

    def register(self, meter: str = "m1", ref: str = "energy", **fields: Any) -> Register:
        """A register of the meter behind `meter`, which is made when it is not there."""
        with tenant_scope(self.programme.pk):
            held = MeterRef.objects.filter(server=self.server, ref=meter, valid_to=None).first()
            installation = held and MeterInstallation.objects.get(meter=held.meter)
            return make_register(installation or self.meter(meter), ref, **fields)

    def meter(self, ref: str, **place: Any) -> MeterInstallation:
        with tenant_scope(self.programme.pk):
            installation = make_installation(**place)
            MeterRef.objects.create(server=self.server, ref=ref, meter=installation.meter)
            return installation


def standing_clock(now: datetime = NOW) -> Any:
    """`_clock = standing_clock()` in a module: each of its tests runs at `now`, and no batch of another one counts."""

    @pytest.fixture(autouse=True)
    def clock() -> Iterator[None]:
        api._limit.forget()
        with time_machine.travel(now, tick=False):
            yield

    return clock


def make_box(programme: Programme, *, epoch: int = 1) -> Box:
    token = make_token()
    with tenant_scope(programme.pk):
        server = Server.objects.create(serial=f"{next(_numbers):0>24}", description="Cave")
        ServerCredential.objects.create(
            programme=programme,
            server_id=server.pk,
            serial=server.serial,
            token_digest=digest_of(token, purpose=TOKEN),
            token_used_at=LONG_AGO,
            activation_epoch=epoch,
        )
    return Box(programme, server, token)


def make_installation(**place: Any) -> MeterInstallation:
    """In the scope that is open."""
    point = MeteringPoint.objects.create(name="Point", medium="heat", usage="heating", **place)
    meter = Meter.objects.create(manufacturer="KAM", serial=f"{next(_numbers):08}", medium="heat")
    return MeterInstallation.objects.create(meter=meter, point=point, installed_at=LONG_AGO)


def make_register(installation: MeterInstallation, ref: str = "energy", **fields: Any) -> Register:
    defaults = {"quantity": "energy", "unit": "kWh"}
    return Register.objects.create(installation=installation, ref=ref, **{**defaults, **fields})


def item(seq: int, at: str, value: str, meter: str = "m1", register: str = "energy") -> dict[str, Any]:
    return {"seq": seq, "meter": meter, "register": register, "taken_at": at, "value": value}


def body(**change: Any) -> dict[str, Any]:
    return {"batch": str(uuid.UUID(int=1)), "items": [item(1, "2026-11-22T10:00:00Z", "1")], **change}


def rows(box: Box) -> list[tuple[int, int, int, bool]]:
    """(at, value, seq, used) of the whole programme, in order."""
    with tenant_scope(box.programme.pk):
        return list(Reading.objects.order_by("register", "at").values_list("at", "value", "seq", "used"))


def epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
