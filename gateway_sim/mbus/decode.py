"""From wire bytes to records.

A field that cannot be read costs its own record a flag, never the telegram. What stands in front of the data of
a record (DIB and VIB) is resolved once and remembered: meters send the same blocks over and over, so the usual
record costs one dictionary look-up and one exact multiplication.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from gateway_sim.mbus import dib as dibs
from gateway_sim.mbus import values
from gateway_sim.mbus import vif_tables as tables
from gateway_sim.mbus.errors import TelegramError
from gateway_sim.mbus.fixed import parse_fixed
from gateway_sim.mbus.frames import Frame, parse_frame
from gateway_sim.mbus.header import LONG_SIZE, SHORT_SIZE, Header, parse_long, parse_short
from gateway_sim.mbus.lvar import lvar_size, lvar_value
from gateway_sim.mbus.plaintext import find_text
from gateway_sim.mbus.records import Record, Telegram, Value
from gateway_sim.mbus.vib import resolve

Flags = tuple[str, ...]

APPLICATION_ERRORS = {
    0: "unspecified", 1: "unimplemented_ci", 2: "buffer_too_long", 3: "too_many_records", 4: "premature_end",
    5: "too_many_difes", 6: "too_many_vifes", 7: "reserved", 8: "application_busy", 9: "too_many_readouts",
}  # fmt: skip
BUSY = 8

# Encryption modes of the configuration word that make the data unreadable without a key (OMS modes 5, 7, 13).
ENCRYPTED_MODES = frozenset((5, 7, 13))


class Plan(NamedTuple):
    """How to read one kind of record."""

    function: str
    storage: int
    tariff: int
    subunit: int
    quantity: str
    unit: str
    flags: Flags
    size: int  # bytes of data; -1 for LVAR
    read: Callable[[bytes, Plan], tuple[Value, Flags]] | None  # None: a plain signed integer
    lowest: int  # the signed integer that means "invalid"
    multiplier: Decimal
    addend: Decimal | None
    kind: str


_MAX_PLANS = 4096
_plans: dict[bytes, Plan] = {}
_multiply = values.EXACT.multiply
_new = tuple.__new__


def decode_frame(raw: bytes) -> Telegram:
    """One whole frame from a meter. `FrameError` for a broken envelope, `TelegramError` for one without data."""
    return decode_parsed(parse_frame(raw))


def decode_parsed(frame: Frame) -> Telegram:
    if frame.is_ack or frame.ci is None:
        raise TelegramError("no_data", "the frame holds no data: an acknowledgement or a short frame")
    if not frame.from_meter:
        raise TelegramError(
            "direction", f"the frame goes to a meter (C = {frame.control:02X}), it is no answer"
        )
    return decode_data(frame.ci, frame.data, address=frame.address, raw=frame.raw)


def decode_data(ci: int, data: bytes, *, address: int = 0, raw: bytes = b"") -> Telegram:
    """The user data after a CI field."""
    if ci in (0x72, 0x76):
        if len(data) < LONG_SIZE:
            raise TelegramError("header", f"the header has {len(data)} bytes instead of {LONG_SIZE}")
        header, body = parse_long(data, ci == 0x76), data[LONG_SIZE:]
    elif ci == 0x7A:
        if len(data) < SHORT_SIZE:
            raise TelegramError("header", f"the short header has {len(data)} bytes instead of {SHORT_SIZE}")
        header, body = parse_short(data), data[SHORT_SIZE:]
    elif ci == 0x78:
        header, body = Header(), data
    elif ci in (0x73, 0x77):
        header, fixed = parse_fixed(data, ci == 0x77)
        return Telegram(header, fixed, False, ci, address, raw)
    elif ci == 0x70:
        return Telegram(Header(), (_application_error(data),), False, ci, address, raw)
    else:
        raise TelegramError("ci", f"CI {ci:02X} is not an answer with data records")
    records, more = decode_records(body, msb_first=ci == 0x76, configuration=header.configuration)
    return Telegram(header, records, more, ci, address, raw)


def _application_error(data: bytes) -> Record:
    code = data[0] if data else 0
    name = APPLICATION_ERRORS.get(code, "unknown_error")
    return Record("error", 0, 0, 0, "application_error", "", Decimal(code), (name,), data)


def decode_records(
    body: bytes, *, msb_first: bool = False, configuration: int = 0
) -> tuple[tuple[Record, ...], bool]:
    """The records and whether DIF 1Fh announces another telegram."""
    records, more, faults, doubtful = _walk(body, True, msb_first)
    if doubtful:
        # A plain-text VIF that fits both orders: keep the reading that goes through the telegram best.
        other = _walk(body, False, msb_first)
        if other[2] < faults:
            records, more, faults, _ = other
    if configuration >> 8 & 0x1F in ENCRYPTED_MODES and body[:2] != b"\x2f\x2f":
        blocks = configuration >> 4 & 0x0F
        if 0 < blocks * 16 <= len(body) and (faults or _looks_random(records)):
            # Said to be encrypted, and it does not read as plain data either: show what is not encrypted.
            hidden = body[: blocks * 16]
            rest, more, _, _ = _walk(body[blocks * 16 :], True, msb_first)
            records = [_opaque("encrypted", hidden, hidden, ("encrypted",)), *rest]
    return tuple(records), more


def _looks_random(records: list[Record]) -> bool:
    """Whether records are more likely noise than data. Old meters send a signature where newer ones name the
    encryption, so the word alone proves nothing; but encrypted bytes read as records soon show an unknown VIF or
    an impossible digit, or open with "the rest is the maker's own"."""
    plain = [record for record in records if record.quantity != "manufacturer_specific"]
    return 4 * sum(record.faulty for record in plain) >= len(plain)


def _opaque(quantity: str, data: bytes, raw: bytes, flags: Flags = ()) -> Record:
    return Record("instantaneous", 0, 0, 0, quantity, "", data.hex(), flags, raw)


def _walk(data: bytes, text_first: bool, msb_first: bool) -> tuple[list[Record], bool, int, bool]:
    """Records, more_follows, number of records the structure of the data broke on, and whether a plain-text VIF
    could be read in both orders."""
    records: list[Record] = []
    add = records.append
    plans = _plans
    from_bytes = int.from_bytes
    at = start = faults = 0
    doubtful = False
    total = len(data)
    try:
        while at < total:
            start = at
            dif = data[at]
            if dif & 0x0F == 0x0F:
                if dif == dibs.DIF_IDLE:
                    at += 1
                    continue
                rest = data[at + 1 :]
                if dif in (dibs.DIF_MANUFACTURER, dibs.DIF_MORE_FOLLOWS):
                    add(_opaque("manufacturer_specific", rest, data[at:]))
                    return records, dif == dibs.DIF_MORE_FOLLOWS, faults, doubtful
                add(_opaque("unknown", rest, data[at:], ("reserved_dif",)))
                return records, False, faults + 1, doubtful
            while data[at] & 0x80:
                at += 1
            at += 1
            vif_at = at
            while data[at] & 0x80:
                at += 1
            at += 1
            if data[vif_at] & 0x7F == 0x7C:
                text = find_text(data, vif_at, at, text_first)
                doubtful |= text.doubtful
                at = text.end
                plan = _plan(data[start:vif_at], text.block, text.text)
            else:
                key = data[start:at]
                cached = plans.get(key)
                plan = cached if cached is not None else _remember(key, vif_at - start)
            (
                function,
                storage,
                tariff,
                subunit,
                quantity,
                unit,
                flags,
                size,
                read,
                lowest,
                factor,
                addend,
                _,
            ) = plan
            if size < 0:
                size = lvar_size(data[at]) + 1
            end = at + size
            if end > total:
                raise IndexError
            field = data[at:end]
            if msb_first:
                field = field[::-1] if plan.size > 0 else field[:1] + field[:0:-1]
            value: Value
            if read is None:
                number = from_bytes(field, "little", signed=True)
                value = _multiply(number, factor)
                if number == lowest:
                    flags += ("invalid",)
            else:
                value, more_flags = read(field, plan)
                if more_flags:
                    flags += more_flags
            if addend is not None and isinstance(value, Decimal):
                value = values.EXACT.add(value, addend)
            at = end
            add(
                _new(
                    Record,
                    (function, storage, tariff, subunit, quantity, unit, value, flags, data[start:end]),
                )
            )
    except IndexError:  # the data end inside a record
        add(_truncated(data[start:]))
        faults += 1
    return records, False, faults, doubtful


def _truncated(raw: bytes) -> Record:
    """What can still be said of a record whose data are missing."""
    at = 0
    while at < len(raw) and raw[at] & 0x80:
        at += 1
    block = dibs.parse_dib(raw[: at + 1])
    tail = raw[at + 1 :]
    quantity, unit = "unknown", ""
    if tail and tail[-1:] != b"\x80":
        end = 0
        while end < len(tail) and tail[end] & 0x80:
            end += 1
        if end < len(tail) and tail[0] & 0x7F != 0x7C:
            quantity, unit = resolve(tail[: end + 1])[:2]
    return Record(
        block.function, block.storage, block.tariff, block.subunit, quantity, unit, None, ("truncated",), raw
    )


def _remember(key: bytes, dib_size: int) -> Plan:
    if len(_plans) >= _MAX_PLANS:  # only hostile input gets here
        _plans.clear()
    plan = _plans[key] = _plan(key[:dib_size], key[dib_size:], None)
    return plan


def _plan(dib_block: bytes, vib_block: bytes, text: str | None) -> Plan:
    dib = dibs.parse_dib(dib_block)
    quantity, unit, multiplier, addend, kind, flags = resolve(vib_block, text)
    read: Callable[[bytes, Plan], tuple[Value, Flags]] | None
    if kind == tables.DATE:
        if dib.coding == dibs.INT:
            quantity = _date_quantity(quantity, dib.size)
        read = _DATE_READERS[dib.coding]
    elif dib.coding == dibs.INT:
        read = _read_unsigned if kind in (tables.UNSIGNED, tables.BITS) else None
    else:
        read = _READERS[dib.coding]
    lowest = -(1 << (8 * dib.size - 1)) if dib.size > 0 else 0
    return Plan(
        dib.function, dib.storage, dib.tariff, dib.subunit, quantity, unit, dib.flags + flags, dib.size, read,
        lowest, multiplier, addend, kind,
    )  # fmt: skip


def _date_quantity(quantity: str, size: int) -> str:
    if quantity not in ("date", "datetime"):
        return quantity
    return {2: "date", 3: "time"}.get(size, "datetime")


def _read_unsigned(field: bytes, plan: Plan) -> tuple[Value, Flags]:
    return _multiply(int.from_bytes(field, "little"), plan.multiplier), ()


def _read_bcd(field: bytes, plan: Plan) -> tuple[Value, Flags]:
    digits = field[::-1].hex()
    if digits.isdecimal():
        return _multiply(int(digits), plan.multiplier), ()
    number = values.bcd(field)
    if number is None:
        return None, ("invalid_bcd",)
    return _multiply(number, plan.multiplier), ()


def _read_real(field: bytes, plan: Plan) -> tuple[Value, Flags]:
    number, flags = values.real(field)
    if number is None:
        return None, flags
    if not number:
        return Decimal(0), flags
    return _multiply(number, plan.multiplier).normalize(values.EXACT), flags


def _read_none(field: bytes, plan: Plan) -> tuple[Value, Flags]:
    return None, ("no_data",)


def _read_date(field: bytes, plan: Plan) -> tuple[Value, Flags]:
    if len(field) not in (2, 3, 4, 6):
        return None, ("type_mismatch",)
    return values.moment(field)


def _read_bcd_date(field: bytes, plan: Plan) -> tuple[Value, Flags]:
    """Not in the standard, but sent: the digits of a date, YYMMDD[hhmm[ss]]. Anything else is no date."""
    value = values.bcd_moment(field)
    return (value, ("bcd_date",)) if value is not None else (None, ("type_mismatch",))


def _read_mismatch(field: bytes, plan: Plan) -> tuple[Value, Flags]:
    return None, ("type_mismatch",)


def _read_lvar(field: bytes, plan: Plan) -> tuple[Value, Flags]:
    return lvar_value(field, plan.kind, plan.unit, plan.multiplier)


_READERS: dict[str, Callable[[bytes, Plan], tuple[Value, Flags]]] = {
    dibs.REAL: _read_real, dibs.BCD: _read_bcd, dibs.NONE: _read_none, dibs.SELECT: _read_none,
    dibs.LVAR: _read_lvar,
}  # fmt: skip
_DATE_READERS: dict[str, Callable[[bytes, Plan], tuple[Value, Flags]]] = {
    dibs.INT: _read_date, dibs.REAL: _read_mismatch, dibs.BCD: _read_bcd_date, dibs.NONE: _read_none,
    dibs.SELECT: _read_none, dibs.LVAR: _read_lvar,
}  # fmt: skip
