"""Modbus RTU frames, as the heat meters of Карат speak them: function 03 and 04 read, 10 selects a record."""

from __future__ import annotations

from gateway_sim.field.errors import PasswordNeeded, Refused
from gateway_sim.meters.crc import crc_modbus

READ, READ_INPUT, WRITE = 0x03, 0x04, 0x10
REFUSALS = {
    1: "it does not know the function", 2: "it has no such register", 3: "the count is wrong",
    4: "it is in work mode", 5: "it is being calibrated", 6: "the request is short",
}  # fmt: skip
WRONG_PASSWORD = 7


def frame(address: int, function: int, data: bytes) -> bytes:
    body = bytes([address, function]) + data
    return body + crc_modbus(body).to_bytes(2, "little")


def read_request(address: int, function: int, register: int, count: int) -> bytes:
    return frame(address, function, register.to_bytes(2, "big") + count.to_bytes(2, "big"))


def write_request(address: int, register: int, data: bytes) -> bytes:
    head = register.to_bytes(2, "big") + (len(data) // 2).to_bytes(2, "big") + bytes([len(data)])
    return frame(address, WRITE, head + data)


def read_answer(heard: bytes, address: int, function: int, count: int) -> bytes | None:
    """The data of a good answer with `count` registers anywhere in `heard`; None while there is none."""
    return _find(heard, address, function, bytes([count * 2]), count * 2)


def write_answer(heard: bytes, address: int, register: int, count: int) -> bytes | None:
    head = register.to_bytes(2, "big") + count.to_bytes(2, "big")
    found = _find(heard, address, WRITE, head, 0)
    return None if found is None else head


def _find(heard: bytes, address: int, function: int, head: bytes, size: int) -> bytes | None:
    for start in range(len(heard)):
        refusal = heard[start : start + 5]
        if len(refusal) == 5 and refusal[:2] == bytes([address, function | 0x80]) and _good(refusal):
            _refuse(refusal[2])
        begin = bytes([address, function]) + head
        frame_ = heard[start : start + len(begin) + size + 2]
        if frame_.startswith(begin) and len(frame_) == len(begin) + size + 2 and _good(frame_):
            return frame_[len(begin) : -2]
    return None


def _good(frame_: bytes) -> bool:
    return crc_modbus(frame_[:-2]) == int.from_bytes(frame_[-2:], "little")


def _refuse(code: int) -> None:
    if code == WRONG_PASSWORD:
        raise PasswordNeeded("the meter asks for its password")
    raise Refused(f"the meter refuses: {REFUSALS.get(code, f'error {code}')}", error=code)


def request_of(heard: bytes) -> tuple[int, int, bytes] | None:
    """For simulators: address, function and data of a whole good request."""
    if len(heard) < 8 or not _good(heard):
        return None
    return heard[0], heard[1], heard[2:-2]
