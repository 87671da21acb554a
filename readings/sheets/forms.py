"""The settings of the monthly sheets."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LINE = re.compile(r"(?P<source>[^:]{1,60}?)\s*[:;]\s*(?P<percent>\d{1,3}(?:[.,]\d{1,2})?)\s*%?")
MOST = 12


class SheetSettingsForm(forms.Form):
    """`mix()` is the energy mix as it is stored: sources with the percentage as a decimal text."""

    enabled = forms.BooleanField(
        label=_("Send the sheets by mail at the start of each month"), required=False,
        help_text=_("The law asks for monthly information where meters are read remotely."),
    )  # fmt: skip
    energy_mix = forms.CharField(
        label=_("Energy mix"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One source a line with its share, for example: Gas: 62 %. Together they make 100 %."),
    )  # fmt: skip
    mix_note = forms.CharField(
        label=_("Note on the mix"), required=False, max_length=300,
        help_text=_("Supplier, year, greenhouse gases, taxes."),
    )  # fmt: skip
    contacts = forms.CharField(
        label=_("Contacts"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "Whom to turn to with a question or a complaint: operator, energy agency, consumers' advice, mediator."
        ),
    )  # fmt: skip

    def clean_energy_mix(self) -> list[dict[str, str]]:
        lines = [line.strip() for line in self.cleaned_data["energy_mix"].splitlines() if line.strip()]
        found = []
        for line in lines:
            match = LINE.fullmatch(line)
            if match is None:
                text = _("Write each source as “name: share %%”; this line is not: %(line)s")
                raise forms.ValidationError(text, params={"line": line})
            found.append({"source": match["source"].strip(), "percent": match["percent"].replace(",", ".")})
        if len(found) > MOST:
            raise forms.ValidationError(_("Give at most twelve sources."))
        total = sum((Decimal(one["percent"]) for one in found), Decimal(0))
        if found and not Decimal("99.5") <= total <= Decimal("100.5"):
            raise forms.ValidationError(
                _("The shares make %(total)s %%, not 100 %%."), params={"total": total}
            )
        return found


def initial_of(settings: Any) -> dict[str, Any]:
    mix = "\n".join(f"{one['source']}: {one['percent']} %" for one in settings.energy_mix)
    return {
        "enabled": settings.enabled, "energy_mix": mix, "mix_note": settings.mix_note, "contacts": settings.contacts,
    }  # fmt: skip
