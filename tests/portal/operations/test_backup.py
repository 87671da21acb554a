"""A backup, taken while the portal runs, into an empty installation: every table and file as it was, or a refusal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.tenancy import unscoped
from portal.operations.backup.folder import backup_read
from portal.operations.backup.sums import differences
from servers.models import Building
from testkit.gateway import document, make_box
from testkit.world import make_world

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def taken(tmp_path: Path, transactional_db: Any) -> Path:
    """A backup of a world with readings' places, a guarded foreign key or two, and a file."""
    world = make_world()
    make_box(world.ours.programme).publish(document())
    name = default_storage.save("imports/é archive.xml", ContentFile(b"<lersData/>" * 99))
    try:
        call_command("backup", tmp_path / "backups", verbosity=0)
    finally:
        default_storage.delete(name)
    (folder,) = (tmp_path / "backups").glob("releve-*Z")
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Any:
    """empty(code) runs it in an installation with nothing in it."""
    environment = {**os.environ, "RELEVE_MODE": "local", "RELEVE_VAR": str(tmp_path / "new")}
    environment["SECRET_KEY"] = "k" * 60
    if connection.vendor == "postgresql":
        name = f"restore_{os.getpid()}_{tmp_path.name}".lower().replace("-", "_")[:60]
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
        environment["DATABASE_URL"] = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"

    def run(code: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False
        )

    return run


def test_what_is_restored_is_what_was_there(taken: Path, empty: Any, tmp_path: Path) -> None:
    manifest = backup_read(taken)
    assert manifest["tables"]["servers_building"]["rows"] == 1 and len(manifest["tables"]) > 50
    assert taken.stat().st_mode & 0o077 == 0
    code = "from django.core.management import call_command as call; call('restore', {!r}); call('doctor', only=[{}])"
    done = empty(code.format(str(taken), "'isolation', 'migrations'"))
    assert done.returncode == 0, done.stderr + done.stdout
    assert "each table with its sum" in done.stdout and "All migrations are applied" in done.stdout
    (kept,) = (tmp_path / "new" / "uploads").rglob("*.xml")
    assert kept.read_bytes() == b"<lersData/>" * 99 and kept.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="is not empty"):  # never over what is there
        call_command("restore", taken)


def test_a_damaged_backup_is_refused_before_anything_is_written(taken: Path, tmp_path: Path) -> None:
    database = taken / "database"
    whole = database.read_bytes()
    for at in (0, len(whole) // 2, len(whole) - 1):
        database.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(CommandError, match="damaged"):
            call_command("restore", taken, "--check")
    database.write_bytes(whole)
    call_command("restore", taken, "--check", verbosity=0)
    manifest = json.loads((taken / "manifest.json").read_text())
    manifest["format"] = 2
    (taken / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CommandError, match="newer release"):
        call_command("restore", taken, "--check")
    with pytest.raises(CommandError, match="no backup"):
        call_command("restore", tmp_path, "--check")


def test_one_changed_value_is_seen(taken: Path) -> None:
    """The control of the sums: the same rows but for one name."""
    with unscoped(reason="the test changes one value"):
        Building.objects.update(name="Another")
    call_command("backup", taken.parent / "later", verbosity=0)
    (later,) = (taken.parent / "later").iterdir()
    different = differences(backup_read(taken)["tables"], backup_read(later)["tables"])
    assert different == ["servers_building had 1 rows and has 1, or other content"]


@pytest.mark.pure
@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "unknown.xml", "link"])
def test_a_tar_of_somebody_else_writes_nothing_outside(tmp_path: Path, monkeypatch: Any, name: str) -> None:
    from portal.operations.backup import files
    from portal.operations.backup.engines import BackupError

    monkeypatch.setattr(files, "files_folder", lambda: tmp_path / "files")
    with tarfile.open(tmp_path / "files.tar", "w") as archive:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(member)
    known = {} if name == "unknown.xml" else {name: {"size": 0, "sha256": "e3b0"}}
    with pytest.raises(BackupError, match="does not belong"):
        files.files_unpack(tmp_path / "files.tar", known)
    assert not (tmp_path / "out").exists()


def test_the_oldest_go(taken: Path) -> None:
    for day in ("01", "02", "03"):
        (taken.parent / f"releve-2020-01-{day}T000000.000000Z").mkdir()
    call_command("backup", taken.parent, "--keep", "2", verbosity=0)
    left = sorted(path.name for path in taken.parent.iterdir())
    assert len(left) == 2 and all(name > "releve-2026" for name in left)
    assert json.loads((settings.VAR_DIR / "last-backup.json").read_text())["where"].endswith(left[-1])
