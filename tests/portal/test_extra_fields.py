"""A form that is sent with more fields than it has: what is stored is what it would have been without them.

Each page of the matrix that takes a POST, and each route of the gateway API, gets every column of every table as a
field (programme, role, state, is_staff, id, …) with a value that would do harm, and so does each page outside any
programme. The clock stands and chance is dealt anew, so that the tables must be the same to the last byte.
"""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.core.cache import cache
from django.db import models
from django.urls import reverse

from accounts import models as directory
from accounts.models import Programme, Role
from accounts.tenancy import tenant_models
from portal.operations.backup.files import files_folder
from servers.forms.boxes import ServerEditForm
from servers.models import Server, ServerCredential
from testkit.matrix import API, OUTSIDE, PAGES, Side
from tests.portal.matrix_kit import Matrix, Rows, address, browser, dump, undone
from tests.portal.matrix_kit import matrix as matrix
from tests.portal.test_access_matrix import api_path, call
from tests.portal.test_odd_text import FIELDS

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAMES = re.compile(r'\bname="([\w-]+)"')
DIRECTORY = (
    directory.User,
    directory.Programme,
    directory.Membership,
    directory.Job,
    directory.OutboxMessage,
)
# the page on which the form stands, where it is not the one that takes it
FORM_ON = {
    "application_prefill": "application_new",
    "server_edit": "server_detail",
    "archive_upload": "point_detail",
    "reminders_send": "desk_home",
}
# what a route of the API may be told besides what its row of the matrix tells
OPTIONAL = {
    "api/v1/readings": {"spool"},
    "api/v1/heartbeat": {"instance", "devices", "spool", "clock", "missing"},
    "api/v1/commands/<command>/result": {"message", "device_state"},
}
BUTTONS = {"review_limits": {"reset"}}  # that stand there once there is something to press them for


@contextmanager
def again() -> Iterator[None]:
    """What happens inside happens alike each time, and is undone: same time, same chance, no file of the time before."""
    cache.clear()  # how often it was tried
    dealt, folder = random.Random(11), files_folder()
    before = set(folder.rglob("*"))
    with (
        undone(),
        time_machine.travel(NOW, tick=False),
        mock.patch("os.urandom", dealt.randbytes),
        mock.patch("random._urandom", dealt.randbytes),
    ):
        yield
    for path in set(folder.rglob("*")) - before:
        if path.is_file():
            path.unlink()


def columns() -> Iterator[models.Field[Any, Any]]:
    for model in (*tenant_models(), *DIRECTORY, ServerCredential):
        yield from model._meta.concrete_fields


def harm(field: models.Field[Any, Any], theirs: Side) -> Any:
    """A value that the column would take, and that ours would not have."""
    if field.choices:
        return str(list(field.choices)[-1][0])
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, models.UUIDField):
        return str(uuid.UUID(int=7))
    if isinstance(field, models.DateTimeField):
        return "2031-05-01T00:00:00Z"
    if isinstance(field, models.DateField):
        return "2031-05-01"
    return theirs.programme.pk if isinstance(field, models.IntegerField | models.ForeignKey) else "assigned"


def extra(theirs: Side, offered: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "pk": theirs.programme.pk,
        "programme_slug": theirs.programme.slug,
        "slug": theirs.programme.slug,
    }
    for field in columns():
        for name in {field.name, field.attname}:
            found[name] = Role.ADMINISTRATOR.value if name == "role" else harm(field, theirs)
    return {name: value for name, value in found.items() if name not in offered}


def texts(fields: dict[str, Any]) -> dict[str, str]:
    return {name: "on" if value is True else str(value) for name, value in fields.items()}


def offered(name: str, side: Side, person: Any) -> set[str]:
    """The fields that a person sees."""
    row = PAGES[name]
    page = FORM_ON.get(name, name)
    found = set(row.body(side)) | BUTTONS.get(name, set())
    if "GET" in PAGES[page].methods:
        key = PAGES[page].key
        with undone():
            shown = browser(person).get(address(page, side, side.ids[key] if key else ""), row.body(side))
        found |= set(NAMES.findall(shown.content.decode(errors="replace")))
    return found


@pytest.mark.parametrize("name", sorted(name for name, row in PAGES.items() if "POST" in row.methods))
def test_page(name: str, matrix: Matrix) -> None:
    row = PAGES[name]
    ours, theirs = matrix.sides(row.kind)
    url = address(name, ours, ours.ids[row.key] if row.key else "")
    person = ours.people[max(row.roles)]
    body = row.body(ours)

    def stored(added: dict[str, Any]) -> Any:
        return outcome(lambda: browser(person).post(url, {**added, **row.body(ours)}))

    plain = stored({})
    if stored(texts(extra(theirs, set(body)))) != plain:  # some of them may be offered after all
        assert stored(texts(extra(theirs, offered(name, ours, person)))) == plain


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_page_outside_any_programme(name: str, matrix: Matrix) -> None:
    page, fields = OUTSIDE[name], FIELDS[name]
    ours, theirs = matrix.sides(Programme.Kind.HOUSING)
    url = reverse(name, args=[ours.ids[page.token]] if page.token else list(page.args))
    more = texts(extra(theirs, {*fields, *NAMES.findall(browser().get(url).content.decode())}))
    for person in (None, ours.people[Role.OCCUPANT]):
        plain, full = (
            outcome(lambda: browser(person).post(url, {**added, **fields}))  # noqa: B023 - called at once
            for added in ({}, more)
        )
        assert plain == full


def outcome(send: Callable[[], Any]) -> tuple[int, Rows]:
    """What is answered, and what all tables hold then."""
    with again():
        return send().status_code, dump()


@pytest.mark.parametrize(
    ("method", "route"), sorted(key for key, (body, *_rest) in API.items() if body is not None)
)
def test_gateway_route(method: str, route: str, matrix: Matrix) -> None:
    body, good, key = API[(method, route)]
    ours, theirs = matrix.sides(Programme.Kind.HOUSING)
    path, more = api_path(route, key, ours.ids), extra(theirs, {*body, *OPTIONAL.get(route, ())})
    seen = []
    for sent in (body, {**more, **body}):
        with again():
            answer = call(method, path, sent, token=ours.token)
            seen.append((answer.status_code, dump(but=("IngestBatch", "Publication"))))
    assert seen[0][0] == good and seen[0] == seen[1]


def test_a_form_that_takes_what_it_is_given_is_seen(matrix: Matrix, monkeypatch: Any) -> None:
    class Careless(ServerEditForm):
        def clean(self) -> None:
            for name in {"suspended_at"} & self.data.keys():
                Server.objects.update(**{name: self.data[name]})

    monkeypatch.setattr("servers.views.boxes.ServerEditForm", Careless)
    with pytest.raises(AssertionError):
        test_page("server_edit", matrix)
