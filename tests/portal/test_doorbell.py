"""The broker of files: whoever looks between two steps of a ring finds no ring or a whole one."""

from __future__ import annotations

import json
import queue
from pathlib import Path

import pytest
from django.conf import settings
from kombu import Connection
from kombu.transport import TRANSPORT_ALIASES

import portal.celery  # noqa: F401  the application brings its transport

pytestmark = pytest.mark.pure


@pytest.fixture
def bell(tmp_path):
    folders = {
        "data_folder_in": str(tmp_path),
        "data_folder_out": str(tmp_path),
        "control_folder": str(tmp_path),
    }
    with Connection("doorbell://", transport_options=folders) as connection:
        yield connection.default_channel


@pytest.mark.skipif(settings.CELERY_BROKER_URL.startswith("redis"), reason="this lane rings through Redis")
def test_the_settings_ring_through_it():
    assert settings.CELERY_BROKER_URL == "doorbell://" and "doorbell" in TRANSPORT_ALIASES


def test_a_ring_is_taken_once_and_in_order(bell):
    bell._put("jobs", {"n": 1})
    bell._put("others", {"n": 2})
    assert bell._size("jobs") == 1
    assert bell._get("jobs") == {"n": 1}
    with pytest.raises(queue.Empty):
        bell._get("jobs")
    assert bell._get("others") == {"n": 2}


def test_a_reader_never_meets_half_a_ring(bell, tmp_path, monkeypatch):
    """The worker polls while the ring is being written: after the file is opened, before it is whole."""
    met = []
    write = Path.write_bytes

    def slow(path, data):
        write(path, b"")
        try:
            met.append(bell._get("jobs"))
        except queue.Empty:
            met.append("nothing yet")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", slow)
    bell._put("jobs", {"n": 1})
    assert met == ["nothing yet"]
    assert bell._get("jobs") == {"n": 1}


def test_half_a_ring_of_a_full_disk_does_not_end_the_worker(bell, tmp_path):
    (tmp_path / "1_a.jobs.msg").write_bytes(b"")
    (tmp_path / "2_b.jobs.msg").write_bytes(b'{"n": ')
    (tmp_path / "3_c.jobs.msg").write_text(json.dumps({"n": 3}))
    assert bell._get("jobs") == {"n": 3}
    with pytest.raises(queue.Empty):
        bell._get("jobs")
