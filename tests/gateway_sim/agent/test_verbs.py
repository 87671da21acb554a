"""The verbs as a person or a service manager runs them: one sentence and an exit code for each failure."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway_sim.agent.spool import Measurement, Result, Spool
from gateway_sim.cli import available, common, main
from gateway_sim.simulator.build import index_at
from gateway_sim.site import load_site
from tests.gateway_sim.agent.portal_double import PASSWORD, SERIAL, TOKEN

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[3]
SITE = ROOT / "gateway_sim" / "examples" / "site.toml"


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def call(state, capsys):
    """Runs a verb on this test's state directory: (exit code, standard output, standard error)."""

    def run(verb: str, *args: str) -> tuple[int, str, str]:
        code = main([verb, "--state", str(state), *args])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        for secret in (TOKEN, PASSWORD):
            assert secret not in out + err
        return code, out, err

    return run


@pytest.fixture
def activate(call, portal, tmp_path):
    def run(*args: str, password: str = PASSWORD) -> tuple[int, str, str]:
        file = tmp_path / "password"
        file.write_text(password + "\n")
        start = ("--portal", portal.url, "--serial", SERIAL, "--password-file", str(file))
        return call("activate", *start, "--timeout", "3", *args)

    return run


def test_activation_keeps_the_token_closed_to_others(activate, state):
    code, out, _ = activate()
    assert (code, out) == (0, f"Activated: server {SERIAL} (Local technique), programme Demo.\n")
    assert (state / "token").read_text().strip() == TOKEN
    assert state.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in state.iterdir()} == {0o600}
    assert TOKEN not in (state / "agent.json").read_text()


def test_a_password_on_the_command_line_works(call, portal):
    assert call("activate", "--portal", portal.url, "--serial", SERIAL, "--password", PASSWORD)[0] == 0


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("503", common.BUSY, "busy (503); try again in 120 s"),
        ("429", common.BUSY, "busy (429); try again in 7 s"),
        ("502", common.STRANGE, "cannot be understood"),
        ("garbage", common.STRANGE, "cannot be understood"),
        ("302", common.STRANGE, "cannot be understood"),
        ("hang_up", common.NO_NETWORK, "No answer from 127.0.0.1"),
    ],
)
def test_each_failure_of_the_portal_has_its_sentence(activate, portal, state, fault, code, words):
    portal.always = fault
    got, out, err = activate()
    assert (got, out) == (code, "")
    assert words in err
    assert err.count("\n") == 1
    assert not (state / "token").exists()


def test_a_wrong_password_has_its_sentence(activate):
    code, _, err = activate(password="wrong")
    assert (code, err) == (3, "The portal does not know this serial number with this password.\n")


def test_no_network_has_its_sentence(call):
    code, _, err = call(
        "activate",
        "--portal",
        "http://127.0.0.1:9",
        "--serial",
        SERIAL,
        "--password",
        PASSWORD,
        "--timeout",
        "2",
    )
    assert (code, err) == (4, "No answer from 127.0.0.1:9: the connection was refused.\n")


def test_plain_http_to_another_machine_is_refused_before_anything_is_sent(call):
    code, _, err = call(
        "activate", "--portal", "http://portal.example", "--serial", SERIAL, "--password", PASSWORD
    )
    assert code == common.BAD_INPUT
    assert "https://" in err


@pytest.mark.parametrize("verb", ["deactivate", "publish", "run"])
def test_a_gateway_that_is_not_activated_is_told_so(call, state, verb):
    site = () if verb == "deactivate" else ("--site", str(SITE))
    assert call(verb, *site)[0] == common.BAD_INPUT  # no state directory at all
    state.mkdir(mode=0o700)
    code, _, err = call(verb, *site)
    assert code == common.NOT_LET_IN
    assert "run `activate` first" in err


