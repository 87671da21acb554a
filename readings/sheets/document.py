"""The sheet as PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from readings.sheets.figures import meters_zone
from readings.sheets.page import SheetPage

if TYPE_CHECKING:
    from accounts.pdf import Document


def sheet_pdf(page: SheetPage, language: str) -> bytes:
    from accounts.pdf import Document  # 30 MB, which a worker that prints nothing can do without

    with translation.override(language):
        document = Document(
            language, page.title, subtitle=page.subtitle, foot=page.programme.name,
            zone=meters_zone(page.sheet.dwelling),
        )  # fmt: skip
        _figures(document, page)
        _readings(document, page)
        _words(document, page)
        return document.bytes()


def _figures(document: Document, page: SheetPage) -> None:
    document.facts(page.facts())
    document.drawing(page.drawing())
    head = [_("Usage"), *page.columns(), *([_("Amount")] if page.euros else [])]
    rows = []
    for row in page.rows():
        cells = [
            f"{cell['value']}\n{cell['change']}" if cell["change"] != "—" else cell["value"]
            for cell in row["cells"]
        ]
        rows.append(
            [row["label"], row["now"], *cells, row["year"], *([row["money"] or "—"] if page.euros else [])]
        )
    widths = [1.5, *([1.05] * (len(head) - 1))]
    if page.figures["average"]:
        widths[4] = 1.3  # its heading has the longest word, in every language
    document.table(head, rows, numbers=range(1, len(head)), widths=widths)
    document.paragraph(page.average_note(), small=True)


def _readings(document: Document, page: SheetPage) -> None:
    document.heading(_("How it was read"))
    document.paragraph(page.mode())
    head = [_("Meter"), _("Serial number"), _("First index"), _("Read on"), _("Last index"), _("Read on")]
    rows = [
        [one["label"], one["serial"], one["opening"], one["opened"], one["closing"], one["closed"]]
        for one in page.indexes()
    ]
    if rows:
        document.table(head, rows, numbers=(2, 3, 4, 5), widths=[1.1, 0.85, 1.05, 1.1, 1.05, 1.1])


def _words(document: Document, page: SheetPage) -> None:
    if page.shares():
        document.heading(_("Common areas and standing charges"))
        money = [[row["label"], row["amount"], row["money"] or "—"] for row in page.shares()]
        document.table([_("Line"), _("Quantity"), _("Amount")], money, numbers=(1, 2), widths=[2.4, 1, 1])
    if page.prices():
        document.heading(_("Prices at the end of the month"))
        document.table([_("Price"), _("Value")], page.prices(), numbers=(1,), widths=[3, 1])
    if page.figures["mix"]:
        document.heading(_("Energy mix"))
        document.paragraph(
            " · ".join(f"{row['source']}\xa0{row['percent']}\xa0%" for row in page.figures["mix"])
        )
    document.paragraph(page.figures["mix_note"], small=True)
    if page.figures["contacts"]:
        document.heading(_("Whom to turn to"))
        document.paragraph(page.figures["contacts"])
