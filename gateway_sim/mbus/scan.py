"""Who is on the bus: a walk over the primary addresses, or a search over secondary identities with wildcards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gateway_sim.mbus.address import WILD_ID, Secondary
from gateway_sim.mbus.errors import BadAnswer, BusError, Collision, MBusError, NoAnswer, TransportError
from gateway_sim.mbus.frames import ADDRESS_SELECTED
from gateway_sim.mbus.header import MEDIA, Header
from gateway_sim.mbus.master import Master

DECIMAL_DIGITS = "0123456789"
HEX_DIGITS = "0123456789ABCDE"  # F is the wildcard itself
SILENCE_RETRIES = 1


@dataclass(frozen=True, slots=True)
class Found:
    """`address` reads it. `header` is None where something answers that cannot be told apart (`collision`) or
    whose telegram cannot be read (`error`)."""

    address: str
    header: Header | None
    collision: bool = False
    error: str = ""


def scan_primary(master: Master, addresses: Iterable[int] = range(1, 251)) -> Iterator[Found]:
    """Each address that answers SND_NKE or REQ_UD2, as it is found."""
    for address in addresses:
        acknowledged = True
        try:
            master.reset(address, retries=SILENCE_RETRIES)
        except NoAnswer:
            continue
        except TransportError:
            raise
        except BusError:
            acknowledged = False  # a damaged E5: a collision, or noise
        try:
            telegram = master.probe(address)
        except Collision:
            if acknowledged or _still_there(master, address):
                yield Found(str(address), None, collision=True)
            continue
        except MBusError as error:
            yield Found(str(address), None, error=error.code)
            continue
        yield Found(str(address), telegram.header)


def _still_there(master: Master, address: int) -> bool:
    try:
        master.reset(address, retries=SILENCE_RETRIES)
    except NoAnswer:
        return False
    except BusError:
        return True
    return True


def search_secondary(
    master: Master, pattern: Secondary | None = None, *, digits: str = DECIMAL_DIGITS
) -> Iterator[Found]:
    """Every meter that matches `pattern` (any by default), as it is found.

    A mask that gets no acknowledgement ends its branch; one meter with a clean telegram is a find; everything
    else - a damaged acknowledgement, or a clean one with no valid telegram after it - is a collision, and the
    next digit is spelled out. Identities that are equal in all eight digits are told apart by their medium.
    """
    start = pattern or Secondary()
    try:
        yield from _search(master, start, digits)
    finally:
        master.deselect()


def _search(master: Master, mask: Secondary, digits: str) -> Iterator[Found]:
    try:
        master.select(mask, retries=SILENCE_RETRIES)
    except NoAnswer:
        return
    except BadAnswer:
        yield from _deeper(master, mask, digits)
        return
    try:
        telegram = master.probe(ADDRESS_SELECTED, mask)
    except Collision:
        yield from _deeper(master, mask, digits)
        return
    except MBusError as error:
        yield Found(str(mask), None, error=error.code)
        return
    header = telegram.header
    if "F" in mask.id and header.id is not None and not _exists(master, header.id):
        # Two telegrams in step can read as a third one whose checksum happens to fit: a meter that is not there.
        yield from _deeper(master, mask, digits)
        return
    yield Found(header.secondary or str(mask), header)


def _exists(master: Master, ident: str) -> bool:
    try:
        master.select(Secondary(ident), retries=SILENCE_RETRIES)
    except NoAnswer:
        return False
    except BadAnswer:
        return True
    return True


def _deeper(master: Master, mask: Secondary, digits: str) -> Iterator[Found]:
    wild = mask.id.find("F")
    if wild >= 0:
        for digit in digits:
            yield from _search(master, replace(mask, id=mask.id[:wild] + digit + mask.id[wild + 1 :]), digits)
    elif mask.medium is None:
        found = False
        for medium in sorted(MEDIA):
            for one in _search(master, replace(mask, medium=medium), digits):
                found = True
                yield one
        if not found:
            yield Found(str(mask), None, collision=True)
    else:
        yield Found(str(mask), None, collision=True)


__all__ = ["DECIMAL_DIGITS", "HEX_DIGITS", "WILD_ID", "Found", "scan_primary", "search_secondary"]
