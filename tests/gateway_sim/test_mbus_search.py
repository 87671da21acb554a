"""Finding meters: primary scan and the wildcard search over colliding answers."""

from __future__ import annotations

import random

import pytest

from gateway_sim.mbus.address import Secondary
from gateway_sim.mbus.frames import ACK
from gateway_sim.mbus.scan import HEX_DIGITS, scan_primary, search_secondary
from gateway_sim.simulator.meter import Faults
from gateway_sim.simulator.wire import superpose, to_bits
from tests.gateway_sim.mbus_bus import master_of, meter

pytestmark = pytest.mark.pure

IDENTS = ["12345678", "12345679", "12995678", "87654321"]


def found_ids(*meters: object, digits: str = "0123456789", mask: str = "FFFFFFFF") -> list[str]:
    master = master_of(*meters)  # type: ignore[arg-type]
    return sorted(
        f.header.id or "" for f in search_secondary(master, Secondary(mask), digits=digits) if f.header
    )


def test_two_acknowledgements_on_the_same_bit_read_as_one() -> None:
    """The trap the search must survive, shown on the wire itself."""
    assert superpose([(0, ACK), (0, ACK)]) == ACK
    assert superpose([(0, ACK), (3, ACK)]) != ACK
    assert superpose([(0, ACK), (30, ACK)]) == ACK + ACK
    assert superpose([(0, b"\x0f"), (0, b"\xf0")]) == b"\x00"
    assert len(to_bits(b"\x00\xff")) == 22


@pytest.mark.parametrize("apart", [0.0, 0.6, 3.0, 30.0])
def test_wildcard_search_finds_four_of_four(apart: float) -> None:
    meters = [meter(n + 1, ident, offset_bits=n * apart) for n, ident in enumerate(IDENTS)]
    assert found_ids(*meters) == sorted(IDENTS)


def test_a_search_that_takes_garbage_for_silence_loses_meters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: without "acknowledged, then garbage is a collision" the same bus gives fewer."""
    from gateway_sim.mbus import scan

    monkeypatch.setattr(scan, "_deeper", lambda master, mask, digits: iter(()))
    assert len(found_ids(*[meter(n + 1, ident) for n, ident in enumerate(IDENTS)])) < 4


@pytest.mark.parametrize("seed", range(4))
def test_search_over_random_buses(seed: int) -> None:
    source = random.Random(seed)
    idents = {f"{source.randrange(10**8):08}" for _ in range(8)}
    meters = [
        meter(n + 1, i, offset_bits=source.choice((0, 0.3, 1, 2.5, 8, 20)))
        for n, i in enumerate(sorted(idents))
    ]
    assert found_ids(*meters) == sorted(idents)


def test_equal_identifications_are_told_apart_by_their_medium() -> None:
    master = master_of(meter(1, medium=6), meter(2, medium=7), meter(3, "99999999"))
    found = [f.address for f in search_secondary(master)]
    assert sorted(found) == ["12345678.TST.01.06", "12345678.TST.01.07", "99999999.TST.01.07"]


def test_twins_are_reported_as_a_collision() -> None:
    twins = [meter(1), meter(2, offset_bits=3)]
    assert [f.collision for f in search_secondary(master_of(*twins))] == [True]


def test_hexadecimal_identifications() -> None:
    meters = [meter(1, "1234567A"), meter(2, "12345671")]
    assert found_ids(*meters) == ["12345671"]
    assert found_ids(*meters, digits=HEX_DIGITS) == ["12345671", "1234567A"]


def test_search_below_a_mask_and_with_a_lost_acknowledgement() -> None:
    meters = [meter(n + 1, ident, faults=Faults(drop_first=n % 2)) for n, ident in enumerate(IDENTS)]
    assert found_ids(*meters, mask="12FFFFFF") == ["12345678", "12345679", "12995678"]


def test_primary_scan() -> None:
    meters = [
        meter(1, "11111111"),
        meter(3, "33333333", faults=Faults(drop_first=1)),
        meter(5, "55555555"),
        meter(5, "66666666"),
        meter(7, "77777777", faults=Faults(bad_checksum=1)),
    ]
    found = list(scan_primary(master_of(*meters), range(9)))
    assert [(f.address, f.header.id if f.header else None, f.collision) for f in found] == [
        ("1", "11111111", False),
        ("3", "33333333", False),
        ("5", None, True),
        ("7", "77777777", False),
    ]


def test_a_dozen_meters_are_found_with_few_requests_and_little_time() -> None:
    """Bus time at 2400 baud on the virtual clock, with the time-out that `scan` uses."""
    source = random.Random(12)
    meters = [
        meter(n + 1, f"{source.randrange(10**8):08}", offset_bits=source.random() * 30) for n in range(12)
    ]
    master = master_of(*meters)
    master.timeout = 0.3
    assert len([f for f in search_secondary(master) if f.header]) == 12
    assert master.requests <= 90
    assert master.transport.now() < 30
