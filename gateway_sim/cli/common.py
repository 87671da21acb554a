"""What the portal verbs share: exit codes, the state directory, and one sentence for each failure."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from gateway_sim.agent.client import (
    Answer,
    PortalAddressError,
    PortalClient,
    PortalError,
    PortalUnreachable,
    PortalUntrusted,
)
from gateway_sim.agent.state import Identity, StateDir, StateError
from gateway_sim.site import SiteError

OK = 0
PARTLY = 1  # it worked, but not all of it
REFUSED = 2  # the portal refused the content
NOT_LET_IN = 3  # wrong password, unknown token, not activated
NO_NETWORK = 4
BUSY = 5  # 429, 503
STRANGE = 6  # an answer that is none of the contract
UNTRUSTED = 7  # TLS
BAD_INPUT = 64  # command line, site file, state directory


class Failure(Exception):
    """Ends the verb with one sentence and an exit code."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


Run = Callable[[argparse.Namespace], int]


def sentences(run: Run) -> Run:
    """Every known failure of a verb ends in one sentence on standard error, never in a traceback."""

    @functools.wraps(run)
    def guarded(args: argparse.Namespace) -> int:
        try:
            return run(args)
        except Failure as error:
            code, text = error.code, str(error)
        except SiteError as error:
            code, text = BAD_INPUT, f"Site file: {error}"
        except StateError as error:
            code, text = BAD_INPUT, str(error)
        except PortalAddressError as error:
            code, text = BAD_INPUT, str(error)
        except PortalUntrusted as error:
            code, text = UNTRUSTED, str(error)
        except PortalUnreachable as error:
            code, text = NO_NETWORK, str(error)
        except PortalError as error:
            code, text = STRANGE, str(error)
        print(text, file=sys.stderr)
        return code

    return guarded


def add_state(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", required=True, metavar="DIR", help="the state directory of this gateway")


def activated(state: StateDir) -> tuple[Identity, str]:
    identity, token = state.identity(), state.token()
    if identity is None or token is None:
        raise Failure(
            NOT_LET_IN, f"This gateway is not activated (state {state.path}): run `activate` first."
        )
    return identity, token


def client_of(identity: Identity, token: str, *, timeout: float = 30) -> PortalClient:
    return PortalClient(identity.portal, token, ca_file=identity.ca_file, timeout=timeout)


def failure_of(answer: Answer, *, not_let_in: str) -> Failure:
    """The sentence for an answer that is not the one hoped for."""
    said = f": {answer.message}" if answer.message else ""
    if answer.status in (401, 403):
        return Failure(NOT_LET_IN, not_let_in)
    if answer.status in (429, 503):
        after = "" if answer.retry_after is None else f"; try again in {answer.retry_after:.0f} s"
        return Failure(BUSY, f"The portal is busy ({answer.status}){after}.")
    if answer.code:
        return Failure(REFUSED, f"The portal refused ({answer.status} {answer.code}){said}")
    return Failure(
        STRANGE, f"The portal's answer ({answer.status}) cannot be understood: is the address right?"
    )


def log(text: str) -> None:
    """One line with its time on standard error."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    print(f"{stamp} {' '.join(text.split())}", file=sys.stderr, flush=True)
