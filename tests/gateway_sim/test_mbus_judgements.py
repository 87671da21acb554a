"""Where other decoders read a record differently, what we read, and why. The records have the shape real meters
send (libmbus 0.9, pymbusparser 0.5.3 and pymeterbus 0.8.5 were asked); the numbers are ours."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from gateway_sim.mbus.decode import decode_data, decode_records
from gateway_sim.mbus.fixed import UNITS
from gateway_sim.mbus.jsonform import value_text

pytestmark = pytest.mark.pure

DIFFERENT = [
    # An error marker on the meter's display, sent as hexadecimal digits. libmbus and pymeterbus make 13 131 113 W
    # of it, pymbusparser drops the rest of the telegram. No digit, no number.
    ("3C 2B BDEBDDDD", "power", "W", None, ("invalid_bcd",)),
    # VIFE 6F: the end of the last such flow. The others give out the date's bits as a flow or as 41 065 374.6 C.
    ("94 10 BB 6F 1E0E563B", "datetime", "", "2026-11-22T14:30:00", ("last", "end", "volume_flow")),
    ("94 10 DA 6F 00000000", "datetime", "", None, ("last", "end", "flow_temperature", "invalid_date")),
    # VIFE 50 and 58: how long the flow stayed beyond a limit, in seconds; libmbus says m3/h.
    ("04 BE 50 E8030000", "limit_exceed_duration", "s", "1000", ("lower_limit", "first", "volume_flow")),
    ("04 BE 58 E8030000", "limit_exceed_duration", "s", "1000", ("upper_limit", "first", "volume_flow")),
    # Type F of a meter without century bits: 96 is 1996. libmbus says 2096.
    ("04 6D 1009 05C5", "datetime", "", "1996-05-05T09:16:00", ()),
    # Day 31 is a day, not the sign for "every day" (that is 0): pymbusparser.
    ("04 6D 32371F15", "datetime", "", "2008-05-31T23:50:00", ()),
    # Year 127 is "every year": 2127 in libmbus, 2027 in pymeterbus.
    ("84 8F 0F 6D 0000E1F1", "datetime", "", "--01-01T00:00:00", ("every_year",)),
    # The meter says its clock may be wrong: the time is kept and marked. libmbus answers 1900-01-00.
    ("04 6D A115E917", "datetime", "", "2015-07-09T21:33:00", ("time_invalid",)),
    # Six bytes are type I: pymeterbus reads the first four as type F (2008-06-08).
    ("46 6D 000008162700", "datetime", "", "2016-07-22T08:00:00", ()),
    # REAL32 is scaled by its VIF like any other coding; pymbusparser says -0.17 W.
    ("05 2E B1D12EBE", "power", "W", "-170.72178", ()),
    # Tables of later editions, "reserved" and unscaled in libmbus.
    ("02 FB 1A 4801", "relative_humidity", "%", "32.8", ()),
    ("04 FB 97 72 AFFFFFFF", "reactive_power", "var", "-8.1", ()),
    ("04 FB B7 72 A5000000", "apparent_power", "VA", "16.5", ()),
    ("02 FD BA 73 6403", "dimensionless", "", "0.868", ()),
    # 7Dh is x1000; pymeterbus leaves it out.
    ("0C 85 7D 78230000", "energy", "Wh", "237800000", ()),
    # After VIF FF all is the maker's own, a 70h in it is no factor; after VIFE FF likewise, the VIF stays.
    ("02 FF E0 FF 81 70 6403", "manufacturer_specific", "", "868", ()),
    ("04 A5 FF 70 E8030000", "operating_time", "s", "60000", ("manufacturer_vife",)),
    # Text before or after the VIFE: each of the others knows one order.
    ("02 FC 03 485225 74 2215", "plain_text", "%RH", "54.10", ()),
    ("03 FC 20 03 434241 153100", "plain_text", "ABC/s", "12565", ()),
    # A binary of sixteen bytes without a known unit: shown as sent. pymeterbus loses step here.
    ("0D 7C 02 5750 F0 000102030405060708090A0B0C0D0E0F", "plain_text", "PW", "000102030405060708090a0b0c0d0e0f", ()),
    # VIF 7B is reserved: the number is kept and marked. pymeterbus raises KeyError.
    ("0C 7B 02030000", "unknown", "", "302", ("unknown_vif",)),
]  # fmt: skip


@pytest.mark.parametrize(("record", "quantity", "unit", "value", "flags"), DIFFERENT)
def test_where_others_differ(
    record: str, quantity: str, unit: str, value: str | None, flags: tuple[str, ...]
) -> None:
    # A plain record behind it: whatever comes, the walk must not lose step.
    records, _ = decode_records(bytes.fromhex(record + " 0C 13 01000000"))
    assert (records[0][4:6], value_text(records[0].value)) == ((quantity, unit), value)
    assert records[0].flags == flags
    assert [(r.quantity, str(r.value)) for r in records[1:]] == [("volume", "0.001")]


def test_every_unit_of_the_fixed_structure() -> None:
    decades = [
        (0x02, "energy", "Wh", 0), (0x0B, "energy", "J", 3), (0x14, "power", "W", 0), (0x1D, "power", "J/h", 3),
        (0x26, "volume", "m3", -6), (0x2F, "volume_flow", "m3/h", -6),
    ]  # fmt: skip
    for first, quantity, unit, exponent in decades:
        for n in range(9):
            data = (
                bytes.fromhex("78563412 0A 00")
                + bytes((first + n, 0x3E))
                + bytes.fromhex("07000000 09000000")
            )
            now, then = decode_data(0x73, data).records
            assert now[:7] == ("instantaneous", 0, 0, 0, quantity, unit, Decimal(7).scaleb(exponent + n))
            assert then[:7] == ("instantaneous", 1, 0, 0, quantity, unit, Decimal(9).scaleb(exponent + n))
    assert UNITS[0x38] == ("temperature", "C", -3, 1, "number")
    reserved = set(range(64)) - set(UNITS)
    assert reserved == {0x3A, 0x3B, 0x3C, 0x3D, 0x3E}


@pytest.mark.parametrize(
    ("status", "counter", "value", "storage"),
    [
        # Bit 0: signed binary instead of BCD (libmbus looks at bit 7). Bit 1: both counters are stored ones.
        (0x00, "35010000", "0.135", 0), (0x01, "35010000", "0.309", 0), (0x01, "FFFFFFFF", "-0.001", 0),
        (0x02, "35010000", "0.135", 1), (0x80, "35010000", "0.135", 0),
    ],
)  # fmt: skip
def test_status_of_the_fixed_structure(status: int, counter: str, value: str, storage: int) -> None:
    data = bytes.fromhex("78563412 0A") + bytes((status,)) + bytes.fromhex("E9 69" + counter * 2)
    telegram = decode_data(0x73, data)
    assert telegram.header.status == status
    assert [(r.storage, str(r.value)) for r in telegram.records] == [(storage, value)] * 2


def test_encrypted_bytes_do_not_become_readings() -> None:
    """Mode 5 and noise: what is hidden is hardly ever given out as values; without the mode the same bytes are
    read as records, so the check can fail."""
    source = random.Random(7)
    bodies = [source.randbytes(48) for _ in range(400)]
    hidden = [decode_records(body, configuration=0x0530)[0][0].quantity == "encrypted" for body in bodies]
    assert sum(hidden) > 390
    assert not any(decode_records(body)[0][0].quantity == "encrypted" for body in bodies)


def test_an_old_signature_is_no_encryption() -> None:
    """The word where newer meters name the mode held a signature: plain records stay plain, one bad among them."""
    body = bytes.fromhex("0C 06 67452301 0C 14 01000000 0A 5A 1206 0A 5E 8703 3C 2A DDB4EBDD 0F 0102")
    records, _ = decode_records(body, configuration=0x0510)
    assert [r.quantity for r in records][:2] == ["energy", "volume"]
    assert len(records) == 6
