"""Bad input of every kind: one sentence in the reader's own language, its status, and nothing stored."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts import captcha
from accounts import models as directory
from accounts.models import EmailToken
from accounts.services.tokens import token_mint, token_use
from accounts.tenancy import tenant_models, unscoped
from servers.models import ServerCredential
from testkit.gateway import SERIAL, call, make_server
from testkit.people import challenge_of, twice, visitor
from testkit.world import World
from tests.readings.archive_kit import lers, make_points

LANGUAGES = ("fr", "ru", "en")
SCRIPT = {"ru": re.compile("[а-яё]{4}"), "fr": re.compile("[a-zà-ÿ]{4}"), "en": re.compile("[a-z]{4}")}
INTERNAL = re.compile(r"Traceback|Exception|Error\b|lxml|pydantic|sqlite|psycopg", re.IGNORECASE)
MODELS = (directory.User, directory.Programme, directory.Membership, EmailToken, ServerCredential)
JOBS = {"ImportJob", "Job", "OutboxMessage", "AuditEntry"}  # what says that a file was refused


@pytest.fixture(autouse=True)
def _no_counts_of_other_tests() -> None:
    cache.clear()


def stored() -> dict[str, list[str]]:
    with unscoped(reason="the test compares all programmes"):
        return {
            model.__name__: sorted(map(repr, model._default_manager.values_list()))
            for model in (*tenant_models(), *MODELS)
            if model.__name__ not in JOBS
        }


def sentence_is_fine(sentence: str, language: str) -> None:
    assert sentence.endswith((".", "!", "?")), sentence
    assert 8 < len(sentence) < 250, sentence
    assert "\n" not in sentence.strip()
    assert SCRIPT[language].search(sentence.lower()), sentence
    assert not INTERNAL.search(sentence), sentence


def speaks(user: Any, language: str, sign_in: Any) -> Client:
    user.language = language
    user.save()
    client: Client = sign_in(user)
    return client


def only_error(answer: Any, field: str) -> str:
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    (sentence,) = errors[field]
    return str(sentence)


def three_languages(sentences: dict[str, str]) -> None:
    for language, sentence in sentences.items():
        sentence_is_fine(sentence, language)
    assert len(set(sentences.values())) == 3, f"not translated: {sentences}"


@pytest.mark.parametrize(
    "serial", ["WGQV-2LWV-M2WF-KXM3-FBN9-916O", "WGQV-2LWV", "W" * 25, "WGQV2LWVM2WFKXM3FBN9916é"]
)
def test_a_wrong_serial(world: World, sign_in: Any, serial: str) -> None:
    told = {}
    for language in LANGUAGES:
        client = speaks(world.ours.administrator, language, sign_in)
        before = stored()
        answer = client.post(
            reverse("server_create", args=["tilleuls"]), {"serial": serial, "description": "Lila"}
        )
        assert answer.status_code == 422
        told[language] = only_error(answer, "serial")
        assert stored() == before
    three_languages(told)


@pytest.mark.parametrize("what", ["used", "expired", "unknown"])
def test_a_link_that_does_not_work(world: World, what: str) -> None:
    secret = token_mint(purpose=EmailToken.Purpose.RESET_PASSWORD, user=world.ours.occupant)
    if what == "used":
        token_use(EmailToken.objects.get())
    url = reverse("password_reset", args=[secret if what != "unknown" else "no-such-link"])
    before, told = stored(), {}
    with time_machine.travel(timezone.now() + timedelta(days=8 if what == "expired" else 0), tick=False):
        for language in LANGUAGES:
            client = visitor(headers={"accept-language": language})
            for answer in (client.get(url), client.post(url, {"password": "x", "password_again": "x"})):
                assert answer.status_code == 410
                told[language] = answer.context["reason"]
    assert stored() == before
    three_languages(told)


def test_a_second_registration_of_the_same_name(world: World) -> None:
    before, told = stored(), {}
    for language in LANGUAGES:
        client = visitor(headers={"accept-language": language})
        challenge = challenge_of(client.get("/register/"))
        with translation.override(language):
            answer = captcha.solution(challenge)
        typed = {"name": "LES TILLEULS", **twice("a@new.example"), "challenge": challenge, "captcha": answer}
        page = client.post("/register/", typed)
        assert page.status_code == 422
        told[language] = only_error(page, "name")
    assert stored() == before
    three_languages(told)


NOT_AN_ARCHIVE = {
    "picture.xml": b"\x89PNG\r\n\x1a\n\0\0",
    "letter.xml": b"Dear utility, here are my readings.",
    "empty.xml": b"",
}
REFUSED = {
    "cut.xml": lers([("2026-01-15T00:00:00", {"T_in": "98.4"})])[:-40],
    "tags.xml": b"<lersData><measurePoint></lersData>",
    "other.xml": b"<?xml version='1.0'?><html><body>Not for us</body></html>",
    "entity.xml": b"<!DOCTYPE lersData [<!ENTITY a 'x'>]><lersData>&a;</lersData>",
    "cut.xml.gz": b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b",
}


@pytest.mark.parametrize("name", NOT_AN_ARCHIVE)
def test_what_is_no_archive(world: World, sign_in: Any, name: str) -> None:
    point = make_points(world.utility.programme, world.utility.consumer)[0]
    told = {}
    for language in LANGUAGES:
        client = speaks(world.utility.consumer, language, sign_in)
        before = stored()
        file = SimpleUploadedFile(name, NOT_AN_ARCHIVE[name])
        answer = client.post(reverse("archive_upload", args=["teplo", point.public_id]), {"file": file})
        assert answer.status_code == 422
        told[language] = only_error(answer, "file")
        assert stored() == before
    three_languages(told)


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_archive(world: World, sign_in: Any, run_jobs: Any, name: str) -> None:
    point = make_points(world.utility.programme, world.utility.consumer)[0]
    told = {}
    client = speaks(world.utility.consumer, "fr", sign_in)
    before = stored()
    file = SimpleUploadedFile(name, REFUSED[name])
    report = client.post(reverse("archive_upload", args=["teplo", point.public_id]), {"file": file}).url
    run_jobs()
    assert stored() == before
    for language in LANGUAGES:
        answer = speaks(world.utility.consumer, language, sign_in).get(report)
        assert answer.status_code == 200
        told[language] = str(answer.context["refusal"])
    three_languages(told)


def test_a_wrong_server_password(world: World) -> None:
    make_server(world.ours.programme)
    before, told = stored(), {}
    for language in LANGUAGES:
        headers = {"Accept-Language": language}
        answer = call("POST", "/activation", {"serial": SERIAL, "password": "A" * 30}, **headers)
        assert answer.status_code == 401
        told[language] = answer.json()["message"]
    assert stored() == before
    three_languages(told)
