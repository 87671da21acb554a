"""Taking an import back: what stood before stands again to the last digit, whatever the two files held."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.tenancy import tenant_scope
from readings.imports import closed
from readings.imports.undo import import_undo
from readings.imports.work import import_file
from readings.models import (
    ArchiveRecord,
    DayTotal,
    DeviceFault,
    ImportJob,
    Reading,
    ReadingBefore,
    ReplacedRecord,
    SupersededReading,
)
from readings.totals.drain import totals_drain
from testkit.world import World, make_utility
from tests.readings.archive_kit import lers, make_contract, make_point

pytestmark = pytest.mark.django_db
NAMES = ("T_in", "Q_delta", "V_in", "M_in", "T_indoor")  # the last one stands in `extra`
START = datetime(2026, 1, 15)  # noqa: DTZ001 - archives hold wall clocks


def some_file(rng: random.Random, number: str, kind: str) -> bytes:
    step = {"Hour": timedelta(hours=1), "Day": timedelta(days=1), "Totals": timedelta(days=1)}[kind]
    first = rng.randrange(0, 20)
    records = []
    for n in range(first, first + rng.randrange(5, 40)):
        names = rng.sample(NAMES, rng.randrange(0, len(NAMES)))
        if kind == "Totals":
            names = [name for name in names if name[0] in "QV"]
        values = {name: rng.choice(["1.5", "0.1", repr(rng.random() * 100), "5"]) for name in names}
        records.append(((START + n * step).isoformat(), values))
    return lers(records, kind=kind, number=number)


def state(programme: Any) -> dict[str, list[Any]]:
    totals_drain(programme_id=programme.pk)
    with tenant_scope(programme.pk):
        models = (
            ArchiveRecord,
            ReplacedRecord,
            Reading,
            ReadingBefore,
            SupersededReading,
            DayTotal,
            DeviceFault,
        )
        return {
            model.__name__: sorted(
                repr({f: getattr(row, f) for f in names}) for row in model.objects.all()
            )
            for model in models
            for names in [
                [
                    field.attname
                    for field in model._meta.concrete_fields
                    if field.attname not in ("id", "received_at", "superseded_at")
                ]
            ]
        }  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_undoing_is_the_state_before_to_the_last_digit(world: World, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    programme = world.utility.programme
    actor = world.utility.actor(world.utility.operator)
    with tenant_scope(programme.pk):
        source = rng.choice(["archive", "index"])
        point = make_point("101", contract=make_contract("02000000"), source=source)
    kinds = ["Totals"] if source == "index" else ["Hour", "Day"]
    path = tmp_path / "a.xml"
    kept: list[tuple[ImportJob, dict[str, list[Any]]]] = []
    for _ in range(4):
        path.write_bytes(some_file(rng, "101", rng.choice(kinds)))
        before = state(programme)
        job = import_file(programme=programme, path=path, point=point, replace=rng.random() < 0.6)
        if job.state != "refused":
            kept.append((job, before))
    assert len(kept) >= 2
    for job, before in reversed(kept):  # each in turn, down to the empty archive
        with tenant_scope(programme.pk):
            assert import_undo(actor=actor, job=ImportJob.objects.get(pk=job.pk))
            assert not import_undo(actor=actor, job=ImportJob.objects.get(pk=job.pk))
        assert state(programme) == before


@pytest.fixture
def two_files(world: World, tmp_path: Path) -> tuple[ImportJob, ImportJob]:
    """One over the other, by the consumer's own hand as far as the pages can tell."""
    programme = world.utility.programme
    with tenant_scope(programme.pk):
        point = make_point("101", contract=make_contract("02000000", world.utility.consumer))
    jobs = []
    for value in ("1", "2"):
        path = tmp_path / f"{value}.xml"
        path.write_bytes(lers([(f"2026-01-15T{h:02}:00:00", {"Q_delta": value}) for h in range(24)]))
        jobs.append(import_file(programme=programme, path=path, point=point, replace=True))
    with tenant_scope(programme.pk):
        ImportJob.objects.update(uploaded_by=world.utility.consumer)
    return jobs[0], jobs[1]


def address(name: str, job: ImportJob, slug: str = "teplo") -> str:
    return reverse(name, args=[slug, job.public_id])


def quantity(world: World) -> int:
    with tenant_scope(world.utility.programme.pk):
        return sum(DayTotal.objects.values_list("quantity", flat=True))


def test_the_page_takes_the_newer_one_back_first(world: World, two_files: Any, sign_in: Any) -> None:
    older, newer = two_files
    client = sign_in(world.utility.consumer)
    assert quantity(world) == 48_000_000
    answer = client.post(address("import_take_back", older), follow=True)
    (message,) = answer.context["messages"]
    assert message.level_tag == "error"
    assert newer.receipt_number in str(message)
    assert quantity(world) == 48_000_000

    assert newer.file_name in client.get(address("import_take_back", newer)).content.decode()
    for _ in range(2):  # a doubled click
        client.post(address("import_take_back", newer))
    assert quantity(world) == 24_000_000
    client.post(address("import_take_back", older))
    assert quantity(world) == 0
    with tenant_scope(world.utility.programme.pk):
        assert AuditEntry.objects.filter(action="archive.undone").count() == 2
        assert not ArchiveRecord.objects.exists()
        assert set(ImportJob.objects.values_list("state", flat=True)) == {"undone"}
    page = client.get(address("import_detail", newer)).content.decode()
    assert newer.receipt_number in page
    assert client.get(address("import_receipt", newer)).content.startswith(b"%PDF")


def test_a_closed_period_stays_as_it_is(
    world: World, two_files: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closed, "_asked", [lambda *_days: [(date(2026, 1, 1), date(2026, 2, 1))]])
    answer = sign_in(world.utility.consumer).post(address("import_take_back", two_files[1]), follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert quantity(world) == 48_000_000


def test_nobody_else_takes_it_back(world: World, two_files: Any, sign_in: Any) -> None:
    other = make_utility("Тепло 2", "other-teplo")
    for person, slug in (
        (other.operator, "other-teplo"),
        (other.operator, "teplo"),
        (other.consumer, "other-teplo"),
    ):
        assert sign_in(person).post(address("import_take_back", two_files[1], slug)).status_code == 404
    assert quantity(world) == 48_000_000
    assert sign_in(world.utility.operator).post(address("import_take_back", two_files[1])).status_code == 302
    assert quantity(world) == 24_000_000
