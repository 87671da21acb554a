"""A worker is small and stays small: a process of its own, since a peak is never forgotten."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from testkit.lers_files import write_archive

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 80  # MB (10^6) that an import may hold, whatever the file's size
# what only pages, documents and lists need, 50 MB together
UNUSED = ("PIL", "cryptography", "fido2", "fontTools", "fpdf", "ninja", "openpyxl", "qrcode", "resvg_py")
CHILD = """
import json, sys
from pathlib import Path
import django
django.setup()
from readings.imports import work
from readings.ingest.spool import Spool
from readings.lers import read_archive
from readings.management.commands import import_lers
peaks = []
for path in sys.argv[1:]:
    with Spool() as spool:
        read_archive(Path(path), sink=spool)
    status = Path("/proc/self/status").read_text()
    peaks.append(int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6)
print(json.dumps([sorted({name.partition(".")[0] for name in sys.modules}), peaks]))
"""


@pytest.mark.pure
def test_a_worker_is_small_at_the_start_and_whatever_it_reads(tmp_path):
    files = [tmp_path / f"{megabytes}.xml" for megabytes in (2, 16)]
    for path, megabytes in zip(files, (2, 16), strict=True):
        write_archive(path, megabytes=megabytes, dialect="elements")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, files)],
        cwd=ROOT, check=True, capture_output=True, text=True,
        env={"PATH": "/usr/bin:/bin", "RELEVE_MODE": "test", "WORKER": "1", "RELEVE_VAR": str(tmp_path),
             "DATABASE_URL": "sqlite:///:memory:", "DJANGO_SETTINGS_MODULE": "portal.settings", "LANG": "C.UTF-8"},
    )  # fmt: skip
    loaded, (small, large) = json.loads(done.stdout)
    assert not set(UNUSED) & set(loaded)
    assert large <= LIMIT
    assert large - small <= 3
