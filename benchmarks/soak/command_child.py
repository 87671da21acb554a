"""The child of `kills.command_run`: one heartbeat of the real agent, killed at a marked point.

`STATE URL TOKEN POINT TIMES [forgetful]`: dies when it passes POINT for the TIMES-th time. `forgetful` is the
negative control: an agent that starts without its journal.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.clock import Clock
from gateway_sim.agent.commands import CommandDesk, Journal
from gateway_sim.agent.runner import Agent
from gateway_sim.agent.spool import Spool
from gateway_sim.agent.state import StateDir
from gateway_sim.site import load_site

SITE = Path(__file__).resolve().parents[2] / "gateway_sim" / "examples" / "site.toml"
_left = 0
_point = ""


def passing(point: str) -> None:
    global _left
    if point == _point:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Marked(Journal):
    def begin(self, command):
        first = super().begin(command)
        passing("seen")
        return first

    def mark(self, command, state, message=""):
        if state == "started":
            passing("starting")
        super().mark(command, state, message)
        if state in ("started", "done"):
            passing(state)

    def reported(self, command):
        passing("told")
        super().reported(command)
        passing("noted")


class Logged:
    """A device whose switching stands in a file, with the command's number, whatever happens afterwards."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.number = ""

    def switch(self, device, command):
        with self.log.open("a") as stream:
            stream.write(self.number + "\n")
        passing("switched")
        return f"{device.name}: {command}"

    def standing(self):
        return {}


class Desk(CommandDesk):
    def _carry_out(self, command):
        self.devices.number = command.id
        super()._carry_out(command)


def main() -> None:
    global _left, _point
    home, url, token, _point, times, *kind = sys.argv[1:]
    _left = int(times)
    state = StateDir.open(Path(home) / "state")
    if kind:
        for file in state.path.glob("journal.sqlite3*"):
            file.unlink()
    spool = Spool(state.spool)
    clock, site = Clock(), load_site(SITE)
    desk = Desk(site, Marked(state.journal), Logged(Path(home) / "switched"))
    agent = Agent(
        site=site,
        state=state,
        spool=spool,
        client=PortalClient(url, token, timeout=5),
        desk=desk,
        clock=clock,
        open_bus=lambda bus: None,
        write=lambda text: None,
    )
    agent.heartbeat()


if __name__ == "__main__":
    main()
