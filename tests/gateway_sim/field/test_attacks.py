"""Attacks on polls and drivers: what a bad meter, a bad line, a bad disk and a bad hour do to what was read."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway_sim.field.driver import check_settings, make_driver, make_simulator, models
from gateway_sim.field.errors import WrongSettings
from gateway_sim.field.journal import PollJournal
from gateway_sim.field.lers_file import write_whole
from gateway_sim.field.line import Line
from gateway_sim.field.model import MeterSettings
from gateway_sim.field.poll import PollRequest, poll
from gateway_sim.field.units import used_between
from gateway_sim.meters import plant
from gateway_sim.meters.kamstrup import kmp
from gateway_sim.meters.logika import frames
from gateway_sim.simulator.bus import Chunk
from gateway_sim.simulator.faults import FaultyLine
from gateway_sim.simulator.ports import TcpPort
from tests.gateway_sim.field.field_kit import NOW, POINT, day, line_to, run_poll

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parents[3]
NO_WINDOWS = """
import builtins, os, sys
import flask, lxml.etree, serial, subprocess, waitress.server  # other people's, which know Windows themselves
real = builtins.__import__
def imported(name, *rest, **more):
    if name.partition(".")[0] in ("fcntl", "termios", "tty", "pwd", "grp", "resource"):
        raise ImportError(name)
    return real(name, *rest, **more)
builtins.__import__ = imported
for name in ("O_DIRECTORY", "getuid", "geteuid", "openpty", "mkfifo"):
    delattr(os, name)
import pathlib, tempfile
import gateway_sim.cli.poll, gateway_sim.cli.console
from gateway_sim.console.app import create_app
sys.platform = "win32"
with tempfile.TemporaryDirectory() as folder:
    app = create_app(pathlib.Path(folder))
    assert app.test_client().get("/").status_code == 200
    from gateway_sim.console.store import PointCard
    app.extensions["console"]["store"].save_point(PointCard(id="", name="x"))
print("good")
"""


def device_of(line: Line) -> Any:
    return line.transport.bus.device  # type: ignore[attr-defined]


def answers_by(line: Line, change: Callable[[bytes, list[Chunk]], list[Chunk]]) -> None:
    """Let `change(request, answer)` say what comes back."""
    device = device_of(line)
    feed = device.feed
    device.feed = lambda data, baud=2400: change(data, feed(data, baud))


# -- the line -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["multical601", "multical66", "spt943", "iec62056", "karat307"])
def test_a_line_that_never_falls_silent_is_given_up(model: str, tmp_path: Path) -> None:
    line = line_to(model)
    line.retries = 0
    line.transport.read = lambda timeout: b"\xff\x55\x00" * 40  # type: ignore[method-assign]
    result, _journal = run_poll(
        model, tmp_path, (models()[model].kinds[-1],), day(10, 1), day(10, 3), line=line
    )
    assert result.error is not None and result.error.code == "bad_answer"


def test_a_late_answer_of_the_same_log_is_not_taken_for_its_next_page(tmp_path: Path) -> None:
    """KMP repeats the register in its answer, but not from which record on: each third answer comes too late."""
    whole, _journal = run_poll("multical601", tmp_path, ("day",), day(9, 1), day(11, 1))
    for every in (3, 5, 7):
        result, journal = run_poll(
            "multical601", tmp_path, ("day",), day(9, 1), day(11, 1), fault="late", every=every
        )
        assert result.complete, journal.text()
        assert result.records == whole.records


# -- the meter's clock and its day --------------------------------------------------------------------------------


@pytest.mark.parametrize("before", range(1, 30, 4))
def test_a_day_that_ends_while_its_log_is_read_costs_nothing(before: int, tmp_path: Path) -> None:
    """Midnight comes after the first, the fifth … question about the log, and every record moves by one."""
    line = line_to("multical601", now="2026-11-02T23:59:58")
    device, asked = device_of(line), []

    def pass_midnight(data: bytes, answer: list[Chunk]) -> list[Chunk]:
        if data[2:3] == bytes([kmp.DAY_LOG]):
            asked.append(data)
            if len(asked) == before:
                device.fixed = datetime(2026, 11, 3, 0, 0, 5)  # noqa: DTZ001
        return answer

    answers_by(line, pass_midnight)
    result, journal = run_poll("multical601", tmp_path, ("day",), day(9, 20), day(11, 1), line=line)
    assert result.complete, journal.text()
    assert len({record.at for record in result.records}) == len(result.records) == 42
    for record in result.records:
        used = plant.between(record.at, record.at + timedelta(days=1))
        assert record.values["T_in"] == plant.decimal(used.t1, 2)


def test_a_top_module_that_always_tells_its_newest_hours_ends_the_archive(tmp_path: Path) -> None:
    line = line_to("multical601")
    device = device_of(line)
    real = device._hours
    device._hours = lambda data: real(data[:2] + b"\xff\xff\xff\xff")
    result, _journal = run_poll("multical601", tmp_path, ("hour",), day(10, 30), day(11, 1), line=line)
    assert result.error is not None and result.error.code == "bad_answer"


def test_silence_of_the_hour_log_and_of_the_meter_are_told_apart(tmp_path: Path) -> None:
    deaf, dead = line_to("multical601"), line_to("multical601")
    answers_by(deaf, lambda data, answer: [] if data[2:3] == b"\x63" else answer)
    asked: list[bytes] = []
    answers_by(
        dead,
        lambda data, answer: [] if asked or (data[2:3] == b"\x63" and not asked.append(data)) else answer,
    )
    no_log, _journal = run_poll("multical601", tmp_path, ("hour", "day"), day(10, 30), day(11, 1), line=deaf)
    assert set(no_log.not_supported) == {"hour"} and no_log.count("day") == 2
    gone, _journal = run_poll("multical601", tmp_path, ("hour",), day(10, 30), day(11, 1), line=dead)
    assert gone.error is not None and gone.error.code == "no_answer" and not gone.not_supported


def test_a_counter_that_went_back_says_nothing() -> None:
    used = used_between(
        {"Q_delta": Decimal("9999.9"), "V_in": Decimal(10)}, {"Q_delta": Decimal("0.4"), "V_in": Decimal(12)}
    )
    assert used == {"V_in": Decimal(2)}


@pytest.mark.parametrize("model", [name for name, info in models().items() if not info.tells_clock])
def test_a_meter_without_a_clock_is_read_by_the_clock_of_the_machine(model: str) -> None:
    driver = make_driver(line_to(model), MeterSettings(model))
    driver.identify()
    assert driver.clock() is None
    for record in driver.current():
        assert abs(record.at - datetime.now()) < timedelta(minutes=1)  # noqa: DTZ005


def test_the_hour_that_comes_twice_and_the_one_that_never_comes(tmp_path: Path) -> None:
    """Archives are kept by the meter's own clock: the nights of the change of time have 24 hours like any other."""
    for first in (day(3, 29), day(10, 25)):
        result, journal = run_poll("spt943", tmp_path, ("hour",), first, first + timedelta(days=1))
        assert result.complete and len(result.records) == 24, journal.text()


