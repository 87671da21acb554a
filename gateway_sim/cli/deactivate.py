"""`deactivate`: the portal takes nothing from this gateway until `activate` resumes it."""

from __future__ import annotations

import argparse
from dataclasses import replace

from gateway_sim.agent.state import StateDir
from gateway_sim.cli import common

HELP = "suspend this gateway at the portal; `activate` resumes it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    common.add_state(parser)
    parser.add_argument(
        "--forget", action="store_true", help="throw the token away too; only a password brings it back"
    )
    parser.add_argument(
        "--timeout", type=float, default=30, metavar="S", help="seconds for the exchange (30)"
    )


@common.sentences
def run(args: argparse.Namespace) -> int:
    state = StateDir.open(args.state, create=False)
    identity, token = common.activated(state)
    answer = common.client_of(identity, token, timeout=args.timeout).request("DELETE", "/api/v1/activation")
    if not answer.ok:
        raise common.failure_of(answer, not_let_in="The portal does not know this gateway's token any more.")
    state.save_identity(replace(identity, suspended=True))
    if args.forget:
        state.forget_token()
    print(f"Suspended: server {identity.serial}. Readings wait in the spool.")
    return common.OK
