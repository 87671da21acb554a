"""From what a meter said to what the portal is told: the right record, in the register's unit, exactly."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from gateway_sim.agent.spool import Measurement
from gateway_sim.mbus.records import Record, Telegram
from gateway_sim.site import Meter, Register

# unit → (dimension, factor to the dimension's base). 1 Gcal = 1163 kWh is the portal's own definition.
_UNITS: dict[str, tuple[str, Fraction]] = {
    "J": ("energy", Fraction(1)),
    "MJ": ("energy", Fraction(10**6)),
    "GJ": ("energy", Fraction(10**9)),
    "Wh": ("energy", Fraction(3600)),
    "kWh": ("energy", Fraction(3600 * 10**3)),
    "MWh": ("energy", Fraction(3600 * 10**6)),
    "cal": ("energy", Fraction(41868, 10**4)),
    "Gcal": ("energy", Fraction(1163 * 3600 * 10**3)),
    "m3": ("volume", Fraction(1)),
    "l": ("volume", Fraction(1, 1000)),
    "ft3": ("volume", Fraction(28316846592, 10**12)),
    "W": ("power", Fraction(1)),
    "kW": ("power", Fraction(1000)),
    "J/h": ("power", Fraction(1, 3600)),
    "m3/h": ("volume_flow", Fraction(1)),
    "m3/min": ("volume_flow", Fraction(60)),
    "m3/s": ("volume_flow", Fraction(3600)),
    "C": ("temperature", Fraction(1)),
    "kg": ("mass", Fraction(1)),
    "t": ("mass", Fraction(1000)),
}


class UnitError(ValueError):
    """The two units do not measure the same."""


def convert(value: Decimal, unit: str, target: str, exponent: int) -> str:
    """`value` in `unit` as decimal text in `target`, a multiple of 10^exponent, rounded half away from zero.

    Exact up to that one rounding. Raises `UnitError`.
    """
    if unit not in _UNITS or target not in _UNITS or _UNITS[unit][0] != _UNITS[target][0]:
        raise UnitError(f"{unit or 'no unit'} cannot be told in {target}")
    exact = Fraction(value) * _UNITS[unit][1] / _UNITS[target][1]
    steps = abs(exact) / Fraction(10) ** exponent
    whole = (2 * steps.numerator + steps.denominator) // (2 * steps.denominator)
    sign = "-" if exact < 0 and whole else ""
    if exponent >= 0:
        return f"{sign}{whole * 10**exponent}"
    digits = f"{whole:0{1 - exponent}d}"
    return f"{sign}{digits[:exponent]}.{digits[exponent:]}"


def identity_fault(meter: Meter, telegrams: Iterable[Telegram]) -> str:
    """Why the answer is not this meter's, or nothing. An answer without an identity passes: the address is
    all there is to go by."""
    for telegram in telegrams:
        told = telegram.header.id
        if told is not None and _digits(told) != _digits(meter.serial):
            return f"meter {meter.ref}: the site file says serial {meter.serial}, the meter says {told}"
    return ""


def _digits(serial: str) -> str:
    return serial.strip().upper().lstrip("0")


def measurements(meter: Meter, telegrams: Iterable[Telegram]) -> tuple[list[Measurement], list[str]]:
    """What to spool of one meter's answer, and a sentence for every register that got nothing."""
    records = [record for telegram in telegrams for record in telegram.records]
    found: list[Measurement] = []
    notes: list[str] = []
    for register in meter.registers:
        outcome = _measure(register, records)
        if isinstance(outcome, str):
            notes.append(f"meter {meter.ref}, register {register.ref}: {outcome}")
        else:
            text = outcome[0]
            found.append(Measurement(meter.ref, register.ref, text, register.kind == "instantaneous"))
    return found, notes


def _measure(register: Register, records: Iterable[Record]) -> str | tuple[str]:
    """(the value,) or the reason why there is none."""
    pick = register.record
    wanted = (pick.quantity, pick.storage, pick.tariff, pick.subunit, pick.function)
    fitting = [r for r in records if (r.quantity, r.storage, r.tariff, r.subunit, r.function) == wanted]
    if not fitting:
        return "the meter's answer holds no such record"
    sound = [r for r in fitting if not r.faulty]
    if not sound:
        return f"the meter marks its record as faulty ({', '.join(fitting[0].flags)})"
    # A flag that is no fault narrows the meaning (one phase, one direction): the plain record goes first,
    # and among several narrowed ones there is no telling which is meant.
    plain = [r for r in sound if not r.flags] or sound
    if len(plain) > 1 and plain[0].flags:
        return "several records fit and none of them is plain"
    record = plain[0]
    if not isinstance(record.value, Decimal) or not record.value.is_finite():
        return "the record holds no number"
    try:
        return (convert(record.value, record.unit, register.unit, register.exponent),)
    except UnitError as error:
        return str(error)
