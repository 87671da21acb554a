"""Bills: ordered on the contract's page, made once by a worker, sent to the person's own address, kept as they were."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.jobs import job_enqueue
from accounts.models import Contract
from accounts.outbox import mail_enqueue
from accounts.services.audit import audit_record
from accounts.templatetags.releve import local_month, money
from readings.models import Bill
from readings.statements.ledger import entries_of, service_label, statement_of
from readings.statements.words import charge_rows, column_labels, line_cells

BILL = "statement_bill"


@transaction.atomic
def bill_order(*, actor: Actor, contract: Contract, month: date, language: str) -> tuple[Bill, bool]:
    """(the bill, is it a new one). The same statement ordered again by the same person is the same bill."""
    figures = bill_figures(contract, month)
    content = hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()
    bill, created = Bill.objects.get_or_create(
        contract=contract, month=month, ordered_by=actor.user, content=content,
        defaults={"figures": figures, "language": language},
    )  # fmt: skip
    if created:
        job_enqueue(kind=BILL, programme_id=actor.programme.pk, ref=str(bill.pk), key=f"{BILL}:{bill.pk}")
        audit_record(
            actor=actor, action="statement.bill_ordered", target_kind="contract", target=str(contract.public_id),
            detail={"number": contract.number, "month": f"{month:%Y-%m}"},
        )  # fmt: skip
    return bill, created


def bill_figures(contract: Contract, month: date) -> dict[str, Any]:
    """What the bill says, as plain values: minor units, dates as texts."""
    lines = statement_of(contract, month).lines
    names = ("service", "opening", "charged", "additional", "refunded", "paid", "closing", "to_pay")
    return {
        "lines": [{name: getattr(line, name) for name in names} for line in lines],
        "charges": [
            {
                "point": f"{one.point.number or ''} {one.point.name}".strip() if one.point else "",
                "kind": one.kind, "minor": one.minor, "about": one.about.isoformat() if one.about else "",
                "detail": {key: one.detail.get(key) for key in ("parts", "missing", "filled", "priced")},
            }
            for one in entries_of(contract, month)
        ],
    }  # fmt: skip


@transaction.atomic
def bill_make(*, bill_id: int) -> None:
    """Number it and mail it; done again it does nothing. Called in scope."""
    bill = (
        Bill.objects.select_for_update(no_key=True, of=("self",))
        .select_related("ordered_by", "contract")
        .get(pk=bill_id)
    )
    if bill.made_at is not None:
        return
    bill.made_at = timezone.now()
    bill.message = mail_enqueue(
        kind="bill", recipient=bill.ordered_by.email, language=bill.language, programme_id=bill.programme_id,
        context={"bill": str(bill.public_id), "number": bill.contract.number, "month": bill.month.isoformat()},
    )  # fmt: skip
    bill.save(update_fields=["made_at", "message"])


def bill_number(bill: Bill) -> str:
    return f"{bill.month:%Y%m}-{bill.pk}"


def bill_pdf(bill: Bill, language: str) -> bytes:
    """The bill as it was made, in the reader's language."""
    from accounts.pdf import Document  # 30 MB, which a worker that prints nothing can do without

    with translation.override(language):
        contract, programme = bill.contract, bill.programme
        title = _("Bill %(number)s") % {"number": bill_number(bill)}
        document = Document(
            language, title, subtitle=local_month(bill.month), foot=programme.name, zone=programme.zone
        )
        due = sum(line["to_pay"] for line in bill.figures["lines"])
        document.facts([
            (_("Supplier"), programme.name), (_("Contract"), contract.number), (_("Holder"), contract.holder),
            (_("Address"), contract.address), (_("To pay"), money(due, programme.currency)),
        ])  # fmt: skip
        rows = [[service_label(line["service"]), *line_cells(line)] for line in bill.figures["lines"]]
        names = [name for name in bill.figures["lines"][0] if name != "service"]
        total = {name: sum(line[name] for line in bill.figures["lines"]) for name in names}
        document.table(
            [_("Service"), *column_labels()], rows, numbers=range(1, 8), widths=[1.5, *[1.1] * 7],
            foot=[_("Total"), *line_cells(total)],
        )  # fmt: skip
        document.paragraph(
            _("Amounts in %(currency)s. A positive balance is credit.") % {"currency": programme.currency},
            small=True,
        )
        charges = charge_rows(bill.figures["charges"], programme.currency)
        if charges:
            document.heading(_("Charges by metering point"))
            document.table(
                [_("Metering point"), _("Quantity and price"), _("Amount")],
                charges,
                numbers=(2,),
                widths=[1.6, 3, 1.2],
            )
        return document.bytes()
