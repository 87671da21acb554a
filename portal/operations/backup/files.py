"""What people sent, as one tar, each file with its sum."""

from __future__ import annotations

import tarfile
from pathlib import Path

from django.core.files.storage import default_storage

from portal.operations.backup.engines import BackupError
from portal.operations.backup.sums import file_sum

Files = dict[str, dict[str, int | str]]  # {"imports/a.xml": {"size": 17, "sha256": "…"}}


def files_folder() -> Path:
    return Path(default_storage.location)  # type: ignore[attr-defined]


def files_pack(target: Path) -> Files:
    """A file that is deleted while this runs is left out: its row, if it still is there, was about to go too."""
    root = files_folder()
    found: Files = {}
    with tarfile.open(target, "w") as archive:
        for path in sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
            name = path.relative_to(root).as_posix()
            try:
                found[name] = {"size": path.stat().st_size, "sha256": file_sum(path)}
                archive.add(path, arcname=name, recursive=False)
            except FileNotFoundError:
                found.pop(name, None)
    return found


def files_unpack(source: Path, wanted: Files) -> None:
    """Into the folder of the settings. Only names that the manifest knows, only plain files, each with its sum."""
    root = files_folder()
    if root.is_dir() and any(root.iterdir()):
        raise BackupError(
            f"{root} is not empty: a restore goes into a new folder, and never over what is there."
        )
    root.mkdir(parents=True, exist_ok=True)
    with tarfile.open(source) as archive:
        for member in archive:
            path = (root / member.name).resolve()
            if not member.isfile() or member.name not in wanted or not path.is_relative_to(root.resolve()):
                raise BackupError(f"{member.name!r} does not belong into this backup: it was changed.")
            path.parent.mkdir(parents=True, exist_ok=True)
            content = archive.extractfile(member)
            assert content is not None
            with path.open("xb") as file:
                while block := content.read(1 << 20):
                    file.write(block)
            path.chmod(0o600)
            if file_sum(path) != wanted[member.name]["sha256"]:
                raise BackupError(f"{member.name!r} is not what was packed: this backup is damaged.")
    lacking = [name for name in wanted if not (root / name).is_file()]
    if lacking:
        raise BackupError(f"{len(lacking)} files are missing in this backup, {lacking[0]!r} the first.")
