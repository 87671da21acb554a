"""Every list of a page can be taken away: by whoever may open the page, whole, and as text where a cell looks like a
formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Programme, Role
from accounts.tables import table_read
from accounts.tenancy import tenant_scope
from servers.models import Building, Dwelling
from testkit.matrix import PAGES, Side, make_side

pytestmark = pytest.mark.django_db
TAKEN = re.compile(r'href="(\?[^"]*export=csv[^"]*)"|name="(export)" value="csv"')
EVIL = '=HYPERLINK("http://evil.example")'
# pages of lists: each has its table to take away, for the role that sees the most of it
LISTS = {
    Role.ADMINISTRATOR: {"operator_list", "mail_list", "audit", "server_list", "server_by_dwelling", "device_list",
                         "found_meters", "tariff_parameters", "rights", "dwelling_detail", "common_area_detail",
                         "review_limits"},
    Role.OPERATOR: {"programme_view", "building_detail", "overview", "review_list", "sheet_list", "dwelling_consumption",
                    "dwelling_cost", "origin_register", "application_list", "period_list", "device_detail",
                    "dwelling_tariff_parameters", "origin_dwelling", "sheet_detail"},
    Role.OCCUPANT: {"occupant_home", "home_cost", "looks", "home_tariffs"},
    Role.CONSUMER: {"upload_list", "contract_list", "contract_detail", "contract_charges",
                    "import_detail", "origin_point"},
}  # fmt: skip


@pytest.fixture(scope="module")
def sides(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, Side]]:
    with django_db_blocker.unblock(), transaction.atomic():
        kinds = (Programme.Kind.HOUSING, Programme.Kind.UTILITY)
        found = {
            kind: make_side(f"taken-{kind}", kind, serials=(one * 24, two * 24))
            for kind, one, two in zip(kinds, "KM", "LN", strict=True)
        }
        with tenant_scope(found[Programme.Kind.HOUSING].programme.pk):
            Building.objects.update(name=EVIL)
            Dwelling.objects.update(name=EVIL)
        yield found
        transaction.set_rollback(True)


def lists() -> list[tuple[str, str]]:
    return [(role, name) for role, names in LISTS.items() for name in sorted(names)]


@pytest.mark.parametrize(("role", "name"), lists())
def test_a_list_is_taken_away_as_it_is_shown(sides: dict[str, Side], role: str, name: str) -> None:
    row = PAGES[name]
    side = sides[row.kind]
    client = Client()
    client.force_login(side.people[role])
    args = [side.programme.slug, *([side.ids[row.key]] if row.key else [])]
    url = reverse(name, args=args)
    page = client.get(url, headers={"Accept-Language": "en"}).content.decode()
    found = TAKEN.search(page)
    if found is None:  # nothing stands in the list: then there is nothing to take
        assert re.search(r'class="empty|No |Nobody|Nothing', page), f"{name}: no list to take away"
        query = "?"
    else:
        query = unescape(found[1] or "?export=csv").replace("export=csv", "")
    text = b"".join(client.get(f"{url}{query}&export=csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows and all(len(one) == len(rows[0]) for one in rows), text[:200]
    assert found is None or len(rows) > 1
    assert not any(cell[:1] in "=@\t" for one in rows for cell in one if cell), "a formula stays a text"
    assert name not in ("programme_view", "overview") or f"'{EVIL}" in rows[1]
    book = client.get(f"{url}{query}&export=xlsx")
    table = table_read(io.BytesIO(book.content), f"{name}.xlsx")
    assert table.header == rows[0] and len(list(table.rows)) == len(rows) - 1
    assert client.get(f"{url}?export=exe").status_code == 200, "no such kind: the page itself"
