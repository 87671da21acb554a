"""Which parameter of the vocabulary stands in which column of `ArchiveRecord`, and its bit in the masks."""

from __future__ import annotations

from readings.lers.vocabulary import MASK_NAMES

# SDK name -> column, in the order in which the columns are spooled, staged and shown
COLUMNS: dict[str, str] = {
    "T_in": "t_in",
    "T_out": "t_out",
    "T_delta": "t_delta",
    "T_cw": "t_cw",
    "T_outdoor": "t_outdoor",
    "M_in": "m_in",
    "M_out": "m_out",
    "M_delta": "m_delta",
    "V_in": "v_in",
    "V_out": "v_out",
    "V_delta": "v_delta",
    "P_in": "p_in",
    "P_out": "p_out",
    "P_delta": "p_delta",
    "Q_in": "q_in",
    "Q_out": "q_out",
    "Q_delta": "q_delta",
    "NormalOperationDuration": "normal_operation_duration",
    "StopDuration": "stop_duration",
    "FlowUnderrunDuration": "flow_underrun_duration",
    "FlowOverrunDuration": "flow_overrun_duration",
    "TempDiffLowDuration": "temp_diff_low_duration",
    "NoPowerDuration": "no_power_duration",
    "IncidentDuration": "incident_duration",
    "SaturatedSteamDuration": "saturated_steam_duration",
}
NAMES = tuple(COLUMNS)
VALUE_COLUMNS = tuple(COLUMNS.values())
MASKS = ("bad", "calculated", "interpolated", "reset")
STATE_COLUMNS = ("flags", *MASKS, "extra")
DATA_COLUMNS = (*VALUE_COLUMNS, *STATE_COLUMNS)

BIT: dict[str, int] = {name: bit for bit, name in MASK_NAMES.items()}
# The vocabulary has no bit for the rarer parameters: their marks stand beside them in `extra`, under this key.
EXTRA_MARKS = "_marks"

UNITS: dict[str, str] = {"T": "°C", "M": "t", "V": "m³", "P": "kgf/cm²", "Q": "Gcal", "H": "m"}


def unit_of(name: str) -> str:
    """The unit in which archives keep a parameter; empty for one that this product does not know."""
    if name.endswith("Duration"):
        return "h"
    if name == "M_balance":
        return "%"
    return UNITS.get(name.partition("_")[0], "") if name in BIT else ""


def mask_of(names: frozenset[str]) -> int:
    return sum(BIT[name] for name in names if name in BIT)


def names_in(mask: int) -> list[str]:
    return [name for name, bit in BIT.items() if mask & bit]
