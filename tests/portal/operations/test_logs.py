"""A line of the log is one JSON object that says of which request, programme and job it is, and no secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts import jobs
from accounts.logs import JsonFormatter, log_with
from accounts.models import Job
from accounts.tenancy import tenant_scope

LINES = ("releve", "django.request", "accounts.jobs")


@pytest.fixture
def written() -> Iterator[Any]:
    """written() -> the lines so far, as objects."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    loggers = [logging.getLogger(name) for name in LINES]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def test_a_request_leaves_one_line_with_its_number(world: Any, sign_in: Any, written: Any) -> None:
    client = sign_in(world.ours.administrator)
    answer = client.get(f"/p/{world.ours.programme.slug}/servers/", {"q": "private"})
    (line,) = written()
    assert line["request"] == answer.headers["X-Request-ID"] and len(line["request"]) == 32
    assert (line["programme"], line["person"]) == (world.ours.programme.pk, world.ours.administrator.pk)
    assert line["route"] == "p/<slug:slug>/servers/" and "private" not in json.dumps(line)
    assert line["message"] == f"GET /p/{world.ours.programme.slug}/servers/ 200" and line["ms"] >= 0


def test_a_number_is_taken_from_a_trusted_proxy_only(client: Client, settings: Any) -> None:
    given = {"X-Request-ID": "from-the-proxy-1"}
    assert client.get("/health/live", headers=given).headers["X-Request-ID"] != "from-the-proxy-1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client.get("/health/live", headers=given).headers["X-Request-ID"] == "from-the-proxy-1"
    forged = {"X-Request-ID": "a b\u2028"}
    assert len(client.get("/health/live", headers=forged).headers["X-Request-ID"]) == 32


def test_a_job_says_which_it_is(world: Any, written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_kinds", dict(jobs._kinds))
    jobs.job_handler("breaks", max_starts=1)(lambda job: 1 / 0)
    with log_with(request="8f1c"):
        job = jobs.job_enqueue(kind="breaks", programme_id=world.ours.programme.pk)
    jobs.run_job(job.pk)
    broken, ended = written()
    for line in (broken, ended):
        assert (line["job"], line["kind"], line["programme"]) == (job.pk, "breaks", world.ours.programme.pk)
        assert line["request"] == "8f1c", "of the request that wanted it"
    assert broken["error"] == "ZeroDivisionError" and "1 / 0" in broken["trace"]
    assert ended["message"] == "job failed" and ended["attempt"] == 1


def test_a_request_leads_to_its_job_and_to_what_that_wanted(
    world: Any, sign_in: Any, written: Any, run_jobs: Any
) -> None:
    """From the number in an answer, over the job that its mail is, to the lines that the worker wrote about it."""
    client = sign_in(world.ours.administrator)
    form = {"email": "new@example.org", "email_again": "new@example.org", "scope": "all"}
    answer = client.post(f"/p/{world.ours.programme.slug}/operators/", form)
    number = answer.headers["X-Request-ID"]
    wanted = list(Job.objects.filter(request=number).values_list("pk", flat=True))
    assert answer.status_code == 302 and wanted
    run_jobs()
    lines = [line for line in written() if line.get("request") == number]
    assert {line["logger"] for line in lines} == {"releve.request", "releve.jobs"}
    assert {line["job"] for line in lines if "job" in line} >= set(wanted)
    assert {line["programme"] for line in lines} == {world.ours.programme.pk}


SECRETS = {
    "/activate/{}/ was asked for": "a link of a mail",
    "Authorization: Bearer {}": "a token",
    "cannot reach postgres://releve:{}@db/releve": "the database's password",
    "redis://:{}@redis:6379/0 refused": "the broker's",
    "password={}&next=/": "a form",
    "{{'token': '{}'}}": "a structure",
    "duplicate key\nDETAIL:  Key (email)=({}) already exists.": "a row",
}


@pytest.mark.pure
@pytest.mark.parametrize("text", SECRETS)
def test_no_secret_gets_into_a_line(text: str) -> None:
    secret = "S3cretS3cretS3cretS3cret"
    for raised in (False, True):
        try:
            raise ValueError(text.format(secret))
        except ValueError as error:
            info = (type(error), error, error.__traceback__) if raised else None
        message = "it failed" if raised else text.format(secret)
        record = logging.LogRecord("x", logging.ERROR, "f.py", 1, message, (), info)
        assert secret not in JsonFormatter().format(record), SECRETS[text]


@pytest.mark.pure
@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\u2028b", "a\x1b[31mb", 'a", "level": "INFO', "a\x00b"])
def test_a_stranger_writes_no_second_line(text: str) -> None:
    line = JsonFormatter().format(logging.LogRecord("x", logging.INFO, "f.py", 1, "%s", (text,), None))
    assert len(line.splitlines()) == 1 and line.isascii() and "\x1b" not in line
    assert json.loads(line)["message"] == text


def test_a_scope_names_the_programme(world: Any) -> None:
    record = logging.LogRecord("x", logging.INFO, "f.py", 1, "hello", (), None)
    with log_with(request="abc"), tenant_scope(world.ours.programme.pk):
        assert json.loads(JsonFormatter().format(record))["programme"] == world.ours.programme.pk
    assert json.loads(JsonFormatter().format(record)).keys() == {"at", "level", "logger", "message"}
