"""`read`: one meter of a bus, now."""

from __future__ import annotations

import argparse
import json

from gateway_sim.cli.bus_arguments import add_bus_arguments, with_master
from gateway_sim.cli.decode import readable
from gateway_sim.mbus.jsonform import telegrams_form
from gateway_sim.mbus.master import Master

HELP = "read one meter and print its records"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_bus_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object, as `decode` does")
    parser.add_argument("--hex", action="store_true", help="print the telegrams as `decode` takes them")
    parser.add_argument(
        "address", metavar="ADDRESS", help="primary 1..250, or secondary 12345678 or 12345678.KAM.04.04"
    )


def run(args: argparse.Namespace) -> int:
    def work(master: Master) -> int:
        telegrams = master.read(args.address)
        if args.hex:
            print(",".join(telegram.raw.hex() for telegram in telegrams))
        elif args.json:
            print(json.dumps(telegrams_form(telegrams), ensure_ascii=False))
        else:
            print(readable(telegrams))
        return 0

    return with_master(args, "read", work)