def test_a_period_that_has_not_begun_is_not_called_complete(tmp_path: Path) -> None:
    result, journal = run_poll("multical601", tmp_path, ("day",), day(12, 1), day(12, 5))
    assert result.path is None and not result.complete and "Nothing was read" in journal.text()


# -- settings, disk, program --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "settings", "field"),
    [
        ("spt943", {"address": "300"}, "address"), ("spt943", {"address": "x"}, "address"),
        ("spt943", {"heat_input": 3}, "heat_input"), ("karat307", {"address": "0"}, "address"),
        ("karat307", {"address": "٣"}, "address"), ("elf04", {"heat_input": 7}, "heat_input"),
        ("spt961", {"address": "-1"}, "address"), ("apator_elf", {"address": "a b"}, "address"),
        ("iec62056", {"address": "/?!\r\n"}, "address"), ("spt944", {"heat_input": 0}, "heat_input"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_are_refused_before_a_byte_is_sent(
    model: str, settings: dict[str, Any], field: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongSettings) as refused:
        check_settings(MeterSettings(model, **settings))
    assert refused.value.data["field"] == field
    line = line_to(model)
    result, _journal = run_poll(
        model, tmp_path, ("day",), day(10, 1), day(10, 3), line=line, settings=settings
    )
    assert result.error is not None and result.error.code == "settings"
    assert line.transport.sent == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("address", ["999", "zz", "12345678.KAM.04.04", "1.2.3.4.5"])
def test_no_address_of_an_m_bus_meter_makes_the_poll_fall(address: str, tmp_path: Path) -> None:
    result, _journal = run_poll(
        "apator_elf", tmp_path, ("current",), day(10, 1), day(10, 3), settings={"address": address}
    )
    assert result.error is not None and result.error.code in ("no_answer", "settings", "bad_answer")


def test_an_m_bus_poll_has_its_bytes_in_the_journal(tmp_path: Path) -> None:
    _result, journal = run_poll("apator_elf", tmp_path, ("current",), day(10, 1), day(10, 3))
    assert {"sent", "received"} <= {entry.kind for entry in journal.entries}


def test_a_fault_of_the_driver_keeps_what_was_read(tmp_path: Path) -> None:
    line = line_to("spt943")
    ask, hours = line.ask, []

    def fall(*args: Any, **more: Any) -> Any:
        hours.append(args)
        if len(hours) == 20:
            raise IndexError("tuple index out of range")
        return ask(*args, **more)

    line.ask = fall  # type: ignore[method-assign]
    result, _journal = run_poll("spt943", tmp_path, ("hour",), day(10, 1), day(10, 3), line=line)
    assert result.error is not None and result.error.code == "driver"
    assert result.path is not None and 5 < len(result.records) < 48 and result.missing["hour"]


def test_a_folder_that_fails_leaves_the_file_in_the_spare_one(tmp_path: Path) -> None:
    blocked = tmp_path / "stick"
    blocked.write_text("a file where the folder was")
    request = PollRequest(
        MeterSettings("multical601"),
        POINT,
        ("day",),
        day(10, 30),
        day(11, 1),
        blocked / "in",
        tmp_path / "spare",
    )
    journal = PollJournal()
    result = poll(request, line_to("multical601"), journal=journal, now=NOW)
    assert result.complete and result.path is not None and result.path.parent == tmp_path / "spare"
    assert "cannot be used" in journal.text()


def test_two_polls_of_one_second_are_two_files(tmp_path: Path) -> None:
    first, second = (
        run_poll("multical601", tmp_path, ("day",), day(10, 30), day(11, 1))[0] for _number in "12"
    )
    assert first.path and second.path and first.path != second.path
    assert write_whole(tmp_path / "a.xml", b"1") != write_whole(tmp_path / "a.xml", b"2")
    assert not list(tmp_path.glob(".*"))


def test_ctrl_c_ends_a_poll_with_what_it_has(tmp_path: Path) -> None:
    device, asked, some = make_simulator("spt943", now=NOW.isoformat()), [], threading.Event()
    feed = device.feed

    def count(data: bytes, baud: int = 2400) -> list[Chunk]:
        asked.append(data)
        if len(asked) == 12:
            some.set()
        return feed(data, baud)

    device.feed = count  # type: ignore[method-assign]
    meter = TcpPort(FaultyLine(device, quick=True))
    command = [sys.executable, "-m", "gateway_sim", "poll", "--meter", "spt943", "--port", meter.url, "--from",
               "2026-10-01", "--to", "2026-11-01", "--out", str(tmp_path), "--journal",
               str(tmp_path / "j.txt")]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert some.wait(120)  # the hours are being read
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=120)
    finally:
        meter.close()
    assert process.returncode == 1 and "stopped" in said and "missing, hour" in said
    assert Path(out.strip()).read_bytes().count(b"<record>") >= 1 and (tmp_path / "j.txt").exists()


def test_the_console_needs_nothing_that_windows_lacks() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_WINDOWS], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.stdout.strip() == "good", done.stderr


