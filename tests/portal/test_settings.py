"""What the settings refuse, and that the commands work on a machine where nothing has been set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


def manage(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env={**plain, "RELEVE_VAR": str(folder), **environment},
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip


def shown(folder: Path, **environment: str) -> str:
    code = "from django.conf import settings as s; print(s.MODE, s.HTTPS, s.DEMO_MAILBOX, s.ALLOWED_HOSTS[0])"
    done = manage(folder, "shell", "-v", "0", "-c", code, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_without_any_setting_it_is_one_machine_by_itself(tmp_path: Path) -> None:
    assert shown(tmp_path) == "local False False 127.0.0.1"
    key = (tmp_path / "secret_key").read_text()
    assert len(key) >= 50 and (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    shown(tmp_path)
    assert (tmp_path / "secret_key").read_text() == key, "kept: sessions and stored digests stay valid"


def test_a_key_makes_it_production(tmp_path: Path) -> None:
    key = {"SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "releve.example"}
    assert shown(tmp_path, **key) == "production True False releve.example"
    file = tmp_path / "key"
    file.write_text("k" * 60 + "\n")
    assert shown(tmp_path, SECRET_KEY_FILE=str(file), ALLOWED_HOSTS="releve.example").startswith("production")


def test_production_without_a_key_is_refused(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", RELEVE_MODE="production")
    assert done.returncode != 0 and "Set SECRET_KEY" in done.stderr
    assert "RELEVE_MODE is local, demo" in manage(tmp_path, "check", RELEVE_MODE="prod").stderr
    done = manage(tmp_path, "doctor", DATABASE_URL="postgres//x")
    assert done.returncode == 1 and done.stderr.startswith(
        "DATABASE_URL is no address of a database: postgres://"
    )


def test_only_the_demo_shows_its_mails(tmp_path: Path) -> None:
    assert shown(tmp_path, RELEVE_MODE="demo").split()[2] == "True"
    assert shown(tmp_path, RELEVE_MODE="demo", EMAIL_URL="smtp://localhost:25").split()[2] == "False"
