"""Every list of the portal, by one rule: sorted, filtered and paged by the server, within its programme."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from testkit.matrix import PAGES
from tests.portal.matrix_kit import Matrix, address, browser
from tests.portal.matrix_kit import matrix as matrix

pytestmark = pytest.mark.django_db
MOST_QUERIES = 20

# by URL name: who looks, and how many of its columns it can be sorted by
LISTS = {
    "programme_view": ("operator", 7), "building_detail": ("operator", 7), "overview": ("operator", 4),
    "server_list": ("administrator", 5), "server_by_dwelling": ("administrator", 5), "device_list": ("operator", 3),
    "meter_list": ("operator", 5), "found_meters": ("operator", 6), "occupant_list": ("operator", 4),
    "operator_list": ("administrator", 3), "mail_list": ("administrator", 5), "audit": ("administrator", 2),
    "looks": ("occupant", 2), "rights": ("operator", 2), "sheet_list": ("operator", 4), "review_list": ("operator", 4),
    "completeness": ("operator", 2), "contract_list": ("operator", 4), "upload_list": ("operator", 6),
    "desk_home": ("operator", 6), "claim_list": ("operator", 4), "point_list": ("operator", 4),
    "application_list": ("operator", 7),
}  # fmt: skip
ODD_SORTS = ("pk", "--name", "programme__pk", "-", "name;drop", "%00")
# what puts a first row into a list that is empty in the matrix: who opens which page of which object
FIRST = {"looks": ("operator", "dwelling_consumption", "dwelling")}
# the same list, of another kind of programme or with other rows than the usual
ALSO = {"meter_list": "?due=all", "review_list": "?state=all", "claim_list": "?which=all"}


def _rows(page: Any) -> list[str]:
    tables = page.xpath("//main//table[.//th//a[contains(@href, 'sort=')]]")
    return [" ".join(row.text_content().split()) for table in tables for row in table.xpath("./tbody/tr")]


def _links(page: Any) -> list[str]:
    return [str(one) for one in page.xpath("//main//thead//th/a/@href") if "sort=" in one]


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_is_sorted_filtered_and_paged(name: str, matrix: Matrix) -> None:
    role, columns = LISTS[name]
    row = PAGES[name]
    ours, theirs = matrix.sides(row.kind)
    url = address(name, ours, ours.ids[row.key] if row.key else "")
    client = browser(ours.people[role])
    if name in FIRST:
        who, other, key = FIRST[name]
        assert browser(ours.people[who]).get(address(other, ours, ours.ids[key])).status_code == 200

    def page(query: str = "") -> Any:
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(url + query)
        assert answer.status_code == 200, query
        assert len(asked) <= MOST_QUERIES, f"{len(asked)} queries for {name}{query}"
        text = answer.content.decode()
        assert not any(foreign in text for foreign in (theirs.ids.values())), "a row of another programme"
        return html.fromstring(text)

    plain = page(ALSO.get(name, ""))
    usual, links = _rows(plain), sorted(set(_links(plain)))
    assert len(links) >= columns, links
    for number, link in enumerate(links):  # up and down in turn
        sort = ("-" if number % 2 else "") + re.findall(r"sort=-?(\w+)", link)[0]
        ordered = page(re.sub(r"sort=-?\w+", f"sort={sort}", link))
        wanted = {"descending" if number % 2 else "ascending"}
        assert {str(one) for one in ordered.xpath("//main//th/@aria-sort")} == wanted, sort
        assert sorted(_rows(ordered)) == sorted(usual), sort
    tampered = ODD_SORTS[len(name) % len(ODD_SORTS)]
    join = "&" if name in ALSO else "?"
    assert _rows(page(f"{ALSO.get(name, '')}{join}sort={tampered}&page=999999")) == usual, tampered
    if plain.xpath("//main//form[@role='search']"):
        assert _rows(page("?q=nobody+has+this+name&page=x")) == []
        # the words of the first row's name in the other order, as the search over everything finds them
        words = str(
            plain.xpath("(//main//tbody/tr/th[@scope='row']//text()[normalize-space()])[1]")[0]
        ).split()
        q = urlencode({"q": " ".join(reversed(words)).lower()})
        assert usual[0] in _rows(page(f"{ALSO.get(name, '')}{join}{q}")), q
