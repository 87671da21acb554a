"""`make demo`: one command, everything running, clean on Ctrl-C.

It migrates, seeds, then keeps as children: the web server, the worker, beat, a simulated M-Bus line and the
gateway that reads it. Children die with this process even on kill -9 (Linux: PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.demo.people import DEMO_PASSWORD, PEOPLE

PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Command(BaseCommand):
    help = "Run the portal with its demo data, a worker and a simulated gateway until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--interval", type=int, default=60, help="seconds between two polls of the bus")

    def handle(self, *args: Any, port: int, interval: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo runs only with RELEVE_MODE=demo")
        self.children: list[tuple[str, subprocess.Popen[bytes]]] = []
        self.logs = settings.VAR_DIR / "logs"
        self.logs.mkdir(exist_ok=True)
        self.address = f"http://127.0.0.1:{port}"
        if self._answers():
            raise CommandError(
                f"Something answers on {self.address} already; choose another: make demo PORT=8001"
            )
        # links in mails lead to this demo, in the seed's mails as in the children's
        os.environ["SITE_URL"] = settings.SITE_URL = self.address
        started = time.monotonic()
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        try:
            self._say("migrating")
            call_command("migrate", verbosity=0)
            bus_port = _free_port()
            self._say("seeding two programmes with a year of readings (a first start takes half a minute)")
            seeded = json.loads(
                call_command("seed_demo", "--json", f"--bus-port={bus_port}", stdout=_Quiet())
            )
            self._start_portal(port)
            self._wait_for_page()
            self._start_gateway(bus_port, seeded, interval)
            self._print_welcome(time.monotonic() - started)
            self._watch()
        except KeyboardInterrupt:
            pass
        finally:
            self._stop()

    def _say(self, text: str) -> None:
        self.stdout.write(f"· {text}")
        self.stdout.flush()

    def _on_signal(self, number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    def _start(self, name: str, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env={**os.environ, **environment}, preexec_fn=_die_with_parent, start_new_session=True,
                cwd=settings.BASE_DIR,
            )  # fmt: skip
        self.children.append((name, process))
        return process

    def _start_portal(self, port: int) -> None:
        python = sys.executable
        self._start(
            "web",
            [python, "-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2",
             "--threads", "4", "--no-control-socket", "--worker-tmp-dir", str(settings.VAR_DIR), "--graceful-timeout", "5"],
        )  # fmt: skip
        celery = [python, "-m", "celery", "-A", "portal", "--quiet"]
        self._start(
            "worker",
            [*celery, "worker", "--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle",
             "--loglevel", "WARNING", "--hostname", "worker@localhost"],
        )  # fmt: skip
        # a pid file of a demo that was killed must not keep beat from starting
        self._start("beat", [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""])

    def _start_gateway(self, bus_port: int, seeded: dict[str, Any], interval: int) -> None:
        agent = [sys.executable, "-m", "gateway_sim"]
        state, site = seeded["state_dir"], seeded["site_file"]
        self._start("bus", [*agent, "simulate", "--site", site, "--listen", f"127.0.0.1:{bus_port}"])
        if seeded["password"]:
            secret = Path(state) / "password"
            secret.parent.mkdir(parents=True, exist_ok=True)
            secret.touch(mode=0o600)
            secret.write_text(seeded["password"])
            self._run([*agent, "activate", "--portal", self.address, "--serial", seeded["serial"],
                       "--password-file", str(secret), "--state", state])  # fmt: skip
            secret.unlink()
        self._run([*agent, "publish", "--site", site, "--state", state])
        self._start(
            "gateway",
            [*agent, "run", "--site", site, "--state", state, "--interval", str(interval), "--telegrams"],
        )

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=settings.BASE_DIR, timeout=90
        )
        if done.returncode != 0:
            raise CommandError(f"{' '.join(command[1:4])} failed: {(done.stderr or done.stdout).strip()}")

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.address, timeout=2).close()  # noqa: S310 - our own loopback address
        except (urllib.error.URLError, OSError):
            return False
        return True

    def _wait_for_page(self) -> None:
        for _attempt in range(300):
            if self._answers():
                return
            name, process = self.children[0]
            if process.poll() is not None:
                raise CommandError(f"the {name} server ended; see {self.logs / 'web.log'}")
            time.sleep(0.1)
        raise CommandError(f"no page on {self.address} after 30 s; see {self.logs / 'web.log'}")

    def _print_welcome(self, seconds: float) -> None:
        lines = [
            "",
            f"  Relevé runs on {self.address} (ready after {seconds:.0f} s; logs in {self.logs})",
            "",
        ]
        width = max(len(email) for _who, email, _page in PEOPLE)
        lines += [f"    {who:<24} {email:<{width}}  {page}" for who, email, page in PEOPLE]
        lines += [
            "",
            f"    The password of all of them: {DEMO_PASSWORD}",
            f"    Every mail the portal sends: {self.address}/demo/mails/",
            "",
            "  Ctrl-C ends everything.",
            "",
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()

    def _watch(self) -> None:
        """The gateway may end and is worth a word; without web or worker there is no demo."""
        reported: set[str] = set()
        while True:
            for name, process in self.children:
                if process.poll() is None or name in reported:
                    continue
                reported.add(name)
                self._say(f"{name} ended with code {process.returncode}; see {self.logs / name}.log")
                if name in ("web", "worker", "beat"):
                    return
            time.sleep(0.5)

    def _stop(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for _name, process in reversed(self.children):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + 10
        for _name, process in self.children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
        for _name, process in self.children:
            if process.poll() is None:
                process.kill()
        if self.children:
            self._say("stopped")


class _Quiet:
    """Swallows what a nested command prints."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None: ...
