"""Uploading on a meter's page: progress, report, receipt, refusals, and who may see what."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, Role
from accounts.tenancy import tenant_scope
from readings.models import ArchiveRecord, ImportJob
from servers.models import MeteringPoint
from testkit.world import World, join, make_user, make_utility
from tests.readings.archive_kit import lers, make_contract, make_point, make_points

pytestmark = pytest.mark.django_db
DAY = [(f"2026-01-15T{h:02}:00:00", {"T_in": "98.45", "Q_delta": "0.5"}) for h in range(24)]


@pytest.fixture
def point(world: World) -> MeteringPoint:
    return make_points(world.utility.programme, world.utility.consumer)[0]


@pytest.fixture
def client(world: World, point: MeteringPoint, sign_in: Any) -> Client:
    return sign_in(world.utility.consumer)


def url(name: str, thing: Any, slug: str = "teplo") -> str:
    return reverse(name, args=[slug, thing.public_id])


def send(client: Client, point: Any, data: bytes, name: str = "remote.xml", **fields: Any) -> Any:
    file = SimpleUploadedFile(name, data)
    return client.post(url("archive_upload", point), {"file": file, **fields})


def job_of(world: World) -> ImportJob:
    with tenant_scope(world.utility.programme.pk):
        return ImportJob.objects.select_related("point").latest("pk")


def count(world: World) -> int:
    with tenant_scope(world.utility.programme.pk):
        return ArchiveRecord.objects.count()


def test_from_the_upload_to_the_receipt(world: World, client: Client, point: Any, run_jobs: Any) -> None:
    answer = send(client, point, lers(DAY))
    job = job_of(world)
    assert (answer.status_code, answer.url) == (302, url("import_detail", job))
    waiting = client.get(answer.url).content.decode()
    assert url("import_progress", job) in waiting
    assert '<meta http-equiv="refresh"' in waiting
    assert "HX-Refresh" not in client.get(url("import_progress", job)).headers
    run_jobs()
    assert client.get(url("import_progress", job)).headers["HX-Refresh"] == "true"
    page = client.get(answer.url).content.decode()
    job = job_of(world)
    assert (job.state, count(world)) == ("done", 24)
    assert job.receipt_number
    assert job.receipt_number in page
    assert job.sha256 in page
    assert ">24</td>" in page
    shown = client.get(url("point_detail", point)).content.decode()
    assert "remote.xml" in shown
    assert "98.45" in shown
    assert "<svg" in shown
    with tenant_scope(world.utility.programme.pk):
        assert AuditEntry.objects.filter(action="archive.uploaded", target=str(job.public_id)).exists()


def test_the_same_file_again_leads_to_its_report(
    world: World, client: Client, point: Any, run_jobs: Any
) -> None:
    send(client, point, lers(DAY))
    run_jobs()
    first = job_of(world)
    answer = client.post(
        url("archive_upload", point), {"file": SimpleUploadedFile("b.xml", lers(DAY))}, follow=True
    )
    assert answer.redirect_chain[-1][0] == url("import_detail", first)
    assert first.receipt_number in str(next(iter(answer.context["messages"])))
    assert job_of(world) == first
    send(client, point, lers(DAY), replace="on")
    run_jobs()
    again = job_of(world)
    assert again != first
    assert again.report["points"][0]["intervals"][0]["skipped"] == 24


@pytest.mark.parametrize(
    ("data", "name"), [(b"", "a.xml"), (b"%PDF-1.7 \0", "a.xml"), (b"\x89PNG\r\n\x1a\n\0\0", "a.xml")]
)
def test_what_is_no_archive_at_all_is_refused_on_the_form(
    world: World, client: Client, point: Any, data: bytes, name: str
) -> None:
    answer = send(client, point, data, name)
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]
    with tenant_scope(world.utility.programme.pk):
        assert not ImportJob.objects.exists()


def test_too_large_and_no_file(world: World, client: Client, point: Any, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    assert send(client, point, lers(DAY)).status_code == 422
    assert client.post(url("archive_upload", point), {}).status_code == 422
    assert count(world) == 0


def test_a_broken_file_is_refused_with_its_line_and_a_mail(
    world: World, client: Client, point: Any, run_jobs: Any
) -> None:
    send(client, point, lers(DAY)[:-80])
    run_jobs()
    job = job_of(world)
    assert (job.state, job.refusal, job.stored_as) == ("refused", "broken_xml", "")
    assert job.refusal_data["line"] > 20
    page = client.get(url("import_detail", job)).content.decode()
    assert str(job.refusal_data["line"]) in page
    assert count(world) == 0
    (message,) = mail.outbox
    assert message.to == [world.utility.consumer.email]
    assert url("import_detail", job) in message.body


def test_a_file_for_another_own_point_is_offered_to_the_right_one(
    world: World, client: Client, point: Any, run_jobs: Any
) -> None:
    send(client, point, lers(DAY, number="102", system="2"))
    run_jobs()
    job = job_of(world)
    assert (job.state, job.refusal, count(world)) == ("refused", "other_point", 0)
    (right,) = client.get(url("import_detail", job)).context["offers"]
    assert right.number == "102"
    answer = client.post(url("import_send_on", job), {"point": str(right.public_id)})
    run_jobs()
    sent = job_of(world)
    assert answer.url == url("import_detail", sent)
    assert (sent.state, sent.point.number, count(world)) == ("done", "102", 24)
    again = client.post(url("import_send_on", sent), {"point": str(right.public_id)}, follow=True)
    assert [m.level_tag for m in again.context["messages"]][-1] == "error"


def test_a_file_without_a_number_is_taken_for_the_point_of_the_page(
    world: World, client: Client, point: Any, run_jobs: Any
) -> None:
    send(client, point, lers(DAY, number=None))
    run_jobs()
    assert (job_of(world).state, count(world)) == ("done", 24)


@pytest.mark.parametrize("chosen", [True, False])
def test_a_file_for_somebody_elses_point_stores_nothing(
    world: World, client: Client, point: Any, run_jobs: Any, chosen: bool
) -> None:
    with tenant_scope(world.utility.programme.pk):
        foreign = make_point("200", serial="555", contract=make_contract("03000000"))
    data = lers(DAY, number="200", serial="555")
    answer = send(client, foreign if not chosen else point, data)
    run_jobs()
    if chosen:
        job = job_of(world)
        assert (job.state, job.refusal) == ("refused", "unknown_point")
        assert not client.get(url("import_detail", job)).context["offers"]
    else:
        assert answer.status_code == 404
    assert count(world) == 0


def test_issues_are_told_in_words_with_line_and_value(
    world: World, client: Client, point: Any, run_jobs: Any
) -> None:
    send(client, point, lers([*DAY[:-1], ("2026-01-15T23:00:00", {"T_in": "<b>12</b>", "Q_delta": "abc"})]))
    run_jobs()
    job = job_of(world)
    page = client.get(url("import_detail", job)).content.decode()
    assert (job.state, count(world)) == ("checked", 0)
    assert ">abc<" in page
    client.post(url("import_decide", job), {"answer": "keep"})
    run_jobs()
    assert job_of(world).state == "done_with_issues"
    assert ">abc<" in client.get(url("import_detail", job)).content.decode()
    assert count(world) in (23, 24)


def test_a_worker_that_fails_leaves_nothing_and_says_so(
    world: World, client: Client, point: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.models import Job
    from readings.ingest import storing

    send(client, point, lers(DAY))
    whole = storing._follow

    def killed(*args: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(storing, "_follow", killed)
    run_jobs()
    assert (job_of(world).state, count(world)) == ("running", 0)
    monkeypatch.setattr(storing, "_follow", whole)
    Job.objects.filter(kind="import_archive").update(due_at="2026-01-01T00:00:00Z")
    run_jobs()
    assert (job_of(world).state, count(world)) == ("done", 24)

    send(client, point, lers(DAY[:5]), name="other.xml")
    monkeypatch.setattr(storing, "_follow", killed)
    for _ in range(3):
        Job.objects.filter(kind="import_archive").update(due_at="2026-01-01T00:00:00Z")
        run_jobs()
    assert (job_of(world).state, job_of(world).refusal) == ("refused", "internal")
    assert count(world) == 24


def test_a_job_done_twice_is_done_once(world: World, client: Client, point: Any, run_jobs: Any) -> None:
    from readings.imports.work import import_run

    send(client, point, lers(DAY))
    run_jobs()
    job = job_of(world)
    import_run(programme=world.utility.programme, job_id=job.pk)
    assert job_of(world).receipt_number == job.receipt_number


PAGES = [
    ("point_detail", "get"), ("archive_upload", "post"), ("archive_export", "get"), ("import_detail", "get"),
    ("import_progress", "get"), ("import_send_on", "post"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "method"), PAGES)
def test_who_may_open_a_page(
    world: World, client: Client, point: Any, sign_in: Any, name: str, method: str
) -> None:
    send(client, point, lers(DAY))
    thing = job_of(world) if name.startswith("import") else point
    path = url(name, thing)

    def open_as(user: Any) -> int:
        return getattr(sign_in(user) if user else Client(), method)(path).status_code

    wrong = client.post(path) if method == "get" else client.get(path)
    assert wrong.status_code == 405
    assert getattr(client, method)(path.replace(str(thing.public_id), "no-uuid")).status_code == 404
    assert (
        getattr(client, method)(
            path.replace(str(thing.public_id), str(world.ours.programme.public_id))
        ).status_code
        == 404
    )
    out = getattr(Client(), method)(path)
    assert (out.status_code, out.url.startswith("/?next=")) == (302, True)
    assert open_as(world.ours.operator) == 404  # a stranger
    neighbour = make_user("neighbour@teplo.example")
    join(neighbour, world.utility.programme, Role.CONSUMER)
    assert open_as(neighbour) == 404  # a consumer of the same utility, another contract
    occupant = make_user("occupant@teplo.example")
    join(occupant, world.utility.programme, Role.OCCUPANT)
    assert open_as(occupant) == 403
    assert open_as(world.utility.operator) not in (403, 404) or name == "import_send_on"


def test_another_utility_shares_nothing(
    world: World, client: Client, point: Any, sign_in: Any, run_jobs: Any
) -> None:
    """The same numbers stand in another programme: its people see theirs, and a file goes to the right one."""
    other = make_utility("Энерго", "energo")
    theirs = make_points(other.programme, other.consumer)[0]
    send(client, point, lers(DAY))
    run_jobs()
    with tenant_scope(other.programme.pk):
        assert not ArchiveRecord.objects.exists()
    stranger = sign_in(other.consumer)
    assert stranger.get(url("point_detail", theirs, "energo")).status_code == 200
    for thing, name in ((point, "point_detail"), (job_of(world), "import_detail")):
        assert stranger.get(url(name, thing, "energo")).status_code == 404


def test_the_archive_is_shown_by_period_and_parameter(
    world: World, client: Client, point: Any, run_jobs: Any
) -> None:
    days = [(f"2026-01-{d:02}T00:00:00", {"T_in": f"{60 + d}", "Q_delta": "1.5"}) for d in range(1, 32)]
    send(client, point, lers([*days, ("2026-02-01T00:00:00", {"T_in": "10", "badValues": "16"})], kind="Day"))
    send(client, point, lers(DAY))
    run_jobs()
    path = url("point_detail", point)
    asked = {"kind": "day", "parameter": "T_in", "first": "2026-01-05", "last": "2026-02-01"}
    answer = client.get(path, asked)
    archive = answer.context["archive"]
    assert [row["cells"][0] for row in archive.rows][:2] == ["65", "66"]
    assert len(archive.rows) == 28
    assert archive.rows[-1]["remarks"] != ""
    assert archive.chart.has_flagged
    text = answer.content.decode()
    assert 'value="2026-01-05"' in text
    assert '<option value="T_in" selected>' in text
    export = client.get(url("archive_export", point), asked)
    assert export.headers["Content-Disposition"] == 'attachment; filename="101-day.csv"'
    assert len(export.content.decode().splitlines()) == 29
    for strange in (
        {"kind": "day", "first": "9999-12-31"}, {"first": "0001-01-01", "last": "abc"}, {"kind": "x", "parameter": "y"},
        {"kind": "hour", "first": "2026-01-20", "last": "2026-01-01"}, {"first": "1990-01-01", "last": "2026-01-15"},
    ):  # fmt: skip
        assert client.get(path, strange).status_code == 200
        assert client.get(url("archive_export", point), strange).status_code == 200
    assert (
        client.get(path, {"kind": "hour", "first": "1990-01-01", "last": "2026-01-15"}).context["archive"].cut
    )


def test_the_month_so_far_is_measured_against_the_clock(
    world: World, client: Client, point: Any, run_jobs: Any
) -> None:
    import time_machine

    send(client, point, lers(DAY))
    run_jobs()
    with time_machine.travel("2026-01-16T15:00:00+00:00"):  # the 17th begins in Chita
        client.force_login(world.utility.consumer)
        period = client.get(url("point_detail", point)).context["period"]
    assert period["percent"] * 10 == 24 * 1000 // (16 * 24)
    assert "12.000" in str(period["facts"][1]["value"])
