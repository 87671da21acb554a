"""The texts of СПСеть (SPBus), which СПТ961 speaks: fields between HT, records ended by FF, all in cp866.

A frame: `10 01 [DAD SAD] 10 1F FNC 10 02 {HT field … FF}* 10 03 CRC CRC`; a byte 10h of the addresses is doubled.
Source: the maker's published library; the frame of its description is a golden test.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway_sim.field.errors import BadAnswer
from gateway_sim.meters.crc import crc_ccitt

DLE, SOH, ISI, STX, ETX, HT, FF = 0x10, 0x01, 0x1F, 0x02, 0x03, 0x09, 0x0C
READ, READ_ANSWER = 0x1D, 0x03
TABLE, TABLE_ANSWER = 0x19, 0x21
ROW, ROW_ANSWER = 0x18, 0x20
WRITE_RESULT = 0x7F
OWN = 0x80  # marks the sender's address


@dataclass(frozen=True)
class Message:
    function: int
    records: list[list[str]]


def frame(function: int, records: list[list[str]], addresses: tuple[int, int] | None = None) -> bytes:
    """`addresses`: receiver and sender; none on a line of one meter."""
    body = b""
    if addresses is not None:
        receiver, sender = addresses
        body += _doubled(receiver) + _doubled(OWN | sender)
    body += bytes([DLE, ISI, function, DLE, STX])
    for record in records:
        body += b"".join(bytes([HT]) + field.encode("cp866", "replace") for field in record) + bytes([FF])
    body += bytes([DLE, ETX])
    return bytes([DLE, SOH]) + body + crc_ccitt(body).to_bytes(2, "big")


def _doubled(address: int) -> bytes:
    return bytes([address, address]) if address == DLE else bytes([address])


def message_of(heard: bytes) -> Message | None:
    """The first whole message in `heard`; None while it is not whole. `BadAnswer` for a wrong checksum."""
    start = heard.find(bytes([DLE, SOH]))
    end = heard.find(bytes([DLE, ETX]), start + 2)
    if start < 0 or end < 0 or len(heard) < end + 4:
        return None
    body = heard[start + 2 : end + 4]
    if crc_ccitt(body):
        raise BadAnswer("the checksum of the message is wrong")
    head, mark, data = body[:-4].partition(bytes([DLE, STX]))
    _addresses, mark2, function = head.rpartition(bytes([DLE, ISI]))
    if not mark or not mark2 or not function:
        raise BadAnswer("the message has no head")
    return Message(function[0], _records(data))


def _records(data: bytes) -> list[list[str]]:
    records = []
    for part in data.split(bytes([FF])):
        if part:
            fields = part.decode("cp866", "replace").split("\t")
            records.append([field.strip() for field in fields[1:]])
    return records
