"""Registers of a publication: what each installed meter counts, in which steps."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from servers.models import Register
from servers.publication_document import RegisterEntry
from servers.rates import max_per_hour
from servers.services.publication_difference import Difference
from servers.services.publication_meters import Wanted, in_chunks, write_same

Spec = tuple[Any, ...]


def registers_apply(*, wanted: list[Wanted], at: datetime, difference: Difference) -> None:
    """A changed unit, exponent or rollover makes a new register: the old one's index is not to be read on."""
    standing: dict[int, dict[str, list[Register]]] = defaultdict(lambda: defaultdict(list))
    installations = [item.installation.pk for item in wanted if item.installation is not None]
    for register in in_chunks(Register.objects.order_by("pk"), "installation_id", installations):
        standing[register.installation_id][register.ref].append(register)
    created: list[Register] = []
    changed: list[Register] = []
    for item in wanted:
        assert item.installation is not None
        have = standing.get(item.installation.pk, {})
        _of_one_meter(item, have, at, difference, created, changed)
    # first the ones that end: of a ref only one may be current
    write_same(Register, changed, "retired_at")
    Register.objects.bulk_create(created, batch_size=1000)


def _of_one_meter(
    item: Wanted,
    have: dict[str, list[Register]],
    at: datetime,
    difference: Difference,
    created: list[Register],
    changed: list[Register],
) -> None:
    entry = item.entry
    for register in entry.registers:
        name = f"{entry.ref}/{register.ref}"
        earlier = have.get(register.ref, [])
        last = earlier[-1] if earlier else None
        if last is not None and _spec_of(last) == _spec(register):
            if last.retired_at is not None:  # it was hidden or forgotten for a while: its index goes on
                last.retired_at = None
                changed.append(last)
                difference.add("registers", "new", ref=name, name=f"{name} ({register.unit})")
            continue
        if last is not None and last.retired_at is None:
            last.retired_at = at
            changed.append(last)
            difference.add("registers", "changed", ref=name, old=last.unit, new=register.unit)
        else:
            difference.add("registers", "new", ref=name, name=f"{name} ({register.unit})")
        created.append(_new(item, register, at))
    named = {register.ref for register in entry.registers}
    for ref, registers in have.items():
        if ref not in named and registers[-1].retired_at is None:
            registers[-1].retired_at = at
            changed.append(registers[-1])
            difference.add(
                "registers",
                "vanished",
                ref=f"{entry.ref}/{ref}",
                name=f"{entry.ref}/{ref} ({registers[-1].unit})",
            )


def _new(item: Wanted, register: RegisterEntry, at: datetime) -> Register:
    rate = max_per_hour(medium=item.entry.medium, unit=register.unit, exponent=register.exponent)
    return Register(
        installation=item.installation,
        ref=register.ref,
        quantity=register.quantity,
        unit=register.unit,
        exponent=register.exponent,
        tariff_index=register.tariff_index,
        kind=register.kind,
        span=register.span,
        max_per_hour=rate if register.kind == Register.Kind.CUMULATIVE else None,
        created_at=at,
    )


def _spec(register: RegisterEntry) -> Spec:
    return (
        register.quantity, register.unit, register.exponent, register.tariff_index, register.kind, register.span,
    )  # fmt: skip


def _spec_of(register: Register) -> Spec:
    return (
        register.quantity, register.unit, register.exponent, register.tariff_index, register.kind, register.span,
    )  # fmt: skip
