"""Addresses of a bus: primary numbers and secondary identities with wildcards."""

from __future__ import annotations

from dataclasses import dataclass

from gateway_sim.mbus.errors import AddressError, EncodeError
from gateway_sim.mbus.header import Header, manufacturer_code

WILD_ID = "F" * 8
_HEX = frozenset("0123456789ABCDEF")


@dataclass(frozen=True, slots=True)
class Secondary:
    """Identification, manufacturer, version and medium; F digits and None match anything."""

    id: str = WILD_ID
    manufacturer: str | None = None
    version: int | None = None
    medium: int | None = None

    def mask(self) -> bytes:
        """The eight bytes of a selection."""
        maker = (
            b"\xff\xff"
            if self.manufacturer is None
            else manufacturer_code(self.manufacturer).to_bytes(2, "little")
        )
        version = 0xFF if self.version is None else self.version
        medium = 0xFF if self.medium is None else self.medium
        return bytes.fromhex(self.id)[::-1] + maker + bytes((version, medium))

    def matches(self, header: Header) -> bool:
        """Whether an answer with this header can come from a selected meter."""
        if header.id is None:  # an answer without identity proves nothing either way
            return True
        if any(want not in ("F", have) for want, have in zip(self.id, header.id, strict=True)):
            return False
        return (
            (self.manufacturer is None or header.manufacturer in (None, self.manufacturer))
            and (self.version is None or header.version in (None, self.version))
            and (self.medium is None or header.medium in (None, self.medium))
        )

    def __str__(self) -> str:
        if self.manufacturer is None and self.version is None and self.medium is None:
            return self.id
        version = "FF" if self.version is None else f"{self.version:02X}"
        medium = "FF" if self.medium is None else f"{self.medium:02X}"
        return f"{self.id}.{self.manufacturer or 'FFF'}.{version}.{medium}"


def parse_address(text: str) -> int | Secondary:
    """`"1"` … `"250"` is primary; eight digits, or `id.manufacturer.version.medium` with hexadecimal version and
    medium, is secondary. FFF and FF stand for any manufacturer, version or medium."""
    text = text.strip().upper()
    if text.isdecimal() and len(text) <= 3:
        if not 0 <= int(text) <= 250:
            raise AddressError(f"{text} is no primary address (0 to 250)")
        return int(text)
    parts = text.split(".")
    if len(parts[0]) != 8 or not set(parts[0]) <= _HEX or len(parts) not in (1, 4):
        raise AddressError(f"{text!r} is neither a primary (1 to 250) nor a secondary address")
    if len(parts) == 1:
        return Secondary(parts[0])
    maker = None if parts[1] == "FFF" else parts[1]
    try:
        if maker is not None:
            manufacturer_code(maker)
        version, medium = (int(part, 16) for part in parts[2:])
    except (ValueError, EncodeError):
        raise AddressError(f"{text!r} is no secondary address: ID.MAN.VV.MM") from None
    if not (0 <= version <= 255 and 0 <= medium <= 255):
        raise AddressError(f"{text!r}: version and medium are one byte each")
    return Secondary(
        parts[0], maker, None if version == 0xFF else version, None if medium == 0xFF else medium
    )
