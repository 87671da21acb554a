"""How a page with a form is answered: one rule for all of them."""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm, BaseFormSet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

REFUSED = 422


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent, also when that is nothing; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def form_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The page, 422 where a form of its context refuses what was sent: a program sees what people read beside the
    fields. Another `status` stays, such as that of too many attempts."""
    forms = [one for one in context.values() if isinstance(one, BaseForm | BaseFormSet)]
    refused = any(form.is_bound and form.errors for form in forms)
    return render(request, template, context, status=REFUSED if refused and status == 200 else status)
