"""Forms of the contract and archive pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Contract
from readings.archives.parameters import KINDS, label_of

MAX_FILES = 30


class ContractForm(forms.Form):
    """What stands on a consumer's bill."""

    kind = forms.ChoiceField(
        label=_("Private person or contract"), choices=Contract.Kind.choices, widget=forms.RadioSelect
    )
    city = forms.ChoiceField(label=_("City"))
    number = forms.CharField(
        label=_("Account or contract number"),
        max_length=20,
        help_text=_("A contract has 8 digits, for example 02000000; a private account for example 123456."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Phone number of the contract's holder"),
        max_length=25,
        help_text=_("10 digits without the leading 7, for example 999 123-45-67."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel-national"}),
    )

    def __init__(self, *args: Any, cities: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].initial = Contract.Kind.CONTRACT
        self.fields["city"].choices = [(city, city) for city in cities]  # type: ignore[attr-defined]


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files, cleaned to a list."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, list | tuple) else [data]
        if len(given) > MAX_FILES:
            raise forms.ValidationError(_("Send at most %(count)s files at once.") % {"count": MAX_FILES})
        return [super(FilesField, self).clean(one, initial) for one in given or [None]]


class UploadForm(forms.Form):
    """Archive files of the field console; what is in them is checked by the service."""

    file = FilesField(
        label=_("File"),
        widget=SeveralFiles(attrs={"accept": ".xml,.gz,.zip,.csv,.txt,.xlsx"}),
        error_messages={"required": _("Choose the file that the field console saved.")},
        allow_empty_file=True,  # the service says it in its own words
        max_length=200,
    )
    replace = forms.BooleanField(
        label=_("Replace values that are stored already"),
        required=False,
        help_text=_("Without this, values that are stored already stay as they are."),
    )

    def __init__(self, *args: Any, may_replace: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_replace:
            del self.fields["replace"]


class PeriodForm(forms.Form):
    """Which part of an archive to show: kind, parameter, first and last local day."""

    kind = forms.ChoiceField(label=_("Archive"), required=False)
    parameter = forms.ChoiceField(label=_("Parameter"), required=False)
    first = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, kinds: list[str], parameters: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "last"):  # far enough from the ends of the calendar to add days and zones
            self.fields[name].validators = [
                MinValueValidator(date(1970, 1, 2)),
                MaxValueValidator(date(2200, 1, 1)),
            ]
        self.fields["kind"].choices = [(kind, KINDS[kind]) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["parameter"].choices = [  # type: ignore[attr-defined]
            (name, label_of(name)) for name in parameters
        ]
