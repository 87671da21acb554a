"""What `POST /api/v1/readings` refuses: one item, or the whole batch, and never by half."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import Job
from accounts.tenancy import tenant_scope
from readings.batches import accept as ingest
from readings.batches.rows import batch_write
from readings.models import IngestBatch, TouchedSpan
from servers.models import Register
from testkit.world import World
from tests.readings.gateway_world import NOW, Box, body, epoch, item, make_box, rows, standing_clock

_clock = standing_clock()


@pytest.fixture
def box(world: World) -> Box:
    box = make_box(world.ours.programme)
    box.register()
    make_box(world.theirs.programme).register()
    return box


T1, T2 = "2026-11-22T10:00:00Z", "2026-11-22T11:00:00+01:00"  # the same instant
T3 = "2026-11-22T11:00:00Z"


@pytest.mark.parametrize(
    ("code", "change"),
    [
        *(("bad_value", {"value": v}) for v in (
            "NaN", "nan", "Infinity", "1e309", "1E5", "1_000", "", " 1", "1 ", "1,5", "+1", ".5", "5.", "0x10",
            "٣", "1\n", "9" * 21, "9" * 5000, "0." + "1" * 19, 12, 12.5, None, True, [], {},
        )),
        *(("bad_time", {"taken_at": t}) for t in (
            "2026-11-22T10:00:00", "2026-11-22", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "", None, 1763805600,
            "1999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "2026-11-22T10:00:60Z",
            "2026-11-22T25:00:00Z", "2026-11-22T10:00:00+99:00", "2026-W47-7T10:00:00Z", [], {},
        )),
        *(("future", {"taken_at": t}) for t in (
            "2026-11-22T12:05:01Z", "2127-01-01T00:00:00Z", "9999-12-31T23:59:59-23:00",
        )),
        *(("bad_ref", {"meter": m}) for m in ("", None, 7, "x" * 65, "a\x00b", "\ud800", [], "a\nb")),
        ("bad_ref", {"register": "\udfff"}),
        ("too_large", {"value": "1000000000000"}),
        ("negative", {"value": "-0.001"}),
        ("beyond_rollover", {"value": "100000"}),
        ("beyond_rollover", {"value": "99999.9995"}),
    ],
)  # fmt: skip
def test_one_bad_item_is_refused_alone(box: Box, code: str, change: dict[str, Any]) -> None:
    with tenant_scope(box.programme.pk):
        Register.objects.update(span=10**8 if code == "beyond_rollover" else None)
    bad = {**item(2, T1, "5"), **change}
    assert box.statuses(item(1, T3, "1"), bad, item(3, T2, "4")) == [
        "accepted",
        f"rejected {code}",
        "accepted",
    ]
    assert [(at, value) for at, value, *_ in rows(box)] == [(epoch(T1), 4000), (epoch(T3), 1000)]


def test_edges_that_are_still_taken(box: Box) -> None:
    with tenant_scope(box.programme.pk):
        Register.objects.update(span=10**8)
    assert box.statuses(
        item(1, "2000-01-01T00:00:00Z", "0"), item(2, "2026-11-22T12:05:00Z", "99999.999"),
        item(3, "2026-11-22t10:00:00.999z", "00012.5"), item(4, "2026-11-22T09:00:00-00:00", "-0"),
    ) == ["accepted"] * 4  # fmt: skip
    assert (epoch(T1), 12500) in [row[:2] for row in rows(box)]


@pytest.mark.parametrize(
    "sent",
    [
        b" ", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"NaN", b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000,
        {}, body(batch=1), body(batch="x"), body(batch="{00000000-0000-0000-0000-000000000001}"), body(batch="0" * 32),
        body(items=None), body(items={}), body(items="x"), body(items=[1]), body(items=[None]), body(items=[{}]),
        body(items=[{**item(1, T1, "1"), "seq": s} for s in ("1",)]), body(items=[item(-1, T1, "1")]),
        body(items=[item(2**63, T1, "1")]), body(items=[item(10**30, T1, "1")]),
        body(items=[{**item(1, T1, "1"), "seq": True}]),
        body(items=[{**item(1, T1, "1"), "seq": 1.5}]), body(spool="x"), body(spool=-1), body(spool=2**63), body(spool=[]),
        json.dumps(body()).replace('"1"', "NaN").encode(),
        json.dumps(body()).replace('"value"', '"value": "7", "value"').encode(),  # which one is meant?
    ],
)  # fmt: skip
def test_an_unreadable_batch_is_400_and_leaves_nothing(box: Box, sent: Any) -> None:
    answer = box.post(sent)
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message"}
    assert rows(box) == []
    assert box.post(body()).status_code == 200  # the control


def test_an_empty_batch_is_a_batch(box: Box) -> None:
    assert box.send() == []


def test_sizes_types_and_packing(box: Box) -> None:
    good = json.dumps(body()).encode()
    assert box.post(good, content_type="text/plain").status_code == 415
    assert box.post(good, HTTP_CONTENT_ENCODING="br").status_code == 415
    assert box.post(gzip.compress(good)[:-9], HTTP_CONTENT_ENCODING="gzip").status_code == 400
    assert box.post(b"\x00" * 10, HTTP_CONTENT_ENCODING="gzip").status_code == 400
    assert box.post(good + b" " * (1 << 20)).status_code == 413
    bomb = gzip.compress(good + b" " * (30 << 20))
    assert len(bomb) < 100_000
    assert box.post(bomb, HTTP_CONTENT_ENCODING="gzip").status_code == 413
    assert box.post(gzip.compress(good + b" " * (5 << 20)), HTTP_CONTENT_ENCODING="gzip").status_code == 413
    many = body(items=[{"seq": n} for n in range(10_001)])
    assert box.post(many).status_code == 413
    assert rows(box) == []
    assert box.post(gzip.compress(good), HTTP_CONTENT_ENCODING="gzip").status_code == 200
    assert len(rows(box)) == 1


def test_the_largest_batch(box: Box) -> None:
    start = NOW - timedelta(seconds=10_000)
    full = body(items=[item(n, (start + timedelta(seconds=n)).isoformat(), f"{n}.5") for n in range(10_000)])
    answer = box.post(gzip.compress(json.dumps(full).encode()), HTTP_CONTENT_ENCODING="gzip")
    assert {result["status"] for result in answer.json()["results"]} == {"accepted"}
    assert len(rows(box)) == 10_000


def test_who_is_let_in(box: Box) -> None:
    assert box.post(body(), HTTP_AUTHORIZATION="").status_code == 401
    assert box.post(body(), HTTP_AUTHORIZATION="Bearer " + "x" * 43).status_code == 401
    assert Client().get("/api/v1/readings", HTTP_AUTHORIZATION=f"Bearer {box.token}").status_code == 405
    with tenant_scope(box.programme.pk):
        type(box.server).objects.update(suspended_at=NOW)
    assert box.post(body()).status_code == 403
    assert rows(box) == []


def test_too_many_batches(box: Box, settings: Any) -> None:
    settings.INGEST_BATCHES_BURST = 3
    settings.INGEST_BATCHES_PER_SECOND = 0.001
    answers = [box.post(body()) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_fault_half_way_leaves_nothing_and_the_batch_may_come_again(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writes_and_fails(**kwargs: Any) -> None:
        batch_write(**kwargs)
        raise OperationalError("the lock was not given in time")

    sent = body()
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "batch_write", writes_and_fails)
        answer = box.post(sent)
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer["Retry-After"]) > 0
    assert rows(box) == []
    assert not Job.objects.filter(kind="totals").exists()
    with tenant_scope(box.programme.pk):
        assert not IngestBatch.objects.exists()
        assert not TouchedSpan.objects.exists()
    assert box.post(sent).json()["results"] == [{"seq": 1, "status": "accepted"}]
