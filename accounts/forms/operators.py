"""Naming an operator: the address twice, and which buildings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.buildings import BuildingChoice
from accounts.forms.people import EmailTwiceForm

ALL, SOME = "all", "some"


class BuildingsForm(forms.Form):
    """All buildings, those to come with them, or some by name. Without a building there is nothing to choose."""

    scope = forms.ChoiceField(
        label=gettext_lazy("Looks after"),
        choices=[
            (ALL, gettext_lazy("all buildings of the programme, future ones too")),
            (SOME, gettext_lazy("these buildings only")),
        ],
        initial=ALL,
        required=False,  # without it: the ticked ones, and all where none is ticked
        widget=forms.RadioSelect,
    )
    buildings = forms.MultipleChoiceField(
        label=gettext_lazy("Buildings"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, buildings: list[BuildingChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._keys = {choice.public_id: choice.pk for choice in buildings}
        field = self.fields["buildings"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(choice.public_id, choice.name) for choice in buildings]
        field.error_messages["invalid_choice"] = _("Choose buildings from the list.")
        if not buildings:
            del self.fields["scope"], self.fields["buildings"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        scope, ticked = data.get("scope"), data.get("buildings")
        if scope == "":
            scope = data["scope"] = SOME if ticked else ALL
        if scope == SOME and ticked == []:
            self.add_error("buildings", _("Tick at least one building."))
        elif scope == ALL and ticked:
            self.add_error("scope", _("Choose all buildings or tick some, not both."))
        return data

    @property
    def keys(self) -> list[int] | None:
        """The keys of the chosen buildings; None for all."""
        if self.cleaned_data.get("scope", ALL) == ALL:
            return None
        return sorted(self._keys[public_id] for public_id in self.cleaned_data["buildings"])


class OperatorForm(EmailTwiceForm, BuildingsForm):
    field_order = ["email", "email_again", "scope", "buildings"]
