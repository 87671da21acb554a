"""How archive parameters, kinds and marks are called for people. Names and bits are the vocabulary's."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.templatetags.releve import colon
from readings.ingest.columns import names_in, unit_of
from readings.lers.model import RecordFlag

LABELS: dict[str, Any] = {
    "T_in": _("Supply temperature"),
    "T_out": _("Return temperature"),
    "T_delta": _("Temperature difference"),
    "T_cw": _("Cold water temperature"),
    "T_outdoor": _("Outdoor temperature"),
    "T_indoor": _("Indoor temperature"),
    "M_in": _("Mass in the supply"),
    "M_out": _("Mass in the return"),
    "M_delta": _("Mass difference"),
    "V_in": _("Volume in the supply"),
    "V_out": _("Volume in the return"),
    "V_delta": _("Volume difference"),
    "P_in": _("Supply pressure"),
    "P_out": _("Return pressure"),
    "P_delta": _("Pressure difference"),
    "P_cw": _("Cold water pressure"),
    "Q_in": _("Heat in the supply"),
    "Q_out": _("Heat in the return"),
    "Q_delta": _("Heat consumption"),
    "NormalOperationDuration": _("Normal operation"),
    "StopDuration": _("Counting stopped"),
    "FlowUnderrunDuration": _("Flow below the minimum"),
    "FlowOverrunDuration": _("Flow above the maximum"),
    "TempDiffLowDuration": _("Temperature difference too small"),
    "NoPowerDuration": _("No power supply"),
    "IncidentDuration": _("Abnormal situations"),
    "SaturatedSteamDuration": _("Saturated steam"),
}
KINDS: dict[str, Any] = {
    "hour": pgettext_lazy("archive", "Hours"),
    "day": pgettext_lazy("archive", "Days"),
    "month": pgettext_lazy("archive", "Months"),
    "totals": pgettext_lazy("archive", "Totals"),
    "current": pgettext_lazy("archive", "Current values"),
}
UNITS: dict[str, Any] = {
    "°C": "°C",
    "t": pgettext_lazy("unit", "t"),
    "m³": pgettext_lazy("unit", "m³"),
    "kgf/cm²": pgettext_lazy("unit", "kgf/cm²"),
    "Gcal": pgettext_lazy("unit", "Gcal"),
    "h": pgettext_lazy("unit", "h"),
    "%": "%",
    "m": pgettext_lazy("unit", "m"),
}
MARKS = {"bad": "B", "calculated": "C", "interpolated": "I", "reset": "R"}
MARK_LABELS: dict[str, Any] = {
    "bad": _("bad value"),
    "calculated": _("calculated"),
    "interpolated": _("interpolated"),
    "reset": _("reset"),
}
FLAG_NAMES: dict[RecordFlag, str] = {
    RecordFlag.EXTERNAL: "ExternalData",
    RecordFlag.INCOMPLETE: "IncompleteData",
    RecordFlag.BY_TOTALS: "CalculatedByDeviceTotals",
    RecordFlag.MISSING: "MissingInDevice",
    RecordFlag.HOUR_TOTALS: "HourTotals",
    RecordFlag.DAY_TOTALS: "DayTotals",
    RecordFlag.MONTH_TOTALS: "MonthTotals",
    RecordFlag.CURRENT_TOTALS: "CurrentTotals",
    RecordFlag.TENANT_INPUT: "TenantInput",
}
FLAG_LABELS: dict[RecordFlag, Any] = {
    RecordFlag.EXTERNAL: _("from another source"),
    RecordFlag.INCOMPLETE: _("incomplete"),
    RecordFlag.BY_TOTALS: _("calculated from totals"),
    RecordFlag.MISSING: _("missing in the meter"),
}


def label_of(name: str) -> str:
    return str(LABELS.get(name, name))


def unit_label(name: str) -> str:
    unit = unit_of(name)
    return str(UNITS.get(unit, unit))


def flag_words(flags: int, masks: dict[str, int]) -> str:
    """Flags for machines: names of the record's flags, then each marked value as T_out[B]; empty for a plain one."""
    words = [name for flag, name in FLAG_NAMES.items() if flags & flag]
    for mask, letter in MARKS.items():
        words += [f"{name}[{letter}]" for name in names_in(masks.get(mask, 0))]
    return " ".join(words)


def remarks(flags: int, masks: dict[str, int]) -> str:
    """Flags for people, in the reader's language."""
    words = [str(label) for flag, label in FLAG_LABELS.items() if flags & flag]
    for mask, label in MARK_LABELS.items():
        words += [f"{label_of(name)}{colon()} {label}" for name in names_in(masks.get(mask, 0))]
    return "; ".join(words)
