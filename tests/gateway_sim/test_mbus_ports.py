"""End to end over real ports: TCP with a connection that breaks, a pseudo terminal, and the command line."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway_sim.cli import main, read, scan
from gateway_sim.mbus.errors import MBusError, TransportError
from gateway_sim.mbus.master import Master
from gateway_sim.mbus.transport import open_transport
from gateway_sim.simulator.bus import Bus
from gateway_sim.simulator.meter import Faults
from gateway_sim.simulator.ports import PtyPort, TcpPort
from tests.gateway_sim.mbus_bus import litres, meter

pytestmark = pytest.mark.pure
PATIENT = 5.0  # seconds: where an answer comes, the wait for it is not what is tested

SITE = """
[buses.main]
port = "socket://127.0.0.1:10001"
[[buildings]]
ref = "A"
name = "A"
  [[buildings.dwellings]]
  ref = "A-1"
  name = "1"
[[meters]]
ref = "heat"
place = "A-1"
bus = "main"
address = "1"
medium = "heat"
usage = "heating"
manufacturer = "KAM"
serial = "12345678"
telegrams = 2
  [[meters.registers]]
  ref = "energy"
  quantity = "energy"
  unit = "kWh"
  exponent = -3
  kind = "cumulative"
  shared = true
  record = { quantity = "energy" }
  simulate = { at = "2026-11-01T00:00:00Z", index = "1234.567", per_day = "24" }
  [[meters.registers]]
  ref = "volume"
  quantity = "volume"
  unit = "l"
  exponent = 0
  kind = "cumulative"
  shared = true
  record = { quantity = "volume" }
  simulate = { at = "2026-11-01T00:00:00Z", index = "5000", per_day = "0" }
"""


@pytest.fixture
def tcp() -> Iterator[TcpPort]:
    port = TcpPort(Bus([meter(1, telegrams=3), meter(2, "22222222", faults=Faults(bad_checksum=1))]))
    yield port
    port.close()


def test_tcp(tcp: TcpPort) -> None:
    master = Master(open_transport(tcp.url), timeout=PATIENT)
    assert litres(master.read("1")) == [1, 2, 3]
    assert litres(master.read("22222222")) == [1]
    master.timeout = 0.05
    with pytest.raises(MBusError):
        master.read("9")
    master.close()


def test_tcp_connection_that_breaks_is_opened_again(tcp: TcpPort) -> None:
    master = Master(open_transport(tcp.url), timeout=PATIENT)
    assert litres(master.read("1")) == [1, 2, 3]
    intruder = open_transport(tcp.url)  # the converter serves one: the newcomer throws the first one out
    intruder.write(b"\x00")
    intruder.close()
    assert litres(master.read("1")) == [1, 2, 3]
    master.close()


def test_tcp_that_is_gone_is_told(tcp: TcpPort) -> None:
    master = Master(open_transport(tcp.url), timeout=0.02)
    tcp.close()
    with pytest.raises(MBusError) as caught:
        master.read("1")
    assert caught.value.code in ("transport", "no_answer")
    with pytest.raises(TransportError):
        open_transport(tcp.url)


def test_pty() -> None:
    port = PtyPort(Bus([meter(1, telegrams=2)], check_baud=True))
    try:
        master = Master(open_transport(port.path), timeout=PATIENT)
        assert litres(master.read("1")) == [1, 2]
        master.switch_baud(1, 9600)
        assert litres(master.read("12345678")) == [1, 2]
        master.close()
    finally:
        port.close()


def test_command_line_simulate_read_scan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = tmp_path / "site.toml"
    site.write_text(SITE, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "gateway_sim",
        "simulate",
        "--site",
        str(site),
        "--listen",
        "127.0.0.1:0",
    ]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        quick = ["--port", url, "--timeout", "1"]
        assert main(["read", *quick, "--json", "1"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert main(["read", *quick, "--hex", "1"]) == 0
        telegrams = capsys.readouterr().out.strip()
        assert main(["scan", *quick, "--json", "--last", "2"]) == 0
        scanned = capsys.readouterr().out
        assert main(["scan", *quick, "--secondary"]) == 0
        searched = capsys.readouterr().out
        assert main(["read", *quick, "--retries", "0", "2"]) == 3
        assert capsys.readouterr().err.startswith("read: no_answer: ")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert answer["header"]["id"] == "12345678"
    values = {r["quantity"]: r["value"] for r in answer["records"]}
    assert values["volume"] == "5.000"
    assert int(values["energy"]) > 1234567 + 20 * 24000
    assert answer["more_follows"] is False
    assert telegrams.count(",") == 1  # two telegrams, as `decode` takes them
    assert main(["decode", "--json", telegrams]) == 0
    assert json.loads(capsys.readouterr().out)["header"]["id"] == "12345678"
    assert json.loads(scanned)["address"] == "1"
    assert "12345678.KAM.01.04" in searched


@pytest.mark.parametrize(
    "words",
    [
        ["--site", "nowhere.toml"],
        ["--site", "SITE", "--bus", "other"],
        ["--site", "SITE", "--listen", "nonsense"],
    ],
)
def test_simulate_refuses_with_one_line(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(SITE, encoding="utf-8")
    assert main(["simulate", *[str(site) if word == "SITE" else word for word in words]]) == 2
    error = capsys.readouterr().err
    assert error.startswith("simulate: ")
    assert error.count("\n") == 1


def test_a_scan_waits_less_for_silence_than_a_read() -> None:
    for module, expected in ((scan, 0.3), (read, 0.8)):
        parser = argparse.ArgumentParser()
        module.add_arguments(parser)
        assert parser.get_default("timeout") == expected


def test_half_a_request_is_forgotten_when_the_line_is_quiet(tcp: TcpPort) -> None:
    transport = open_transport(tcp.url)
    transport.write(b"\x68\xff\xff\x68\x53")  # would swallow the next 256 bytes
    assert transport.read(0.5) == b""
    assert litres(Master(transport, timeout=PATIENT).read("1")) == [1, 2, 3]
    transport.close()
