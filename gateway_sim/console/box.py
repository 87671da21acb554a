"""The TJA480 part: the agent's own verbs, run as they are on the command line."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 90  # seconds
SENTENCES = {
    0: "Done.", 1: "It was done in part.", 2: "The portal refused.", 3: "The portal does not let this server in.",
    4: "There is no connection to the portal.", 5: "The portal is busy. Try again later.",
    6: "The answer is not one of the portal.", 7: "The certificate does not prove who answers.",
    64: "Something in the form is wrong.",
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    code: int
    details: str

    @property
    def sentence(self) -> str:
        return SENTENCES.get(self.code, SENTENCES[6])


def run_verb(verb: str, words: list[str], *, typed: str = "") -> Outcome:
    """One verb in a process of its own; `typed` goes to its standard input, so that no secret stands in a list of
    processes."""
    command = [sys.executable, "-m", "gateway_sim", verb, *words]
    try:
        done = subprocess.run(  # noqa: S603 our own program, its words from our own form
            command, input=typed, capture_output=True, text=True, timeout=TIMEOUT, check=False,
            cwd=Path(__file__).resolve().parents[2],
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Outcome(4, "")
    return Outcome(done.returncode, (done.stdout + done.stderr).strip())


def activate(state: Path, portal: str, serial: str, password: str) -> Outcome:
    words = ["--state", str(state)]
    if portal:
        words += ["--portal", portal]
    if serial:
        words += ["--serial", serial]
    if password:
        return run_verb("activate", [*words, "--password-file", "-"], typed=password + "\n")
    return run_verb("activate", words)


def deactivate(state: Path) -> Outcome:
    return run_verb("deactivate", ["--state", str(state)])


def publish(state: Path, site: str) -> Outcome:
    return run_verb("publish", ["--state", str(state), "--site", site])


def status(state: Path) -> Outcome:
    return run_verb("status", ["--state", str(state)])
