"""Text that no person types, in every field and every query of every page: an answer, never a 500."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from testkit.matrix import OUTSIDE, PAGES, ROLES, Row, Side
from tests.portal.matrix_kit import Matrix, address, browser, undone
from tests.portal.matrix_kit import matrix as matrix

pytestmark = pytest.mark.django_db

ODD = {
    "nul": "a\x00b",
    "long": "9" * 5000,
    "direction": "\u202e\u200babc",
    "past": "0001-01-01",
    "injection": "a\r\nBcc: x@y.example",
    "markup": "２０２６<script>alert(1)</script>😀",
}
READS = re.compile(r"""(?:request\.(?:GET|POST)|query|params|data|given)(?:\.get\(|\[)["'](\w+)["']""")


def queries() -> Iterator[str]:
    """What any page of the portal looks for in its address."""
    found = set()
    for app in ("accounts", "portal", "servers", "readings", "tariffs"):
        for path in Path(settings.BASE_DIR, app).rglob("*.py"):
            found |= set(READS.findall(path.read_text(encoding="utf-8")))
    yield from sorted(found)


KEYS = [*queries(), "kind", "parameter", "start", "end", "from", "to", "first", "last"]


def test_the_queries_are_found() -> None:
    assert {"q", "at", "period", "dwelling", "page", "next"} <= set(queries())


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page(name: str, matrix: Matrix) -> None:
    row = PAGES[name]
    ours, _theirs = matrix.sides(row.kind)
    url = address(name, ours, ours.ids[row.key] if row.key else "")
    people = cycle(ours.people[role] for role in sorted(row.roles))
    for shift, person in zip(
        range(0, len(ODD), 2), people, strict=False
    ):  # three hands, each from another person
        if "GET" in row.methods:
            with undone():
                answer = browser(person).get(url, dealt(KEYS, shift))
                assert answer.status_code < 500, ("GET", shift)
        if "POST" in row.methods:
            _fields(row, ours, person, url, shift)


def dealt(keys: Iterable[str], shift: int) -> dict[str, str]:
    """Each key with a kind of odd text, dealt like cards; `shift` deals on, so that a page sees others the next time."""
    return dict(zip(keys, islice(cycle(ODD.values()), shift, None), strict=False))


def _fields(row: Row, side: Side, person: Any, url: str, shift: int) -> None:
    """All fields at once; the first time also each field in turn with the worst, the others as they should be."""
    body: dict[str, Any] = row.body(side)
    texts = [field for field, value in body.items() if isinstance(value, str)]
    alone = [{field: ODD["nul"]} for field in texts if len(texts) > 1 and not shift]
    for changed in (dealt(texts, shift), *alone):
        with undone():
            refused_aloud(browser(person).post(url, {**body, **changed}), changed)


# pages that answer what was sent by showing it, to be confirmed or written down
SHOWN_AGAIN = {
    "servers/occupant_preview.html", "readings/desk/contract_preview.html", "readings/entry_new.html",
    "readings/exchange.html", "tariffs/parameters_reset.html", "accounts/recovery_codes.html",
    "accounts/app_add.html",
}  # fmt: skip


def refused_aloud(answer: Any, changed: Any) -> None:
    """No fault of ours; and what was refused is refused by its status too, never a page as if all were well."""
    assert answer.status_code < 500, ("POST", changed.keys())
    shown = {template.name for template in getattr(answer, "templates", ())}
    assert answer.status_code != 200 or not shown or shown & SHOWN_AGAIN, ("POST", changed.keys())


LINKS = ("activate", "password_reset", "address_confirm", "mail")
FIELDS = {
    "home": {"login": "a@b.example", "password": "compteur 7", "next": "/"},
    "register": {"name": "Tilleuls", "email": "a@b.example", "email_again": "a@b.example", "challenge": "x"},
    "password_forgotten": {"login": "a@b.example", "email": "a@b.example", "challenge": "x", "captcha": "x"},
    "set_language": {"language": "fr", "next": "/"},
    "own_account": {"name": "Name", "language": "fr"},
    "own_email": {"email": "a@b.example", "email_again": "a@b.example"},
    "own_password": {"current": "x", "password": "y", "password_again": "y"},
    "password_reset": {"password": "compteur 9", "password_again": "compteur 9"},
}


@pytest.mark.parametrize("name", sorted(OUTSIDE.keys() - {"style"}))
def test_page_outside_any_programme(name: str, matrix: Matrix) -> None:
    page = OUTSIDE[name]
    ours, _theirs = matrix.sides("housing")
    url = reverse(name, args=[ours.ids[page.token]] if page.token else list(page.args))
    fields = FIELDS.get(name, {})
    for person in (None, ours.people[ROLES[0]]):
        for shift in range(0, len(ODD), 2):
            with undone():
                assert browser(person).get(url, dealt(KEYS, shift)).status_code < 500, ("GET", shift)
            alone = [{field: ODD["nul"]} for field in fields if not shift]
            for changed in (dealt(fields, shift), *alone):
                with undone():
                    refused_aloud(browser(person).post(url, {**fields, **changed}), changed)


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("secret", ["%00", "a%00b", "%ff", "%E2%80%AE", "9" * 3000, "..%5c", "%0d%0aX:%20y"])
def test_a_link_of_odd_text(name: str, secret: str, matrix: Matrix) -> None:
    url = reverse(name, args=["SECRET"]).replace("SECRET", secret)
    for person in (None, matrix.ours["housing"].people[ROLES[0]]):
        with undone():
            client = browser(person)
            assert client.get(url).status_code < 500
            assert client.post(url, {}).status_code < 500


PATHS = (
    "/p/%00/",
    "/p/Ours-housing/",
    "/p/ours-housing",
    "/p//",
    "/p/ours-housing%2f/",
    "/p/é/",
    "/p/" + "a" * 3000 + "/",
    "/p/ours-housing%00/servers/",
    "/%00",
    "/p/ours-housing/servers/%00/",
    "/p/ours-housing/%2e%2e/theirs-housing/",
)


@pytest.mark.parametrize("path", PATHS)
def test_an_odd_path(path: str, matrix: Matrix) -> None:
    for person in (None, matrix.ours["housing"].people[ROLES[0]]):
        with undone():
            assert browser(person).get(path).status_code in (301, 302, 404)
