"""Power cuts for SQLite without root: a VFS that remembers what each file was at its last sync.

It stands before the normal VFS of the very library that `sqlite3` uses and replaces one method, xSync, which
here keeps a copy of the file. `after_cut` lays out what a disk could hold after the plug was pulled: the
copies ("all unsynced writes gone"), or per 512-byte sector the copy or the newer content ("torn").
"""

from __future__ import annotations

import ctypes
import ctypes.util
import random
import sqlite3
from pathlib import Path

SECTOR = 512
_P = ctypes.c_void_p


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("next", _P),
        ("name", ctypes.c_char_p),
        ("data", _P),
        ("open", _P),
        ("rest", _P * 14),
    ]


class _Methods(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_int),
        ("close", _P),
        ("read", _P),
        ("write", _P),
        ("truncate", _P),
        ("sync", _P),
        ("rest", _P * 13),
    ]


# the name stays a bare pointer: SQLite keeps it and builds "<name>-shm" from it later, when a copy would be gone
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, _P, _P, _P, ctypes.c_int, _P)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _P, ctypes.c_int)
_library = ctypes.CDLL(ctypes.util.find_library("sqlite3") or "libsqlite3.so.0")
_synced: dict[str, bytes] = {}
_names: dict[int, str] = {}
_alive: list[object] = []  # what C points to must not be collected


def _register() -> None:
    _library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    plain = _library.sqlite3_vfs_find(None)
    ours = _Vfs()
    ctypes.pointer(ours)[0] = plain.contents
    ours.name, ours.next = b"powercut", None
    open_plain = _OPEN(plain.contents.open)

    @_SYNC
    def sync(file: int, _flags: int) -> int:
        name = _names[file]
        _synced[name] = Path(name).read_bytes()
        return 0

    patched: dict[int, _Methods] = {}

    @_OPEN
    def opened(_vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        code = open_plain(ctypes.addressof(plain.contents), name, file, flags, out)
        slot = ctypes.cast(file, ctypes.POINTER(_P))
        if code == 0 and slot[0] and name is not None:
            _names[file] = ctypes.string_at(name).decode()
            if slot[0] not in patched:
                methods = _Methods.from_buffer_copy(ctypes.cast(slot[0], ctypes.POINTER(_Methods)).contents)
                methods.sync = ctypes.cast(sync, _P).value
                patched[slot[0]] = methods
            slot[0] = ctypes.addressof(patched[slot[0]])
        return code

    ours.open = ctypes.cast(opened, _P).value
    _alive.extend((ours, sync, opened, patched, open_plain))
    if _library.sqlite3_vfs_register(ctypes.byref(ours), 0) != 0:
        raise RuntimeError("the VFS was not taken")


def connect(path: Path, synchronous: str) -> sqlite3.Connection:
    if not _alive:
        _register()
    uri = f"file:{path}?vfs=powercut"
    db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(f"PRAGMA synchronous = {synchronous}")
    return db


def after_cut(directory: Path, target: Path, rand: random.Random, *, torn: bool) -> None:
    """Lay out in `target` what the disk may hold of the spool in `directory` after a cut now."""
    target.mkdir()
    for file in directory.iterdir():
        if file.name.endswith("-shm"):
            continue
        now = file.read_bytes()
        if ".sqlite3" not in file.name:
            (target / file.name).write_bytes(now)  # written with its own fsync, not through SQLite
            continue
        image = _synced.get(str(file), b"")
        if torn:
            size = rand.choice((len(image), max(len(image), len(now))))
            old, new = image.ljust(size, b"\0"), now.ljust(size, b"\0")
            image = b"".join(
                rand.choice((old, new))[start : min(start + SECTOR, size)] for start in range(0, size, SECTOR)
            )
        (target / file.name).write_bytes(image)
