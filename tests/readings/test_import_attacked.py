"""The whole corpus of hostile files through the real import: each refused with its own code, nothing stored, no
connection opened, nothing of the file quoted, and the next good file imported by the same worker."""

from __future__ import annotations

import json
import resource
import socket
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEntry, OutboxMessage
from accounts.tenancy import tenant_scope
from readings.models import ArchiveRecord, ArchiveSeries, ImportIssue, ImportJob, Reading
from testkit.lers_attacks import CANARY, GOOD, attacks
from testkit.world import World
from tests.readings.archive_kit import make_points, run_import

pytestmark = pytest.mark.django_db
SPLIT = "12<!-- c -->3<?p i?>4<![CDATA[5]]>"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's own connection stands already; any other host is a leak."""
    there = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> Any:
        if self.family == socket.AF_UNIX or (isinstance(address, tuple) and address[1] > 1024):
            return there(self, address)
        raise AssertionError(f"the import opened a connection to {address}")

    monkeypatch.setattr(socket.socket, "connect", connect)


def stored_nothing() -> bool:
    return not any(model.objects.exists() for model in (ArchiveRecord, ArchiveSeries, Reading))


def test_by_command(world: World, tmp_path: Path, no_network: None) -> None:
    make_points(world.utility.programme)
    corpus = [attack for attack in attacks() if attack.name != "gzip_bomb"]  # slow, and the zip is its twin
    paths = [tmp_path / f"{attack.name}.xml" for attack in corpus]
    for path, attack in zip(paths, corpus, strict=True):
        path.write_bytes(attack.make())
    good = tmp_path / "zz.xml"
    good.write_text(GOOD.replace('M_in="124.8"/>', f"><M_in>{SPLIT}</M_in></record>", 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    code, reports = run_import(world.utility.programme.slug, *paths, point="101")
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024 < 64
    assert code == 2
    got = {Path(report["file"]).stem: (report["status"], report["issues"][0]["code"]) for report in reports}
    assert got == {attack.name: ("refused", attack.code) for attack in corpus}
    assert CANARY not in json.dumps(reports)
    with tenant_scope(world.utility.programme.pk):
        assert stored_nothing()
    assert run_import(world.utility.programme.slug, good)[0] == 0
    with tenant_scope(world.utility.programme.pk):
        assert ArchiveRecord.objects.order_by("start").values_list("m_in", flat=True).first() == 12345


# one of each kind is enough for the way over page, worker and mail
BY_PAGE = [
    "billion_laughs",
    "internal_entity",
    "xxe_file",
    "xxe_http",
    "xxe_ftp",
    "dtd_canary",
    "xinclude",
    "deep_257",
    "attrs_100k",
    "truncated",
    "bad_utf8",
    "encoding_utf-7",
    "soap_fault",
    "xml11",
    "zip_bomb",
    "zip_slip",
    "zip_layers",
    "zip_70000",
    "zip_encrypted",
    "zip_quine",
    "gzip_bad_crc",
    "noise",
    "empty",
]


def test_by_page_and_worker(
    world: World, sign_in: Any, run_jobs: Any, no_network: None, caplog: pytest.LogCaptureFixture
) -> None:
    point, _other = make_points(world.utility.programme, world.utility.consumer)
    client, slug = sign_in(world.utility.consumer), world.utility.programme.slug
    url = reverse("archive_upload", args=[slug, point.public_id])
    corpus = {attack.name: attack for attack in attacks()}
    sent: dict[str, str] = {}
    for name in BY_PAGE:
        answer = client.post(url, {"file": SimpleUploadedFile(f"{name}.xml", corpus[name].make())})
        assert answer.status_code in (302, 422), name
        if answer.status_code == 302:
            sent[name] = answer.url
    good = client.post(url, {"file": SimpleUploadedFile("good.xml", GOOD.encode())})
    run_jobs()
    with tenant_scope(world.utility.programme.pk):
        jobs = {job.file_name.removesuffix(".xml"): job for job in ImportJob.objects.all()}
        assert {n: (j.state, j.refusal) for n, j in jobs.items() if n != "good"} == {
            name: ("refused", corpus[name].code) for name in sent
        }
        assert not any(job.stored_as for name, job in jobs.items() if name != "good")
        assert jobs["good"].state == "done"
        assert ArchiveRecord.objects.count() == 14
        told = [
            *ImportIssue.objects.values_list("value", flat=True),
            *AuditEntry.objects.values_list("detail", flat=True),
        ]
    assert len(sent) > 20
    pages = [client.get(url).content.decode() for url in (*sent.values(), good.url)]
    mails = OutboxMessage.objects.values_list("context", flat=True)
    assert CANARY not in "".join(map(str, (*told, *pages, *mails, caplog.text)))
