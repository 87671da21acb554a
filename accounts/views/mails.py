"""The mails of a programme: proof that they went, to whom and when; never what secret stood in them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Permission, ProgrammeRequest, requires
from accounts.models import OutboxMessage
from accounts.outbox import kind_label, mail_retry_now

PER_PAGE = 50


def _mails(request: ProgrammeRequest) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(programme=request.programme)


@require_safe
@requires(Permission.SEE_MAILS)
def mail_list(request: ProgrammeRequest, slug: str) -> HttpResponse:
    rows, q = (
        _mails(request).order_by("-created_at", "-pk"),
        request.GET.get("q", "").replace("\0", "").strip()[:254],
    )
    if q:
        rows = rows.filter(recipient__contains=q.lower())
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    lines = [{"mail": mail, "kind": kind_label(mail.kind)} for mail in page]
    context = {"page": page, "lines": lines, "q": q, "zone": request.programme.time_zone}
    return render(request, "accounts/mails.html", context)


@require_POST
@requires(Permission.SEE_MAILS)
def mail_retry(request: ProgrammeRequest, slug: str, public_id: str) -> HttpResponse:
    mail = _mails(request).filter(public_id=public_id).first()
    if mail is None:
        raise Http404
    if mail_retry_now(message=mail):
        messages.success(request, _("The mail is being sent again."))
    return redirect("mail_list", slug)
