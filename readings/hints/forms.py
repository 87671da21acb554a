"""A budget of an occupant."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from readings.consumption.words import usage_labels
from readings.models import Hint

HIGHEST = 1_000_000
NUMBER = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2})?")


class BudgetForm(forms.Form):
    """`limit` is cleaned to kWh, or to minor units of money."""

    kind = forms.ChoiceField(label=_("Budget in"))
    usage = forms.ChoiceField(label=_("Usage"), required=False)
    limit = forms.CharField(
        label=_("Budget a month"), max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, euros: bool, symbol: str) -> None:
        super().__init__(data)
        kinds = [
            (Hint.Kind.ENERGY.value, pgettext("unit", "kWh")),
            *([(Hint.Kind.MONEY.value, symbol)] if euros else []),
        ]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["usage"].choices = [("", _("All of it")), *usage_labels().items()]  # type: ignore[attr-defined]

    def clean_limit(self) -> Decimal:
        """Whole kWh, or an amount of money to the cent: what is typed is what is kept."""
        text = (
            self.cleaned_data["limit"].strip().replace("\u00a0", "").replace("\u202f", "").replace(",", ".")
        )
        limit = Decimal(text) if NUMBER.fullmatch(text) else None
        if limit is None or not 1 <= limit <= HIGHEST:
            raise forms.ValidationError(_("Give a number between 1 and 1,000,000."))
        if self.cleaned_data.get("kind") != Hint.Kind.MONEY and limit != int(limit):
            raise forms.ValidationError(_("Give a whole number of kWh."))
        return limit

    def stored_limit(self) -> int:
        amount: Decimal = self.cleaned_data["limit"]
        return int(amount * 100) if self.cleaned_data["kind"] == Hint.Kind.MONEY else int(amount)
