"""Gateways to measure with: servers with tokens, a hundred registers each, and batches in the form they send."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from accounts.models import Programme
from accounts.secrets import digest_of, make_token
from accounts.tenancy import tenant_scope
from benchmarks.house.bodies import READINGS, batch
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


def build_boxes(slug: str, count: int) -> list[str]:
    """`count` servers, each with a hundred meters of one register that are called m0, m1, …; their tokens."""
    programme = Programme.objects.get(slug=slug)
    tokens = []
    with tenant_scope(programme.pk):
        for number in range(count):
            token = make_token()
            server = Server.objects.create(serial=f"{number:0>24}", description="Bench")
            ServerCredential.objects.create(
                programme=programme, server_id=server.pk, serial=server.serial,
                token_digest=digest_of(token, purpose=TOKEN), token_used_at=LONG_AGO, activation_epoch=1,
            )  # fmt: skip
            for meter in range(READINGS):
                _meter(server, meter, f"{number:02}{meter:06}")
            tokens.append(token)
    return tokens


def _meter(server: Server, ref: int, serial: str) -> None:
    point = MeteringPoint.objects.create(name=serial, medium="heat", usage="heating")
    meter = Meter.objects.create(manufacturer="BEN", serial=serial, medium="heat")
    installation = MeterInstallation.objects.create(meter=meter, point=point, installed_at=LONG_AGO)
    Register.objects.create(installation=installation, ref="energy", quantity="energy", unit="kWh")
    MeterRef.objects.create(server=server, ref=f"m{ref}", meter=meter)


def ingest(slug: str, first: int, count: int) -> float:
    """Seconds for `count` batches of the first server, inside this process, with their commits."""
    from readings.batches.accept import batch_ingest

    programme = Programme.objects.get(slug=slug)
    with tenant_scope(programme.pk):
        server = Server.objects.order_by("pk")[0].pk
    bodies = [batch(number) for number in range(first, first + count)]
    began = time.perf_counter()
    for body in bodies:
        answer: dict[str, Any] = batch_ingest(
            programme_id=programme.pk, server_id=server, activation_epoch=1, body=body
        )
        if any(result["status"] != "accepted" for result in answer["results"]):
            raise RuntimeError("bench: a reading was not accepted")
    return time.perf_counter() - began


def bulk_registers(slug: str, count: int) -> list[int]:
    """Registers that only fill the table."""
    programme = Programme.objects.get(slug=slug)
    with tenant_scope(programme.pk):
        point = MeteringPoint.objects.create(name="bulk", medium="heat", usage="heating")
        meter = Meter.objects.create(manufacturer="BEN", serial="bulk", medium="heat")
        installation = MeterInstallation.objects.create(meter=meter, point=point, installed_at=LONG_AGO)
        made = [
            Register.objects.create(installation=installation, ref=f"r{n}", quantity="energy", unit="kWh").pk
            for n in range(count)
        ]
    return [programme.pk, made[0], made[-1]]
