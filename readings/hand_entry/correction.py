"""The value of a correction, looked at as the first one was."""

from __future__ import annotations

from django.utils.translation import gettext as _

from readings.batches.body import index_fault
from readings.hand_entry.forms import CorrectionForm
from readings.hand_entry.page import warning_text
from readings.hand_entry.plausible import neighbours, unlikely
from readings.models import HandEntry
from readings.refusals import issue_sentence
from readings.tabular.cells import BadCell, in_steps, number_of


def correction_check(entry: HandEntry, form: CorrectionForm) -> tuple[int, list[str]]:
    """(steps, codes of what is unlikely); what stands in the way is put into the form's errors."""
    register = entry.register
    try:
        value = in_steps(number_of(form.cleaned_data["value"]), register.exponent)
    except BadCell as bad:
        form.add_error("value", issue_sentence(bad.code))
        return 0, []
    if fault := index_fault(value, cumulative=True, span=register.span):
        form.add_error("value", issue_sentence(fault))
        return 0, []
    before, after = neighbours(register.pk, entry.at)
    codes = unlikely(value, entry.at, before=before, after=after, max_per_hour=register.max_per_hour)
    if codes and not form.cleaned_data["confirmed"]:
        form.add_error("value", warning_text(codes))
        form.add_error("confirmed", _("Look at the meter again and tick this if the values are right."))
    return value, codes
