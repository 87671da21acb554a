"""The faults of `make soak` in their short form, each with its control: without the promise it must fail."""

from __future__ import annotations

import pytest

from benchmarks.soak import full_disk
from benchmarks.soak.ledger import compare
from benchmarks.soak.scenarios import SCENARIOS

pytestmark = [pytest.mark.pure, pytest.mark.slow]


@pytest.fixture(params=SCENARIOS, ids=lambda scenario: scenario.name.replace(" ", "-"))
def scenario(request):
    if request.param.run is full_disk.real_run and not full_disk.permitted():
        pytest.skip("no user name space with a tmpfs here; the bound by pages runs")
    return request.param


def test_nothing_is_lost_doubled_or_altered(scenario, tmp_path):
    tally = scenario.run(scenario.short, tmp_path)
    assert (tally.lost, tally.duplicated, tally.altered) == (0, 0, 0), tally
    assert tally.injected >= scenario.short * 0.8


def test_the_control_fails(scenario, tmp_path):
    """A kill falls between two instructions by chance, so the control has some rounds to be caught in."""

    def wrong(turn):
        home = tmp_path / str(turn)
        home.mkdir()
        return scenario.control(scenario.control_short, home).wrong

    assert any(wrong(turn) for turn in range(12))


def test_the_ledger_sees_each_kind_of_wrong():
    tally = compare("abcd", "abcde", "abbxe")
    assert (tally.lost, tally.duplicated, tally.altered) == (2, 1, 1)
    assert compare("abcd", "abcd", "ab", dropped=2).wrong == 0
    assert compare("abcd", "abcd", "ab", dropped=3).wrong == 1  # counted, but still there
