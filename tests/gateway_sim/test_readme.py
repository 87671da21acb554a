"""The examples of gateway_sim/README.md, run as they stand there, against the portal double."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from datetime import datetime
from pathlib import Path

import pytest
import time_machine

from gateway_sim.cli import available, main
from gateway_sim.field.driver import make_simulator
from gateway_sim.simulator.ports import TcpPort
from tests.gateway_sim.agent.portal_double import PASSWORD, Portal

pytestmark = [pytest.mark.pure, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
README = (ROOT / "gateway_sim" / "README.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## )", README, re.M | re.S))
CHANGES = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?", "TIME"),
    (r"revision \d+|Spool \d+", "NUMBER"),
    (r"(volume +)[\d.]+ m3", r"\1VALUE"),
    (r"access \d+", "access N"),
    (r"\d+ requests", "N requests"),  # a loaded machine repeats one
    (r"https://portal\.example|http://127\.0\.0\.1:\d+", "PORTAL"),
)


def examples(verb: str) -> list[tuple[list[str], str]]:
    """(words after `python -m gateway_sim`, what it prints) of each example of a section."""
    found = []
    block = re.findall(r"^    \$ python -m gateway_sim (.*?)(?=^    \$|^\S|\Z)", SECTIONS[verb], re.M | re.S)
    for text in block:
        lines = text.replace("\\\n", " ").split("\n")
        shown = [line.removeprefix("    ") for line in lines[1:]]
        found.append((shlex.split(lines[0]), "\n".join(shown).strip()))
    return found


def same(text: str) -> str:
    for pattern, word in CHANGES:
        text = re.sub(pattern, word, text)
    return re.sub(r"\s+", " ", text).strip()


@pytest.fixture(scope="module")
def bus():
    """`simulate` as its example starts it, on a free port."""
    words, shown = examples("simulate")[0]
    command = [sys.executable, "-m", "gateway_sim", *words, "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline().strip()
        assert line.split()[1:] == shown.split()[1:]
        yield line.split()[0]
        process.send_signal(signal.SIGTERM)


@pytest.fixture
def call(bus, tmp_path, capsys):
    """Runs an example with this test's bus, state and portal instead of the ones it names."""
    (tmp_path / "password.txt").write_text(PASSWORD + "\n")
    site = tmp_path / "site.toml"
    text = (ROOT / "gateway_sim" / "examples" / "site.toml").read_text(encoding="utf-8")
    site.write_text(text.replace("socket://127.0.0.1:10001", bus), encoding="utf-8")
    own = {
        "socket://127.0.0.1:10001": bus,
        "/var/lib/releve": str(tmp_path / "state"),
        "gateway_sim/examples/site.toml": str(site),
        "password.txt": str(tmp_path / "password.txt"),
    }

    def run(words: list[str], portal: Portal | None = None) -> tuple[int, str]:
        if portal is not None:
            own["https://portal.example"] = portal.url
        code = main([own.get(word, word) for word in words])
        out, err = capsys.readouterr()
        return code, out + err

    return run


def test_each_verb_has_a_synopsis_and_an_example():
    assert set(available()) <= SECTIONS.keys()
    for verb in available():
        assert f"    python -m gateway_sim {verb} " in SECTIONS[verb] + " ", verb
        assert examples(verb), verb


def test_each_option_stands_in_the_synopsis(capsys):
    for verb in available():
        with pytest.raises(SystemExit):
            main([verb, "--help"])
        offered = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
        synopsis = SECTIONS[verb].split("\n\n")[0]
        assert offered <= set(re.findall(r"--[a-z-]+", synopsis)), verb


def test_scan_and_read(call):
    for verb in ("scan", "read"):
        for words, shown in examples(verb):
            code, said = call([*words, "--timeout", "0.3"])
            assert code == 0
            assert same(said) == same(shown)


def test_poll_finds_the_meter_that_simulate_plays(call, tmp_path):
    ((played, _shown),) = [one for one in examples("simulate") if "--meter" in one[0]]
    options = dict(word.split("=", 1) for word in played if word.startswith("now="))
    device = make_simulator(played[played.index("--meter") + 1], **options)
    port = TcpPort(device, baud=1200)
    ((words, shown),) = examples("poll")
    here = {"socket://127.0.0.1:10002": port.url, "/tmp": str(tmp_path)}
    with time_machine.travel(datetime.fromisoformat(options["now"]), tick=False):
        code, said = call([here.get(word, word) for word in words])
    port.close()
    assert (code, said.strip()) == (0, shown.replace("/tmp", str(tmp_path)))
    assert "<Q_delta>" in Path(said.strip()).read_text(encoding="utf-8")


def test_console_says_where_it_is_and_ends_by_a_signal(tmp_path):
    ((words, shown),) = examples("console")
    words = ["0" if word == "8480" else str(tmp_path) if word == "/tmp/console" else word for word in words]
    command = [sys.executable, "-m", "gateway_sim", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip()
        assert re.sub(r"\d+/$", "8480/", address) == shown
        with urllib.request.urlopen(address, timeout=60) as page:
            assert "Универсальный пульт" in page.read().decode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_decode(call):
    (good, shown), (broken, refusal) = examples("decode")
    code, said = call(good)
    assert code == 0
    assert same(said).replace(" ", "") == same(shown.split("(one line")[0]).replace(" ", "")
    assert call(broken) == (2, refusal + "\n")


def test_activate_publish_run_status_deactivate(call):
    with Portal() as portal:
        for verb in ("activate", "publish", "run", "status", "deactivate"):
            for words, shown in examples(verb):
                code, said = call(words, portal)
                assert (verb, code) == (verb, 0), said
                assert same(said) == same(shown), verb
        assert len(portal.stored) == 32
        assert portal.suspended