# -- СПТ ----------------------------------------------------------------------------------------------------------


def test_a_spt942_is_woken_slowly(tmp_path: Path) -> None:
    line = line_to("spt942")
    run_poll("spt942", tmp_path, ("day",), day(10, 1), day(10, 3), line=line)
    sent = line.transport.sent  # type: ignore[attr-defined]
    assert sent[:16] == [b"\xff"] * 16 and sent[16] == frames.short(frames.ANY, frames.SESSION, bytes(4))


def test_an_old_spt941_is_named_and_left(tmp_path: Path) -> None:
    line = line_to("spt941.10", ident="542900")
    result, _journal = run_poll("spt941.10", tmp_path, ("day",), day(10, 1), day(10, 3), line=line)
    assert result.error is not None and result.error.code == "wrong_meter" and "1998" in str(result.error)


def test_a_refusal_that_is_not_about_the_date_is_an_error(tmp_path: Path) -> None:
    """A СПТ943 of an older release takes extended frames, but answers 61h with "I do not know this"."""
    line = line_to("spt943")
    device = device_of(line)
    device._archive = lambda asked: (frames.ERROR, b"\x00")
    result, _journal = run_poll("spt943", tmp_path, ("day",), day(10, 1), day(10, 3), line=line)
    assert result.error is not None and result.error.code == "refused"


def test_whole_minutes_of_a_karat_are_no_float(tmp_path: Path) -> None:
    result, _journal = run_poll("karat307", tmp_path, ("day",), day(10, 1), day(10, 2))
    values = result.records[0].values
    assert values["TempDiffLowDuration"] == 2 and values["NormalOperationDuration"] == 24
