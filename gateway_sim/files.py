"""Files that are replaced whole, and a lock on one: the same on Linux and on the Windows of a netbook."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path


def write_atomic(path: Path, text: str) -> None:
    """Replace `path` by `text`, 0600, so that a power cut leaves the old or the new content."""
    replace_whole(path, text.encode(), mode=0o600)


def replace_whole(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write beside `path`, then rename. Raises OSError, with `path` as it was and nothing left beside it."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(temporary, flags, mode)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make a rename last. Windows cannot open a directory, and its file system does this by itself."""
    if sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def lock_now(handle: int) -> None:
    """Lock an open file for this process until it is closed. OSError when another process has it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
