"""The mails of a programme: proof that they went, to whom and when; never what secret stood in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.lists import ListAsked
from accounts.models import OutboxMessage
from accounts.outbox import kind_label, mail_retry_now
from accounts.tables import table_kind, table_response

MAIL_ORDER = {
    "to": ("recipient",), "mail": ("kind",), "state": ("state", "attempts"), "sent": ("sent_at",),
    "attempts": ("attempts",),
}  # fmt: skip
EXPORT_MAX = 20_000


def _mails(request: ProgrammeRequest) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(programme=request.programme)


@require_safe
@requires(Permission.SEE_MAILS)
def mail_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    asked = ListAsked.of(request.GET, MAIL_ORDER)
    rows = asked.ordered(_mails(request).order_by("-created_at", "-pk"), MAIL_ORDER)
    for word in asked.q.lower().split():
        rows = rows.filter(recipient__contains=word)
    if kind := table_kind(request.GET):
        header, table = _table(rows[:EXPORT_MAX])
        return table_response(table, name=_("Mails sent"), header=header, kind=kind)
    listed = asked.context(rows)
    lines = [{"mail": mail, "kind": kind_label(mail.kind)} for mail in listed["page"]]
    context = {**listed, "lines": lines, "zone": request.programme.time_zone}
    return render(request, "accounts/mails.html", context)


def _table(mails: Iterable[OutboxMessage]) -> tuple[list[str], list[list[Any]]]:
    """Header and rows to take away."""
    header = [
        pgettext("mail", "To"), _("Mail"), _("State"), _("Sent at"), _("Attempts"), _("Message number"),
    ]  # fmt: skip
    return header, [
        [
            one.recipient, kind_label(one.kind), _state(one), one.sent_at, one.attempts, one.message_id
        ]
        for one in mails
    ]  # fmt: skip


def _state(mail: OutboxMessage) -> str:
    """In the words of the page."""
    if mail.state == OutboxMessage.State.SENT:
        return pgettext("mail", "sent")
    if mail.not_needed:
        return _("no longer needed")
    if mail.state == OutboxMessage.State.FAILED:
        return _("not sent")
    return _("being tried again") if mail.attempts else pgettext("mail", "waiting")


@require_POST
@requires(Permission.SEE_MAILS)
def mail_retry(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    mail = _mails(request).filter(public_id=public_id).first()
    if mail is None:
        raise Http404
    if mail_retry_now(message=mail):
        messages.success(request, _("The mail is being sent again."))
    return redirect("mail_list", slug)
