"""What no honest box sends: bombs, other types and encodings, texts that cannot be stored or that mislead a reader.

The answer is one sentence of ours, nothing is stored by half, and the same on both databases.
"""

from __future__ import annotations

import gzip
import json
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.tenancy import tenant_scope
from servers.models import FoundMeter
from testkit.gateway import Box, document, make_box, run_publications
from testkit.world import World
from tests.servers.api.test_foreign_ids import rows_of

ZIPPED = {"HTTP_CONTENT_ENCODING": "gzip"}
BOMB = gzip.compress(b'{"agent":"' + b"a" * 40_000_000 + b'"}')
# name: body, headers, the answer
BODIES: dict[str, tuple[bytes, dict[str, str], int]] = {
    "gzip that unpacks to 40 MB": (BOMB, ZIPPED, 413),
    "gzip cut off": (gzip.compress(b"{}" * 999)[:-9], ZIPPED, 400),
    "two gzip members": (gzip.compress(b"{}") * 2, ZIPPED, 400),
    "gzip in gzip": (gzip.compress(gzip.compress(b"{}")), {"HTTP_CONTENT_ENCODING": "gzip, gzip"}, 415),
    "a form": (b"a=1", {"CONTENT_TYPE": "application/x-www-form-urlencoded"}, 415),
    "no type": (b"{}", {"CONTENT_TYPE": ""}, 415),
    "another charset": (b"{}", {"CONTENT_TYPE": "application/json; charset=utf-16"}, 415),
    "UTF-16": ('{"agent":"x"}'.encode("utf-16"), {}, 400),
    "Latin-1": (b'{"agent":"\xe9"}', {}, 400),
    "NUL": (b'{"agent":"a\\u0000b"}', {}, 400),
    "NUL in a key": (b'{"a\\u0000":1}', {}, 400),
    "half a surrogate pair": (b'{"agent":"\\ud800"}', {}, 400),
    "a deep list": (b"[" * 200_000, {}, 400),
    "a deep object": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, {}, 400),
    "a key twice": (b'{"agent":"a","agent":"b"}', {}, 400),
    "NaN": (b'{"clock":NaN}', {}, 400),
    "a number of 5,000 digits": (b'{"revision":' + b"9" * 5000 + b"}", {}, 400),
    "a number beyond all": (b'{"revision":1e999}', {}, 400),
    "a list": (b"[]", {}, 400),
    "null": (b"null", {}, 400),
    "1.1 MB": (b'{"agent":"' + b"a" * 1_100_000 + b'"}', {}, 413),
    "a length that lies": (b"{}", {"CONTENT_LENGTH": "999999999"}, 413),
    "a length that is no number": (b"{}", {"CONTENT_LENGTH": "abc"}, 400),
}
ROUTES = [
    ("POST", "/heartbeat"), ("PUT", "/publication"), ("POST", "/scan"), ("POST", "/readings"), ("POST", "/activation"),
    ("POST", f"/commands/{uuid.uuid4()}/result"),
]  # fmt: skip


@pytest.fixture
def box(world: World) -> Box:
    return make_box(world.ours.programme)


def test_a_body_that_is_no_body(world: World, box: Box) -> None:
    client = Client(raise_request_exception=False, HTTP_AUTHORIZATION=f"Bearer {box.token}")
    before = rows_of(box.programme)
    wrong = []
    for method, route in ROUTES:
        for name, (body, headers, status) in BODIES.items():
            answer = client.generic(
                method, f"/api/v1{route}", body, **{"CONTENT_TYPE": "application/json", **headers}
            )  # type: ignore[arg-type]
            shaped = answer.headers["Content-Type"] == "application/json" and set(answer.json()) == {
                "code",
                "message",
            }
            if (answer.status_code, shaped) != (status, True):
                wrong.append((route, name, answer.status_code))
    assert wrong == []
    assert rows_of(box.programme) == before


@pytest.mark.parametrize("text", ["\u202eevil", "a\u200bb", "\ufeffx", "a\u2028b", "a\x1b[31m", "x" * 10_000])
def test_a_text_that_misleads_its_reader_is_refused_whole(world: World, box: Box, text: str) -> None:
    assert box.publish(document())["state"] == "done"
    before = rows_of(box.programme)
    for field in ("serial", "manufacturer", "address"):
        answer = box.post("/scan", {"found": [{"serial": "7"}, {"serial": "8", field: text}]})
        assert answer.status_code == 400
        assert answer.json()["message"].startswith(f"found[1].{field} ")
    ways = (("buildings", 0, "ref"), ("meters", 0, "registers", 0, "ref"), ("devices", 0, "name"))
    for revision, way in enumerate(ways, start=2):
        data: Any = document(revision)
        where = data
        for key in way[:-1]:
            where = where[key]
        where[way[-1]] = text
        answer = box.put("/publication", json.dumps(data).encode())
        assert answer.status_code in (202, 400)
        run_publications()
    after = rows_of(box.programme)
    assert {"Dwelling", "Meter", "Register", "FoundMeter"} <= {
        name for name in after if after[name] == before[name]
    }
    assert repr(text)[1:-1] not in str(after["Device"])  # a line end within a name becomes a space


def test_a_strange_name_that_can_be_read_is_taken(world: World, box: Box) -> None:
    """The control: four-byte characters, other scripts, what a spreadsheet or a page would run."""
    for number, name in enumerate(
        ("😀" * 20, "دار السلام", "<script>alert(1)</script>", '=HYPERLINK("x")', "é\u0301")
    ):
        data = document(number + 1)
        data["buildings"][0]["dwellings"][0]["name"] = data["devices"][0]["name"] = name
        assert box.publish(data)["state"] == "done"
        assert box.post("/scan", {"found": [{"serial": "9", "manufacturer": name}]}).status_code == 200
    with tenant_scope(box.programme.pk):
        assert FoundMeter.objects.filter(serial="9").count() == 5
