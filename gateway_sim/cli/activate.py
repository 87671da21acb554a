"""`activate`: make this gateway known to the portal, once, with the password of the portal's mail."""

from __future__ import annotations

import argparse
import getpass
import sys
from dataclasses import replace
from pathlib import Path

from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.state import Identity, StateDir
from gateway_sim.agent.token import is_token
from gateway_sim.cli import common

HELP = "make this gateway known to the portal, or resume it after `deactivate`"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    common.add_state(parser)
    parser.add_argument("--portal", metavar="URL", help="https://… of the portal (http only on this machine)")
    parser.add_argument(
        "--serial", metavar="S", help="serial number of the server as registered in the portal"
    )
    secret = parser.add_mutually_exclusive_group()
    secret.add_argument(
        "--password-file", metavar="F", help="file with the password on its first line, - for standard input"
    )
    secret.add_argument(
        "--password",
        metavar="P",
        help="the password itself; worse, for other users of this machine see it in the process list",
    )
    parser.add_argument(
        "--ca-file", metavar="F", default="", help="trust only the CA certificates in this file"
    )
    parser.add_argument(
        "--timeout", type=float, default=30, metavar="S", help="seconds for the exchange (30)"
    )


def _password(args: argparse.Namespace) -> str:
    if args.password is not None:
        return str(args.password)
    try:
        if args.password_file == "-":  # noqa: S105
            return sys.stdin.readline().strip()
        if args.password_file is not None:
            lines = Path(args.password_file).read_text(encoding="utf-8").splitlines()
            return lines[0].strip() if lines else ""
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise common.Failure(common.BAD_INPUT, f"Cannot read the password file: {reason}.") from None
    if not sys.stdin.isatty():
        raise common.Failure(common.BAD_INPUT, "No password: give --password-file, or run it in a terminal.")
    return getpass.getpass("Password of the activation mail: ").strip()


@common.sentences
def run(args: argparse.Namespace) -> int:
    state = StateDir.open(args.state)
    known, token = state.identity(), state.token()
    named = args.portal is not None or args.serial is not None
    same = known is not None and args.portal in (None, known.portal) and args.serial in (None, known.serial)
    with_password = args.password is not None or args.password_file is not None
    if (
        known is not None
        and token is not None
        and same
        and not with_password
        and (known.suspended or not named)
    ):
        return _resume(state, known, token, args.timeout)
    portal = args.portal or (known.portal if known else None)
    serial = args.serial or (known.serial if known else None)
    if not portal or not serial:
        raise common.Failure(common.BAD_INPUT, "The first activation needs --portal and --serial.")
    ca_file = str(Path(args.ca_file).resolve()) if args.ca_file else ""
    client = PortalClient(portal, ca_file=ca_file, timeout=args.timeout)
    password = _password(args)
    if not password:
        raise common.Failure(common.BAD_INPUT, "The password is empty.")
    answer = client.request("POST", "/api/v1/activation", {"serial": serial, "password": password})
    if answer.status != 201:
        raise common.failure_of(
            answer, not_let_in="The portal does not know this serial number with this password."
        )
    data = answer.data if isinstance(answer.data, dict) else {}
    fresh, server, programme = data.get("token"), data.get("server"), data.get("programme")
    if not isinstance(fresh, str) or not is_token(fresh) or not isinstance(server, dict):
        raise common.Failure(common.STRANGE, "The portal's answer holds no token: try once more.")
    description = str(server.get("description") or "")
    # The token first: with it alone the next `activate` is a resume at worst; without it the identity is void.
    state.save_token(fresh)
    state.save_identity(
        Identity(portal, serial, str(server.get("id") or ""), description, _name(programme), ca_file)
    )
    print(f"Activated: server {serial} ({description or 'no description'}), programme {_name(programme)}.")
    return common.OK


def _name(programme: object) -> str:
    if isinstance(programme, dict):
        programme = programme.get("name") or programme.get("slug")
    return programme if isinstance(programme, str) and programme else "unnamed"


def _resume(state: StateDir, known: Identity, token: str, timeout: float) -> int:
    answer = common.client_of(known, token, timeout=timeout).request("POST", "/api/v1/activation/resume", {})
    if not answer.ok:
        raise common.failure_of(
            answer,
            not_let_in="The portal does not know this gateway's token any more: activate with a password.",
        )
    state.save_identity(replace(known, suspended=False))
    print(f"Resumed: server {known.serial}, programme {known.programme}.")
    return common.OK
