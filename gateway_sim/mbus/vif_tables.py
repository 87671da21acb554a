"""Value information: the code tables of EN 13757-3 (primary, FBh, FDh) as data.

A value is `raw x factor x 10^exponent` in `unit`; the units carry no scale, so kilowatt-hours come out as Wh,
every duration of fixed length in seconds and every volume flow in m3/h. Months and years keep their own unit
(they have no fixed length), and so do calories, Fahrenheit, feet and gallons, which the vocabulary of `decode`
does not convert.
"""

from __future__ import annotations

from typing import NamedTuple

NUMBER = "number"
UNSIGNED = "unsigned"  # data type C: identities, never negative
BITS = "bits"  # data type D: a row of bits, read as an unsigned integer
DATE = "date"  # types F, G, I, J, told apart by their length
OPAQUE = "opaque"  # containers: shown as hexadecimal bytes
FREE = "free"  # a unit in words: a binary of variable length under it is shown as bytes, not as a number


class Vif(NamedTuple):
    quantity: str
    unit: str = ""
    exponent: int = 0
    factor: int = 1
    kind: str = NUMBER


Table = dict[int, Vif]

SECONDS = (1, 60, 3600, 86400)
RESERVED = Vif("unknown")
MANUFACTURER = Vif("manufacturer_specific", kind=FREE)
PLAIN_TEXT = Vif("plain_text", kind=FREE)
ANY = Vif("any")


def _scaled(
    table: Table, first: int, count: int, quantity: str, unit: str, exponent: int, factor: int = 1,
    kind: str = NUMBER,
) -> None:  # fmt: skip
    """`count` codes from `first` on, each ten times the one before."""
    for n in range(count):
        table[first + n] = Vif(quantity, unit, exponent + n, factor, kind)


def _durations(
    table: Table, first: int, quantity: str, factors: tuple[int, ...] = SECONDS, kind: str = NUMBER
) -> None:
    for n, factor in enumerate(factors):
        table[first + n] = Vif(quantity, "s", 0, factor, kind)


def _named(table: Table, first: int, *quantities: str, kind: str = NUMBER) -> None:
    for n, quantity in enumerate(quantities):
        table[first + n] = Vif(quantity, kind=kind)


def _primary() -> Table:
    t: Table = {}
    _scaled(t, 0x00, 8, "energy", "Wh", -3)
    _scaled(t, 0x08, 8, "energy", "J", 0)
    _scaled(t, 0x10, 8, "volume", "m3", -6)
    _scaled(t, 0x18, 8, "mass", "kg", -3)
    _durations(t, 0x20, "on_time")
    _durations(t, 0x24, "operating_time")
    _scaled(t, 0x28, 8, "power", "W", -3)
    _scaled(t, 0x30, 8, "power", "J/h", 0)
    _scaled(t, 0x38, 8, "volume_flow", "m3/h", -6)
    _scaled(t, 0x40, 8, "volume_flow", "m3/h", -7, 60)  # sent per minute
    _scaled(t, 0x48, 8, "volume_flow", "m3/h", -9, 3600)  # sent per second
    _scaled(t, 0x50, 8, "mass_flow", "kg/h", -3)
    _scaled(t, 0x58, 4, "flow_temperature", "C", -3)
    _scaled(t, 0x5C, 4, "return_temperature", "C", -3)
    _scaled(t, 0x60, 4, "temperature_difference", "K", -3)
    _scaled(t, 0x64, 4, "external_temperature", "C", -3)
    _scaled(t, 0x68, 4, "pressure", "bar", -3)
    _named(t, 0x6C, "date", "datetime", kind=DATE)
    _named(t, 0x6E, "hca")
    _durations(t, 0x70, "averaging_duration")
    _durations(t, 0x74, "actuality_duration")
    # A fabrication number or an identification below zero has no meaning: read as type C.
    _named(t, 0x78, "fabrication_number", "identification", "address", kind=UNSIGNED)
    t[0x7E] = ANY
    return t


