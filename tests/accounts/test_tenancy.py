"""The tenancy kernel: no way round the scope, on either database."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Contract, ContractClaim
from accounts.tenancy import (
    CrossProgrammeWrite,
    ProgrammeRequired,
    in_scope_of,
    no_scope,
    tenant_scope,
    unscoped,
)
from servers.models import Building, Dwelling
from testkit.world import World


@pytest.fixture
def buildings(world: World) -> dict[str, Building]:
    made = {}
    for name, housing in (("ours", world.ours), ("theirs", world.theirs)):
        with tenant_scope(housing.programme.pk):
            made[name] = Building.objects.create(ref="A", name=f"Building of {name}")
    return made


READS = {
    "list": lambda: list(Building.objects.all()),
    "count": lambda: Building.objects.count(),
    "exists": lambda: Building.objects.exists(),
    "exclude exists": lambda: Building.objects.exclude(pk=0).exists(),
    "explain": lambda: Building.objects.all().explain(),
    "aggregate": lambda: Building.objects.values("name").distinct().count(),
    "first": lambda: Building.objects.first(),
    "in_bulk": lambda: Building.objects.in_bulk(),
    "union": lambda: list(Building.objects.all().union(Building.objects.all())),
    "subquery": lambda: list(Dwelling.objects.filter(building__in=Building.objects.all())),
    "iterator": lambda: list(Building.objects.iterator()),
    "dates": lambda: list(Building.objects.values_list("name")),
    "update": lambda: Building.objects.update(name="x"),
    "delete": lambda: Building.objects.all().delete(),
    "bulk_create": lambda: Building.objects.bulk_create([Building(ref="Z", name="z")]),
    "create": lambda: Building.objects.create(ref="Z", name="z"),
    "raw SQL": lambda: connection.cursor().execute("SELECT * FROM servers_building"),
}


@pytest.mark.parametrize("way", READS)
def test_without_a_scope_every_way_is_refused(buildings: dict[str, Building], way: str) -> None:
    with pytest.raises(ProgrammeRequired):
        READS[way]()


def test_a_scope_shows_only_its_own_rows(world: World, buildings: dict[str, Building]) -> None:
    with tenant_scope(world.ours.programme.pk):
        assert [building.name for building in Building.objects.all()] == ["Building of ours"]
        assert not Building.objects.filter(pk=buildings["theirs"].pk).exists()
    with unscoped(reason="control: both rows are there"):
        assert Building.objects.count() == 2


def test_a_queryset_built_in_one_scope_obeys_the_scope_it_runs_in(
    world: World, buildings: dict[str, Building]
) -> None:
    with tenant_scope(world.ours.programme.pk):
        later = Building.objects.filter(ref="A")
    with tenant_scope(world.theirs.programme.pk):
        assert [building.name for building in later] == ["Building of theirs"]
    with pytest.raises(ProgrammeRequired):
        list(later.all())


def test_rows_of_another_programme_cannot_be_written(world: World, buildings: dict[str, Building]) -> None:
    theirs = buildings["theirs"]
    with tenant_scope(world.ours.programme.pk):
        theirs.name = "taken"
        with pytest.raises(CrossProgrammeWrite):
            theirs.save()
        with pytest.raises(CrossProgrammeWrite):
            theirs.delete()
        with pytest.raises(CrossProgrammeWrite):
            Dwelling.objects.create(building=theirs, ref="1", name="1")
        with pytest.raises(CrossProgrammeWrite):
            Building.objects.update(programme_id=world.theirs.programme.pk)
        with pytest.raises(CrossProgrammeWrite):
            Building.objects.bulk_create(
                [Building(ref="B", name="b")],
                update_conflicts=True,
                unique_fields=["ref"],
                update_fields=["name"],
            )
        with pytest.raises(TypeError):
            Building.objects.raw("SELECT 1")


def test_the_database_refuses_a_key_into_another_programme(
    world: World, buildings: dict[str, Building]
) -> None:
    """Below the ORM: the id alone, so that only the database can notice."""
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        with tenant_scope(world.ours.programme.pk):
            Dwelling.objects.create(building_id=buildings["theirs"].pk, ref="1", name="1")
        connection.check_constraints()
    with tenant_scope(world.ours.programme.pk):  # the control: the same row with our own key passes
        Dwelling.objects.create(building_id=buildings["ours"].pk, ref="1", name="1")


def test_scopes_nest_and_come_back(world: World, buildings: dict[str, Building]) -> None:
    with tenant_scope(world.ours.programme.pk):
        with tenant_scope(world.theirs.programme.pk):
            assert Building.objects.get().name == "Building of theirs"
        assert Building.objects.get().name == "Building of ours"
        with no_scope(), pytest.raises(ProgrammeRequired):
            Building.objects.count()
        assert Building.objects.get().name == "Building of ours"


def test_a_scope_that_fails_leaves_the_outer_one_intact(world: World, buildings: dict[str, Building]) -> None:
    with tenant_scope(world.ours.programme.pk):
        with pytest.raises(ZeroDivisionError), tenant_scope(world.theirs.programme.pk):
            raise ZeroDivisionError
        assert Building.objects.get().name == "Building of ours"


def test_a_stream_holds_no_scope_while_it_waits(world: World, buildings: dict[str, Building]) -> None:
    with tenant_scope(world.ours.programme.pk):
        rows = Building.objects.all()
    for _row in in_scope_of(world.ours.programme.pk, rows):
        with pytest.raises(ProgrammeRequired):
            Building.objects.count()


def test_unique_checks_name_the_programme(world: World, buildings: dict[str, Building]) -> None:
    from django.core.exceptions import ValidationError

    with tenant_scope(world.ours.programme.pk):
        with pytest.raises(ValidationError):
            Building(ref="A", name="again").full_clean()
        Building(ref="B", name="new").full_clean()


def test_row_level_security_holds_when_the_filter_is_off(
    world: World, buildings: dict[str, Building], postgres: None
) -> None:
    with tenant_scope(world.ours.programme.pk), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM servers_building")
        assert cursor.fetchall() == [("Building of ours",)]
        cursor.execute("UPDATE servers_building SET name = 'x'")
        assert cursor.rowcount == 1
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(
                "INSERT INTO servers_building (programme_id, public_id, ref, name, time_zone) "
                "VALUES (%s, gen_random_uuid(), 'Q', 'q', '')",
                [world.theirs.programme.pk],
            )
    with unscoped(reason="control: the owner sees both"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM servers_building")
        assert cursor.fetchone() == (2,)


def test_every_table_of_a_programme_has_row_level_security(postgres: None, db: None) -> None:
    from accounts.tenancy import tenant_models

    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        secured = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,), "tests as a superuser would not test row-level security"
    assert {model._meta.db_table for model in tenant_models()} <= secured


def test_a_person_of_a_contract_is_claimed_in_its_own_programme_only(world: World) -> None:
    with tenant_scope(world.utility.programme.pk):
        contract = Contract.objects.create(kind="contract", number="02000000", city="Чита", holder="x")
        ContractClaim.objects.create(contract=contract, user=world.utility.consumer)
    with tenant_scope(world.ours.programme.pk):
        assert ContractClaim.objects.count() == 0