def test_a_state_directory_that_is_somebody_elses_is_refused(call, tmp_path, state):
    state.mkdir(mode=0o755)
    (state / "thesis.txt").write_text("x")
    code, _, err = call("activate", "--portal", "https://a.example", "--serial", SERIAL, "--password", "x")
    assert code == common.BAD_INPUT
    assert "can be read by others" in err
    assert state.stat().st_mode & 0o777 == 0o755


def test_a_directory_made_for_us_with_the_password_in_it_is_closed_to_others(call, portal, state):
    state.mkdir(mode=0o755)
    secret = state / "password"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD)
    start = ("--portal", portal.url, "--serial", SERIAL, "--password-file", str(secret))
    assert call("activate", *start)[0] == 0
    assert state.stat().st_mode & 0o777 == 0o700


def test_deactivate_and_resume(activate, call, portal):
    activate()
    assert call("deactivate")[0] == 0
    assert portal.suspended
    assert "suspended" in call("status")[1]
    code, out, _ = call("activate")
    assert (code, out) == (0, f"Resumed: server {SERIAL}, programme Demo.\n")
    assert not portal.suspended
    assert call("deactivate", "--forget")[0] == 0
    assert call("status")[0] == common.NOT_LET_IN


def test_publish_the_same_content_has_the_same_revision_and_a_changed_one_a_higher(
    activate, call, portal, tmp_path
):
    activate()
    assert call("publish", "--site", str(SITE))[0] == 0
    code, out, _ = call("publish", "--site", str(SITE))
    assert code == 0
    assert "14 meters, 4 devices" in out
    changed = tmp_path / "site.toml"
    changed.write_text(SITE.read_text(encoding="utf-8").replace("Circulateur", "Pompe"), encoding="utf-8")
    assert call("publish", "--site", str(changed))[0] == 0
    first, second = portal.publications
    assert second > first


def test_a_revision_that_another_state_directory_used_is_passed_over(activate, call, portal, state):
    activate()
    call("publish", "--site", str(SITE))
    (used,) = portal.publications
    portal.publications[used] = "another body"
    assert call("publish", "--site", str(SITE))[0] == 0
    assert max(portal.publications) > used


def test_a_wrong_command_line_has_its_own_exit_code(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["status"])
    assert caught.value.code == 64
    assert "--state" in capsys.readouterr().err


def test_a_refused_publication_prints_its_faults_one_a_line(activate, call, portal):
    activate()
    portal.publication_faults = [
        {"path": "meters[3].serial", "message": "stands\nin another programme"},
        {"path": "devices[0].kind", "message": "is not known"},
    ]
    code, _, err = call("publish", "--site", str(SITE))
    assert code == common.REFUSED
    assert err.splitlines()[1:] == [
        "meters[3].serial: stands in another programme",
        "devices[0].kind: is not known",
    ]


def test_a_faulty_site_file_is_named_by_its_path(activate, call, tmp_path):
    activate()
    bad = tmp_path / "bad.toml"
    bad.write_text(
        SITE.read_text(encoding="utf-8").replace('unit = "kWh"', 'unit = "m3"', 1), encoding="utf-8"
    )
    code, _, err = call("publish", "--site", str(bad))
    assert code == common.BAD_INPUT
    assert err.startswith("Site file: meters[0].registers[0].unit: ")


def test_a_token_the_portal_no_longer_knows_has_its_sentence(activate, call, state):
    activate()
    (state / "token").write_text("old\n")
    code, _, err = call("publish", "--site", str(SITE))
    assert code == common.NOT_LET_IN
    assert "does not let this gateway in" in err


def test_status_in_json(activate, call, state):
    activate()
    facts = json.loads(call("status", "--json")[1])
    assert facts["activated"]
    assert facts["spool"] is None


