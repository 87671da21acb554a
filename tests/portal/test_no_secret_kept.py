"""No secret lies where it can be read: the main flows, then every secret they made looked for in all that is kept.

A module of its own: the jobs of another module's world must not stand before the ones of this.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from django.db import connection

from accounts.tenancy import unscoped
from testkit.factors import code_of, set_up_app
from testkit.gateway import call, document, make_box
from testkit.people import CHOSEN, link_in, mails_to, new_password, visitor
from testkit.world import PASSWORD, World

pytestmark = pytest.mark.django_db


def everything_stored() -> str:
    """A dump of the whole database as text, tables of Django and allauth included."""
    with unscoped(reason="a dump reads all"), connection.cursor() as cursor:
        parts = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            parts.append(f"{table}: {cursor.fetchall()!r}")
    return "\n".join(parts)


def test_no_secret_lies_in_a_table_a_log_or_the_queue(world: World, caplog: Any, monkeypatch: Any) -> None:
    """The main ways by which secrets are made, then every one of them looked for in all that is kept."""
    rings: list[Any] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda *args, **kwargs: rings.append((args, kwargs)))
    caplog.set_level(logging.DEBUG)
    secrets: dict[str, str] = {"password": PASSWORD, "new password": CHOSEN}
    ours, operator = world.ours, visitor()
    operator.post("/", {"login": ours.operator.email, "password": PASSWORD})
    secrets["app"], codes = set_up_app(operator)
    secrets |= {f"recovery code {number}": code for number, code in enumerate(codes)}
    second = visitor()
    second.post("/", {"login": ours.operator.email, "password": PASSWORD})
    second.post("/sign-in/second-step/", {"code": code_of(secrets["app"])})
    secrets |= {
        "cookie": operator.cookies["sessionid"].value,
        "second cookie": second.cookies["sessionid"].value,
    }
    visitor().post("/password/forgotten/", {"email": ours.occupant.email})
    reset = link_in(mails_to(ours.occupant.email)[-1])
    secrets["reset link"] = reset.strip("/").rpartition("/")[2]
    visitor().get(f"/nowhere{reset}")
    visitor().post(reset, new_password())
    boss = visitor()
    boss.post("/", {"login": "Les Tilleuls", "password": PASSWORD})
    boss.post("/p/tilleuls/servers/create/", {"serial": "B" * 24, "description": "Box"})
    mail_text = mails_to(ours.administrator.email)[-1].body
    found = re.search(r"\b[A-Z0-9]{30}\b", mail_text)
    assert found, mail_text
    secrets["server password"] = found[0]
    token = call("POST", "/activation", {"serial": "B" * 24, "password": found[0]}).json()["token"]
    secrets["server token"] = token
    call("POST", "/heartbeat", {"agent": "test"}, token=token)
    call("POST", "/heartbeat", {"agent": "test"}, token=token + "x")
    make_box(ours.programme, "C" * 24).publish(document())
    boss.post("/p/tilleuls/account/email/", {"email": "n@x.example", "email_again": "n@x.example"})
    secrets["hand-over link"] = link_in(mails_to("n@x.example")[-1]).strip("/").rpartition("/")[2]
    visitor().get(f"/activate/{secrets['hand-over link']}/")

    places = {
        "database": everything_stored(),
        "logs": "\n".join(
            record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
        ),
        "queue": json.dumps(rings, default=str),
    }
    assert len(secrets) > 17 and len(places["database"]) > 10_000
    leaks = [f"{what} in the {where}" for where, text in places.items() for what, secret in secrets.items()
             if secret in text or secret.replace("-", "") in text]  # fmt: skip
    assert not leaks
    assert ours.operator.email in places["database"], "the control: what is no secret is found"
