"""Forms of the review pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from readings.models import ReviewItem
from readings.review.decisions import choices_of
from readings.review.limits import COUNTED, DECIMAL, Limits

State = ReviewItem.State


def decision_labels() -> dict[str, str]:
    return {
        State.ACCEPTED: _("The value is right: count it"),
        State.CORRECTED: _("Put in the right value"),
        State.LEFT_OUT: _("Leave it out"),
    }


def decimal_text(text: str) -> str:
    """A number as people type it, with a comma or spaces, as a plain decimal text."""
    for blank in (" ", "\u00a0", "\u202f"):
        text = text.replace(blank, "")
    return text.replace(",", ".").replace("\u2212", "-")


class DecisionForm(forms.Form):
    """`value` and `reason` are asked for only where the value is corrected; the service says so as well."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"), widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what is to become of the value.")},
    )  # fmt: skip
    value = forms.CharField(label=gettext_lazy("Right value"), max_length=24, required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False)

    def __init__(self, data: Any = None, *, item: ReviewItem, unit: str) -> None:
        super().__init__(data)
        labels = decision_labels()
        if item.register_id is None and item.series_id is None and len(choices_of(item)) == 1:
            labels[State.ACCEPTED] = _("Noted")
        elif choices_of(item) == [State.ACCEPTED]:
            labels[State.ACCEPTED] = _("It is right that it stands still")
        self.fields["decision"].choices = [(key, labels[key]) for key in choices_of(item)]  # type: ignore[attr-defined]
        if len(choices_of(item)) == 1:
            self.fields["decision"].initial = choices_of(item)[0]
        self.fields["value"].help_text = _("In %(unit)s, only if you correct it.") % {"unit": unit}
        self.fields["value"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        if State.CORRECTED not in choices_of(item):
            del self.fields["value"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("decision") != State.CORRECTED:
            data["value"] = ""
            return data
        data["value"] = decimal_text(data.get("value", ""))
        if not DECIMAL.fullmatch(data["value"]) and not data["value"].removeprefix("-").isdecimal():
            self.add_error("value", _("Type a number, such as 1234.5."))
        if not data.get("reason", "").strip():
            self.add_error("reason", _("Say why the value is corrected."))
        return data

    def refuse(self, error: DomainError) -> None:
        self.add_error("value" if error.code in ("bad_value", "negative", "beyond_rollover", "too_large") and
                       "value" in self.fields else None, str(error))  # fmt: skip


class LimitsForm(forms.Form):
    """The thresholds of one medium and quantity; an empty field means: no such limit."""

    low = forms.CharField(label=gettext_lazy("Lowest"), max_length=20, required=False)
    high = forms.CharField(label=gettext_lazy("Highest"), max_length=20, required=False)
    rate = forms.CharField(label=gettext_lazy("Most in an hour"), max_length=20, required=False)
    frozen_hours = forms.IntegerField(
        label=gettext_lazy("Hours it may stand still"), min_value=1, max_value=8784, required=False
    )

    def __init__(self, data: Any = None, *, quantity: str, limits: Limits) -> None:
        initial = {
            name: "" if value is None else f"{float(value):.12g}"
            for name, value in (("low", limits.low), ("high", limits.high), ("rate", limits.rate))
        }
        super().__init__(data, initial={**initial, "frozen_hours": limits.frozen_hours})
        for name in ("low", "high") if quantity in COUNTED else ("rate",):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name in ("low", "high", "rate"):
            text = decimal_text(data.get(name) or "")
            if text and (not DECIMAL.fullmatch(text) or (name == "rate" and float(text) <= 0)):
                self.add_error(name, _("Type a number, such as 1234.5."))
            data[name] = text
        if data["low"] and data["high"] and not self.errors and float(data["low"]) >= float(data["high"]):
            self.add_error("high", _("The highest value lies above the lowest one."))
        return data
