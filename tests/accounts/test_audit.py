"""The journal, who looked, and the proof of mails."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone, translation

from accounts.audit.sentences import KINDS, SENTENCES
from accounts.models import AuditEntry, OutboxMessage
from accounts.outbox import mail_enqueue
from accounts.services.audit import audit_record, look_record
from accounts.tenancy import tenant_scope
from servers.models import Building, Dwelling, Occupancy
from testkit.people import mails_to
from testkit.world import Housing, World

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.pure
def test_every_action_has_its_sentence_and_kind() -> None:
    """Every action that the code writes, found in the code: a new one without a sentence fails here."""
    pattern = re.compile(
        r'(?:action=|_audit\(\w+, (?:\w+, )?|_record\(\w+, |_store\([^"\n]*|else )f?"([a-z_]+\.[a-z_]+)"'
    )
    found: set[str] = set()
    for app in ("accounts", "servers", "tariffs", "readings", "portal"):
        for path in (ROOT / app).rglob("*.py"):
            if "demo" not in path.parts and "migrations" not in path.parts:
                found |= set(pattern.findall(path.read_text(encoding="utf-8")))
    assert {"server.removed", "occupancy.created", "consumption.seen"} <= found
    missing = sorted(found - SENTENCES.keys() - {"d.m"})  # a format of dates
    assert not missing, f"give these a sentence in accounts/audit/sentences.py: {', '.join(missing)}"
    beginnings = tuple(start for _code, _label, starts in KINDS for start in starts)
    assert not [action for action in SENTENCES if not action.startswith(beginnings)]


@pytest.mark.pure
def test_every_kind_of_mail_has_words() -> None:
    from accounts import outbox

    assert len(outbox._kinds) > 12
    assert not [kind for kind in outbox._kinds if outbox.kind_label(kind) == kind.replace("_", " ")]


def home_of(housing: Housing, *, move_in: date = date(2026, 1, 1)) -> str:
    with tenant_scope(housing.programme.pk):
        building = Building.objects.create(ref="A", name="Bâtiment A")
        dwelling = Dwelling.objects.create(building=building, ref="A-1", name="Appartement 1")
        Occupancy.objects.create(dwelling=dwelling, user=housing.occupant, move_in=move_in)
        return str(dwelling.public_id)


def test_the_journal_says_who_did_what_and_can_be_filtered_and_taken_away(world: World, sign_in: Any) -> None:
    ours = world.ours
    target = home_of(ours)
    with time_machine.travel("2026-03-01T22:30:00Z", tick=False) as clock:
        for housing in (ours, world.theirs):
            with tenant_scope(housing.programme.pk):
                operator, boss = housing.actor(housing.operator), housing.actor(housing.administrator)
                audit_record(
                    actor=boss, action="server.removed", detail={"old": f"Box of {housing.programme.slug}"}
                )
                clock.shift(3600)  # half past midnight in Paris: the second of March
                audit_record(actor=operator, action="rights.changed")
                look_record(actor=operator, action="consumption.seen", target_kind="dwelling", target=target)
                audit_record(actor=operator, action="server.edited", detail={"name": "=HYPERLINK(1)"})
                clock.shift(-3600)

        def page(**query: str) -> str:
            answer = sign_in(ours.administrator).get("/p/tilleuls/journal/", query)
            assert answer.status_code == 200
            return str(re.sub(r"\s+", " ", answer.content.decode()))

        everything = page()
        assert (
            "Server removed: Box of tilleuls" in everything
            and "Rights of the occupants changed" in everything
        )
        assert "Looked at the consumption of Appartement 1" in everything
        assert "acacias" not in everything
        assert "Server removed" not in page(kind="occupants")
        assert "Rights of the occupants" not in page(person=str(ours.administrator.public_id))
        assert "Server removed" in page(person=str(ours.administrator.public_id))
        second = page(first="2026-03-02", last="2026-03-02")
        assert "Rights of the occupants" in second and "Server removed" not in second
        for bad in (
            {"first": "31.02.2026"},
            {"person": "x"},
            {"kind": "'--"},
            {"page": "zz"},
            {"last": "9999-12-31"},
        ):
            assert "Server removed" in page(**bad)
        export = sign_in(ours.administrator).get("/p/tilleuls/journal/", {"export": "csv"})
        rows = list(csv.reader(io.StringIO(b"".join(export).decode("utf-8-sig"))))
        assert len(rows) == 5 and rows[0] == ["Time", "Person", "What"]
        assert not any(cell.startswith("=") for row in rows for cell in row)
        ours.administrator.language = "ru"
        ours.administrator.save()
        with translation.override("ru"):
            said = str(SENTENCES["rights.changed"])
        assert said in page()
    assert sign_in(ours.occupant).get("/p/tilleuls/journal/").status_code == 403


def test_a_look_is_one_row_a_person_and_day_and_its_occupant_sees_it(world: World, sign_in: Any) -> None:
    ours = world.ours
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        target = home_of(ours, move_in=date(2026, 3, 2))
        url = f"/p/tilleuls/dwellings/{target}/consumption/"
        operator = sign_in(ours.operator)
        for _again in range(3):
            operator.get(url)
        clock.shift(24 * 3600)
        operator = sign_in(ours.operator)  # a session of staff does not last that long
        assert operator.get(url).status_code == 200
        with tenant_scope(ours.programme.pk):
            assert AuditEntry.objects.filter(action="consumption.seen", target=target).count() == 2
        shown = sign_in(ours.occupant).get("/p/tilleuls/who-looked/").content.decode()
        assert (
            shown.count("Looked at the consumption of Appartement 1") == 1
        )  # the other look was before they came
        assert "Operator tilleuls" in shown
        assert (
            "Nobody looked" in sign_in(world.theirs.occupant).get("/p/acacias/who-looked/").content.decode()
        )


def test_a_mail_proves_itself_and_can_be_sent_again(world: World, sign_in: Any, monkeypatch: Any) -> None:
    ours = world.ours
    for programme, to in ((ours.programme, "a@ours.example"), (world.theirs.programme, "b@theirs.example")):
        mail_enqueue(kind="password_changed", recipient=to, programme_id=programme.pk, language="en",
                     context={"email": to, "at": "2026-07-01T10:00:00+00:00", "zone": "Asia/Chita"})  # fmt: skip
    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", lambda self: 1 / 0)
    client = sign_in(ours.administrator)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        monkeypatch.setattr("accounts.outbox.TRIES", 3)
        for _again in range(3):
            assert mails_to("a@ours.example") == []
            clock.shift(400)
    page = client.get("/p/tilleuls/mails/").content.decode()
    assert "not sent" in page and "a@ours.example" in page and "b@theirs.example" not in page
    assert "Your password was changed" in page  # the kind in words
    monkeypatch.undo()
    client = sign_in(ours.administrator)
    message = OutboxMessage.objects.get(recipient="a@ours.example")
    assert (message.state, message.error) == ("failed", "ZeroDivisionError")
    url = f"/p/tilleuls/mails/{message.public_id}/retry/"
    assert (
        sign_in(world.theirs.administrator).post(f"/p/acacias/mails/{message.public_id}/retry/").status_code
        == 404
    )
    assert client.post(url).status_code == 302
    (sent,) = mails_to("a@ours.example")
    assert "1 Jul 2026 19:00 (UTC+09:00)" in sent.body and "19:00 (UTC+09:00)" in sent.alternatives[0].content
    client.post(url)  # what went is not sent twice
    assert len(mails_to("a@ours.example")) == 1
    page = client.get("/p/tilleuls/mails/").content.decode()
    assert str(message.public_id) in page and "Send again" not in page
    assert str(message.public_id) in mail.outbox[-1].extra_headers["Message-ID"]
