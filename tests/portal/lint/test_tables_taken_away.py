"""Every page with a table offers it as CSV and XLSX, or says here why not."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.pure
TEMPLATES = Path(settings.BASE_DIR) / "templates"
INCLUDE = re.compile(r'{%-?\s*include\s+"([^"]+)"([^%]*)')
EXTENDS = re.compile(r'{%\s*extends\s+"([^"]+)"')
# components/export.html, or links of the page's own to an address that exports
OFFERS = ("components/export.html", "format=xlsx", "kind=xlsx", "export=xlsx", 'value="xlsx"')
NOT_TAKEN = {
    "accounts/choose_programme.html": "a choice: one row a programme of one's own",
    "accounts/data.html": "names what stands in the ZIP that the page makes",
    "accounts/security.html": "the sessions of one person; they are in the ZIP of their data",
    "portal/mailbox.html": "the demonstration's mails, kept nowhere else",
    "portal/style.html": "the components themselves",
    "readings/applications/prefill.html": "what was read from the file that was just sent",
    "readings/charge_detail.html": "one charge; contract_charges exports all of them",
    "readings/contract_tariffs.html": "the prices in force; the history of tariffs exports them",
    "readings/desk/archives.html": "the files that the desk had made, to download",
    "readings/desk/contract_preview.html": "the lines of the file that was just sent",
    "readings/desk/point_terms.html": "a form with the terms of one point",
    "readings/entry_new.html": "a form: the previous value beside each field",
    "readings/exchange.html": "a form with the meters of one point; meter_list exports them",
    "readings/import_mapping.html": "the first lines of the file that was just sent",
    "readings/lers_profile.html": "a form",
    "readings/origin/day.html": "the readings of one day; its register's month exports the days",
    "readings/review/item.html": "the neighbours of one value; review_list exports the values",
    "readings/statement_import.html": "the lines of the file that was just sent",
    "servers/meters/detail.html": "the registers of one meter; its dwelling and meter_list export them",
    "servers/occupant_preview.html": "the lines of the file that was just sent",
    "servers/occupant_rights.html": "a form with the exceptions of one person; rights exports what holds for all",
    "tariffs/parameters_reset.html": "a question with what would be dropped",
}


@cache
def texts(name: str) -> str:
    """A template with all that it includes."""
    path = TEMPLATES / name
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return text + "".join(
        texts(one) for one, said in INCLUDE.findall(text) if one != name and _shows(one, said)
    )


def _shows(component: str, said: str) -> bool:
    """The search above a list brings the export only where the page asks for it."""
    return component != "components/filters.html" or " export=" in said


def pages() -> dict[str, str]:
    """The pages with a table, charts' twins left out: their figures are those of the lists beside them."""
    found = {}
    for path in sorted(TEMPLATES.rglob("*.html")):
        name = str(path.relative_to(TEMPLATES))
        own = path.read_text(encoding="utf-8")
        if not EXTENDS.search(own) or name.startswith("mail/"):
            continue
        text = texts(name).replace(texts("components/chart_table.html"), "")
        if "<table" in text:
            found[name] = text
    return found


def test_each_page_with_a_table_offers_it_or_says_why_not() -> None:
    found = pages()
    assert len(found) > 40, "the templates are read"
    lacking = {name for name, text in found.items() if not any(offer in text for offer in OFFERS)}
    assert lacking - NOT_TAKEN.keys() == set(), (
        "offer the table (components/export.html), or give a reason here"
    )
    assert NOT_TAKEN.keys() - lacking == set(), "these offer their tables now, or are gone"
