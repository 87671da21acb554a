"""A town of dwellings for figures worked out by hand: what stands in each, who pays which price, what was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone

from accounts.tenancy import tenant_scope
from readings.models import Reading
from readings.services.storing import NewReading, readings_store
from servers.models import (
    Building,
    CommonArea,
    Dwelling,
    Meter,
    MeteringPoint,
    MeterInstallation,
    Occupancy,
    Register,
)
from testkit.estate import LONG_AGO
from testkit.world import Housing

PARIS = ZoneInfo("Europe/Paris")
ENERGY = {"ref": "energy", "quantity": "energy", "unit": "kWh"}
VOLUME = {"ref": "volume", "quantity": "volume", "unit": "m3"}


def at(text: str) -> datetime:
    """The local "2026-10-25 02:00", of two the first."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def cents(exact: Fraction) -> int:
    """Half away from zero, as on a bill."""
    return int(abs(exact) * 100 + Fraction(1, 2)) * (1 if exact >= 0 else -1)


@dataclass
class Town:
    housing: Housing
    clients: dict[str, Client]  # administrator, operator, occupant
    homes: dict[str, Flat] = field(default_factory=dict)

    def flat(self, name: str, *, area: int | None = None, building: str = "", lived_in: bool = True) -> Flat:
        """Each in a building of its own, unless one is named."""
        with tenant_scope(self.housing.programme.pk):
            house, _made = Building.objects.get_or_create(
                ref=building or name, defaults={"name": building or name}
            )
            dwelling = Dwelling.objects.create(
                building=house, ref=name, name=name, area_cm2=area and area * 10_000
            )
            if lived_in:
                Occupancy.objects.create(
                    dwelling=dwelling, user=self.housing.occupant, move_in=date(2020, 1, 1)
                )
        self.homes[name] = Flat(self, dwelling)
        return self.homes[name]


@dataclass
class Flat:
    town: Town
    dwelling: Dwelling

    def meter(self, *registers: dict[str, Any], medium: str = "electricity", usage: str = "sockets",
              hall: bool = False, since: datetime = LONG_AGO) -> list[Register]:  # fmt: skip
        """A meter of the flat, or of its building's hall."""
        with tenant_scope(self.town.housing.programme.pk):
            where: dict[str, Any] = {"dwelling": self.dwelling}
            if hall:
                where = {
                    "common_area": CommonArea.objects.create(
                        building=self.dwelling.building, ref="hall", name="Hall"
                    )
                }
            number = MeteringPoint.objects.count()
            point = MeteringPoint.objects.create(name=f"p{number}", medium=medium, usage=usage, **where)
            meter = Meter.objects.create(serial=f"m{number}", medium=medium)
            hung = MeterInstallation.objects.create(meter=meter, point=point, installed_at=since)
            return [
                Register.objects.create(installation=hung, exponent=-3, **one)
                for one in registers or (ENERGY,)
            ]

    def read(self, register: Register, *readings: tuple[str | datetime, int]) -> None:
        """(local time, steps of the register)."""
        rows = [
            NewReading(register.pk, int((at(when) if isinstance(when, str) else when).timestamp()), steps)
            for when, steps in readings
        ]
        with tenant_scope(self.town.housing.programme.pk):
            readings_store(rows=rows, source=Reading.Source.GATEWAY, now=timezone.now())

    def hourly(self, register: Register, first: str, end: str, steps: int) -> None:
        """A reading each hour that passes from one local midnight to another."""
        start, stop = (int(at(f"{day} 00:00").timestamp()) for day in (first, end))
        instants = range(start, stop + 1, 3600)
        self.read(
            register, *((datetime.fromtimestamp(when, PARIS), n * steps) for n, when in enumerate(instants))
        )

    def daily(self, register: Register, first: str, end: str, steps: int) -> None:
        """A reading each local midnight."""
        day, stop, found = date.fromisoformat(first), date.fromisoformat(end), []
        while day <= stop:
            found.append((f"{day} 00:00", len(found) * steps))
            day += timedelta(days=1)
        self.read(register, *found)

    def once(self, register: Register, day: str, steps: int) -> None:
        """All of it within one day."""
        start = date.fromisoformat(day)
        self.read(register, (f"{start} 00:00", 0), (f"{start + timedelta(days=1)} 00:00", steps))

    def set(self, since: str, *, who: str = "operator", place: str = "dwelling", page: str = "tariffs",
            **typed: str) -> None:  # fmt: skip
        """Typed into the page of the place, as that person; a field of two parts as "a/b"."""
        inside = {
            "programme": "", "building": f"buildings/{self.dwelling.building.public_id}/",
            "dwelling": f"dwellings/{self.dwelling.public_id}/", "home": "home/",
        }[place]  # fmt: skip
        query = f"?dwelling={self.dwelling.public_id}" if place == "home" else ""
        data = {"valid_from": since}
        for key, text in typed.items():
            parts = text.split("/")
            data |= {key: text} if len(parts) == 1 else {f"{key}_{n}": part for n, part in enumerate(parts)}
        url = f"/p/{self.town.housing.programme.slug}/{inside}parameters/{page}/{query}"
        answer = self.town.clients[who].post(url, data)
        assert answer.status_code == 302, answer.context["form"].errors


def euros(texts: Iterable[str]) -> list[int]:
    """Cents of "€1,234.50"."""
    return [round(Fraction(text.replace("€", "").replace(",", "").replace("−", "-")) * 100) for text in texts]
