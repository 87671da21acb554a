"""The forms of the two pages of rights: ticks for everybody, three ways for one occupant."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _

from servers.rights.table import Line

AS_ALL, YES, NO = "", "yes", "no"


class _LinesForm(forms.Form):
    """A field a line; `rows(right)` gives the template the lines with their fields."""

    def __init__(self, *args: Any, lines: list[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines

    def rows(self, right: str) -> list[tuple[Line, BoundField]]:
        return [(line, self[line.name]) for line in self.lines if line.right == right]


class TicksForm(_LinesForm):
    """`ticks` says what is ticked now, by key; a tick that is missing in what is sent is one taken away."""

    def __init__(self, *args: Any, lines: list[Line], ticks: dict[str, bool], **kwargs: Any) -> None:
        super().__init__(*args, lines=lines, **kwargs)
        for line in lines:
            self.fields[line.name] = forms.BooleanField(
                label=line.label, required=False, initial=ticks.get(line.key, False)
            )

    @property
    def chosen(self) -> dict[str, bool]:
        return {line.key: bool(self.cleaned_data[line.name]) for line in self.lines}


class ExceptionsForm(_LinesForm):
    """As for all, allowed, not allowed. `general` is what holds for all, `own` the exceptions so far; by key."""

    def __init__(
        self, *args: Any, lines: list[Line], general: dict[str, bool], own: dict[str, bool], **kwargs: Any
    ) -> None:
        super().__init__(*args, lines=lines, **kwargs)
        for line in lines:
            granted = any(general.get(key, False) for key in (line.key, *line.above))
            as_all = _("as all: allowed") if granted else _("as all: not allowed")
            initial = AS_ALL if line.key not in own else YES if own[line.key] else NO
            choices = [(AS_ALL, as_all), (YES, _("allowed")), (NO, _("not allowed"))]
            self.fields[line.name] = forms.ChoiceField(
                label=line.label, choices=choices, required=False, initial=initial,
                error_messages={"invalid_choice": _("Choose from the list.")},
            )  # fmt: skip

    @property
    def chosen(self) -> dict[str, bool | None]:
        """None where the person is no exception."""
        meaning = {AS_ALL: None, YES: True, NO: False}
        return {line.key: meaning[self.cleaned_data[line.name]] for line in self.lines}
