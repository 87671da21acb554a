"""A whole portal of its own for the browser: web server, worker and beat as real processes, an own database.

The lane decides on what it stands: SQLite and the file doorbell, or a new database of the lane's PostgreSQL and
its Redis. Mails are files that the worker really wrote.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from testkit.cluster import free_port

ROOT = Path(__file__).resolve().parents[2]
# seconds; a condition that does not come about by then is a failure. Six processes start beside three other lanes.
PATIENCE = 180.0


def until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """What the condition gives once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.05)
    return found


class Mail:
    def __init__(self, text: str) -> None:
        message: Any = email.message_from_bytes(text.encode(), policy=email.policy.default)
        self.to = str(message["To"])
        self.subject = str(message["Subject"])
        self.text = message.get_body(preferencelist=("plain",)).get_content()
        self.html = message.get_body(preferencelist=("html",)).get_content()

    @property
    def link(self) -> str:
        """The one link to a page with a secret, the same in both forms."""
        (link,) = set(re.findall(r"http://[^\s<]+/activate/[\w-]+/", self.text))
        assert link in self.html
        return str(link)


class Portal:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.children: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **os.environ,
            "RELEVE_MODE": "demo",
            "RELEVE_VAR": str(folder),
            "SITE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        if address := os.environ.get("DATABASE_URL", ""):
            self.environment["DATABASE_URL"] = self._new_database(address)
            self.environment["REDIS_URL"] = os.environ["REDIS_URL"].removesuffix("/0") + "/5"

    @staticmethod
    def _new_database(address: str) -> str:
        import psycopg2

        name = f"e2e_{uuid.uuid4().hex[:8]}"
        connection = psycopg2.connect(address)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
        connection.close()
        return address.rpartition("/")[0] + f"/{name}"

    def start(self) -> None:
        self.manage("migrate", "-v", "0")
        python, celery = sys.executable, [sys.executable, "-m", "celery", "-A", "portal", "-q"]
        self._child("web", python, "-m", "gunicorn", "portal.wsgi", "-b", f"127.0.0.1:{self.port}", "--threads", "4",
                    "--worker-tmp-dir", str(self.folder), "--no-control-socket")  # fmt: skip
        self._child(
            "worker", *celery, "worker", "-P", "threads", "-c", "2", "--without-gossip", "--without-mingle"
        )
        self._child("beat", *celery, "beat", "--pidfile", "")
        until(self._answers, "the sign-in page")

    def _child(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        self.children.append(process)
        return process

    def _answers(self) -> bool:
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(self.url, timeout=20).close()
            return True
        return False

    def stop(self) -> None:
        for child in reversed(self.children):
            child.terminate()
        for child in self.children:
            try:
                child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def logs(self) -> str:
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}"
            for path in self.folder.glob("*.log")
        )

    def manage(self, *arguments: str) -> str:
        """A command of manage.py; what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True,
            timeout=5 * PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def agent(self, *arguments: str, accept: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        """A verb of the gateway agent, as a process."""
        done = subprocess.run(
            [sys.executable, "-m", "gateway_sim", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=5 * PATIENCE,
        )
        assert done.returncode in accept, (done.returncode, done.stdout, done.stderr)
        return done

    def bus(self, site: Path) -> str:
        """Start the simulated meters of a site file on a free port; the line it prints when it is ready."""
        process = self._child(
            "bus",
            sys.executable,
            "-u",
            "-m",
            "gateway_sim",
            "simulate",
            "--site",
            str(site),
            "--listen",
            "127.0.0.1:0",
        )
        log = self.folder / "bus.log"
        line = until(lambda: log.read_text().strip(), "the simulated bus")
        assert process.poll() is None, line
        return str(line)

    def mails(self, to: str) -> list[Mail]:
        found = []
        for path in sorted((self.folder / "mails").glob("*.log"), key=lambda path: path.stat().st_mtime_ns):
            for text in path.read_text(encoding="utf-8").split("\n" + "-" * 79):
                # the worker may be writing this file right now
                if text.strip() and "</html>" in text and (mail := Mail(text.lstrip("\n"))).to == to:
                    found.append(mail)
        return found

    def mail(self, to: str, *, number: int = 1) -> Mail:
        """The n-th mail to somebody, once the worker has sent it."""
        sent = until(lambda: len(mails := self.mails(to)) >= number and mails, f"mail to {to}")
        assert len(sent) == number, [mail.subject for mail in sent]
        return sent[number - 1]
