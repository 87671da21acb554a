"""`scan`: who is on the bus."""

from __future__ import annotations

import argparse
import json
import sys

from gateway_sim.cli.bus_arguments import add_bus_arguments, with_master
from gateway_sim.mbus.address import Secondary, parse_address
from gateway_sim.mbus.errors import AddressError
from gateway_sim.mbus.master import Master
from gateway_sim.mbus.scan import DECIMAL_DIGITS, HEX_DIGITS, Found, scan_primary, search_secondary

HELP = "find the meters of a bus by primary or secondary address"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    # Silence is the usual answer of a scan, so it waits little: the standard allows 0.19 s at 2400 baud.
    add_bus_arguments(parser, timeout=0.3)
    parser.add_argument("--json", action="store_true", help="print one JSON object a meter")
    parser.add_argument("--secondary", action="store_true", help="search the identifications with wildcards")
    parser.add_argument(
        "--mask", default="FFFFFFFF", metavar="ID", help="search only what matches, e.g. 6815FFFF"
    )
    parser.add_argument(
        "--hex-digits", action="store_true", help="search hexadecimal identifications as well"
    )
    parser.add_argument("--first", type=int, default=1, metavar="N", help="first primary address (1)")
    parser.add_argument("--last", type=int, default=250, metavar="N", help="last primary address (250)")


def run(args: argparse.Namespace) -> int:
    """0 when at least one meter was found, 1 when none was, 3 when the bus failed."""

    def work(master: Master) -> int:
        if args.secondary:
            pattern = parse_address(args.mask)
            if not isinstance(pattern, Secondary):
                raise AddressError("--mask takes eight digits, F for any")
            found = search_secondary(
                master, pattern, digits=HEX_DIGITS if args.hex_digits else DECIMAL_DIGITS
            )
        else:
            found = scan_primary(master, range(args.first, args.last + 1))
        count = 0
        for one in found:
            count += 1
            print(_line(one, as_json=args.json), flush=True)
        if not args.json:
            print(f"{count} found with {master.requests} requests", file=sys.stderr)
        return 0 if count else 1

    return with_master(args, "scan", work)


def _line(found: Found, *, as_json: bool) -> str:
    header = found.header
    if as_json:
        return json.dumps(
            {
                "address": found.address,
                "id": header.id if header else None,
                "manufacturer": header.manufacturer if header else None,
                "version": header.version if header else None,
                "medium": header.medium if header else None,
                "collision": found.collision,
                "error": found.error,
            }
        )
    if header is not None:
        return f"{found.address:<22}{header.secondary:<22}{header.medium_name}"
    return f"{found.address:<22}{'several meters answer at once' if found.collision else found.error}"
