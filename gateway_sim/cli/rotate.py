"""`rotate`: another token, now; `run` does it by itself each month."""

from __future__ import annotations

import argparse

from gateway_sim.agent.state import StateDir
from gateway_sim.agent.token import TokenRefused, token_rotate
from gateway_sim.cli import common

NOT_LET_IN = "The portal does not know this gateway's token any more: activate with a password."
HELP = "exchange the token for another one, for example after somebody has seen it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    common.add_state(parser)
    parser.add_argument(
        "--timeout", type=float, default=30, metavar="S", help="seconds for the exchange (30)"
    )


@common.sentences
def run(args: argparse.Namespace) -> int:
    state = StateDir.open(args.state, create=False)
    identity, token = common.activated(state)
    client = common.client_of(identity, token, timeout=args.timeout)
    try:
        with state.lock():
            token_rotate(state, client)
    except TokenRefused as refused:
        raise common.failure_of(refused.answer, not_let_in=NOT_LET_IN) from None
    # its first use ends the one before it
    answer = client.request("POST", "/api/v1/heartbeat", {})
    if not answer.ok:
        raise common.failure_of(answer, not_let_in=NOT_LET_IN)
    print(f"Rotated: server {identity.serial} has another token; the one before it no longer works.")
    return common.OK
