"""A heat meter with two circuits, as in the samples, and files written for one test."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command

from accounts.models import Contract, ContractClaim, Programme, User
from accounts.tenancy import tenant_scope
from servers.models import Meter, MeteringPoint, MeterInstallation

SAMPLES = Path("/work/shared/samples/lers")
INSTALLED = datetime(2012, 1, 1, tzinfo=UTC)


def make_point(
    number: str | None, *, serial: str = "00000001", medium: str = "heat", contract: Contract | None = None,
    source: str = "archive", **fields: Any,
) -> MeteringPoint:  # fmt: skip
    """Called in scope. The same serial again is the same meter: a second circuit of it."""
    meter, _ = Meter.objects.get_or_create(serial=serial, manufacturer="", defaults={"medium": medium})
    point = MeteringPoint.objects.create(
        number=number, name=f"Дом {number}", medium=medium, usage="heating" if medium == "heat" else "hot_water",
        contract=contract, totals_source=source, **fields,
    )  # fmt: skip
    MeterInstallation.objects.create(meter=meter, point=point, installed_at=INSTALLED)
    return point


def make_contract(number: str, *holders: User, **fields: Any) -> Contract:
    contract = Contract.objects.create(
        kind="contract", number=number, city="Чита", holder="ГСК «Мир»", phone="9991234567", **fields
    )
    for user in holders:
        ContractClaim.objects.create(contract=contract, user=user)
    return contract


def make_points(programme: Programme, *holders: User) -> tuple[MeteringPoint, MeteringPoint]:
    """101 (heat) and 102 (hot water), one meter, one contract."""
    with tenant_scope(programme.pk):
        contract = make_contract("02000000", *holders)
        return make_point("101", contract=contract), make_point("102", medium="hot_water", contract=contract)


def lers(
    records: list[tuple[str, dict[str, Any]]], *, kind: str = "Hour", number: str | None = "101",
    serial: str | None = "00000001", system: str | None = "1",
) -> bytes:  # fmt: skip
    """A file in the style of the field console. A record is (stamp, {element: text})."""
    head = "".join(
        f"<{name}>{value}</{name}>"
        for name, value in (("syncNumber", number), ("systemType", system), ("counterSerialNumber", serial))
        if value is not None
    )
    body = "".join(
        f"<record><dateTime>{stamp}</dateTime>"
        + "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
        + "</record>\n"
        for stamp, values in records
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<lersData><measurePoint>{head}<intervals><interval>'
        f"<dataType>{kind}</dataType>\n{body}</interval></intervals></measurePoint></lersData>"
    ).encode()


def run_import(slug: str, *paths: Path | str, **options: Any) -> tuple[int, list[dict[str, Any]]]:
    """(exit code, one report a file) of the command."""
    out = io.StringIO()
    code = 0
    try:
        call_command("import_lers", *map(str, paths), programme=slug, json=True, stdout=out, **options)
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


def epoch(text: str) -> int:
    """An ISO time with its offset, as epoch seconds."""
    return int(datetime.fromisoformat(text).timestamp())
