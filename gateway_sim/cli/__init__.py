"""The verbs of the gateway agent.

Each verb is a module of this package with `HELP: str`, `add_arguments(parser)` and `run(args) -> int` (the
exit code). Only the module of the verb that was asked for is imported, so `decode` starts fast, and a verb
whose module is not there is not offered.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

VERBS = (
    "decode",
    "scan",
    "read",
    "poll",
    "run",
    "activate",
    "deactivate",
    "rotate",
    "publish",
    "status",
    "simulate",
    "console",
)


def available() -> list[str]:
    return [verb for verb in VERBS if importlib.util.find_spec(f"{__name__}.{verb}") is not None]


def _module(verb: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{verb}")


class _Parser(argparse.ArgumentParser):
    """argparse ends with 2, which the verbs use for "refused"."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: {message}\n")


def _overview(verbs: list[str]) -> str:
    lines = ["usage: python -m gateway_sim VERB …", "", "The gateway agent of the metering portal.", ""]
    lines += [f"  {verb:<12}{_module(verb).HELP}" for verb in verbs]
    lines += [
        "",
        "`python -m gateway_sim VERB --help` tells the rest; gateway_sim/README.md has an example of each.",
        "To see meters without a bus:  python -m gateway_sim simulate --site gateway_sim/examples/site.toml",
    ]
    return "\n".join(lines)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code is the verb's own, 64 for a wrong command line."""
    words = list(sys.argv[1:] if argv is None else argv)
    verbs = available()
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview(verbs))
        return 0 if words else 64
    verb = words[0]
    if verb not in verbs:
        print(f"gateway_sim: {verb!r} is no verb; there are {', '.join(verbs)}.", file=sys.stderr)
        return 64
    module = _module(verb)
    parser = _Parser(prog=f"python -m gateway_sim {verb}", description=_sentence(module.HELP))
    module.add_arguments(parser)
    args = parser.parse_args(words[1:])
    try:
        return int(module.run(args))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`… | head`): not a fault. Standard output is replaced so that
        # the interpreter's last flush does not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