def _fb() -> Table:
    t: Table = {}
    _scaled(t, 0x00, 2, "energy", "Wh", 5)  # 0.1 and 1 MWh
    _scaled(t, 0x02, 2, "reactive_energy", "varh", 3)
    _scaled(t, 0x04, 2, "apparent_energy", "VAh", 3)
    t[0x06] = Vif("coefficient_of_performance", "", -1)
    _scaled(t, 0x08, 2, "energy", "J", 8)  # 0.1 and 1 GJ
    _scaled(t, 0x0C, 4, "energy", "cal", 5)  # 0.1 to 100 Mcal
    _scaled(t, 0x10, 2, "volume", "m3", 2)
    _scaled(t, 0x14, 4, "reactive_power", "var", 0)
    _scaled(t, 0x18, 2, "mass", "kg", 5)  # 100 and 1000 t
    _scaled(t, 0x1A, 2, "relative_humidity", "%", -1, kind=UNSIGNED)
    # 20h..26h were taken out of the 2013 edition; meters made before it still send them.
    t[0x20] = Vif("volume", "ft3")
    t[0x21] = Vif("volume", "ft3", -1)
    t[0x22] = Vif("volume", "gal", -1)
    t[0x23] = Vif("volume", "gal")
    t[0x24] = Vif("volume_flow", "gal/min", -3)
    t[0x25] = Vif("volume_flow", "gal/min")
    t[0x26] = Vif("volume_flow", "gal/h")
    _scaled(t, 0x28, 2, "power", "W", 5)  # 0.1 and 1 MW
    t[0x2A] = Vif("phase_voltage_to_voltage", "deg", -1)
    t[0x2B] = Vif("phase_voltage_to_current", "deg", -1)
    _scaled(t, 0x2C, 4, "frequency", "Hz", -3)
    _scaled(t, 0x30, 2, "power", "J/h", 8)
    _scaled(t, 0x34, 4, "apparent_power", "VA", 0)
    _scaled(t, 0x58, 4, "flow_temperature", "F", -3)
    _scaled(t, 0x5C, 4, "return_temperature", "F", -3)
    _scaled(t, 0x60, 4, "temperature_difference", "F", -3)
    _scaled(t, 0x64, 4, "external_temperature", "F", -3)
    _named(
        t, 0x68, "resulting_rating_factor", "thermal_output_rating_factor", "thermal_coupling_rating_factor",
        "thermal_coupling_rating_factor_room", "thermal_coupling_rating_factor_heater",
        "low_temperature_rating_factor", "display_output_scaling_factor", kind=UNSIGNED,
    )  # fmt: skip
    _scaled(t, 0x70, 4, "cold_warm_temperature_limit", "F", -3)
    _scaled(t, 0x74, 4, "cold_warm_temperature_limit", "C", -3)
    _scaled(t, 0x78, 8, "cumulated_maximum_power", "W", -3)
    return t


def _fd() -> Table:
    t: Table = {}
    _scaled(t, 0x00, 4, "credit", "", -3)  # in units of the local currency
    _scaled(t, 0x04, 4, "debit", "", -3)
    _named(
        t, 0x08, "access_number", "medium", "manufacturer", "parameter_set", "model_version", "hardware_version",
        "firmware_version", "software_version", "customer_location", "customer", "access_code_user",
        "access_code_operator", "access_code_system_operator", "access_code_developer", "password", kind=UNSIGNED,
    )  # fmt: skip
    # Error flags, masks, inputs and outputs are rows of bits (type D), so the top bit is no sign.
    _named(t, 0x17, "error_flags", "error_mask", kind=BITS)
    _named(t, 0x19, "security_key", kind=UNSIGNED)
    _named(t, 0x1A, "digital_output", "digital_input", kind=BITS)
    # Type C from here on wherever less than nothing has no meaning: 38400 baud fits two bytes.
    t[0x1C] = Vif("baud_rate", "baud", kind=UNSIGNED)
    t[0x1D] = Vif("response_delay", "bit_times", kind=UNSIGNED)
    t[0x1E] = Vif("retry", kind=UNSIGNED)
    t[0x1F] = Vif("remote_control", kind=BITS)
    _named(
        t, 0x20, "first_cyclic_storage", "last_cyclic_storage", "storage_block_size", "tariff_descriptor",
        kind=UNSIGNED,
    )  # fmt: skip
    _durations(t, 0x24, "storage_interval", kind=UNSIGNED)
    t[0x28] = Vif("storage_interval", "month")
    t[0x29] = Vif("storage_interval", "year")
    t[0x2A] = Vif("operator_specific")
    t[0x2B] = Vif("time_point_second", "s", kind=UNSIGNED)
    _durations(t, 0x2C, "duration_since_readout", kind=UNSIGNED)
    t[0x30] = Vif("tariff_start", kind=DATE)
    _durations(t, 0x31, "tariff_duration", SECONDS[1:], UNSIGNED)
    _durations(t, 0x34, "tariff_period", kind=UNSIGNED)
    t[0x38] = Vif("tariff_period", "month")
    t[0x39] = Vif("tariff_period", "year")
    t[0x3A] = Vif("dimensionless")
    t[0x3B] = Vif("wireless_container", kind=OPAQUE)
    _durations(t, 0x3C, "transmission_period", kind=UNSIGNED)
    _scaled(t, 0x40, 16, "voltage", "V", -9)
    _scaled(t, 0x50, 16, "current", "A", -12)
    _named(
        t, 0x60, "reset_counter", "cumulation_counter", "control_signal", "day_of_week", "week_number",
        "day_change_time", "parameter_activation_state", "supplier_information", kind=UNSIGNED,
    )  # fmt: skip
    for code, quantity in ((0x68, "duration_since_cumulation"), (0x6C, "battery_operating_time")):
        _durations(t, code, quantity, SECONDS[2:], UNSIGNED)
        t[code + 2] = Vif(quantity, "month")
        t[code + 3] = Vif(quantity, "year")
    t[0x70] = Vif("battery_change", kind=DATE)
    # Signed dBm. A few meters send 2n - 130 instead, and nothing in the telegram tells.
    t[0x71] = Vif("rf_level", "dBm")
    t[0x72] = Vif("daylight_saving_rule", kind=OPAQUE)  # type K
    t[0x73] = Vif("listening_window", kind=OPAQUE)  # type L
    t[0x74] = Vif("remaining_battery_life", "s", 0, 86400, UNSIGNED)
    t[0x75] = Vif("stop_counter", kind=UNSIGNED)
    t[0x76] = Vif("manufacturer_container", kind=OPAQUE)
    return t


