"""The people of the town, in the database that the environment names; one JSON object on stdout.

python -m benchmarks.town.settle GATEWAYS METERS [REGISTERS] [USERS]
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, date, datetime
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django has to be up
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.models import Programme, Role  # noqa: E402
from accounts.secrets import digest_of, make_token  # noqa: E402
from accounts.tenancy import tenant_scope  # noqa: E402
from servers.models import (  # noqa: E402
    Building,
    Dwelling,
    Meter,
    MeteringPoint,
    MeterInstallation,
    MeterRef,
    Occupancy,
    Register,
    Server,
    ServerCredential,
)
from servers.services.credentials import TOKEN  # noqa: E402
from testkit.world import join, make_programme, make_user  # noqa: E402

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PROGRAMMES = 2
EACH = 20_000
LOOKED_AT = 8  # buildings of each programme that operators open pages of


def settle(gateways: int, meters: int, registers: int = 1, users: int = 0) -> dict[str, Any]:
    """Half of everything in each of two programmes. A gateway's meters are m0, m1, …; a meter's registers r0, r1, …"""
    out: dict[str, Any] = {"tokens": [], "programmes": [], "people": []}
    for which in range(PROGRAMMES):
        programme = make_programme(f"Town {which}", f"town-{which}")
        count = (gateways + PROGRAMMES - 1 - which) // PROGRAMMES
        with tenant_scope(programme.pk):
            out["tokens"] += _gateways(programme, which, count, meters, registers)
        out["programmes"].append({"id": programme.pk, "slug": programme.slug})
        out["people"] += _people(programme, (users + PROGRAMMES - 1 - which) // PROGRAMMES)
    return out


def _gateways(programme: Programme, which: int, count: int, meters: int, registers: int) -> list[str]:
    """A building a gateway, a meter a dwelling."""
    tokens = [make_token() for _ in range(count)]
    servers = Server.objects.bulk_create(
        Server(serial=f"{which}{n:0>23}", description=f"Gateway {n}", activated_at=LONG_AGO)
        for n in range(count)
    )
    ServerCredential.objects.bulk_create(
        ServerCredential(
            programme=programme, server_id=server.pk, serial=server.serial, activation_epoch=1,
            token_digest=digest_of(token, purpose=TOKEN), token_used_at=LONG_AGO,
        )
        for server, token in zip(servers, tokens, strict=True)
    )  # fmt: skip
    buildings = Building.objects.bulk_create(
        Building(ref=f"B{n}", name=f"Building {n}") for n in range(count)
    )
    homes = Dwelling.objects.bulk_create(
        (
            Dwelling(building=one, ref=f"{n}", name=f"{one.name}, {n}")
            for one in buildings
            for n in range(meters)
        ),
        EACH,
    )
    points = MeteringPoint.objects.bulk_create(
        (MeteringPoint(name="Heat", medium="heat", usage="heating", dwelling=home) for home in homes), EACH
    )
    made = Meter.objects.bulk_create(
        (Meter(manufacturer="TWN", serial=f"{n:08}", medium="heat") for n in range(len(homes))), EACH
    )
    hung = MeterInstallation.objects.bulk_create(
        (
            MeterInstallation(meter=m, point=p, installed_at=LONG_AGO)
            for m, p in zip(made, points, strict=True)
        ),
        EACH,
    )
    Register.objects.bulk_create(
        (
            Register(installation=one, ref=f"r{k}", quantity="energy", unit="kWh", tariff_index=k)
            for one in hung
            for k in range(registers)
        ),
        EACH,
    )
    MeterRef.objects.bulk_create(
        (
            MeterRef(server=server, ref=f"m{n}", meter=made[place * meters + n])
            for place, server in enumerate(servers)
            for n in range(meters)
        ),
        EACH,
    )
    return tokens


def _people(programme: Programme, count: int) -> list[dict[str, str]]:
    """Half occupants, half operators, each with a session: {"cookie", "page"}."""
    people = []
    with tenant_scope(programme.pk):
        homes = list(Dwelling.objects.order_by("pk")[:count])
        buildings = list(Building.objects.order_by("pk")[:LOOKED_AT])
    for n in range(count):
        user = make_user(f"person{n}@{programme.slug}.example")
        join(user, programme, Role.OCCUPANT if n % 2 else Role.OPERATOR)
        page = f"/p/{programme.slug}/home/"
        if n % 2:
            with tenant_scope(programme.pk):
                Occupancy.objects.create(dwelling=homes[n], user=user, move_in=date(2020, 1, 1))
        else:
            page = f"/p/{programme.slug}/buildings/{buildings[n % len(buildings)].public_id}/overview/"
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        people.append({"cookie": f"{settings.SESSION_COOKIE_NAME}={value}", "page": page})
    return people


def main() -> None:
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    call_command("migrate", verbosity=0)
    json.dump(settle(*map(int, sys.argv[1:])), out)
    out.close()


if __name__ == "__main__":
    main()
