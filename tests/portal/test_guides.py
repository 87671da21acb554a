"""What the guides name exists: links and headings, pictures, addresses of pages, labels, commands."""

from __future__ import annotations

import re
import uuid
from functools import cache
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from portal.management.commands.guide_pictures import PICTURES

pytestmark = pytest.mark.pure
ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
GUIDES = sorted((DOCS / "guides").glob("*.md"))
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
ADDRESS = re.compile(r"`(/[\w<>/-]*/)`")
LABEL = re.compile(r"(?<![*\w])\*([^*\n]+)\*(?![*\w])")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")
# italics of the guides that are words of ours, not labels of a page, and a name of the example site
STRESSED = {"meter exchange", "poll", "Appartement 101"}


def anchors(page: Path) -> set[str]:
    """Of a page's headings, as GitHub and mkdocs name them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _hash, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), target
        assert not anchor or path.suffix != ".md" or anchor in anchors(path), target


def test_every_picture_is_one_that_the_command_takes_and_each_is_shown() -> None:
    shown = {
        Path(name).stem
        for page in PAGES
        for name in LINK.findall(page.read_text(encoding="utf-8"))
        if name.endswith(".webp")
    }
    assert shown == set(PICTURES)
    assert {path.stem for path in (DOCS / "images").glob("*")} == set(PICTURES)
    assert sum(path.stat().st_size for path in (DOCS / "images").glob("*.webp")) < 1_000_000


@pytest.mark.parametrize("page", [*GUIDES, ROOT / "README.md"], ids=lambda page: page.stem)
def test_every_address_label_and_command_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for address in ADDRESS.findall(text):
        if "…" in address or address.startswith(("/var", "/api")):
            continue
        path = address.replace("<slug>", "demo").replace("<id>", str(uuid.UUID(int=1)))
        try:
            resolve(path)
        except Resolver404:
            pytest.fail(f"no page at {address}")
    labels = known_labels()
    for label in LABEL.findall(text):
        assert label in labels or label in STRESSED, label
    assert set(COMMAND.findall(text)) <= set(get_commands())


@cache
def known_labels() -> set[str]:
    """Every text of the pages in every language, and the names that are the same in all of them."""
    found = {"Français", "Русский", "English"}
    for language in ("fr", "ru"):
        for entry in polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po")):
            found |= {entry.msgid, entry.msgstr.replace("\u00a0", " ")} | {entry.msgstr}
    return found


def test_the_site_s_menu_names_pages_that_are_there_and_every_guide() -> None:
    menu = set(
        re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2])
    )
    assert menu <= {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    assert {f"guides/{page.name}" for page in GUIDES} <= menu
