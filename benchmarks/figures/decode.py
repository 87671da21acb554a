"""Decoding telegrams beside pymbusparser (a Rust parser) and pymeterbus: bytes to records with every value read.

The telegrams are our own: what the meters of the example site answer, and some written by hand for what
encoders do not make. Each side gets only telegrams that it decodes without an error, the same for both.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pymbusparser

from benchmarks.frame import Figure, Side
from gateway_sim.mbus.decode import decode_frame
from gateway_sim.mbus.encode import encode_answer
from gateway_sim.mbus.frames import long_frame
from gateway_sim.simulator.build import build_meters
from gateway_sim.site import load_site

handlers = logging.root.handlers[:]
import meterbus  # noqa: E402 - takes over the root logger, which is put back

logging.root.handlers[:] = handlers

SITE = Path(__file__).resolve().parents[2] / "gateway_sim" / "examples" / "site.toml"
WHEN = datetime(2026, 11, 22, 12, 34, tzinfo=UTC)
HEADER = "78563412 2D2C 04 04 2A 00 0000"
BY_HAND = (
    # a heat meter: integers, BCD, REAL32, type F and G, maxima, storages
    "0C78 78563412  046D 1E0E563B  0C06 67452301  0B3B 001200  0A5A 1206  0A5E 8703  0B60 002502"
    " 052E 0000C03F  426C 7F3C  4C06 00100000  9B102D 345600  8C1006 11223344  CC1006 55667788",
    # an electricity meter: tariffs, negative numbers, FD codes
    "0403 10270000 841003 E8030000 842003 D0070000 042B F6FFFFFF 02FD48 FC08 03FD59 102700 04FB8273 23000000",
    # a water meter with its history
    "0C13 27041985 046D 0C0D563B 4C13 00041985 426C 5E3B CC0113 00031985 C2016C 5F3A 8C0213 00021985 01FD17 00",
    # as many records as a telegram holds
    " ".join(f"8C{n % 16:02X}06 {n:02d}452301" for n in range(33)),
)


def telegrams() -> list[bytes]:
    found = [long_frame(0x08, 1, 0x72, bytes.fromhex((HEADER + text).replace(" ", ""))) for text in BY_HAND]
    site = load_site(SITE)
    for bus in site.buses:
        for meter in build_meters(site, bus, now=lambda: WHEN):
            # Without "more follows": pymeterbus makes an empty record of it.
            found += [encode_answer(meter.primary, meter.header, part) for part in meter.source()]
    return found


def ours(raw: bytes) -> list[Any]:
    return [record.value for record in decode_frame(raw).records]


def rust(raw: bytes) -> list[Any]:
    return [record.get("value") for record in pymbusparser.parse(raw)["records"]]


def meterbus_values(raw: bytes) -> list[Any]:
    return [record.value for record in meterbus.load(raw).records]


def figures() -> Iterator[Figure]:
    raws = telegrams()
    everything = [
        (name, decode, target)
        for name, decode, target in (
            ("pymbusparser 0.5 (Rust)", rust, 1.0),
            ("pymeterbus 0.8", meterbus_values, 4.0),
        )
    ]
    for name, decode, target in everything:
        yield Figure(
            f"decode, {name.split()[0]}",
            Side("ours", lambda: [ours(raw) for raw in raws], lambda: _check(ours, raws)),
            Side(
                name,
                lambda decode=decode: [decode(raw) for raw in raws],
                lambda decode=decode: _check(decode, raws),
            ),
            target=target,
            work=len(raws),
            unit="telegrams",
        )


def _check(decode: Callable[[bytes], list[Any]], raws: list[bytes]) -> None:
    """Both sides do the whole work: as many values as we read, none of them empty."""
    for raw in raws:
        values, wanted = decode(raw), ours(raw)
        if len(values) < len(wanted) or any(value is None for value in values[: len(wanted)]):
            raise RuntimeError(f"{decode.__name__} leaves out records of {raw.hex()}: {values}")
