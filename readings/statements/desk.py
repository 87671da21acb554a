"""What the desk sees of its months: what closes next, what it would charge, what was closed before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounts.access import ProgrammeRequest
from accounts.templatetags.releve import money
from readings.models import PeriodClosing, StatementEntry
from readings.statements.closing import REASON, next_month, today_of
from readings.statements.ledger import closings_standing
from readings.statements.page import charge_row
from readings.statements.settle import charged_points, draft

PER_PAGE = 50
LISTED = 24
FILLS = (
    (PeriodClosing.Fill.NONE, _("Charge nothing for them")),
    (PeriodClosing.Fill.MEAN, _("Charge the mean of the month's other days, for at most 15 days")),
)


class CloseForm(forms.Form):
    fill = forms.ChoiceField(
        label=_("Days without a value"),
        choices=FILLS,
        widget=forms.RadioSelect,
        initial=PeriodClosing.Fill.NONE,
    )


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=REASON, help_text=_("It stands on every statement of the month.")
    )


class StatementFileForm(forms.Form):
    file = forms.FileField(label=_("CSV or XLSX"))


def periods_context(request: ProgrammeRequest, form: CloseForm) -> dict[str, Any]:
    today, currency = today_of(request.programme), request.programme.currency
    month = next_month(request.programme, today)
    page = Paginator(charged_points(month) if month else charged_points(today).none(), PER_PAGE).get_page(
        request.GET.get("page")
    )
    fill = form.data.get("fill") or request.GET.get("fill") or PeriodClosing.Fill.NONE
    closed = Paginator(_closed_months(), LISTED).get_page(request.GET.get("closed"))
    rows = draft(list(page), month, fill, today) if month else []
    return {
        "month": month, "form": form, "page": page, "fill": fill,
        "closings": _closings(currency, list(closed)), "closed_page": closed,
        "rows": [
            charge_row(point, charge.detail, charge.minor, currency) | {"contract": point.contract}
            for point, charge in rows
        ],
    }  # fmt: skip


def closings_table(currency: str) -> tuple[list[str], list[list[Any]]]:
    """Every month that was closed, to take away; amounts as numbers."""
    header = [
        _("Month"), _("Closed"), _("By"), _("Metering points"), _("Charged"), _("Corrections"), _("Opened again"),
        _("Reason"),
    ]  # fmt: skip
    return [str(one) for one in header], [
        [
            f"{row['closing'].month:%Y-%m}", row["closing"].closed_at, str(row["closing"].closed_by or ""),
            row["points"], *(Decimal(one).scaleb(-2) for one in row["minor"]),
            row["closing"].reopened_at, row["closing"].reason,
        ]
        for row in _closings(currency, list(_closed_months()))
    ]  # fmt: skip


def _closed_months() -> QuerySet[PeriodClosing]:
    return PeriodClosing.objects.select_related("closed_by", "reopened_by").order_by("-month", "-pk")


def _closings(currency: str, rows: list[PeriodClosing]) -> list[dict[str, Any]]:
    own, late = Q(about=None), Q(about__isnull=False)
    sums = (
        StatementEntry.objects.filter(closing__in=rows).order_by().values("closing_id")
        .annotate(
            charged=Sum("minor", filter=own), points=Count("pk", filter=own),
            more=Sum("minor", filter=late & Q(kind="additional")),
            less=Sum("minor", filter=late & Q(kind="refunded")), corrections=Count("pk", filter=late),
        )
        .values_list("closing_id", "charged", "points", "more", "less", "corrections")
    )  # fmt: skip
    found = {pk: rest for pk, *rest in sums}
    last = closings_standing().order_by("-month").values_list("pk", flat=True).first()
    listed = []
    for row in rows:
        charged, points, more, less, corrections = found.get(row.pk, (0, 0, 0, 0, 0))
        listed.append(
            {
                "closing": row, "charged": money(charged or 0, currency), "points": points, "corrections": corrections,
                "minor": (charged or 0, (more or 0) - (less or 0)),
                "difference": money((more or 0) - (less or 0), currency) if corrections else "—",
                "may_reopen": row.pk == last and row.state == PeriodClosing.State.DONE,
            }
        )  # fmt: skip
    return listed
