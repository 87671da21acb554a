"""The guides follow the portal: their pictures, labels and addresses exist, and every language says as much."""

from __future__ import annotations

import re
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import translation

from accounts.access import Actor
from accounts.models import Programme, User
from gateway_sim.console.texts import TEXTS
from portal.context import _menu
from portal.guides import HOUSING, UTILITY, guide_url
from portal.management.commands.guide_pictures import PICTURES

pytestmark = pytest.mark.pure
ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
LANGUAGES = [code for code, _name in settings.LANGUAGES]
READERS = sorted({*HOUSING.values(), *UTILITY.values(), "gateway"})
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
ADDRESS = re.compile(r"`(/[\w<>/-]*/)`")
LABEL = re.compile(r"\*\*([^*\n]+)\*\*")
# bold words of the README's journeys that are names of the data, not labels
NAMES = {"Appartement 101", "Français", "Русский", "English"}


def guide(name: str, language: str) -> Path:
    return DOCS / "guides" / ("" if language == "en" else language) / f"{name}.md"


def words(page: Path) -> str:
    """A page without its blocks of code, and with plain spaces."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@cache
def labels(language: str) -> set[str]:
    """Every text of the pages and of the field console in this language."""
    catalogue = polib.pofile(
        str(ROOT / "locale" / ("fr" if language == "en" else language) / "LC_MESSAGES/django.po")
    )
    pages = {entry.msgid if language == "en" else entry.msgstr for entry in catalogue}
    column = {"fr": 0, "ru": 1}
    console = {said[column[language]] if language in column else text for text, said in TEXTS.items()}
    return {re.sub("[\u00a0\u202f]", " ", text) for text in pages | console}


@pytest.mark.parametrize("name", READERS)
def test_a_guide_says_the_same_in_every_language(name: str) -> None:
    """As many headings, steps, rows and labels, the same pictures, and a way to the other languages."""
    shapes = {}
    for language in LANGUAGES:
        text = words(guide(name, language))
        shapes[language] = {
            "headings": [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)],
            "steps": re.findall(r"^(\d\.|-|\|) ", text, re.MULTILINE),
            "labels": [len(LABEL.findall(line)) for line in text.splitlines()],
            "pictures": re.findall(r"images/\w\w/([\w-]+)", text),
            "languages": sorted({Path(link).parent.name for link in LINK.findall(text.splitlines()[2])}),
        }
        assert set(re.findall(r"images/(\w\w)/", text)) <= {language}
    languages = [shape.pop("languages") for shape in shapes.values()]
    assert all(len(found) == len(LANGUAGES) - 1 for found in languages)
    assert all(shape == shapes["en"] for shape in shapes.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_of_a_guide_is_one_of_the_pages(language: str) -> None:
    for name in READERS:
        for label in LABEL.findall(words(guide(name, language))):
            assert label in labels(language), f"{guide(name, language)}: {label}"


def test_every_label_of_the_readme_is_one_of_the_pages() -> None:
    known = NAMES.union(*map(labels, LANGUAGES))
    assert [label for label in LABEL.findall(words(ROOT / "README.md")) if label not in known] == []


def test_the_french_guides_are_set_as_french_is() -> None:
    for name in READERS:
        text = re.sub(
            r"`[^`\n]*`|\]\([^)]*\)|```.*?```",
            "",
            guide(name, "fr").read_text(encoding="utf-8"),
            flags=re.DOTALL,
        )
        assert not re.findall(r"\w'\w|\w [:;!?%»]|« ", text), name


def test_every_picture_is_one_that_the_command_takes_and_each_is_shown() -> None:
    taken = {f"{language}/{name}" for language in LANGUAGES for name in PICTURES}
    guides = [guide(name, language) for name in READERS for language in LANGUAGES]
    shown = {found for page in guides for found in re.findall(r"images/(\w\w/[\w-]+)\.webp", words(page))}
    assert shown == taken
    pictures = list((DOCS / "images").rglob("*.webp"))
    assert {f"{path.parent.name}/{path.stem}" for path in pictures} == taken
    assert sum(path.stat().st_size for path in pictures) < 2_200_000


def test_every_address_of_a_page_exists() -> None:
    for page in [*(DOCS / "guides").rglob("*.md"), DOCS / "tariffs.md", ROOT / "README.md"]:
        for address in ADDRESS.findall(words(page)):
            if address.startswith(("/var", "/api")):
                continue
            path = address.replace("<slug>", "demo").replace("<id>", str(uuid.UUID(int=1)))
            try:
                resolve(path)
            except Resolver404:
                pytest.fail(f"{page}: no page at {address}")


def test_the_site_s_menu_names_pages_that_are_there_and_every_guide() -> None:
    menu = re.findall(
        r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    )
    assert len(menu) == len(set(menu))
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    assert set(menu) <= pages
    assert {page for page in pages if not page.startswith("decisions/")} == set(menu)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_leads_to_the_reader_s_guide_where_a_site_is_named(language: str, settings: Any) -> None:
    for kind, guides in ((Programme.Kind.HOUSING, HOUSING), (Programme.Kind.UTILITY, UTILITY)):
        programme = Programme(kind=kind, slug="demo")
        for role in guides:
            actor = Actor(User(), programme, frozenset({role}))
            settings.DOCS_URL = ""
            without = _menu(programme, actor)
            settings.DOCS_URL = "https://guides.example"
            with translation.override(language):
                (item,) = [item for item in _menu(programme, actor) if item["url"] not in str(without)]
            page = item["url"].removeprefix("https://guides.example/")
            assert (DOCS / page).with_suffix(".md").exists(), page
        assert guide_url(Actor(User(), programme, frozenset())) == ""
