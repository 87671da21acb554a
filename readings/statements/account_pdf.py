"""The heat account as PDF, with the block that both sides sign."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from readings.archives.parameters import label_of, unit_label
from readings.statements.account_sheet import SHORT, HeatAccount, head_facts

BLANK = "_" * 24


def account_pdf(account: HeatAccount, language: str) -> bytes:
    from accounts.pdf import Document  # 30 MB, which a worker that prints nothing can do without

    with translation.override(language):
        programme = account.point.programme
        document = Document(
            language, account.title, subtitle=str(account.point), foot=programme.name, zone=programme.zone
        )
        document.facts(head_facts(account))
        names = account.names
        head = [
            _("Day") if account.kind == "day" else _("Hour"),
            *(f"{SHORT[n]}, {unit_label(n)}" for n in names),
        ]
        document.table(
            head, [[row.label, *account.cells(row.values)] for row in account.rows],
            numbers=range(1, len(head)), widths=[1.5 if account.kind == "day" else 1.9, *[1.0] * len(names)],
            foot=[_("Total or mean"), *account.cells(account.foot())],
        )  # fmt: skip
        document.paragraph("; ".join(f"{SHORT[name]}: {label_of(name)}" for name in names), small=True)
        noted = [[row.label, row.remarks] for row in account.rows if row.remarks]
        if noted and account.kind == "day":
            document.heading(_("Remarks"))
            document.table([_("Day"), _("Remarks")], noted, widths=[1, 4])
        if account.durations:
            document.heading(_("Durations"))
            document.facts(account.duration_facts())
        document.heading(_("Signatures"))
        sides = (_("Consumer's representative"), _("Supplier's representative"))
        document.facts([(side, f"{BLANK} / {BLANK}") for side in sides])
        return document.bytes()
