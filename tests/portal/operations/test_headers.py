"""Every answer carries the whole set of headers, and the set is worth an A+ of the HTTP Observatory."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.headers import HEADERS

PATHS = {
    "/": 200, "/legal/": 200, "/nowhere/": 404, "/static/portal/releve.css": 200, "/health/live": 200,
    "/api/v1/readings": 405, "/language/": 405, "/metrics": 404,
}  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_them(client: Client, db: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == PATHS[path]
    for name, value in HEADERS.items():
        assert answer[name] == value
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_body_that_is_too_large_is_not_read(client: Client, settings: Any) -> None:
    """Nor is its form: no session is asked for, so that a gigabyte costs as much as a line."""
    length = {"CONTENT_LENGTH": str(settings.UPLOAD_BODY_MAX_BYTES + 2 * 1024 * 1024)}
    page = client.post("/p/any/uploads/", b"", content_type="multipart/form-data; boundary=x", **length)
    assert page.status_code == 413 and "слишком большой" in page.content.decode() and page["Referrer-Policy"]
    box = client.post("/api/v1/readings", b"", content_type="application/json", **length)
    assert (box.status_code, box.json()["code"]) == (413, "too_large")


def points(answer: Any, *, secure: bool) -> dict[str, int]:
    """The Observatory's modifiers (github.com/mdn/mdn-http-observatory, src/grader/charts.js, November 2026)."""
    policy = {part.split()[0]: part.split()[1:] for part in answer["Content-Security-Policy"].split("; ")}
    unsafe = any(word.startswith("'unsafe") for words in policy.values() for word in words)
    cookies = answer.cookies.values()
    return {
        "policy from nothing": 10 if policy["default-src"] == ["'none'"] and not unsafe else -20,
        "frame-ancestors": 5 if policy.get("frame-ancestors") == ["'none'"] else -20,
        "cookies": 5 if all(c["secure"] and c["httponly"] and c["samesite"] for c in cookies) else -40,
        "referrer": 5 if answer["Referrer-Policy"] in ("same-origin", "no-referrer") else 0,
        "hsts": 0 if secure and "max-age=31536000" in answer.get("Strict-Transport-Security", "") else -20,
        "corp": 10 if answer.get("Cross-Origin-Resource-Policy") == "same-origin" else 0,
        "coep": 10 if answer.get("Cross-Origin-Embedder-Policy") == "require-corp" else 0,
        "coop": 10 if answer.get("Cross-Origin-Opener-Policy") == "same-origin" else 0,
    }


def test_the_first_page_scores_155_of_160(db: Any, settings: Any) -> None:
    """The five that are missing are for integrity attributes on scripts: ours come from this very site."""
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 365 * 24 * 3600, True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    answer = Client().get("/", secure=True)
    assert answer.cookies, "a form with its token"
    assert 100 + sum(points(answer, secure=True).values()) == 155
    del answer.headers["Cross-Origin-Embedder-Policy"]
    assert 100 + sum(points(answer, secure=True).values()) == 145, "the control: one header less is seen"


def test_how_to_report_a_weakness(db: Any, settings: Any) -> None:
    settings.SECURITY_CONTACT = ""
    text = Client().get("/.well-known/security.txt")
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in text.content.decode().splitlines())
    assert fields.keys() == {"Contact", "Expires", "Preferred-Languages", "Canonical", "Policy"}
    assert fields["Contact"] == f"{settings.SITE_URL}/security/" and fields["Expires"].endswith("+00:00")
    assert "legal notice" in Client().get("/security/").content.decode()
    settings.SECURITY_CONTACT = "mailto:security@releve.example"
    assert (
        Client()
        .get("/.well-known/security.txt")
        .content.startswith(b"Contact: mailto:security@releve.example\n")
    )
    assert (
        '<a href="mailto:security@releve.example">security@releve.example</a>'
        in Client().get("/security/").content.decode()
    )
