"""The first row of the menu holds the sections; the pages of a section stand in a row of its own below it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from testkit.world import World

# the page, the entry that is marked in the first row, the entries of the second
OPERATOR = [
    ("/p/tilleuls/", "/p/tilleuls/", ["/p/tilleuls/", "/p/tilleuls/devices/"]),
    ("/p/tilleuls/devices/", "/p/tilleuls/", ["/p/tilleuls/", "/p/tilleuls/devices/"]),
    ("/p/tilleuls/sheets/", "/p/tilleuls/overview/", ["/p/tilleuls/overview/", "/p/tilleuls/sheets/"]),
    ("/p/tilleuls/servers/", "/p/tilleuls/servers/", []),
]


def rows(page: str) -> dict[str, list[tuple[str, str]]]:
    """Address and mark of each link, by the menu in which it stands."""
    return {
        css: re.findall(r'<a href="([^"]+)"(?: aria-current="(\w+)")?>', inner)
        for css, inner in re.findall(r'<nav class="(nav-[a-z]+)"[^>]*>(.*?)</nav>', page, re.DOTALL)
    }


@pytest.mark.parametrize(("url", "marked", "section"), OPERATOR)
def test_the_menu_of_an_operator(
    world: World, sign_in: Any, url: str, marked: str, section: list[str]
) -> None:
    found = rows(sign_in(world.ours.operator).get(url).content.decode())
    assert len(found["nav-wide"]) <= 6
    assert [address for address, mark in found["nav-wide"] if mark] == [marked]
    assert [address for address, _mark in found.get("nav-section", [])] == section
    # the small menu holds every page, and the very page is marked as such once
    assert {a for a, _mark in found["nav-wide"]} | set(section) <= {a for a, _mark in found["nav-small"]}
    assert [address for address, mark in found["nav-small"] if mark == "page"] == [url]


def test_an_occupant_has_one_row(world: World, sign_in: Any) -> None:
    found = rows(sign_in(world.ours.occupant).get("/p/tilleuls/home/").content.decode())
    assert "nav-section" not in found
    assert "/p/tilleuls/devices/" in [address for address, _mark in found["nav-wide"]]


def test_the_desk_of_a_utility_has_one_row_of_sections(world: World, sign_in: Any) -> None:
    found = rows(sign_in(world.utility.operator).get("/p/teplo/parameters/tariffs/").content.decode())
    assert len(found["nav-wide"]) <= 5  # seven wrapped into two rows at 1280 pixels
    assert [address for address, mark in found["nav-wide"] if mark] == ["/p/teplo/periods/"]
    assert [address for address, _mark in found["nav-section"]] == [
        "/p/teplo/periods/",
        "/p/teplo/parameters/tariffs/",
    ]
