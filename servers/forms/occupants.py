"""Forms of the occupant pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, parse_public_id
from accounts.texts import natural_key
from servers.doors import visible_dwellings
from servers.models import Dwelling


class DayField(forms.DateField):
    """A day by the browser's own calendar, which sends ISO; typed days in the reader's order are taken as well."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **kwargs)


def name_field() -> forms.CharField:
    return forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


def move_in_field() -> DayField:
    return DayField(label=_("Move-in"), help_text=_("The first day that this person may see."))


def move_out_field(*, required: bool = False) -> DayField:
    return DayField(
        label=_("Move-out"),
        required=required,
        help_text=_("The first day that is no longer theirs; they keep seeing the days before."),
    )


class DwellingField(forms.ModelChoiceField):
    """A dwelling by its public id, grouped by building, in the order in which people count."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Dwelling"),
            queryset=Dwelling.objects.none(),
            to_field_name="public_id",
            empty_label=_("Choose"),
        )

    def to_python(self, value: Any) -> Dwelling | None:
        """Whatever is wrong with what was sent, it is not in the list: no text of a parser of ids."""
        if value in self.empty_values:
            return None
        wanted, offered = parse_public_id(value), self.queryset
        found: Dwelling | None = (
            offered.filter(public_id=wanted).first() if wanted and offered is not None else None
        )
        if found is None:
            raise forms.ValidationError(_("Choose a dwelling from the list."), code="invalid_choice")
        return found

    def offer(self, actor: Actor) -> None:
        self.queryset = visible_dwellings(actor).filter(retired_at=None)
        groups: dict[str, list[tuple[str, str]]] = {}
        for dwelling in sorted(
            self.queryset, key=lambda d: (natural_key(d.building.name), natural_key(d.name))
        ):
            groups.setdefault(dwelling.building.name, []).append((str(dwelling.public_id), dwelling.name))
        self.choices = [("", self.empty_label), *groups.items()]


class OccupantForm(forms.Form):
    dwelling = DwellingField()
    name = name_field()
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("The invitation goes there; its link works for 30 days."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    move_in = move_in_field()
    move_out = move_out_field()

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["dwelling"]
        assert isinstance(field, DwellingField)
        field.offer(actor)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class OccupantEditForm(forms.Form):
    name = name_field()
    move_in = move_in_field()
    move_out = move_out_field()


class MoveOutForm(forms.Form):
    move_out = move_out_field(required=True)


class ListForm(forms.Form):
    file = forms.FileField(
        label=_("List of occupants"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )
