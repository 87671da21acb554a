"""Forms of the utility's desk."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError
from accounts.models import Contract
from readings.applications.forms import media_offered
from readings.desk.contracts import LABELS, number_checked, phone_checked
from readings.models import DeskSettings
from servers.models import MeteringPoint

SETTINGS = (
    "due_day", "due_next_month", "remind", "remind_before", "metering_name", "metering_phones", "metering_email",
    "software_name", "software_phones", "software_email",
)  # fmt: skip


def day_widget() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def day_field(label: Any, *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=day_widget(),
        validators=[MinValueValidator(date(1990, 1, 1)), MaxValueValidator(date(2100, 1, 1))],
    )  # fmt: skip


class ListFileForm(forms.Form):
    file = forms.FileField(
        label=_("File"), widget=forms.ClearableFileInput({"accept": ".csv,.xlsx"}), allow_empty_file=True,
        max_length=200, error_messages={"required": _("Choose a CSV or XLSX file.")},
    )  # fmt: skip


class SettingsForm(forms.Form):
    due_day = forms.IntegerField(label=_("Readings are due on day"), min_value=1, max_value=28)
    due_next_month = forms.BooleanField(label=_("of the following month"), required=False)
    remind = forms.BooleanField(
        label=_("Remind by mail who has not sent readings"), required=False,
        help_text=_("Once a period and person."),
    )  # fmt: skip
    remind_before = forms.IntegerField(
        label=_("Days before the due day"), min_value=0, max_value=20,
        help_text=_("From this day on reminders are sent."),
    )  # fmt: skip
    metering_name = forms.CharField(label=_("Metering department"), max_length=200, required=False)
    metering_phones = forms.CharField(label=_("Phones"), max_length=200, required=False)
    metering_email = forms.EmailField(label=_("E-mail"), required=False)
    software_name = forms.CharField(label=_("Software department"), max_length=200, required=False)
    software_phones = forms.CharField(label=_("Phones"), max_length=200, required=False)
    software_email = forms.EmailField(label=_("E-mail"), required=False)

    @staticmethod
    def initial_of(kept: DeskSettings) -> dict[str, Any]:
        return {name: getattr(kept, name) for name in SETTINGS}


class PointForm(forms.Form):
    """Creates a point (`point=None`, then with its meter), or edits one: its number is then shown, not asked."""

    number = forms.CharField(label=_("Metering point number"), max_length=20)
    contract = forms.CharField(label=_("Account or contract number"), max_length=20)
    name = forms.CharField(label=_("Name of the metering point"), max_length=200)
    address = forms.CharField(label=_("Address"), max_length=250, required=False)
    medium = forms.ChoiceField(label=_("System"))
    totals_source = forms.ChoiceField(
        label=_("Consumption is counted from"), choices=MeteringPoint.TotalsSource.choices,
        help_text=_("Heat meters: archive records. Simple meters whose counter is typed: index readings."),
    )  # fmt: skip
    admitted_until = day_field(_("Admitted until"))
    serial = forms.CharField(label=_("Factory number of the meter"), max_length=40, required=False)
    manufacturer = forms.CharField(label=_("Manufacturer"), max_length=60, required=False)
    model = forms.CharField(label=_("Meter model"), max_length=80, required=False)
    verified_on = day_field(_("Verified on"))
    verified_until = day_field(_("Verified until"))
    METER = ("serial", "manufacturer", "model", "verified_on", "verified_until")

    def __init__(self, *args: Any, point: MeteringPoint | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        media = media_offered()
        if point is not None:
            for name in ("number", *self.METER):
                del self.fields[name]
            if point.medium not in dict(media):
                media.append((point.medium, str(point.get_medium_display()).capitalize()))
            if point.contract is None:
                self.fields["contract"].required = False
        self.fields["medium"].choices = media  # type: ignore[attr-defined]

    def clean_contract(self) -> Contract | None:
        wanted = "".join(str(self.cleaned_data["contract"]).split())
        if not wanted:
            return None
        found = list(Contract.objects.filter(number=wanted)[:2])
        if not found:
            raise forms.ValidationError(_("There is no contract with this number."))
        if len(found) > 1:
            raise forms.ValidationError(_("A contract and a private account have this number; ask for help."))
        return found[0]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        on, until = data.get("verified_on"), data.get("verified_until")
        if on and until and until <= on:
            self.add_error("verified_until", _("It ends after the day of the verification."))
        if not data.get("serial") and any(data.get(name) for name in self.METER[1:]):
            self.add_error("serial", _("Give the factory number of the meter as well."))
        return data


class ContractRecordForm(forms.Form):
    """One contract, as the utility's own records have it."""

    kind = forms.ChoiceField(
        label=LABELS["kind"], choices=Contract.Kind.choices, initial=Contract.Kind.CONTRACT
    )
    number = forms.CharField(label=LABELS["number"], max_length=20)
    city = forms.CharField(label=LABELS["city"], max_length=80)
    holder = forms.CharField(label=LABELS["holder"], max_length=200)
    address = forms.CharField(label=LABELS["address"], max_length=250, required=False)
    phone = forms.CharField(
        label=LABELS["phone"], max_length=30, widget=forms.TextInput({"type": "tel"}),
        help_text=_("With number, city and phone the consumer adds the contract to their account."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Each wrong field is told at once."""
        data: dict[str, Any] = super().clean() or {}
        for check, needs in ((number_checked, ("kind", "number")), (phone_checked, ("phone",))):
            if all(name in data for name in needs):
                try:
                    check(*(data[name] for name in needs))
                except DomainError as error:
                    self.add_error(error.data["field"], str(error))
        return data


class TermsForm(forms.Form):
    load = forms.CharField(
        label=_("Heat load of the contract, Gcal/h"), max_length=20, widget=forms.TextInput({"inputmode": "decimal"}),
        help_text=_("The capacity rate of the tariff is charged for it each month; 0 for none."),
    )  # fmt: skip
    reporting_day = forms.IntegerField(
        label=_("Reporting day"), required=False, min_value=1, max_value=28,
        help_text=_("The last day of each month's period; empty for the end of the month."),
    )  # fmt: skip
    valid_from = day_field(_("From"), required=True)


class RetireForm(forms.Form):
    last = day_field(_("Last day in service"), required=True)


class ArchivesForm(forms.Form):
    """Which archives to take away: [first, last] are local days."""

    first = day_field(_("From"), required=True)
    last = day_field(_("To"), required=True)
    kind = forms.ChoiceField(label=_("Archive"), choices=[("hour", _("Hours")), ("day", _("Days"))])
    format = forms.ChoiceField(label=_("Format"), choices=[("csv", "CSV"), ("lers", "LERS XML")])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The end lies before the beginning."))
        elif first and last and (last - first).days > 366:
            self.add_error("last", _("Choose at most one year."))
        return data
