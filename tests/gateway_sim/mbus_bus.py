"""A small simulated bus for the tests, on a virtual clock."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from gateway_sim.mbus.encode import encode_record
from gateway_sim.mbus.header import Header
from gateway_sim.mbus.master import Master
from gateway_sim.mbus.records import Telegram
from gateway_sim.simulator.bus import Bus
from gateway_sim.simulator.meter import Faults, SimulatedMeter
from gateway_sim.simulator.ports import VirtualTransport


def volume(litres: int, storage: int = 0) -> bytes:
    value = Decimal(litres).scaleb(-3)
    return encode_record("volume", value, coding="bcd8", unit="m3", exponent=-3, storage=storage)


def meter(
    primary: int,
    ident: str = "12345678",
    telegrams: int = 1,
    faults: Faults | None = None,
    offset_bits: float = 0.0,
    medium: int = 7,
) -> SimulatedMeter:
    """Telegram n of the answer holds the volume n + 1 litres in storage n."""
    answer: Sequence[Sequence[bytes]] = [[volume(n + 1, n)] for n in range(telegrams)]
    header = Header(ident, "TST", 1, medium, 0, 0)
    return SimulatedMeter(primary, header, lambda: answer, faults or Faults(), offset_bits=offset_bits)


def master_of(
    *meters: SimulatedMeter, retries: int = 2, echo: bool = False, check_baud: bool = False
) -> Master:
    return Master(VirtualTransport(Bus(meters, echo=echo, check_baud=check_baud)), retries=retries)


def litres(telegrams: Sequence[Telegram]) -> list[int]:
    return [int(r.value * 1000) for t in telegrams for r in t.records if isinstance(r.value, Decimal)]
