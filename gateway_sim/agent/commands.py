"""Orders from the portal, carried out at most once.

The journal says `seen → started → done | failed`, each on the disk before the next step. The portal repeats a
command until it has a result or the command expires; a command that stands in the journal is never carried
out again, whatever happened in between. One that was `started` when the agent died ends as `failed` with
"unknown": the device may or may not have switched, and nobody guesses.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from gateway_sim.agent import spool_file
from gateway_sim.agent.client import Answer, PortalClient, PortalError
from gateway_sim.agent.clock import parse_rfc3339
from gateway_sim.agent.devices import Devices
from gateway_sim.site import Site

UNKNOWN = "The agent stopped while the command ran; whether it took effect is unknown."
EXPIRED = "The command had expired before it could run."
LOST = "The agent lost its journal; whether the command ran before is unknown."
KEPT = 2000  # answered commands remembered, far more than the portal repeats


@dataclass(frozen=True)
class Command:
    id: str
    device: str
    command: str
    expires_at: datetime


def parse_commands(data: object) -> list[Command]:
    """The commands of a heartbeat's answer; what is not one is left out (the portal repeats it)."""
    found = []
    for item in data if isinstance(data, list) else ():
        if not isinstance(item, dict):
            continue
        texts = [item.get(key) for key in ("id", "device", "command")]
        expires = parse_rfc3339(item.get("expires_at"))
        if expires is not None and all(isinstance(text, str) and 0 < len(text) <= 200 for text in texts):
            found.append(Command(str(texts[0]), str(texts[1]), str(texts[2]), expires))
    return found


class Journal:
    def __init__(self, path: Path) -> None:
        aside = spool_file.set_aside_if_damaged(path, spool_file.connect)
        # Without its journal the agent cannot know what it did: what the portal still repeats is not done.
        self.lost = aside is not None
        self._db = spool_file.connect(path)
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS command (n INTEGER PRIMARY KEY, id TEXT UNIQUE, device TEXT,"
            " command TEXT, state TEXT, message TEXT DEFAULT '', reported INTEGER DEFAULT 0)"
        )
        self._db.execute(
            "UPDATE command SET state = 'failed', message = ? WHERE state IN ('seen', 'started')", (UNKNOWN,)
        )

    def close(self) -> None:
        self._db.close()

    def begin(self, command: Command) -> bool:
        """True the first time this command is seen."""
        return (
            self._db.execute(
                "INSERT OR IGNORE INTO command (id, device, command, state) VALUES (?, ?, ?, 'seen')",
                (command.id, command.device, command.command),
            ).rowcount
            == 1
        )

    def mark(self, command: str, state: str, message: str = "") -> None:
        self._db.execute("UPDATE command SET state = ?, message = ? WHERE id = ?", (state, message, command))

    def unreported(self) -> list[tuple[str, str, str, str]]:
        """(id, device, state, message), oldest first."""
        rows = self._db.execute(
            "SELECT id, device, state, message FROM command WHERE reported = 0 AND state IN ('done', 'failed') ORDER BY n"
        )
        return list(rows)

    def reported(self, command: str) -> None:
        self._db.execute("UPDATE command SET reported = 1 WHERE id = ?", (command,))
        self._db.execute(
            "DELETE FROM command WHERE reported = 1 AND n <= (SELECT max(n) FROM command) - ?", (KEPT,)
        )


class CommandDesk:
    """Takes the commands of a heartbeat, has them carried out, and tells the portal."""

    def __init__(self, site: Site, journal: Journal, devices: Devices) -> None:
        self.site = site
        self.journal = journal
        self.devices = devices

    def take(self, commands: Sequence[Command], now: datetime | None) -> None:
        """`now` is the time to judge expiry by; unknown time counts as expired."""
        lost, self.journal.lost = self.journal.lost, False
        for command in commands:
            if not self.journal.begin(command):
                continue
            if lost:
                self.journal.mark(command.id, "failed", LOST)
            elif now is None or now >= command.expires_at:
                self.journal.mark(command.id, "failed", EXPIRED)
            else:
                self._carry_out(command)

    def _carry_out(self, command: Command) -> None:
        device = self.site.device(command.device)
        if device is None:
            self.journal.mark(command.id, "failed", f"There is no device {command.device}.")
            return
        if command.command not in device.commands:
            self.journal.mark(command.id, "failed", f"{device.name} does not know {command.command!r}.")
            return
        self.journal.mark(command.id, "started")
        try:
            message = self.devices.switch(device, command.command)
        except Exception as error:  # noqa: BLE001 - whatever a driver does, the order ends with an answer
            self.journal.mark(command.id, "failed", str(error)[:200])
        else:
            self.journal.mark(command.id, "done", message[:200])

    def standing(self) -> dict[str, str]:
        """How the site's devices stand, by ref."""
        known = {device.ref for device in self.site.devices}
        return {ref: word for ref, word in self.devices.standing().items() if ref in known}

    def report(self, client: PortalClient) -> None:
        """Tell the results that the portal does not have yet. Stops at the first that cannot be told."""
        standing = self.standing()
        for command, device, state, message in self.journal.unreported():
            body = {"state": state, "message": message}
            if device in standing:
                body["device_state"] = standing[device]
            with contextlib.suppress(PortalError):
                answer = client.request("POST", f"/api/v1/commands/{_segment(command)}/result", body)
                if _is_final(answer):
                    self.journal.reported(command)
                    continue
            return


def _segment(text: str) -> str:
    return quote(text, safe="")


def _is_final(answer: Answer) -> bool:
    # 404, 409, 410, 422 of the portal itself: it does not want this result, ever.
    return answer.ok or (answer.status in (404, 409, 410, 422) and bool(answer.code))
