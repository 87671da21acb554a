"""`decode`: telegrams as hexadecimal text into records."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from gateway_sim.mbus.decode import decode_frame
from gateway_sim.mbus.errors import FrameError, MBusError
from gateway_sim.mbus.jsonform import telegrams_form, value_text
from gateway_sim.mbus.records import Telegram

HELP = "decode M-Bus telegrams given as hexadecimal text"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object a telegram")
    parser.add_argument(
        "hex",
        nargs="?",
        default="-",
        metavar="HEX|-",
        help="one answer (several telegrams of it separated by commas); - reads one a line from standard input",
    )


def run(args: argparse.Namespace) -> int:
    """0 done, 2 for a broken frame given as an argument; a broken line of standard input is answered in place."""
    if args.hex == "-":
        return _stream(args.json)
    try:
        telegrams = decode_text(args.hex)
    except MBusError as error:
        print(f"decode: {error.code}: {error}", file=sys.stderr)
        return 2
    print(_json(telegrams_form(telegrams)) if args.json else readable(telegrams))
    return 0


def decode_text(text: str) -> list[Telegram]:
    """One answer: hexadecimal telegrams separated by commas; blanks inside are ignored."""
    telegrams = []
    for part in text.split(","):
        try:
            raw = bytes.fromhex(part.strip())
        except ValueError:
            raise FrameError("hex", "the telegram is not hexadecimal text") from None
        telegrams.append(decode_frame(raw))
    return telegrams


def _stream(as_json: bool) -> int:
    # Bytes that are no text must not stop the stream: they become a line that is not hexadecimal.
    source = sys.stdin.buffer if hasattr(sys.stdin, "buffer") else None
    lines = (line.decode("ascii", "replace") for line in source) if source is not None else iter(sys.stdin)
    for line in lines:
        if not line.strip():
            continue
        try:
            telegrams = decode_text(line)
        except MBusError as error:
            failure = {"error": error.code, "message": str(error)}
            print(_json(failure) if as_json else f"error: {error.code}: {error}", flush=True)
            continue
        print(_json(telegrams_form(telegrams)) if as_json else readable(telegrams), flush=True)
    return 0


def _json(form: dict[str, Any]) -> str:
    return json.dumps(form, ensure_ascii=False)


def readable(telegrams: list[Telegram]) -> str:
    """For people: one line for the meter, one a record."""
    header = telegrams[0].header
    lines = [
        f"{header.secondary or '(no identification)'}  {header.medium_name}  access {header.access_number}"
        f"  status {header.status}"
    ]
    for telegram in telegrams:
        for r in telegram.records:
            where = f"{r.storage}/{r.tariff}/{r.subunit}"
            text = value_text(r.value)
            flags = f"  [{', '.join(r.flags)}]" if r.flags else ""
            shown = f"{text if text is not None else '-'} {r.unit}".rstrip()
            lines.append(f"  {r.function:<13}  {where:<7}  {r.quantity:<24}  {shown}{flags}")
    if telegrams[-1].more_follows:
        lines.append("  more follows")
    return "\n".join(lines)