def _fd_fd() -> Table:
    """Second level of the FDh table: FD FD xx."""
    return {
        0x00: Vif("selected_application"),
        0x02: Vif("remaining_battery_life", "month"),
        0x03: Vif("remaining_battery_life", "year"),
        0x3E: Vif("moisture", "%"),
    }


PRIMARY = _primary()
FB = _fb()
FD = _fd()
FD_FD = _fd_fd()

# Combinable VIFEs (table "orthogonal") that only say more about the value. The rest, which change it, are
# handled in vib.py.
LABELS: dict[int, str] = {
    0x01: "error_too_many_difes", 0x02: "error_storage_not_implemented", 0x03: "error_subunit_not_implemented",
    0x04: "error_tariff_not_implemented", 0x05: "error_function_not_implemented",
    0x06: "error_data_class_not_implemented", 0x07: "error_data_size_not_implemented",
    0x0B: "error_too_many_vifes", 0x0C: "error_illegal_vif_group", 0x0D: "error_illegal_vif_exponent",
    0x0E: "error_vif_dif_mismatch", 0x0F: "error_action_not_implemented",
    0x12: "average", 0x13: "inverse_compact_profile", 0x14: "relative_deviation", 0x15: "error_no_data",
    0x16: "error_overflow", 0x17: "error_underflow", 0x18: "error_data", 0x1C: "error_premature_end",
    0x1D: "standard_conform", 0x1E: "compact_profile_with_registers", 0x1F: "compact_profile",
    0x28: "per_input_pulse_0", 0x29: "per_input_pulse_1", 0x2A: "per_output_pulse_0", 0x2B: "per_output_pulse_1",
    0x3A: "uncorrected", 0x3B: "positive_only", 0x3C: "negative_only", 0x3D: "non_metric",
    0x3E: "at_base_conditions", 0x3F: "obis_declaration", 0x40: "lower_limit", 0x48: "upper_limit",
    0x68: "during_lower_limit_exceed", 0x69: "leakage", 0x6C: "during_upper_limit_exceed", 0x6D: "overflow",
    0x7E: "future",
}  # fmt: skip
COMPACT_PROFILES = frozenset((0x13, 0x1E, 0x1F))

# Extension of the combinable table: FC xx.
LABELS_FC: dict[int, str] = {
    0x01: "phase_l1", 0x02: "phase_l2", 0x03: "phase_l3", 0x04: "neutral", 0x05: "phase_l1_l2",
    0x06: "phase_l2_l3", 0x07: "phase_l3_l1", 0x08: "quadrant_1", 0x09: "quadrant_2", 0x0A: "quadrant_3",
    0x0B: "quadrant_4", 0x0C: "import_minus_export", 0x0D: "non_metric", 0x0E: "secondary_sensor",
    0x0F: "higher_resolution", 0x10: "absolute_sum", 0x11: "type_c", 0x12: "type_d", 0x13: "end_date",
    0x14: "to_meter", 0x15: "from_meter",
}  # fmt: skip

# VIFE 20h..38h put another unit beside the first: (what is appended, decimal exponent of the change).
UNIT_SUFFIX: dict[int, tuple[str, int]] = {
    0x20: ("/s", 0), 0x21: ("/min", 0), 0x22: ("/h", 0), 0x23: ("/day", 0), 0x24: ("/week", 0),
    0x25: ("/month", 0), 0x26: ("/year", 0), 0x27: ("/revolution", 0), 0x2C: ("/m3", 3), 0x2D: ("/m3", 0),
    0x2E: ("/kg", 0), 0x2F: ("/K", 0), 0x30: ("/Wh", -3), 0x31: ("/J", -9), 0x32: ("/W", -3),
    0x33: ("/(K*m3)", 3), 0x34: ("/V", 0), 0x35: ("/A", 0), 0x36: ("*s", 0), 0x37: ("*s/V", 0),
    0x38: ("*s/A", 0),
}  # fmt: skip
