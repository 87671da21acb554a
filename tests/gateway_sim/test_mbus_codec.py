"""Single records: every coding, VIF table, VIFE and data type."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway_sim.mbus.decode import decode_records
from gateway_sim.mbus.jsonform import value_text
from gateway_sim.mbus.records import Record

pytestmark = pytest.mark.pure


def one(text: str) -> Record:
    records, more = decode_records(bytes.fromhex(text))
    assert len(records) == 1
    assert not more
    return records[0]


def shown(text: str) -> tuple[str, str, str | None]:
    record = one(text)
    return record.quantity, record.unit, value_text(record.value)


@pytest.mark.parametrize(
    ("dif_and_data", "expected"),
    [
        ("01 13 FF", "-0.001"), ("02 13 00FF", "-0.256"), ("03 13 0100FF", "-65.535"),
        ("04 13 FFFFFF7F", "2147483.647"), ("06 13 FFFFFFFFFF7F", "140737488355.327"),
        ("07 13 FFFFFFFFFFFFFF7F", "9223372036854775.807"), ("09 13 12", "0.012"), ("0A 13 3412", "1.234"),
        ("0B 13 563412", "123.456"), ("0C 13 78563412", "12345.678"), ("0E 13 129078563412", "123456789.012"),
        ("09 13 F5", "-0.005"), ("0C 13 050000F0", "-0.005"), ("0C 13 00000000", "0.000"),
        ("0D 13 C2 3412", "1.234"), ("0D 13 D2 3412", "-1.234"), ("0D 13 E3 0100FF", "-65.535"),
        ("0D 13 F0 01" + "00" * 15, "0.001"),
    ],
)  # fmt: skip
def test_integer_and_bcd_widths(dif_and_data: str, expected: str) -> None:
    assert shown(dif_and_data) == ("volume", "m3", expected)


@pytest.mark.parametrize(
    ("data", "vif", "expected"),
    [
        ("0000C03F", "16", "1.5"), ("CDCCCC3D", "16", "0.1"), ("CDCCCC3D", "13", "0.0001"),
        ("CDCCCC3D", "2E", "100"), ("9A991B43", "28", "0.1556"), ("000080BF", "5B", "-1"), ("00000080", "16", "0"),
        ("01000000", "16", "0." + "0" * 44 + "1"), ("FFFF7F7F", "16", "34028235" + "0" * 31), ("A4709D3F", "06", "1230"),
    ],
)  # fmt: skip
def test_real32_is_its_shortest_decimal_scaled(data: str, vif: str, expected: str) -> None:
    assert value_text(one(f"05 {vif} {data}").value) == expected


@pytest.mark.parametrize(("data", "flag"), [("0000C07F", "not_a_number"), ("0000807F", "infinite")])
def test_real32_without_a_number(data: str, flag: str) -> None:
    record = one(f"05 13 {data}")
    assert (record.value, record.flags) == (None, (flag,))


SCALES = [  # first VIF, count, quantity, unit, exponent of the first
    ("", 0x00, 8, "energy", "Wh", -3), ("", 0x08, 8, "energy", "J", 0), ("", 0x10, 8, "volume", "m3", -6),
    ("", 0x18, 8, "mass", "kg", -3), ("", 0x28, 8, "power", "W", -3), ("", 0x30, 8, "power", "J/h", 0),
    ("", 0x38, 8, "volume_flow", "m3/h", -6), ("", 0x50, 8, "mass_flow", "kg/h", -3),
    ("", 0x58, 4, "flow_temperature", "C", -3), ("", 0x5C, 4, "return_temperature", "C", -3),
    ("", 0x60, 4, "temperature_difference", "K", -3), ("", 0x64, 4, "external_temperature", "C", -3),
    ("", 0x68, 4, "pressure", "bar", -3), ("", 0x6E, 1, "hca", "", 0),
    ("FB", 0x00, 2, "energy", "Wh", 5), ("FB", 0x02, 2, "reactive_energy", "varh", 3),
    ("FB", 0x04, 2, "apparent_energy", "VAh", 3), ("FB", 0x08, 2, "energy", "J", 8),
    ("FB", 0x0C, 4, "energy", "cal", 5), ("FB", 0x10, 2, "volume", "m3", 2), ("FB", 0x14, 4, "reactive_power", "var", 0),
    ("FB", 0x18, 2, "mass", "kg", 5), ("FB", 0x1A, 2, "relative_humidity", "%", -1),
    ("FB", 0x28, 2, "power", "W", 5), ("FB", 0x2C, 4, "frequency", "Hz", -3), ("FB", 0x30, 2, "power", "J/h", 8),
    ("FB", 0x34, 4, "apparent_power", "VA", 0), ("FB", 0x74, 4, "cold_warm_temperature_limit", "C", -3),
    ("FB", 0x78, 8, "cumulated_maximum_power", "W", -3),
    ("FD", 0x40, 16, "voltage", "V", -9), ("FD", 0x50, 16, "current", "A", -12), ("FD", 0x00, 4, "credit", "", -3),
]  # fmt: skip


@pytest.mark.parametrize(("table", "first", "count", "quantity", "unit", "exponent"), SCALES)
def test_scaled_tables(table: str, first: int, count: int, quantity: str, unit: str, exponent: int) -> None:
    for n in range(count):
        record = one(f"02 {table} {first + n:02X} D204")
        assert record[4:6] == (quantity, unit)
        assert record.value == Decimal(1234).scaleb(exponent + n)


@pytest.mark.parametrize(("first", "per_hour", "exponent"), [(0x40, 60, -7), (0x48, 3600, -9)])
def test_flow_per_minute_and_per_second_comes_out_per_hour(first: int, per_hour: int, exponent: int) -> None:
    for n in range(8):
        record = one(f"02 {first + n:02X} 0700")
        assert record[4:6] == ("volume_flow", "m3/h")
        assert record.value == Decimal(7 * per_hour).scaleb(exponent + n)


DURATIONS = [
    ("", 0x20, "on_time", (1, 60, 3600, 86400)), ("", 0x24, "operating_time", (1, 60, 3600, 86400)),
    ("", 0x70, "averaging_duration", (1, 60, 3600, 86400)), ("", 0x74, "actuality_duration", (1, 60, 3600, 86400)),
    ("FD", 0x24, "storage_interval", (1, 60, 3600, 86400)), ("FD", 0x31, "tariff_duration", (60, 3600, 86400)),
    ("FD", 0x68, "duration_since_cumulation", (3600, 86400)), ("FD", 0x6C, "battery_operating_time", (3600, 86400)),
    ("FD", 0x74, "remaining_battery_life", (86400,)),
]  # fmt: skip


@pytest.mark.parametrize(("table", "first", "quantity", "factors"), DURATIONS)
def test_durations_are_seconds(table: str, first: int, quantity: str, factors: tuple[int, ...]) -> None:
    for n, factor in enumerate(factors):
        assert shown(f"02 {table} {first + n:02X} 0700") == (quantity, "s", str(7 * factor))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("01 FD28 06", ("storage_interval", "month", "6")), ("01 FD6F 06", ("battery_operating_time", "year", "6")),
        ("01 FD61 06", ("cumulation_counter", "", "6")), ("02 FD1B 00F0", ("digital_input", "", "61440")),
        ("02 FD3A F0FF", ("dimensionless", "", "-16")), ("01 FD71 9C", ("rf_level", "dBm", "-100")),
        ("02 FD1C 0096", ("baud_rate", "baud", "38400")), ("01 FD67 F0", ("supplier_information", "", "240")),
        ("02 FD2C 409C", ("duration_since_readout", "s", "40000")), ("01 FD1F 81", ("remote_control", "", "129")),
        ("01 FB1A E6", ("relative_humidity", "%", "23.0")), ("02 FD61 00FF", ("cumulation_counter", "", "65280")),
        ("04 78 000000F0", ("fabrication_number", "", "4026531840")),
        ("02 FDFD02 0300", ("remaining_battery_life", "month", "3")),
        ("01 FDFD3E 30", ("moisture", "%", "48")), ("02 FD70 7F3C", ("battery_change", "", "2027-12-31")),
        ("04 FD30 1E0E563B", ("tariff_start", "", "2026-11-22T14:30:00")), ("01 7B 05", ("unknown", "", "5")),
        ("01 7F 05", ("manufacturer_specific", "", "5")), ("01 FF93 00 05", ("manufacturer_specific", "", "5")),
        ("0D FD10 03 434241", ("customer_location", "", "ABC")), ("0D FD3B 02 0102", ("wireless_container", "", "0102")),
    ],
)  # fmt: skip
def test_other_values(text: str, expected: tuple[str, str, str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("vifes", "expected"),
    [
        ("F6", "1.000"), ("76", "1.000"), ("70", "0.000001000"), ("77", "10.00"), ("7D", "1000"), ("74", "0.01000"),
        ("78", "1.001"), ("7B", "2.000"), ("F4 7D", "10.00"), ("FF 7D", "1.000"), ("FF 70 70", "1.000"),
    ],
)  # fmt: skip
def test_vifes_that_change_the_number(vifes: str, expected: str) -> None:
    if vifes == "F6":
        vifes = "F6 76"
    octets = bytes.fromhex(vifes)
    block = bytes(b | 0x80 for b in octets[:-1]) + octets[-1:]
    record = one(f"04 93 {block.hex()} E8030000")
    assert Decimal(expected) == record.value
    assert record[4:6] == ("volume", "m3")


@pytest.mark.parametrize(
    ("text", "expected", "flags"),
    [
        ("02 DA39 7F3C", ("date", "", "2027-12-31"), ("start_of", "flow_temperature")),
        ("04 ED39 1E0E563B", ("datetime", "", "2026-11-22T14:30:00"), ("start_of", "datetime")),
        ("04 BB6F 1E0E563B", ("datetime", "", "2026-11-22T14:30:00"), ("last", "end", "volume_flow")),
        ("04 BB6A 1E0E563B", ("datetime", "", "2026-11-22T14:30:00"), ("first", "begin", "volume_flow")),
        ("04 BB4F 1E0E563B", ("datetime", "", "2026-11-22T14:30:00"), ("upper_limit", "last", "end", "volume_flow")),
        ("01 BB5A 07", ("limit_exceed_duration", "s", "25200"), ("upper_limit", "first", "volume_flow")),
        ("01 BB66 07", ("event_duration", "s", "25200"), ("last", "volume_flow")),
        ("01 BB49 07", ("limit_exceed_count", "", "7"), ("upper_limit", "volume_flow")),
        ("01 BB40 07", ("volume_flow", "m3/h", "0.007"), ("lower_limit",)),
        ("01 9322 07", ("volume", "m3/h", "0.007"), ()),
        ("01 8330 07", ("energy", "Wh/Wh", "0.007"), ()),
        ("01 933A 07", ("volume", "m3", "0.007"), ("uncorrected",)),
        ("01 9315 07", ("volume", "m3", "0.007"), ("error_no_data",)),
        ("01 93FC07 07", ("volume", "m3", "0.007"), ("phase_l3_l1",)),
        ("01 93FC11 FF", ("volume", "m3", "0.255"), ("type_c",)),
        ("01 93FF70 07", ("volume", "m3", "0.007"), ("manufacturer_vife",)),
        ("00 13", ("volume", "m3", None), ("no_data",)),
        ("01 13 80", ("volume", "m3", "-0.128"), ("invalid",)),
    ],
)  # fmt: skip
def test_vifes_that_change_the_meaning(
    text: str, expected: tuple[str, str, str], flags: tuple[str, ...]
) -> None:
    assert shown(text) == expected
    assert one(text).flags == flags


@pytest.mark.parametrize(
    ("text", "expected", "flags"),
    [
        ("02 6C 7F3C", "2027-12-31", ()), ("02 6C 2101", "2001-01-01", ()), ("02 6C 21A1", "1981-01-01", ()),
        ("02 6C 01A1", "2080-01-01", ()), ("02 6C 7FC C".replace(" ", ""), "1999-12-31", ()),
        ("02 6C FFFC", "--12-31", ("every_year",)), ("02 6C FFFF", None, ("invalid_date",)),
        ("02 6C 0000", None, ("invalid_date",)), ("02 6C 5E32", None, ("invalid_date",)),
        ("02 6C 603B", None, ("every_day",)), ("02 6C E1FF", "---01", ("every_year", "every_month")),
        ("04 6D 1E0E563B", "2026-11-22T14:30:00", ()), ("04 6D 1E8E563B", "2026-11-22T14:30:00", ("summer_time",)),
        ("04 6D 9E0E563B", "2026-11-22T14:30:00", ("time_invalid",)),
        ("04 6D 1E2E563B", "2026-11-22T14:30:00", ()), ("04 6D 1E4E563B", "2126-11-22T14:30:00", ()),
        ("04 6D 1E0E1F36", "2024-06-31", ("invalid_date",)), ("04 6D 3B17FFFC", "--12-31T23:59:00", ("every_year",)),
        ("04 6D 3F1F563B", None, ("every_hour", "every_minute")), ("04 6D 00000000", None, ("invalid_date",)),
        ("06 6D 2D1E0E563B00", "2026-11-22T14:30:45", ()), ("06 6D 6D1E0E563B2F", "2026-11-22T14:30:45", ("summer_time",)),
        ("06 6D 2D9E0E563B00", "2026-11-22T14:30:45", ("time_invalid",)),
        ("03 6D 2D1E0E", "14:30:45", ()), ("03 6D FFFFFF", None, ("invalid_time",)),
        ("01 6C 11", None, ("type_mismatch",)), ("05 6D 00000000", None, ("type_mismatch",)),
        ("0E 6D 453014221126", "2026-11-22T14:30:45", ("bcd_date",)),
    ],
)  # fmt: skip
def test_dates_and_times(text: str, expected: str | None, flags: tuple[str, ...]) -> None:
    record = one(text)
    assert value_text(record.value) == (None if "invalid_date" in flags else expected)
    assert record.flags == flags


def test_storage_tariff_and_subunit_over_several_difes() -> None:
    record = one("C4 B1 52 13 01000000")  # storage 1 + 1<<1 + 2<<5, tariff 3 + 1<<2, sub-unit 0 + 1<<1
    assert record[:4] == ("instantaneous", 0x43, 7, 2)
    assert [one(f"{dif:02X} 13 01").function for dif in (0x01, 0x11, 0x21, 0x31)] == [
        "instantaneous", "maximum", "minimum", "error",
    ]  # fmt: skip


def test_special_functions() -> None:
    records, more = decode_records(bytes.fromhex("2F2F 01 13 01 2F 1F AABB"))
    assert [(r.quantity, value_text(r.value)) for r in records] == [
        ("volume", "0.001"),
        ("manufacturer_specific", "aabb"),
    ]
    assert more
    records, more = decode_records(bytes.fromhex("01 13 01 3F 01 02"))
    assert records[1].flags == ("reserved_dif",)
    assert not more
