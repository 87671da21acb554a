"""The desk's one-contract form, the ordered ZIP, and months, files and numbers at their edges."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.jobs import run_due_jobs
from accounts.models import AuditEntry, Contract
from accounts.tenancy import tenant_scope
from readings.desk import archives_out
from readings.models import ArchivesParcel
from testkit.world import World
from tests.readings.archive_kit import lers, make_contract, make_point

pytestmark = pytest.mark.django_db
NOW = "2026-11-22T03:00:00Z"
TYPED = {
    "kind": "contract", "number": "02003333", "city": " Чита ", "holder": "ООО «Север»", "address": "ул. Новая, 3",
    "phone": "+7 (914) 555-03-03",
}  # fmt: skip


def url(name: str, *ids: Any) -> str:
    return reverse(name, args=["teplo", *ids])


def test_one_contract_is_made_and_edited_at_the_desk(world: World, sign_in: Any) -> None:
    with tenant_scope(world.utility.programme.pk):
        standing = make_contract("02005235", world.utility.consumer)
        make_point("101", contract=standing)
    desk, theirs = sign_in(world.utility.operator), sign_in(world.utility.consumer)
    for field, wrong in (
        ("number", "02005235"), ("number", "12"), ("number", "x"), ("phone", "914"), ("city", " "), ("holder", ""),
        ("kind", "x"), ("holder", "х" * 201), ("holder", "a\x00b"),
    ):  # fmt: skip
        page = desk.post(url("contract_new"), TYPED | {field: wrong})
        assert (page.status_code, list(page.context["form"].errors)) == (422, [field]), (field, wrong)
    page = desk.post(url("contract_new"), {"kind": "contract", "number": "12", "phone": "5"})
    assert set(page.context["form"].errors) == {"number", "phone", "city", "holder"}  # all of them at once
    assert desk.post(url("contract_new"), TYPED).status_code == 302
    with tenant_scope(world.utility.programme.pk):
        made = Contract.objects.get(number="02003333")
        assert (made.city, made.phone, made.holder) == ("Чита", "9145550303", "ООО «Север»")
    edit = url("contract_edit", made.public_id)
    assert desk.post(edit, TYPED | {"number": "02005235"}).status_code == 422  # taken
    for _twice in (1, 2):
        assert desk.post(edit, TYPED | {"number": "02003334", "phone": "89145550304"}).status_code == 302
    with tenant_scope(world.utility.programme.pk):
        made.refresh_from_db()
        assert (made.number, made.phone) == ("02003334", "9145550304")
        entries = AuditEntry.objects.filter(target=str(made.public_id)).exclude(action="contract.seen")
        assert [one.action for one in entries.order_by("pk")] == ["contract.created", "contract.edited"]
        assert "9145550304" not in str([one.detail for one in entries])
    assert theirs.get(edit).status_code == 403
    assert (
        url("contract_edit", standing.public_id)
        in desk.get(url("contract_detail", standing.public_id)).content.decode()
    )
    assert (
        url("contract_edit", standing.public_id)
        not in theirs.get(url("contract_detail", standing.public_id)).content.decode()
    )


def test_a_big_export_is_made_by_a_worker_and_kept_a_week(
    world: World, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = world.utility.programme
    with tenant_scope(programme.pk):
        point = make_point("101", contract=make_contract("02000001", world.utility.consumer))
    theirs, desk = sign_in(world.utility.consumer), sign_in(world.utility.operator)
    file = lers([(f"2026-03-20T{hour:02}:00:00", {"Q_delta": "0.5"}) for hour in range(24)])
    theirs.post(
        url("archive_upload", point.public_id), {"file": SimpleUploadedFile("a.xml", file, "application/xml")}
    )
    run_due_jobs()
    ask = {"first": "2026-03-01", "last": "2026-03-31", "kind": "hour", "format": "csv"}
    monkeypatch.setattr(archives_out.archives_zip, "__kwdefaults__", {"most": 10})
    refused = desk.get(url("archives_export"), ask)
    assert refused.status_code == 422 and "made" in str(refused.context["form"].non_field_errors())
    for _twice in (1, 2):
        assert desk.post(url("archives_export"), ask).status_code == 302
    empty = ask | {"first": "2020-01-01", "last": "2020-01-31"}
    assert desk.post(url("archives_export"), empty).status_code == 302
    assert desk.post(url("archives_export"), ask | {"last": "2026-02-01"}).status_code == 422
    assert desk.get(url("archives_export")).context["waits"]
    asked = desk.get(url("archives_export"), headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" in asked and "<form" not in asked and "<noscript>" in asked, "what is typed above stays"
    run_due_jobs()
    rows = desk.get(url("archives_export")).context["parcels"]
    assert [(row["parcel"].state, bool(row["problem"])) for row in rows] == [
        ("refused", True),
        ("done", False),
    ]
    parcel = rows[1]["parcel"]
    path = url("parcel_download", parcel.public_id)
    with zipfile.ZipFile(io.BytesIO(b"".join(desk.get(path).streaming_content))) as packed:
        (name,) = packed.namelist()
        assert len(packed.read(name).splitlines()) == 25
    assert theirs.get(path).status_code == 403
    assert sign_in(world.ours.administrator).get(path).status_code == 404
    with tenant_scope(programme.pk), time_machine.travel(timezone.now() + timedelta(days=8)):
        ArchivesParcel.objects.filter(pk=rows[0]["parcel"].pk).update(state="queued")
        from readings.desk.parcels import parcel_make

        parcel_make(parcel_id=rows[0]["parcel"].pk)
    assert not default_storage.exists(parcel.stored_as)
    assert desk.get(path).status_code == 404


@time_machine.travel(NOW, tick=False)
def test_months_at_their_edges_show_a_page(world: World, sign_in: Any) -> None:
    with tenant_scope(world.utility.programme.pk):
        contract = make_contract("02005235", world.utility.consumer)
        point = make_point("101", contract=contract)
    client, desk = sign_in(world.utility.consumer), sign_in(world.utility.operator)
    pages = [url(name, contract.public_id) for name in ("contract_detail", "contract_charges")]
    pages.append(url("heat_account", point.public_id))
    for month in ("", "2000-01", "9999-12", "2026-13", "x", "١٢.2026"):
        for page in pages:
            assert client.get(page, {"month": month, "kind": "hour"}).status_code == 200, (page, month)
        assert desk.get(url("desk_home"), {"month": month}).status_code == 200, month
        assert desk.post(url("period_close"), {"month": month, "fill": "x"}).status_code == 422, month
        answer = client.post(url("bill_create", contract.public_id), {"month": month})
        assert answer.status_code == 302 and ("month=2026-1" in answer.url) == (month == ""), month
    for name in ("contract_list", "point_list", "claim_list", "application_list"):
        assert desk.get(url(name), {"page": "-1", "q": "\x00", "which": "\x00"}).status_code == 200, name
