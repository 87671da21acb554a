"""`run`: read the meters, deliver the readings, obey the portal's commands."""

from __future__ import annotations

import argparse
import signal
from types import FrameType

from gateway_sim.agent.clock import Clock
from gateway_sim.agent.commands import CommandDesk, Journal
from gateway_sim.agent.delivery import Outcome
from gateway_sim.agent.devices import SimulatedDevices
from gateway_sim.agent.runner import Agent, Report
from gateway_sim.agent.spool import DEFAULT_LIMIT, Spool, SpoolError
from gateway_sim.agent.state import StateDir
from gateway_sim.cli import common
from gateway_sim.site import load_site

HELP = "read the meters of the site and deliver to the portal until SIGTERM, or once"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    common.add_state(parser)
    parser.add_argument("--site", required=True, metavar="FILE", help="the site file (TOML)")
    parser.add_argument(
        "--interval", type=float, default=900, metavar="S", help="seconds between readings (900)"
    )
    parser.add_argument(
        "--once", action="store_true", help="one round, one delivery, one heartbeat, then end"
    )
    parser.add_argument(
        "--telegrams",
        action="store_true",
        help="bring the meters' raw answers along, unless one of the meter's registers is not shared",
    )
    parser.add_argument(
        "--timeout", type=float, default=30, metavar="S", help="seconds for one exchange (30)"
    )
    parser.add_argument(
        "--spool-limit",
        type=int,
        default=DEFAULT_LIMIT // 1024 // 1024,
        metavar="MIB",
        help="size of the spool in MiB; what goes first when it is full stands in the README (128)",
    )


@common.sentences
def run(args: argparse.Namespace) -> int:
    from gateway_sim.agent.bus import open_bus

    if not args.interval > 0:
        raise common.Failure(common.BAD_INPUT, "--interval must be more than 0.")
    site = load_site(args.site)
    state = StateDir.open(args.state, create=False)
    identity, token = common.activated(state)
    client = common.client_of(identity, token, timeout=args.timeout)
    with state.lock():
        clock = Clock()
        try:
            spool = Spool(state.spool, limit=max(1, args.spool_limit) * 1024 * 1024, note=common.log)
        except SpoolError as error:
            raise common.Failure(common.BAD_INPUT, f"Cannot open the spool: {error}.") from None
        journal = Journal(state.journal)
        desk = CommandDesk(site, journal, SimulatedDevices(state, clock.now))
        agent = Agent(
            site=site,
            state=state,
            spool=spool,
            client=client,
            desk=desk,
            clock=clock,
            open_bus=open_bus,
            write=common.log,
            telegrams=args.telegrams,
        )

        def end(_number: int, _frame: FrameType | None) -> None:
            agent.stop()

        before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            if args.once:
                return _tell(agent.once())
            common.log(f"gateway {identity.serial}: {len(site.meters)} meters every {args.interval:g} s")
            agent.run(args.interval)
            common.log(f"gateway {identity.serial}: ended, {spool.facts().pending} readings wait")
            return common.OK
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            spool.close()
            journal.close()


def _tell(report: Report) -> int:
    print(
        f"{report.answered} of {report.meters} meters answered, {report.rows} readings taken, "
        f"{report.delivered} delivered, {report.rejected} rejected."
    )
    last = report.last
    if last is not None and last.outcome is Outcome.REFUSED:
        return common.NOT_LET_IN
    if last is not None and last.outcome is Outcome.BUSY:
        return common.BUSY
    if last is not None and last.outcome is not Outcome.EMPTY:
        return common.NO_NETWORK
    whole = report.answered == report.meters and not report.rejected and report.heartbeat
    return common.OK if whole else common.PARTLY
