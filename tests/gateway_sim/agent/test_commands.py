"""Orders are carried out at most once, never after their expiry, and always answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.commands import EXPIRED, LOST, UNKNOWN, Command, CommandDesk, Journal, parse_commands
from gateway_sim.site import load_site
from tests.gateway_sim.agent.portal_double import TOKEN

pytestmark = pytest.mark.pure
SITE = load_site(Path(__file__).parents[3] / "gateway_sim" / "examples" / "site.toml")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Killed(BaseException):
    """The process ends here."""


class Recorder:
    def __init__(self) -> None:
        self.switched: list[tuple[str, str]] = []
        self.fault: BaseException | None = None

    def switch(self, device, command):
        self.switched.append((device.ref, command))
        if self.fault is not None:
            raise self.fault
        return "ok"

    def standing(self):
        return {}


@pytest.fixture
def devices():
    return Recorder()


@pytest.fixture
def start(tmp_path, devices):
    """A desk as after a start of the agent on the same journal."""
    return lambda: CommandDesk(SITE, Journal(tmp_path / "journal.sqlite3"), devices)


def order(number="c1", device="light-hall", command="on", minutes=5.0) -> Command:
    return Command(number, device, command, NOW + timedelta(minutes=minutes))


def answers(portal, desk) -> list[tuple[str, str]]:
    desk.report(PortalClient(portal.url, TOKEN, timeout=5))
    return [(number, body["state"]) for number, body in portal.results]


def test_a_repeated_command_runs_once_and_is_answered_once(portal, start, devices):
    desk = start()
    for _ in range(3):
        desk.take([order()], NOW)
    assert devices.switched == [("light-hall", "on")]
    assert answers(portal, desk) == [("c1", "done")]
    again = start()
    again.take([order()], NOW)
    assert answers(portal, again) == [("c1", "done")]
    assert len(devices.switched) == 1


@pytest.mark.parametrize("now", [NOW + timedelta(minutes=5), NOW + timedelta(days=1), None])
def test_an_expired_command_or_one_of_unknown_age_never_runs(portal, start, devices, now):
    desk = start()
    desk.take([order()], now)
    assert devices.switched == []
    assert answers(portal, desk) == [("c1", "failed")]
    assert portal.results[0][1]["message"] == EXPIRED


def test_death_while_switching_is_told_as_unknown_and_not_repeated(portal, start, devices):
    devices.fault = Killed()
    with pytest.raises(Killed):
        start().take([order()], NOW)
    devices.fault = None
    desk = start()
    desk.take([order()], NOW)
    assert devices.switched == [("light-hall", "on")]
    assert answers(portal, desk) == [("c1", "failed")]
    assert portal.results[0][1]["message"] == UNKNOWN


@pytest.mark.parametrize("bad", [order(device="nobody"), order(command="explode")])
def test_what_the_site_does_not_know_is_refused(portal, start, devices, bad):
    desk = start()
    desk.take([bad], NOW)
    assert devices.switched == []
    assert answers(portal, desk) == [("c1", "failed")]


def test_a_fault_of_the_device_is_a_failed_command(portal, start, devices):
    devices.fault = RuntimeError("relay stuck")
    desk = start()
    desk.take([order(), order("c2", command="off")], NOW)
    assert answers(portal, desk) == [("c1", "failed"), ("c2", "failed")]
    assert portal.results[0][1]["message"] == "relay stuck"


def test_a_result_that_was_not_heard_is_told_again(portal, start):
    desk = start()
    desk.take([order(), order("c2", command="off")], NOW)
    portal.always = "503"
    assert answers(portal, desk) == []
    portal.always = None
    assert answers(portal, start()) == [("c1", "done"), ("c2", "done")]


def test_with_a_spoilt_journal_what_the_portal_repeats_is_not_run(portal, start, devices, tmp_path):
    desk = start()
    desk.take([order()], NOW)
    desk.journal.close()
    (tmp_path / "journal.sqlite3").write_bytes(b"no journal" * 999)
    desk = start()
    desk.take([order()], NOW)
    assert len(devices.switched) == 1
    answers(portal, desk)
    assert portal.results[0][1]["message"] == LOST
    desk.take([order("c9")], NOW)
    assert len(devices.switched) == 2


def test_what_is_no_command_is_left_out():
    good = {"id": "a", "device": "d", "command": "on", "expires_at": "2026-11-22T12:00:00Z"}
    assert [c.id for c in parse_commands([good])] == ["a"]
    for bad in ({"id": 5}, {"device": ""}, {"expires_at": "soon"}, {"expires_at": "2026-11-22T12:00:00"}):
        assert parse_commands([good | bad]) == []
    assert parse_commands("x") == parse_commands(None) == parse_commands([1]) == []
