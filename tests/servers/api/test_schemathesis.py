"""schemathesis reads the API's own description and sends what it allows, and what it does not: no answer is a
server error, and each described answer has its described shape.

`SCHEMATHESIS_EXAMPLES` (2 an operation) is more in `make soak`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from portal.wsgi import application
from testkit.gateway import Box, document, make_box
from testkit.world import World

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "2"))
CHECKS = [not_a_server_error, response_schema_conformance, status_code_conformance]


@pytest.fixture
def box(world: World) -> Box:
    box = make_box(world.ours.programme)
    box.publish(document())
    return box


@contextmanager
def _one_connection() -> Iterator[None]:
    """As Django's own test client does: a request must not close the connection that holds the test's transaction.

    Not a fixture: that client takes the signal up again after each of its requests.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
def test_every_operation_answers_as_described(box: Box) -> None:
    with _one_connection():
        seen = _walk(box)
    assert len(seen) >= 8


def _walk(box: Box) -> list[str]:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    seen: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.endswith("/activation") and operation.method == "delete":
            continue  # it would suspend the box under the others
        seen.append(f"{operation.method} {operation.path}")
        _try(operation, box)
    return seen


def _try(operation: Any, box: Box) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        headers = {"Authorization": f"Bearer {box.token}"}
        response = case.call(headers=headers, base_url="http://127.0.0.1")
        case.validate_response(response, checks=CHECKS)

    run()
