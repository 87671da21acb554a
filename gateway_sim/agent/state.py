"""The state directory: who this gateway is, its token, and small facts that must survive a power cut.

The directory is 0700 and every file in it 0600. A file is replaced whole (write, fsync, rename, fsync of the
directory), so a cut leaves the old text or the new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gateway_sim.files import lock_now, sync_directory, write_atomic

_IDENTITY = "agent.json"
_TOKEN = "token"  # noqa: S105 - the name of the file, not the secret


class StateError(Exception):
    """The state directory cannot be used; the message is one sentence for a person."""


@dataclass(frozen=True)
class Identity:
    """What activation told us."""

    portal: str
    serial: str
    server: str
    description: str
    programme: str
    ca_file: str = ""
    suspended: bool = False


class StateDir:
    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def open(cls, path: str | Path, *, create: bool = True) -> StateDir:
        """Open the directory, making it if `create`. A directory that others may read is closed to them
        if it is ours and that takes nothing away from them; else it is refused, for it is not meant."""
        directory = Path(path)
        try:
            if create:
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            elif not directory.is_dir():
                raise StateError(f"There is no state directory {directory}: run `activate` first.")
            mode = directory.stat().st_mode & 0o777
            if sys.platform != "win32" and mode & 0o077:
                shared = any(entry.stat().st_mode & 0o077 for entry in directory.iterdir())
                foreign = shared and not (directory / _IDENTITY).exists()
                if foreign or directory.stat().st_uid != os.getuid():
                    raise StateError(
                        f"The state directory {directory} can be read by others (mode {mode:o}): "
                        "name one of its own, or run chmod 700 on it."
                    )
                directory.chmod(0o700)
        except OSError as error:
            raise StateError(f"Cannot use the state directory {directory}: {error.strerror}.") from None
        return cls(directory)

    @property
    def spool(self) -> Path:
        return self.path / "spool.sqlite3"

    @property
    def journal(self) -> Path:
        return self.path / "journal.sqlite3"

    def identity(self) -> Identity | None:
        data = self.read(_IDENTITY)
        if data is None:
            return None
        try:
            return Identity(**data)
        except TypeError:
            raise StateError(f"{self.path / _IDENTITY} is not ours: activate again.") from None

    def save_identity(self, identity: Identity) -> None:
        self.write(_IDENTITY, asdict(identity))

    def token(self) -> str | None:
        try:
            return (self.path / _TOKEN).read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise StateError(f"Cannot read the token in {self.path}: {error}.") from None

    def save_token(self, token: str) -> None:
        self._replace(_TOKEN, token + "\n")

    def forget_token(self) -> None:
        (self.path / _TOKEN).unlink(missing_ok=True)
        sync_directory(self.path)

    def read(self, name: str) -> dict[str, Any] | None:
        """A small JSON object, or None if it is not there. A spoilt one counts as not there, except the
        identity: guessing who we are would be worse than stopping."""
        try:
            data = json.loads((self.path / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            if name == _IDENTITY:
                raise StateError(f"Cannot read {self.path / name}: {error}.") from None
            return None
        return data if isinstance(data, dict) else None

    def write(self, name: str, data: dict[str, Any]) -> None:
        self._replace(name, json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n")

    def _replace(self, name: str, text: str) -> None:
        try:
            write_atomic(self.path / name, text)
        except OSError as error:
            raise StateError(f"Cannot write {self.path / name}: {error.strerror}.") from None

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """One agent a state directory: two would send the same spool twice."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                lock_now(handle)
            except OSError:
                raise StateError(f"Another agent already runs on {self.path}.") from None
            yield
        finally:
            os.close(handle)
