"""`scan`: who is on the bus, and on request the portal is told."""

from __future__ import annotations

import argparse
import json
import sys

from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.state import StateDir
from gateway_sim.cli import common
from gateway_sim.cli.bus_arguments import add_bus_arguments, with_master
from gateway_sim.mbus.address import Secondary, parse_address
from gateway_sim.mbus.errors import AddressError
from gateway_sim.mbus.header import Header
from gateway_sim.mbus.master import Master
from gateway_sim.mbus.scan import DECIMAL_DIGITS, HEX_DIGITS, Found, scan_primary, search_secondary

# the publication's words for what a meter says of itself
MEDIUM_WORDS = {
    "heat_outlet": "heat", "heat_inlet": "heat", "heat_cooling": "heat", "heat_cost_allocator": "heat",
    "cooling_outlet": "cooling", "cooling_inlet": "cooling", "hot_water": "hot_water", "hot_water_90": "hot_water",
    "cold_water": "cold_water", "water": "cold_water", "electricity": "electricity", "gas": "gas",
    "room_sensor": "temperature",
}  # fmt: skip

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
    parser.add_argument(
        "--report",
        action="store_true",
        help="tell the portal; meters that nobody has published wait there for a place",
    )
    parser.add_argument("--state", metavar="DIR", help="the state directory of this gateway, for --report")


@common.sentences
def run(args: argparse.Namespace) -> int:
    """0 when at least one meter was found, 1 when none was, 3 when the bus failed."""
    tell = _portal(args) if args.report else None

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
        headers, count = [], 0
        for one in found:
            count += 1
            print(_line(one, as_json=args.json), flush=True)
            if one.header is not None and one.header.id:
                headers.append((one.address, one.header))
        if not args.json:
            print(f"{count} found with {master.requests} requests", file=sys.stderr)
        if tell is not None:
            _report(tell, headers)
        return 0 if count else 1

    return with_master(args, "scan", work)


def _portal(args: argparse.Namespace) -> PortalClient:
    """Before the bus is asked for minutes: an agent that cannot report says so at once."""
    if not args.state:
        raise common.Failure(common.BAD_INPUT, "--report needs --state DIR.")
    return common.client_of(*common.activated(StateDir.open(args.state, create=False)))


def _report(client: PortalClient, found: list[tuple[str, Header]]) -> None:
    sightings = [
        {
            "address": address,
            "serial": header.id,
            "manufacturer": header.manufacturer or "",
            "medium": MEDIUM_WORDS.get(header.medium_name, "other"),
        }
        for address, header in found
    ]
    answer = client.request("POST", "/api/v1/scan", {"found": sightings})
    if answer.status != 200 or not isinstance(answer.data, dict):
        raise common.failure_of(answer, not_let_in="The portal does not know this gateway's token any more.")
    told = answer.data
    print(
        f"Reported: {told.get('placed')} are published, {told.get('new')} are new, "
        f"{told.get('waiting')} wait in the portal for a place.",
        file=sys.stderr,
    )


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
