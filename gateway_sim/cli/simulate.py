"""`simulate`: the meters of a site file on a TCP port or a pseudo terminal."""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType

from gateway_sim.field.driver import make_simulator, models
from gateway_sim.simulator.build import build_meters
from gateway_sim.simulator.bus import Bus
from gateway_sim.simulator.faults import FaultyLine
from gateway_sim.simulator.meter import Faults, SimulatedMeter
from gateway_sim.simulator.ports import Bus as SimulatedBus
from gateway_sim.simulator.ports import PtyPort, TcpPort
from gateway_sim.site import Site, SiteError, load_site

HELP = "play the meters of a site file on a TCP port or a pseudo terminal"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--site", metavar="FILE", help="the site file (TOML)")
    what.add_argument("--meter", choices=sorted(models()), metavar="MODEL",
                      help="one heat meter below an optical head instead, as `poll --meter` names it")  # fmt: skip
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="options",
                        help="an option of that meter: serial=…, now=2026-11-01T10:00, …")  # fmt: skip
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
        "--quick", action="store_true", help="with --meter: answer without the pause that the meter makes"
    )
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
        port, what = _heat_meter(args) if args.meter else _site_bus(args)
    except (SiteError, OSError, ValueError, TypeError) as error:
        print(f"simulate: {error}", file=sys.stderr)
        return 2

    def stop(number: int, frame: FrameType | None) -> None:
        port.stop()

    old = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        print(f"{port.url} {what}", flush=True)
        port.wait()
    finally:
        port.close()
        for number, handler in old.items():
            signal.signal(number, handler)
    return 0


def _site_bus(args: argparse.Namespace) -> tuple[TcpPort | PtyPort, str]:
    site = load_site(args.site)
    name = _bus_name(site, args.bus)
    meters = build_meters(site, name)
    if not meters:
        raise ValueError(f"no meter on bus {name} has a register with `simulate`")
    _set_faults(meters, args)
    configured = site.buses[name]
    return _open(args, Bus(meters, echo=args.echo), configured.port, configured.baud), f"{len(meters)} meters"


def _heat_meter(args: argparse.Namespace) -> tuple[TcpPort | PtyPort, str]:
    info = models()[args.meter]
    options = dict(option.split("=", 1) for option in args.options)
    device = make_simulator(args.meter, **options)
    every = round(1 / args.drop) if args.drop else 0
    line = FaultyLine(device, echo=args.echo, fault="silent" if every else "", every=every or 1,
                      quick=args.quick)  # fmt: skip
    return _open(args, line, "socket://127.0.0.1:0", info.baud), info.title


def _bus_name(site: Site, wanted: str | None) -> str:
    if wanted is None and len(site.buses) == 1:
        return next(iter(site.buses))
    if wanted is None or wanted not in site.buses:
        raise ValueError(f"--bus must be one of {', '.join(sorted(site.buses))}")
    return wanted


def _set_faults(meters: list[SimulatedMeter], args: argparse.Namespace) -> None:
    for meter in meters:
        meter.faults = Faults(drop=args.drop, delay=args.delay)


def _open(args: argparse.Namespace, bus: SimulatedBus, configured: str, baud: int) -> TcpPort | PtyPort:
    if args.pty:
        return PtyPort(bus)
    listen = args.listen or configured.removeprefix("socket://")
    host, separator, number = listen.rpartition(":")
    if not separator or not number.isdecimal() or (not args.listen and "socket://" not in configured):
        raise ValueError(f"{listen!r} is no HOST:PORT to listen on; give --listen or --pty")
    return TcpPort(bus, host or "127.0.0.1", int(number), baud=baud, real_time=args.real_time)
