"""`console`: the field console as pages of this machine alone."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

HELP = "the field console: read heat meters on site from a page in the browser"
HOST = "127.0.0.1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", required=True, type=Path, metavar="DIR", help="points, parameters and files"
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help="the state directory of the TJA480 agent")
    parser.add_argument(
        "--port", type=int, default=8480, metavar="N", help="of the page on 127.0.0.1 (8480; 0: a free one)"
    )


def run(args: argparse.Namespace) -> int:
    """0 after Ctrl-C, 64 when the folder or the port cannot be used."""
    from waitress.server import create_server

    from gateway_sim.console.app import create_app

    try:
        app = create_app(args.data, state=args.state)
        server = create_server(app, host=HOST, port=args.port, threads=4, ident=None)
    except OSError as error:
        print(f"console: {error.strerror or error}", file=sys.stderr)
        return 64
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    print(f"http://{HOST}:{server.effective_port}/", flush=True)
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        server.close()
        app.extensions["console"]["polls"].end()
    return 0
