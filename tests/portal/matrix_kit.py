"""What the tests over the whole matrix share: its world, browsers, what is undone, and a look into every table."""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts import models as directory
from accounts.models import AuditEntry, Programme
from accounts.tenancy import tenant_models, tenant_scope, unscoped
from servers.models import ServerCredential
from testkit.matrix import Row, Side, make_side

DIRECTORY = (
    directory.User,
    directory.Programme,
    directory.Membership,
    directory.EmailToken,
    directory.Job,
    directory.OutboxMessage,
    ServerCredential,
)


@dataclass
class Matrix:
    """By kind of programme: ours, theirs, and a signed-in browser of each person."""

    ours: dict[str, Side]
    theirs: dict[str, Side]

    def sides(self, kind: str) -> tuple[Side, Side]:
        return self.ours[kind], self.theirs[kind]


@pytest.fixture(scope="module")
def matrix(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Matrix]:
    """One world for the module: each test undoes what it did."""
    serials = iter("ABCDEFGH")
    with django_db_blocker.unblock(), transaction.atomic():
        sides = [
            {
                kind: make_side(f"{whose}-{kind}", kind, serials=(next(serials) * 24, next(serials) * 24))
                for kind in (Programme.Kind.HOUSING, Programme.Kind.UTILITY)
            }
            for whose in ("ours", "theirs")
        ]
        for side in sides:
            for kind in side.values():
                _sign_in_once(kind)
        yield Matrix(*sides)
        transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _sign_in_once(side: Side) -> None:
    """Each test's browsers take up these sessions: signing in costs more than most pages."""
    for person in side.people.values():
        client = Client()
        client.force_login(person)
        client.get(reverse("own_account"))  # so that what is noted of a new browser is noted
        person.session_key = client.cookies[settings.SESSION_COOKIE_NAME].value


def browser(person: Any = None) -> Client:
    part = uuid.uuid4().hex  # an address of its own: tries are counted by address
    client = Client(REMOTE_ADDR=f"2001:db8:{part[:4]}:{part[4:8]}::1", raise_request_exception=False)
    if hasattr(person, "session_key"):
        client.cookies[settings.SESSION_COOKIE_NAME] = person.session_key
    elif person is not None:
        client.force_login(person)
    return client


Rows = dict[tuple[str, int | None], list[tuple[Any, ...]]]


def dump(*, but: tuple[str, ...] = ()) -> Rows:
    """All rows of all programmes, by table and programme; asked in plain SQL, for it is asked a thousand times."""
    found: dict[tuple[str, int | None], list[tuple[Any, ...]]] = defaultdict(list)
    with unscoped(reason="the test compares all programmes"), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_all_at_once(but))
            for name, programme, row in cursor.fetchall():
                found[(name, programme)].append((row,))
            return dict(found)
        for name, place, statement in _tables():
            if name not in but:
                cursor.execute(statement)
                for row in cursor.fetchall():
                    found[(name, None if place is None else row[place])].append(row)
    return dict(found)


@cache
def _tables() -> tuple[tuple[str, int | None, str], ...]:
    """Of each model: its name, where its programme stands in a row, and the statement that reads it whole."""
    quote = connection.ops.quote_name
    found = []
    for model in (*tenant_models(), *DIRECTORY):
        columns = [field.column for field in model._meta.concrete_fields]
        listed = ", ".join(quote(column) for column in columns)
        keys = ", ".join(quote(field.column) for field in model._meta.pk_fields)
        statement = f"SELECT {listed} FROM {quote(model._meta.db_table)} ORDER BY {keys}"
        place = columns.index("programme_id") if "programme_id" in columns else None
        found.append((model.__name__, place, statement))
    return tuple(found)


@cache
def _all_at_once(but: tuple[str, ...]) -> str:
    """The same in one statement, each row as text: a server is asked eighty things one by one more slowly."""
    quote = connection.ops.quote_name
    parts = []
    for model in (*tenant_models(), *DIRECTORY):
        if model.__name__ not in but:
            columns = {field.column for field in model._meta.concrete_fields}
            owned = "programme_id" if "programme_id" in columns else "NULL::bigint"
            keys = "||'/'||".join(f"{quote(field.column)}::text" for field in model._meta.pk_fields)
            parts.append(
                f"SELECT '{model.__name__}', {owned}, t::text, {keys} FROM {quote(model._meta.db_table)} t"
            )
    rows = " UNION ALL ".join(parts)
    return f"SELECT name, programme, row FROM ({rows}) AS a (name, programme, row, key) ORDER BY name, key"


def rows_of(side: Side, rows: Rows) -> Rows:
    return {key: value for key, value in rows.items() if key[1] == side.programme.pk}


def dump_of_trace(side: Side) -> list[int]:
    with tenant_scope(side.programme.pk):
        return list(AuditEntry.objects.exclude(action__endswith=".seen").values_list("pk", flat=True))


def words(response: Any, public_id: str) -> str:
    """The page without what differs each time."""
    html = re.sub(r'csrf[^>]*>|content="[A-Za-z0-9]{64}"', "", response.content.decode())
    return html.replace(public_id, "ID")


def address(name: str, side: Side, public_id: str = "") -> str:
    return reverse(name, args=[side.programme.slug, *([public_id] if public_id else [])])


def ask(client: Client, method: str, url: str, row: Row, side: Side) -> Any:
    return client.post(url, row.body(side)) if method == "POST" else client.generic(method, url)
