"""Whatever a gateway sends, the answer is one of ours: never a 500, never another shape.

`FUZZ_EXAMPLES` (25) is more in `make soak`. A fault is shown as it was found, not made smaller: each try publishes,
and hypothesis would go on trying for minutes.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from testkit.gateway import Box, document, make_box, run_publications
from testkit.world import World

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "25"))
BOUNDED = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES == 25, database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
TEXT = st.text(max_size=20) | st.sampled_from(["A-101", "kWh", "energy", "1e400", "0", "²", "\ud800", "\x00"])
LEAF = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXT
VALUE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)


def paths_of(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        found += paths_of(value, (*path, key))
    return found


PATHS = paths_of(document())
REVISIONS = itertools.count(1)


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


# the value of another place of the same type: it passes the structure and is judged by the job
COPIES = [
    (path, copy.deepcopy(at(document(), other)))
    for path in PATHS
    for other in PATHS
    if path != other and type(at(document(), path)) is type(at(document(), other)) and path[0] != "revision"
]
TEXTS = [path for path in PATHS if isinstance(at(document(), path), str)]
CHANGE = (
    st.sampled_from(COPIES)
    | st.sampled_from(COPIES)
    | st.tuples(st.sampled_from(TEXTS), TEXT)
    | st.tuples(st.sampled_from(PATHS), VALUE)
)


@pytest.fixture
def box(world: World) -> Box:
    return make_box(world.ours.programme)


@pytest.mark.slow
@BOUNDED
@given(changes=st.lists(CHANGE, min_size=1, max_size=3))
def test_a_document_with_anything_in_it(box: Box, changes: Any) -> None:
    data = document(next(REVISIONS))  # a lower one would be refused unread
    for path, value in changes:
        where: Any = data
        with contextlib.suppress(KeyError, IndexError, TypeError):  # an earlier change took the place away
            for key in path[:-1]:
                where = where[key]
            where[path[-1]] = copy.deepcopy(value)
    answer = box.put("/publication", data)
    assert answer.status_code in (202, 400, 409), answer.content
    if answer.status_code != 202:
        assert set(answer.json()) == {"code", "message"}
        return
    run_publications()
    verdict = box.get(f"/publication/{answer.json()['job']}").json()
    assert verdict["state"] in ("done", "refused")
    assert (verdict["state"] == "refused") == bool(verdict["faults"])
    assert all(fault["path"] for fault in verdict["faults"])


@BOUNDED
@given(
    body=st.fixed_dictionaries(
        {}, optional={"agent": VALUE, "spool": VALUE, "clock": VALUE, "missing": VALUE}
    ),
    credentials=st.fixed_dictionaries({}, optional={"serial": VALUE, "password": VALUE}),
)
def test_a_heartbeat_and_an_activation_of_anything(box: Box, body: Any, credentials: Any) -> None:
    assert box.post("/heartbeat", body).status_code in (200, 400)
    assert box.post("/activation", credentials).status_code in (400, 401, 429)


def test_the_control_a_good_document_is_done(box: Box) -> None:
    assert box.publish(document())["state"] == "done"
