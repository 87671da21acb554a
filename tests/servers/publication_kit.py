"""What the tests of publications share: the tables they write, counted and compared."""

from __future__ import annotations

from typing import Any

from accounts.tenancy import unscoped
from servers.models import (
    Building,
    CommonArea,
    Device,
    Dwelling,
    Meter,
    MeteringPoint,
    MeterInstallation,
    MeterRef,
    Publication,
    Register,
)
from testkit.gateway import Box
from testkit.world import World

TABLES = (Building, Dwelling, CommonArea, Meter, MeteringPoint, MeterInstallation, MeterRef, Register, Device)


def counts(world: World) -> dict[str, int]:
    with unscoped(reason="counting what tests made"):
        return {model.__name__: model.objects.count() for model in TABLES}


def snapshot() -> dict[str, list[dict[str, Any]]]:
    with unscoped(reason="comparing before and after"):
        return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


def last(box: Box) -> Publication:
    publication: Publication = Publication.objects.filter(server=box.server).order_by("-pk")[0]
    return publication