def test_status_shows_dead_letters_gaps_devices_and_the_last_trouble_and_changes_nothing(
    activate, call, portal, state
):
    activate()
    spool = Spool(state / "spool.sqlite3")
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    spool.add(
        [Measurement("cold-101", "volume", "7.5"), Measurement("cold-101", "volume", "8")], taken_at=noon
    )
    batch = spool.batch()
    spool.settle(batch.uuid, {1: Result(1, "rejected", "value_out_of_range"), 2: Result(2, "accepted")})
    spool.add([Measurement("cold-101", "volume", "9")], taken_at=noon)
    spool.add([Measurement("cold-101", "volume", "10")], taken_at=None, boot="b")
    spool.silent("heat-101", noon)
    spool.close()
    (state / "devices.json").write_text('{"light-hall": {"state": "on", "since": "2026-11-22T12:00:00Z"}}')
    (state / "status.json").write_text('{"error": "No answer.", "error_at": "2026-11-22T12:00:00Z"}')
    before = {file.name: file.read_bytes() for file in state.iterdir() if file.suffix == ".sqlite3"}
    code, out, _ = call("status")
    assert code == 0
    for line in (
        "Dead letter: cold-101 volume 2026-11-22T12:00:00Z 7.5: value_out_of_range",
        "Gap: heat-101 from 2026-11-22T12:00:00Z to 2026-11-22T12:00:00Z",
        "Device light-hall: on since 2026-11-22T12:00:00Z",
        "Last trouble at 2026-11-22T12:00:00Z: No answer.",
    ):
        assert line in out.splitlines()
    assert "2 readings wait (oldest 2026-11-22T12:00:00Z), 1 delivered, 1 dead letters" in out
    assert "1 without a time yet" in out
    facts = json.loads(call("status", "--json")[1])
    assert facts["dead"] == [["cold-101", "volume", "2026-11-22T12:00:00Z", "7.5", "value_out_of_range"]]
    assert before == {file.name: file.read_bytes() for file in state.iterdir() if file.suffix == ".sqlite3"}


def test_verbs_that_are_not_there_are_not_offered(capsys):
    assert set(available()) >= {"activate", "deactivate", "publish", "run", "status"}
    assert main(["brew"]) == 64
    assert "brew" in capsys.readouterr().err
    assert main([]) == 64
    assert main(["--help"]) == 0


def start(*args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "gateway_sim", *args],
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_simulated_meters_reach_the_portal_over_the_bus_and_sigterm_ends_cleanly(
    activate, call, portal, state, tmp_path
):
    meters = start("simulate", "--site", str(SITE), "--listen", "127.0.0.1:0")
    try:
        url = meters.stdout.readline().split()[0]
        site = tmp_path / "site.toml"
        site.write_text(
            SITE.read_text(encoding="utf-8").replace("socket://127.0.0.1:10001", url), encoding="utf-8"
        )
        activate()
        code, out, err = call("run", "--site", str(site), "--once")
        assert (code, err) == (0, "")
        assert out.startswith("14 of 14 meters answered")
        registers = {(m.ref, r.ref): r for m in load_site(site).meters for r in m.registers}
        assert {key[:2] for key in portal.stored} == set(registers)
        for (meter, name, taken_at), value in portal.stored.items():
            register = registers[meter, name]
            when, grows = datetime.fromisoformat(taken_at), register.kind == "cumulative"
            true = index_at(register.simulate, when, cumulative=grows)
            assert abs(Decimal(value) - true) <= Decimal(10) ** register.exponent, (meter, name, value, true)
        agent = start("run", "--site", str(site), "--state", str(state), "--interval", "0.2")
        before, until = len(portal.bodies), time.monotonic() + 120
        while len(portal.bodies) < before + 2 and time.monotonic() < until:
            time.sleep(0.02)
        rival = start("run", "--site", str(site), "--state", str(state))
        assert "Another agent already runs" in rival.communicate(timeout=120)[1]
        agent.send_signal(signal.SIGTERM)
        out, err = agent.communicate(timeout=120)
        assert agent.returncode == 0
        assert len(portal.bodies) >= before + 2
        assert "ended, 0 readings wait" in err
        assert TOKEN not in out + err
    finally:
        meters.terminate()
        meters.communicate(timeout=60)
