"""From a site file to simulated meters.

A register with `simulate` shows `index` at the instant `at` and `per_day` more each day, shaped by the hour: the
day's increase follows `SHAPE`, so there is a night, a morning and an evening, the index never falls and every
whole day adds exactly `per_day`. An instantaneous register swings around `index` by `per_day` times how far
the hour stands above or below the average hour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal

from gateway_sim.mbus.address import Secondary, parse_address
from gateway_sim.mbus.encode import encode_record, spread
from gateway_sim.mbus.header import Header
from gateway_sim.simulator.meter import SimulatedMeter
from gateway_sim.site_model import Meter, Register, Simulation, Site

Now = Callable[[], datetime]

# Share of the day's increase in each hour (UTC), in 240ths: they sum to 240.
SHAPE = (4, 3, 3, 3, 4, 7, 14, 18, 16, 11, 9, 9, 11, 9, 8, 8, 9, 13, 18, 20, 17, 13, 8, 5)
_SHARES = sum(SHAPE)
_BEFORE = tuple(sum(SHAPE[:hour]) for hour in range(25))

MEDIUM_CODES = {
    "heat": 0x04, "cooling": 0x0A, "hot_water": 0x06, "cold_water": 0x16, "electricity": 0x02, "gas": 0x03,
    "temperature": 0x1B, "other": 0x00,
}  # fmt: skip

# Unit of a site file -> (unit on the wire, decimal exponent between them).
UNITS = {
    "Wh": ("Wh", 0), "kWh": ("Wh", 3), "MWh": ("Wh", 6), "MJ": ("J", 6), "GJ": ("J", 9), "Gcal": ("cal", 9),
    "l": ("m3", -3), "m3": ("m3", 0), "kg": ("kg", 0), "t": ("kg", 3), "C": ("C", 0), "K": ("K", 0),
    "W": ("W", 0), "kW": ("W", 3), "m3/h": ("m3/h", 0), "kg/h": ("kg/h", 0), "bar": ("bar", 0), "V": ("V", 0),
    "A": ("A", 0), "Hz": ("Hz", 0),
}  # fmt: skip


def index_at(simulation: Simulation, when: datetime, *, cumulative: bool = True) -> Decimal:
    """The unrounded value at an aware instant, in the register's unit."""
    if cumulative:
        return simulation.index + simulation.per_day * (_days(when) - _days(simulation.at))
    share = Decimal(SHAPE[when.astimezone(UTC).hour] * len(SHAPE)) / _SHARES
    return simulation.index + simulation.per_day * (share - 1)


def _days(when: datetime) -> Decimal:
    """Days since year 1 with the day's shape instead of an even flow of time: piecewise linear, never falling."""
    utc = when.astimezone(UTC)
    second = utc.minute * 60 + utc.second
    done = Decimal(_BEFORE[utc.hour]) + Decimal(SHAPE[utc.hour]) * second / 3600
    return utc.toordinal() + done / _SHARES


def build_meters(site: Site, bus: str, *, now: Now | None = None) -> list[SimulatedMeter]:
    """The meters of one bus that have at least one register with `simulate`."""
    clock = now or (lambda: datetime.now(UTC))
    meters = []
    for n, meter in enumerate(site.meters_on(bus)):
        if any(register.simulate for register in meter.registers):
            # Meters never answer on the very same bit: each has its own reaction time.
            meters.append(build_meter(meter, clock, offset_bits=(n * 7) % 40))
    return meters


def build_meter(meter: Meter, now: Now, *, offset_bits: float = 0.0) -> SimulatedMeter:
    target = parse_address(meter.address)
    primary = target if isinstance(target, int) else 0
    known = target if isinstance(target, Secondary) else Secondary()
    digits = "".join(c for c in meter.serial if c.isdecimal())[-8:].rjust(8, "0")
    header = Header(
        id=digits if isinstance(target, int) else known.id,
        manufacturer=known.manufacturer or _maker(meter.manufacturer),
        version=1 if known.version is None else known.version,
        medium=MEDIUM_CODES.get(meter.medium, 0) if known.medium is None else known.medium,
        status=0,
    )

    def source() -> Sequence[Sequence[bytes]]:
        return spread(meter_records(meter, header, now()), meter.telegrams)

    return SimulatedMeter(primary, header, source, offset_bits=offset_bits)


def _maker(name: str) -> str:
    letters = "".join(c for c in name.upper() if "A" <= c <= "Z")
    return (letters + "SIM")[:3]


def meter_records(meter: Meter, header: Header, when: datetime) -> list[bytes]:
    """What the meter says at an instant: its number, its clock (UTC), its registers."""
    # A real meter's clock: whole minutes, no zone.
    clock = when.astimezone(UTC).replace(second=0, microsecond=0, tzinfo=None)
    records = [
        encode_record("fabrication_number", Decimal(header.id or "0"), coding="bcd8"),
        encode_record("datetime", clock, coding="f"),
    ]
    binary = meter.medium in ("electricity", "temperature", "other")
    records += [register_record(r, r.simulate, when, binary=binary) for r in meter.registers if r.simulate]
    return records


def register_record(
    register: Register, simulation: Simulation, when: datetime, *, binary: bool = False
) -> bytes:
    """`binary` meters (electricity) send integers, the others BCD, as their kinds do."""
    unit, shift = UNITS[register.unit]
    cumulative = register.kind == "cumulative"
    value = index_at(simulation, when, cumulative=cumulative)
    if register.rollover and cumulative:
        value %= register.rollover
    steps = int(value.scaleb(-register.exponent).to_integral_value(ROUND_FLOOR))
    exponent = shift + register.exponent
    pick = register.record
    return encode_record(
        pick.quantity,
        Decimal(steps).scaleb(exponent),
        coding=_coding(steps, binary=binary),
        unit=unit,
        exponent=exponent,
        function=pick.function,
        storage=pick.storage,
        tariff=pick.tariff,
        subunit=pick.subunit,
    )


def _coding(steps: int, *, binary: bool) -> str:
    if binary or steps < 0:
        return "int32" if -(2**31) < steps < 2**31 else "int64"
    return "bcd8" if steps < 10**8 else "bcd12"
