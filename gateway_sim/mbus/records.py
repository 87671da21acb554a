"""What a decoded answer is made of."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from gateway_sim.mbus.header import Header

Value = Decimal | date | datetime | time | str | None

# With one of these the value must not be used as a measurement, even where the meter's digits are kept.
FAULTS = frozenset(
    (
        "truncated", "invalid_bcd", "invalid", "not_a_number", "infinite", "no_data", "invalid_date", "invalid_time",
        "type_mismatch", "reserved_dif", "reserved_lvar", "too_many_difes", "too_many_vifes", "unknown_vif",
        "encrypted", "missing_vif", "error_no_data", "error_overflow", "error_underflow", "error_data",
        "error_premature_end", "error_too_many_difes", "error_storage_not_implemented",
        "error_subunit_not_implemented", "error_tariff_not_implemented", "error_function_not_implemented",
        "error_data_class_not_implemented", "error_data_size_not_implemented", "error_too_many_vifes",
        "error_illegal_vif_group", "error_illegal_vif_exponent", "error_vif_dif_mismatch",
        "error_action_not_implemented", "non_metric",
    )
)  # fmt: skip


class Record(NamedTuple):
    """One data record. A named tuple, not a dataclass: making one is a third of the decoder's time.

    `value` is a `Decimal` in `unit` (no scale left), a `date`, `datetime` (local time of the meter, no zone) or
    `time`; text for plain text, for opaque bytes (hexadecimal, in the order sent) and for dates that come back
    (`--12-31`); None when nothing can be read, and then a flag says why. `flags` also names what the VIFEs say
    about the value (`phase_l1`, `positive_only`, …). `raw` is the whole record as sent: DIB, VIB and data.
    """

    function: str
    storage: int
    tariff: int
    subunit: int
    quantity: str
    unit: str
    value: Value
    flags: tuple[str, ...]
    raw: bytes

    @property
    def faulty(self) -> bool:
        """True when the value is no measurement."""
        return not FAULTS.isdisjoint(self.flags)


class Telegram(NamedTuple):
    """One answer of a meter. `more_follows`: the meter has a further telegram (DIF 1Fh)."""

    header: Header
    records: tuple[Record, ...]
    more_follows: bool
    ci: int
    address: int
    raw: bytes

    @property
    def application_error(self) -> int | None:
        """The code of an application error (CI 70h), None for an answer with data."""
        if self.ci != 0x70:
            return None
        return self.raw[7] if len(self.raw) > 9 else 0
