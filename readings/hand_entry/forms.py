"""One field a counter, with its previous value beside it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from readings.refusals import issue_sentence
from readings.tabular.cells import BadCell, instant_of
from readings.tabular.places import Counter


class EntryForm(forms.Form):
    """`texts` by ref after validation; `at` in epoch seconds."""

    at = forms.CharField(  # the wall clock of the point, whatever zone this request is in
        label=_("Read on"), max_length=30, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    token = forms.UUIDField(widget=forms.HiddenInput)
    confirmed = forms.BooleanField(label=_("I have looked again: the values are right"), required=False)

    def __init__(
        self, *args: Any, counters: list[Counter], helps: dict[str, str], labels: dict[str, str],
        zone: ZoneInfo, now: datetime, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self._zone = zone
        self.refs = [counter.ref for counter in counters]
        # a naive value in the point's own zone: that is what a clock on the wall there shows
        local = now.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)
        self.initial.update(at=f"{local:%Y-%m-%dT%H:%M}", token=uuid.uuid4())
        for place, counter in enumerate(counters):
            self.fields[f"value_{place}"] = forms.CharField(
                label=labels[counter.ref], help_text=helps[counter.ref], required=len(counters) == 1, max_length=30,
                error_messages={"required": _("Enter at least one value.")},
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )  # fmt: skip
        self.order_fields(["at", *(f"value_{place}" for place in range(len(counters))), "confirmed", "token"])

    def field_of(self, ref: str) -> str:
        return f"value_{self.refs.index(ref)}"

    @property
    def texts(self) -> dict[str, str]:
        return {ref: self.cleaned_data.get(self.field_of(ref)) or "" for ref in self.refs}

    def clean_at(self) -> int:
        try:
            return instant_of(self.cleaned_data["at"], self._zone)
        except BadCell as bad:
            raise forms.ValidationError(issue_sentence(bad.code)) from None

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and not any(text.strip() for text in self.texts.values()):
            raise forms.ValidationError(_("Enter at least one value."))
        return found


class CorrectionForm(forms.Form):
    value = forms.CharField(
        label=_("Right value"), max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=200)
    confirmed = forms.BooleanField(label=_("I have looked again: the values are right"), required=False)
    token = forms.UUIDField(widget=forms.HiddenInput)
