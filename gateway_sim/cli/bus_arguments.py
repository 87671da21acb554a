"""The arguments `read` and `scan` share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from gateway_sim.mbus.errors import MBusError
from gateway_sim.mbus.master import Master
from gateway_sim.mbus.transport import open_transport

BUS_FAILED = 3


def add_bus_arguments(parser: argparse.ArgumentParser, *, timeout: float = 0.8) -> None:
    parser.add_argument(
        "--port",
        required=True,
        help="a device path or a pyserial URL, e.g. /dev/ttyUSB0 or socket://host:10001",
    )
    parser.add_argument("--baud", type=int, default=2400, metavar="B", help="bits a second on the bus (2400)")
    parser.add_argument(
        "--timeout",
        type=float,
        default=timeout,
        metavar="S",
        help=f"seconds a meter may take to begin its answer ({timeout:g})",
    )
    parser.add_argument(
        "--retries",
        type=int,
        default=2,
        metavar="N",
        help="repeats of a request that got no good answer (2)",
    )


def with_master(args: argparse.Namespace, verb: str, work: Callable[[Master], int]) -> int:
    """Open the bus, do the work, close the bus. 3 and one line on standard error when the bus fails."""
    try:
        master = Master(open_transport(args.port, args.baud), retries=args.retries, timeout=args.timeout)
        try:
            return work(master)
        finally:
            master.close()
    except MBusError as error:
        print(f"{verb}: {error.code}: {error}", file=sys.stderr)
        return BUS_FAILED
