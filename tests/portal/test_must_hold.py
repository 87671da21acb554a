"""What must hold whatever else changes: credentials of another kind, foreign rows, guesses, secrets in tables and logs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import BrowserSession, Programme
from accounts.tenancy import tenant_models, tenant_scope, unscoped
from testkit.matrix import OUTSIDE, PAGES, Side, make_side
from testkit.world import PASSWORD, World
from tests.portal.matrix_kit import address, browser, dump, undone

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sides(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, tuple[Side, Side]]]:
    """By kind of programme: ours and theirs, for tests that read or undo what they did."""
    with django_db_blocker.unblock(), transaction.atomic():
        serials = iter("ABCDEFGH")
        yield {
            kind: tuple(
                make_side(f"{whose}-{kind}", kind, serials=(next(serials) * 24, next(serials) * 24))
                for whose in ("one", "two")
            )  # type: ignore[misc]
            for kind in (Programme.Kind.HOUSING, Programme.Kind.UTILITY)
        }
        transaction.set_rollback(True)


def _kept_out(side: Side) -> dict[str, Client]:
    """Browsers whose credential is none (any more), by what is wrong with it."""
    person = side.people["operator"]
    expired, ended, closed = browser(person), browser(person), browser(side.people["administrator"])
    for client in (expired, ended, closed):
        client.get("/account/")
    BrowserSession.objects.filter(user=person, pk=_row(expired)).update(
        expire_date=timezone.now() - timedelta(1)
    )
    BrowserSession.objects.filter(pk=_row(ended)).delete()
    side.people["administrator"].__class__.objects.filter(pk=side.people["administrator"].pk).update(
        is_active=False
    )
    token = browser()
    token.defaults["HTTP_AUTHORIZATION"] = f"Bearer {side.token or 'x' * 43}"
    digest = browser()
    digest.cookies["sessionid"] = BrowserSession.objects.filter(user=person).values_list("pk", flat=True)[0]
    return {
        "expired": expired,
        "ended": ended,
        "closed account": closed,
        "server token": token,
        "stolen table": digest,
    }


def _row(client: Client) -> str:
    from accounts.sessions.store import digest_of_key

    return digest_of_key(client.cookies["sessionid"].value)


def test_a_credential_of_another_kind_opens_no_page(sides: dict[str, tuple[Side, Side]]) -> None:
    for kind, (ours, _theirs) in sides.items():
        pages = {name: row for name, row in PAGES.items() if row.kind == kind}
        with undone():
            clients = _kept_out(ours)
            clients["no session"] = browser()
            before = dump()
            for name, row in pages.items():
                url = address(name, ours, ours.ids[row.key] if row.key else "")
                for what, client in clients.items():
                    for method in ("get", "post"):
                        answer = getattr(client, method)(url)
                        assert answer.status_code == 302 and answer.url.startswith("/?next="), (
                            what,
                            method,
                            name,
                        )
            assert dump() == before


def test_a_form_without_its_token_changes_nothing(sides: dict[str, tuple[Side, Side]]) -> None:
    for kind, (ours, _theirs) in sides.items():
        with undone():
            clients = {}
            for role, person in ours.people.items():
                clients[role] = Client(enforce_csrf_checks=True)
                clients[role].force_login(person)
            before = dump()
            for name, row in PAGES.items():
                if row.kind != kind or "POST" not in row.methods:
                    continue
                url = address(name, ours, ours.ids[row.key] if row.key else "")
                for role in row.roles:
                    for more in ({}, {"csrfmiddlewaretoken": "x" * 64}):
                        assert clients[role].post(url, {**row.body(ours), **more}).status_code == 403, (
                            name,
                            role,
                        )
            for name, outside in OUTSIDE.items():
                if outside.member[1] != 405 and name not in ("passkey_remove", "browser_end"):
                    args = [ours.ids.get(outside.token, "x")] if outside.token else list(outside.args)
                    from django.urls import reverse

                    assert clients["operator"].post(reverse(name, args=args)).status_code == 403, name
            assert dump() == before


def test_no_foreign_row_in_any_table_with_the_filter_off(
    sides: dict[str, tuple[Side, Side]], postgres: None
) -> None:
    """Plain SQL within a scope: row-level security alone. The control counts the same rows as the owner."""
    theirs = [side.programme.pk for pair in sides.values() for side in pair]
    ours = theirs.pop(0)
    seen, foreign = 0, 0
    for model in tenant_models():
        table = model._meta.db_table
        with tenant_scope(ours), connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE programme_id <> %s', [ours])
            assert cursor.fetchone() == (0,), table
            cursor.execute(
                f'UPDATE "{table}" SET programme_id = programme_id WHERE programme_id <> %s', [ours]
            )
            assert cursor.rowcount == 0, table
        with unscoped(reason="control"), connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE programme_id = ANY(%s)', [theirs])
            foreign += cursor.fetchone()[0]
            seen += 1
    assert seen == len(tenant_models()) and foreign > 30


LIMITS = {"login_failed": "10/m/ip,5/300s/key", "login": "30/m/ip"}


def test_a_thousand_guesses_open_nothing(world: World, settings: Any, monkeypatch: Any) -> None:
    """From 200 addresses at one account, and from one address at many; the right password is among the guesses."""
    from django.http import HttpResponse

    settings.ACCOUNT_RATE_LIMITS = LIMITS
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache",
                                   "OPTIONS": {"MAX_ENTRIES": 100_000}}}  # fmt: skip
    # a page of the form costs a thousand times more than what is tested here
    monkeypatch.setattr(
        "accounts.views.sign_in.render", lambda *args, **kwargs: HttpResponse(status=kwargs["status"])
    )
    people = [world.ours.operator, world.theirs.operator, world.ours.occupant]
    signed_in, client = 0, Client()
    for number in range(1000):
        if number < 600:  # one account, a new address each third guess
            place, login = f"198.51.{number // 3 % 200}.{number % 3 + 1}", "Les Tilleuls"
        else:  # one address, many accounts
            place, login = (
                "203.0.113.7",
                people[number % 3].email if number % 50 == 0 else f"p{number}@x.example",
            )
        password = PASSWORD if number % 10 == 9 or (number % 50 == 0 and number > 600) else f"guess {number}"
        client.cookies.clear()
        client.post("/", {"login": login, "password": password}, REMOTE_ADDR=place)
        signed_in += "_auth_user_id" in client.session
    assert signed_in == 0
    cache.clear()  # the control: without the counters the same password gets in
    control = Client(REMOTE_ADDR="198.51.100.1")
    control.post("/", {"login": "Les Tilleuls", "password": PASSWORD})
    assert "_auth_user_id" in control.session


def test_nobody_can_push_a_counter_out_of_the_cache(tmp_path: Any) -> None:
    """Django's own file cache keeps 300 entries and drops others at random: 3 of those 1,000 guesses got in."""
    from portal.cache import FileCache

    files = FileCache(str(tmp_path), {})
    files.set("counter", 5, 300)
    files.set("old", 1, -1)
    for number in range(310):
        files.set(f"other-{number}", 1, 300)
    assert files.get("counter") == 5
    before = len(list(tmp_path.iterdir()))
    files.set("soon", 1, 0.001)
    files.sweep()
    assert files.get("counter") == 5 and len(list(tmp_path.iterdir())) <= before


def test_a_counter_ends_when_its_limit_says_however_often_it_is_counted_on(tmp_path: Any) -> None:
    """Django's own file cache began five minutes anew at each count: a quarter of an hour's limit held for five."""
    from portal.cache import FileCache

    files = FileCache(str(tmp_path), {})
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        files.add("tries", 1, 900)
        files.set("for-good", 1, None)
        for _minute in range(14):
            clock.shift(60)
            files.incr("tries")
        assert files.get("tries") == 15
        assert files.incr("for-good", 2) == 3
        clock.shift(61)
        assert files.get("tries") is None
        clock.shift(10**8)
        assert files.get("for-good") == 3
    with pytest.raises(ValueError, match="tries"):
        files.incr("tries")
