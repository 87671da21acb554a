"""Nothing is stored before a person has seen what differs and said so; a clean file needs no word."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.tenancy import tenant_scope
from readings.models import ArchiveRecord, ImportJob, LersProfile
from testkit.world import World
from tests.readings.archive_kit import lers, make_points

pytestmark = pytest.mark.django_db


def day(value: str = "0.5", hours: int = 24, **more: Any) -> bytes:
    return lers([(f"2026-01-15T{h:02}:00:00", {"Q_delta": value}) for h in range(hours)], **more)


@pytest.fixture
def point(world: World) -> Any:
    return make_points(world.utility.programme, world.utility.consumer)[0]


@pytest.fixture
def client(world: World, point: Any, sign_in: Any) -> Client:
    return sign_in(world.utility.consumer)


@pytest.fixture
def send(client: Client, point: Any, run_jobs: Any) -> Any:
    def act(*files: bytes, to: str = "archive_upload", **fields: Any) -> Any:
        args = ["teplo", point.public_id] if to == "archive_upload" else ["teplo"]
        uploads = [SimpleUploadedFile(f"f{n}.xml", data) for n, data in enumerate(files)]
        answer = client.post(reverse(to, args=args), {"file": uploads, **fields})
        run_jobs()
        return answer

    return act


def last(world: World) -> ImportJob:
    with tenant_scope(world.utility.programme.pk):
        return ImportJob.objects.latest("pk")


def stored(world: World) -> list[float]:
    with tenant_scope(world.utility.programme.pk):
        return [
            value or 0.0
            for value in ArchiveRecord.objects.order_by("start").values_list("q_delta", flat=True)
        ]


def page(client: Client, job: ImportJob) -> str:
    return client.get(reverse("import_detail", args=["teplo", job.public_id])).content.decode()


def decide(client: Client, job: ImportJob, answer: str) -> Any:
    return client.post(
        reverse("import_decide", args=["teplo", job.public_id]), {"answer": answer}, follow=True
    )


def test_what_differs_is_shown_old_beside_new_and_kept_or_replaced(
    world: World, client: Client, send: Any, run_jobs: Any
) -> None:
    send(day(hours=12))
    assert (last(world).state, len(stored(world))) == ("done", 12)
    send(day("0.75"))
    job = last(world)
    assert (job.state, stored(world)) == ("checked", [0.5] * 12)
    (change,) = job.report["changes"]
    assert (change["new"], change["identical"], change["different"]) == (12, 0, 12)
    text = page(client, job)
    assert "0.5 Gcal" in text.replace("\xa0", " ")
    assert "0.75 Gcal" in text.replace("\xa0", " ")
    for _ in range(2):  # a doubled click
        decide(client, job, "keep")
    run_jobs()
    assert stored(world) == [0.5] * 12 + [0.75] * 12
    assert last(world).receipt_number

    send(day("0.75"), replace="on")
    again = last(world)
    assert (again.state, stored(world)[0]) == ("checked", 0.5)
    decide(client, again, "replace")
    run_jobs()
    assert (last(world).state, stored(world)) == ("done", [0.75] * 24)


def test_check_first_stores_nothing_and_cancelling_forgets_the_file(
    world: World, client: Client, send: Any, run_jobs: Any
) -> None:
    send(day(), check="1")
    job = last(world)
    assert (job.state, stored(world)) == ("checked", [])
    assert send(day(), check="1").url.endswith(f"{job.public_id}/")  # the same file again is the same import
    decide(client, job, "cancel")
    decide(client, job, "keep")
    run_jobs()
    job = last(world)
    assert (job.state, job.stored_as, stored(world)) == ("cancelled", "", [])
    assert page(client, job)


def test_a_store_that_moved_since_the_look_is_shown_again(
    world: World, client: Client, send: Any, run_jobs: Any
) -> None:
    send(day(), check="1")
    looked_at = last(world)
    send(day("0.9", hours=3))
    decide(client, looked_at, "keep")
    run_jobs()
    job = ImportJob.objects.none()
    with tenant_scope(world.utility.programme.pk):
        job = ImportJob.objects.get(pk=looked_at.pk)
    assert (job.state, job.report["moved"], len(stored(world))) == ("checked", True, 3)
    decide(client, job, "keep")
    run_jobs()
    assert stored(world) == [0.9] * 3 + [0.5] * 21


@pytest.mark.parametrize(("rule", "person", "allowed"), [
    ("keep", "operator", False), ("desk", "consumer", False), ("desk", "operator", True), ("all", "consumer", True),
])  # fmt: skip
def test_the_profile_says_who_may_replace(
    world: World, point: Any, sign_in: Any, run_jobs: Any, rule: str, person: str, allowed: bool
) -> None:
    with tenant_scope(world.utility.programme.pk):
        LersProfile.objects.create(version=1, duplicates=rule)
    client = sign_in(getattr(world.utility, person))
    for value in ("1", "2"):
        upload = {"file": SimpleUploadedFile("a.xml", day(value)), "check": "1"}
        client.post(reverse("archive_upload", args=["teplo", point.public_id]), upload)
        run_jobs()
        job = last(world)
        assert job.profile_id is not None
        assert ('value="replace"' in page(client, job)) == (allowed and value == "2")
        decide(client, job, "replace" if value == "2" else "keep")
        run_jobs()
    assert stored(world) == [2.0 if allowed else 1.0] * 24
    assert last(world).state == ("done" if allowed else "checked")


def test_several_files_for_any_point_stand_together(world: World, client: Client, send: Any) -> None:
    heat, water = day(), day(number="102", system="2")
    answer = send(heat, water, b"\x89PNG\0", to="upload_list")
    listed = client.get(answer.url)
    assert len(listed.context["rows"]) == 2
    assert [message.level_tag for message in listed.context["messages"]] == ["error"]
    with tenant_scope(world.utility.programme.pk):
        assert set(ImportJob.objects.values_list("point__number", "state")) == {
            ("101", "done"),
            ("102", "done"),
        }
    assert "f0.xml" in client.get(reverse("upload_list", args=["teplo"]) + "?state=done").content.decode()
    again = send(heat, to="upload_list")  # known by its hash
    assert "/imports/" in again.url


def test_the_receipt_as_pdf_and_by_mail_and_an_ended_verification_warns(
    world: World, client: Client, point: Any, send: Any, run_jobs: Any
) -> None:
    with tenant_scope(world.utility.programme.pk):
        point.installations.get().meter.__class__.objects.update(verified_until="2020-01-01")
    send(day())
    job = last(world)
    assert "00000001" in page(client, job)
    address = reverse("import_receipt", args=["teplo", job.public_id])
    receipt = client.get(address)
    assert (receipt.headers["Content-Type"], receipt.content[:5]) == ("application/pdf", b"%PDF-")
    client.post(address)
    run_jobs()
    (message,) = mail.outbox
    assert job.receipt_number in message.subject
