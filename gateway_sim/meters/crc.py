"""Checksums that several makers share."""

from __future__ import annotations


def _table(polynomial: int) -> list[int]:
    table = []
    for byte in range(256):
        crc = byte << 8
        for _bit in range(8):
            crc = (crc << 1 ^ polynomial) if crc & 0x8000 else crc << 1
        table.append(crc & 0xFFFF)
    return table


_CCITT = _table(0x1021)


def crc_ccitt(data: bytes, crc: int = 0) -> int:
    """CRC-16, polynomial 1021h, not reflected; 0 over data with its own checksum (high byte first) behind it."""
    for byte in data:
        crc = (crc << 8 & 0xFF00) ^ _CCITT[crc >> 8 ^ byte]
    return crc


def crc_modbus(data: bytes) -> int:
    """CRC-16, polynomial A001h reflected, begun with FFFFh; sent low byte first."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _bit in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc
