"""`simulate`: the meters of a site file on a TCP port or a pseudo terminal."""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType

from gateway_sim.simulator.build import build_meters
from gateway_sim.simulator.bus import Bus
from gateway_sim.simulator.meter import Faults, SimulatedMeter
from gateway_sim.simulator.ports import PtyPort, TcpPort
from gateway_sim.site import Site, SiteError, load_site

HELP = "play the meters of a site file on a TCP port or a pseudo terminal"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--site", required=True, metavar="FILE", help="the site file (TOML)")
    parser.add_argument(
        "--bus", metavar="NAME", help="which bus of the file; may be left out when it has one"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--listen", metavar="HOST:PORT", help="listen here (the bus's own socket:// port if left out)"
    )
    where.add_argument("--pty", action="store_true", help="open a pseudo terminal instead and print its path")
    parser.add_argument("--real-time", action="store_true", help="let answers take as long as on a real line")
    parser.add_argument(
        "--echo", action="store_true", help="send the master's bytes back, as some converters do"
    )
    parser.add_argument(
        "--drop", type=float, default=0.0, metavar="P", help="leave requests unanswered, 0 to 1"
    )
    parser.add_argument("--delay", type=float, default=0.0, metavar="S", help="answer so many seconds late")


def run(args: argparse.Namespace) -> int:
    """0 after SIGTERM or SIGINT, 2 when the site file or the address is wrong."""
    try:
        site = load_site(args.site)
        name = _bus_name(site, args.bus)
        meters = build_meters(site, name)
    except (SiteError, ValueError) as error:
        print(f"simulate: {error}", file=sys.stderr)
        return 2
    if not meters:
        print(f"simulate: no meter on bus {name} has a register with `simulate`", file=sys.stderr)
        return 2
    _set_faults(meters, args)
    bus = Bus(meters, echo=args.echo)
    try:
        port = _open(args, site, name, bus)
    except (OSError, ValueError) as error:
        print(f"simulate: {error}", file=sys.stderr)
        return 2

    def stop(number: int, frame: FrameType | None) -> None:
        port.stop()

    old = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        print(f"{port.url} {len(meters)} meters", flush=True)
        port.wait()
    finally:
        port.close()
        for number, handler in old.items():
            signal.signal(number, handler)
    return 0


def _bus_name(site: Site, wanted: str | None) -> str:
    if wanted is None and len(site.buses) == 1:
        return next(iter(site.buses))
    if wanted is None or wanted not in site.buses:
        raise ValueError(f"--bus must be one of {', '.join(sorted(site.buses))}")
    return wanted


def _set_faults(meters: list[SimulatedMeter], args: argparse.Namespace) -> None:
    for meter in meters:
        meter.faults = Faults(drop=args.drop, delay=args.delay)


def _open(args: argparse.Namespace, site: Site, name: str, bus: Bus) -> TcpPort | PtyPort:
    if args.pty:
        return PtyPort(bus)
    configured = site.buses[name]
    listen = args.listen or configured.port.removeprefix("socket://")
    host, separator, number = listen.rpartition(":")
    if not separator or not number.isdecimal() or (not args.listen and "socket://" not in configured.port):
        raise ValueError(f"{listen!r} is no HOST:PORT to listen on; give --listen or --pty")
    return TcpPort(bus, host or "127.0.0.1", int(number), baud=configured.baud, real_time=args.real_time)
