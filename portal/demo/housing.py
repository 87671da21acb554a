"""The demo's housing programme: a published building, people, prices, and a year of index readings."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.access import actor_of
from accounts.jobs import jobs_settle
from accounts.models import Membership, Programme, Role
from accounts.tenancy import tenant_scope
from portal.demo import HOUSING_SLUG, course, people
from portal.demo.clock import seed_clock
from portal.demo.estate import SERIAL, DemoMeter, Line, meters, publication
from portal.demo.oddities import seed_oddities
from portal.demo.pages import seed_hours, seed_reports
from portal.demo.rights import seed_rights
from portal.demo.site_file import Indexes
from readings.models import Reading
from readings.services.storing import NewReading, readings_store
from readings.totals.drain import totals_drain
from servers.models import Dwelling, MeterInstallation, MeterRef, Publication, Register, Server
from servers.services.boxes import server_create
from servers.services.credentials import password_issue
from servers.services.publication import publication_store
from tariffs.places import programme_place
from tariffs.services.parameters import parameters_save

SLUG = HOUSING_SLUG
DAYS = 400
PARIS = ZoneInfo("Europe/Paris")
PRICES = {
    "electricity_option": "off_peak",
    "gas": "842",
    "heating": "951",
    "hot_water": "951",
    "cooling": "1391",
    "cold_water_m3": "39000",
    "hot_water_m3": "39000",
}


def make_programme(now: datetime) -> Programme:
    programme = Programme.objects.create(
        name="Résidence Les Tilleuls", slug=SLUG, kind=Programme.Kind.HOUSING, currency="EUR",
        time_zone="Europe/Paris", language="fr", address_line_1="12 rue des Tilleuls", postal_code="67700",
        town="Saverne", country="France", activated_at=now,
    )  # fmt: skip
    for email, name, role in (
        (people.INSTALLER, "Installateur", Role.ADMINISTRATOR),
        (people.OPERATOR, "Exploitant", Role.OPERATOR),
    ):
        people.member(people.person(email, name, "fr"), programme, role, now)
    return programme


def seed(now: datetime) -> None:
    """Everything as if the box had been on site for a year. Its mails go to the demo's mailbox."""
    programme = make_programme(now)
    holder = Membership.objects.get(programme=programme, role=Role.ADMINISTRATOR).user
    actor = actor_of(holder, programme)
    assert actor is not None
    with tenant_scope(programme.pk):
        server = server_create(actor=actor, serial=SERIAL, description="Serveur Lila")
        # the box itself has not been activated yet, so this counts before its first activation
        publication_store(server=server, activation=0, document=publication())
    jobs_settle(programme_id=programme.pk)
    today = now.astimezone(PARIS).date()
    with tenant_scope(programme.pk):
        assert Publication.objects.get(server=server).state == Publication.State.DONE
        # the meters have stood there as long as they have been read, so their standing charges are due as long
        MeterInstallation.objects.update(installed_at=now - timedelta(days=DAYS))
        dwellings = {dwelling.ref: dwelling for dwelling in Dwelling.objects.select_related("building")}
        people.settle(programme, dwellings, today, now)
        seed_rights(actor)
        parameters_save(
            actor=actor, place=programme_place(actor), values=PRICES, valid_from=today - timedelta(days=DAYS)
        )
        _seed_readings(server, today, now)
        seed_oddities(server, _registers(server), today, now)
        seed_hours(dwellings["A-102"], now)
        seed_clock(programme, dwellings["A-204"], today, today - timedelta(days=DAYS), now)
        totals_drain(programme_id=programme.pk)
        seed_reports(programme, dwellings, today)


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), PARIS).timestamp())


def _silent(meter: DemoMeter, day: date, today: date) -> bool:
    """103's sockets were not heard for three days: their days are estimated, never zero."""
    return meter.ref == "sockets-A-103" and today - timedelta(days=12) < day < today - timedelta(days=8)


def _year_of(meter: DemoMeter, line: Line, register: int, today: date) -> list[NewReading]:
    rows = []
    steps = 0
    for back in range(DAYS, -1, -1):
        day = today - timedelta(days=back)
        value = course.value_of_day(line, day) if line.kind == "instantaneous" else steps
        if not _silent(meter, day, today):
            rows.append(NewReading(register, _midnight(day), value, cumulative=line.kind == "cumulative"))
        steps += course.steps_of_day(line, meter.ref, day)
    return rows


def _registers(server: Server) -> dict[tuple[str, str], int]:
    """The register behind each (meter ref, register ref) that the server publishes now."""
    refs = dict(MeterRef.objects.filter(server=server, valid_to=None).values_list("meter_id", "ref"))
    rows = Register.objects.filter(retired_at=None, installation__meter__in=refs)
    return {
        (refs[meter], ref): pk for pk, ref, meter in rows.values_list("pk", "ref", "installation__meter_id")
    }


def _seed_readings(server: Server, today: date, now: datetime) -> None:
    registers = _registers(server)
    for meter in meters():
        rows = [
            row
            for line in meter.lines
            for row in _year_of(meter, line, registers[meter.ref, line.ref], today)
        ]
        readings_store(rows=rows, source=Reading.Source.GATEWAY, now=now)


def box_password() -> str:
    """A new password for the demo's box, as the mail would carry it."""
    programme = Programme.objects.get(slug=SLUG)
    with tenant_scope(programme.pk):
        return password_issue(server_id=Server.objects.get(serial=SERIAL).pk) or ""


def last_indexes() -> Indexes:
    """Where each register stands, so that the simulated bus counts on and never falls."""
    programme = Programme.objects.get(slug=SLUG)
    with tenant_scope(programme.pk):
        server = Server.objects.get(serial=SERIAL)
        found: Indexes = {}
        for key, register in _registers(server).items():
            last = Reading.objects.filter(register=register).order_by("-at").first()
            if last is not None:
                found[key] = (datetime.fromtimestamp(last.at, PARIS), last.value)
        return found
